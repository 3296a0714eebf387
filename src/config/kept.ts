/**
 * What the full reader has made of a configuration, kept in a file: reading it again takes a tenth of the time.
 *
 *   keep.ts → EXECUTABLE.HASH.kept, or /run/policyd-weight/… → load.ts: readKept → what serves, what is to be logged
 *
 * It serves if and only if
 *   · it is a regular file of root's, of ours or of the configuration's owner – for root, of root's – that nobody else may
 *     write, and its checksum is right;
 *   · it was made by this very build, for this V8, of a configuration of this very path;
 *   · every file it was made of is now what it was then: device, inode, size, and the times of its last change and of its last
 *     change of owner or permissions, in nanoseconds.
 * So what serves is always what the full reader would make of the file as it is; that a file could be changed and keep all
 * of this, within one tick of the clock, is kept from happening by keep.ts, which leaves young files alone.
 *
 * Places that are searched before the one where the configuration is are searched at each start anyway (load.ts).
 *
 * The file: its checksum in eleven characters, a line feed, JSON in ASCII (Content).
 *
 * Failure: anything that is not as expected is as if there were none: the full reader reads. Damage is noted for the log.
 */
import { closeSync, fstatSync, statSync } from 'node:fs'
import { latin1Text, readBytes, writeLatin1 } from '../system/bytes.ts'
import { EXECUTABLE } from '../system/executable.ts'
import { openTrusted } from '../system/ownership.ts'
import { sumOf } from '../system/sum.ts'
import type { Finding } from './findings/finding.ts'
import { noteVerdictHash } from './noted-hash.ts'
import type { Config } from './parameters/parameters.ts'

/** How long a file has to be left alone before it is read, for what is made of it to be kept (keep.ts). */
export const SETTLED_MS = 2000
/** Of the checksum and the line feed. */
const SUM_BYTES = 12

/** A file that a configuration was made of. */
export interface Source {
  readonly path: string
  /** identityOf() it, when it was read. */
  readonly identity: string
}

/** What a file of this kind holds. */
export interface Content {
  readonly build: string
  /** The configuration first. */
  readonly sources: readonly Source[]
  readonly config: Config
  /** verdictHash() of it. */
  readonly verdictHash: number
  readonly findings: readonly Finding[]
}

/** What is kept of a configuration, and of exceptions (exceptions/), in a form of its own. */
export type KeptEnding = 'kept' | 'exceptions'

/** What is kept of a configuration. */
export type Kept = Pick<Content, 'config' | 'findings'>

/** What keeps and reads must have in common: the build and V8. */
export const BUILD = `${EXECUTABLE?.buildId} ${process.versions.v8}`

const sum = EXECUTABLE?.sum ?? sumOf

/**
 * Where it may be, best first: beside the executable, which root can write, then where the service can. `ending`: of what it is
 * kept of.
 */
export function keptPlaces(path: string, ending: KeptEnding = 'kept'): readonly string[] {
  const name = `${hashOf(path)}.${ending}`
  return [...(EXECUTABLE ? [`${EXECUTABLE.path}.${name}`] : []), `/run/policyd-weight/policyd-weight.${name}`]
}

/**
 * What is kept of the configuration at an absolute path; undefined: nothing, or not of that file as it is. `reportDamage` is
 * told of what is not what was written.
 */
export function readKept(
  path: string,
  places: readonly string[],
  reportDamage = (place: string): unknown => EXECUTABLE?.damaged.push(place),
): Kept | undefined {
  for (const place of places) {
    const kept = readPlace(place, path, reportDamage)
    if (kept) return kept
  }
  return undefined
}

function readPlace(place: string, path: string, reportDamage: (place: string) => unknown): Kept | undefined {
  try {
    const text = readTrusted(place, path, reportDamage)
    if (text === undefined) return undefined
    const { build, sources, config, verdictHash, findings } = JSON.parse(text) as Content
    if (build !== BUILD || sources[0]?.path !== path) return undefined
    for (const source of sources) if (identityOf(source.path) !== source.identity) return undefined
    noteVerdictHash(config, verdictHash)
    return { config, findings }
  } catch {
    return undefined
  }
}

/** The text of the file, if it is to be believed. Throws errors of the system. */
function readTrusted(place: string, path: string, reportDamage: (place: string) => unknown): string | undefined {
  const file = openTrusted(place, uid => mayOwn(uid, path))
  if (!file) return undefined
  try {
    // What a file that is too short does not fill stays 0, which is no checksum.
    const bytes = new Uint8Array(Math.max(file.size, SUM_BYTES))
    readBytes(file.descriptor, bytes, 0)
    if (latin1Text(bytes, 0, SUM_BYTES) === renderSum(bytes.subarray(SUM_BYTES)))
      return latin1Text(bytes, SUM_BYTES, file.size)
    reportDamage(place)
    return undefined
  } finally {
    closeSync(file.descriptor)
  }
}

/** Whether something kept of the file at a path may be of this user. Throws errors of the system. */
export function mayOwn(uid: number, path: string): boolean {
  if (uid === 0) return true
  const own = process.geteuid?.()
  return own !== 0 && (uid === own || uid === statSync(path).uid)
}

/** The checksum of what stands behind it. */
export function renderSum(bytes: Uint8Array): string {
  return `${String(sum(bytes)).padStart(SUM_BYTES - 1)}\n`
}

/** Which file it is, and since when it is as it is; `-`: there is none. Throws errors of the system but that. */
export function identityOf(file: string | number): string {
  const stat =
    typeof file === 'number'
      ? fstatSync(file, { bigint: true })
      : statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : '-'
}

/** The time of the last change of a file or of its owner or permissions, out of identityOf(). */
export function changedMs(identity: string): number {
  return Number(identity.slice(identity.lastIndexOf(' '))) / 1e6
}

/** 8 hexadecimal digits. Two paths of the same take turns, for the path stands in the file as well. */
function hashOf(path: string): string {
  const bytes = new Uint8Array(path.length)
  writeLatin1(bytes, path, 0)
  return (sum(bytes) >>> 0).toString(16).padStart(8, '0')
}
