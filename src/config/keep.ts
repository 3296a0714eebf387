/**
 * Keeps what the full reader has made of a configuration, for kept.ts to find.
 *
 *   full.ts: configuration, findings, the files they were made of → keepers → EXECUTABLE.HASH.kept, or the same under /run
 *
 * Called when nobody waits: by a process behind its first answer, by the daemon, by `policyd-weight prepare`.
 *
 * Who could not read one of the files cannot read what is kept of them either: it has the configuration's owner and group,
 * permissions no wider than the narrowest of any of them and of the directories they are in. Only the owner may write
 * it. Where we are not root, it is ours and nobody else reads it.
 *
 * A file whose last change was less than two seconds ago when it was read is not kept: it may be changed once more within the
 * same tick of the file system's clock (two seconds at worst), and then nothing about it would tell ("racy git").
 *
 * Root writes in no directory that is not root's alone, nobody in one that everybody can write. Of a directory, the eight
 * youngest are left.
 *
 * Failure: a value that says why; then the file is read each time.
 * Sources: git's Documentation/technical/racy-git.txt; path_resolution(7).
 */
import { readdirSync, realpathSync, rmSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { messageOf } from '../system/errno.ts'
import { isRootsOwn } from '../system/ownership.ts'
import { type Access, writeWhole } from '../system/write-whole.ts'
import { asciiJson } from '../text/mask.ts'
import {
  BUILD,
  type Content,
  changedMs,
  identityOf,
  type Kept,
  readKept,
  renderSum,
  type Source,
  SETTLED_MS,
} from './kept.ts'
import { verdictHash } from './verdict-hash.ts'

const MOST = 8
const UNFINISHED_MS = 60_000
const WRITABLE_BY_EVERYBODY = 0o002

export type KeepOutcome =
  | { readonly kind: 'kept'; readonly place: string }
  /** There already, by another process; or a file was changed a moment ago, and is to be read again. */
  | { readonly kind: 'present' | 'young' }
  | { readonly kind: 'not-kept'; readonly why: string }

/** Keeps it; `beganMs`: when the files were about to be read. The configuration itself comes first, with its absolute path. */
export function keep(kept: Kept, sources: Sources, beganMs: number, places: readonly string[]): KeepOutcome {
  // Another process may have been quicker.
  const isPresent = (): boolean => readKept(sources[0].path, places, () => {}) !== undefined
  return keepBytes(() => renderKept(kept, sources), sources, beganMs, places, isPresent)
}

/** The files that something was made of, the one it is named after first. */
export type Sources = readonly [Source, ...Source[]]

/** Keeps bytes that were made of files, under the same rules; unless they are there by now, as `isPresent` says. */
export function keepBytes(
  render: () => Uint8Array,
  sources: Sources,
  beganMs: number,
  places: readonly string[],
  isPresent: () => boolean,
): KeepOutcome {
  if (!sources[0].path.startsWith('/')) return notKept('its name depends on the working directory')
  if (sources.some(({ identity }) => beganMs - changedMs(identity) < SETTLED_MS)) return { kind: 'young' }
  let why = 'there is no place for it'
  try {
    if (isPresent()) return { kind: 'present' }
    const bytes = render()
    const access = accessFor(sources)
    for (const place of places) {
      const trouble = tryPlace(place, bytes, access)
      if (trouble === undefined) return { kind: 'kept', place }
      why = trouble
    }
  } catch (error) {
    why = messageOf(error)
  }
  return notKept(why)
}

/** Writes it in a place; what is in the way, if anything is. */
function tryPlace(place: string, bytes: Uint8Array, access: Access): string | undefined {
  const directory = dirname(place)
  try {
    const own = process.geteuid?.()
    const { uid, mode } = statSync(directory)
    const isSafe =
      own === 0 ? isRootsOwn(directory) : (uid === own || uid === 0) && (mode & WRITABLE_BY_EVERYBODY) === 0
    if (!isSafe) return `${directory} can be written by others`
    writeWhole(place, bytes, access)
    removeOldest(place)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function notKept(why: string): KeepOutcome {
  return { kind: 'not-kept', why }
}

/** The bytes of the file. Throws if there is a value that JSON would lose. */
export function renderKept({ config, findings }: Kept, sources: readonly Source[]): Uint8Array {
  const own = { build: BUILD, verdictHash: verdictHash(config) }
  const content = { ...own, sources, config, findings } satisfies Record<keyof Content, unknown>
  const json = JSON.stringify(content, (_, value) => plain(value))
  // The checksum is one of words.
  const body = Buffer.from(asciiJson(json), 'latin1')
  return Buffer.concat([Buffer.from(renderSum(Uint8Array.from(body)), 'latin1'), body])
}

function plain(value: unknown): unknown {
  const isNumber = typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)
  const isScalar = isNumber || value === null || ['string', 'boolean', 'undefined'].includes(typeof value)
  const isObject = typeof value === 'object' && value !== null
  const isPlain = isObject && [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value))
  if (isScalar || isPlain) return value
  throw new Error('a value of the configuration cannot be kept')
}

/** Owner and permissions that let nobody in whom one of the files, or the way to it, keeps out. */
function accessFor(sources: readonly Source[]): Access {
  const stats = sources.map(({ path, identity }) => {
    const stat = statSync(path)
    if (identityOf(path) !== identity) throw new Error(`${path} has changed`)
    return stat
  })
  const owner = stats[0] as Stats
  if (stats.some(({ uid }) => uid !== owner.uid)) throw new Error('the files belong to several users')
  const gid = (stats.find(({ mode }) => (mode & 0o004) === 0) ?? owner).gid
  // To enter a directory is what reading is for a file.
  const ways = sources.flatMap(({ path }) => [...waysTo(path), ...waysTo(realpathSync(path))])
  const rights = [
    ...stats.map(stat => ({ gid: stat.gid, bits: (stat.mode >> 2) & 0o11 })),
    ...ways.map(stat => ({ gid: stat.gid, bits: stat.mode & 0o11 })),
  ]
  const group = rights.every(right => (right.bits & (right.gid === gid ? 0o10 : 0o01)) !== 0) ? 0o040 : 0
  const others = rights.every(({ bits }) => bits === 0o11) ? 0o004 : 0
  const own = process.geteuid?.()
  const mayGive = own === 0 || (own === owner.uid && process.getgroups?.().includes(gid))
  return mayGive ? { mode: 0o600 | group | others, owner: { uid: owner.uid, gid } } : { mode: 0o600 }
}

/** The directories that lead to a file. */
function waysTo(path: string): Stats[] {
  const directory = dirname(path)
  return directory === path ? [] : [statSync(directory), ...waysTo(directory)]
}

/** Leaves the youngest of what is kept of the same kind beside this one, and nothing unfinished. */
function removeOldest(place: string): void {
  const directory = dirname(place)
  const ending = extname(place)
  const prefix = basename(place).slice(0, -'01234567'.length - ending.length)
  const isOurs = new RegExp(`^[0-9a-f]{8}\\${ending}(?:\\.\\d+\\.new)?$`)
  const found = readdirSync(directory)
    .filter(name => name.startsWith(prefix) && isOurs.test(name.slice(prefix.length)))
    .flatMap(name => {
      const path = join(directory, name)
      const stat = statSync(path, { throwIfNoEntry: false })
      return stat?.isFile() ? [{ path, ms: stat.mtimeMs }] : []
    })
    .sort((one, other) => other.ms - one.ms)
  const whole = found.filter(({ path }) => path.endsWith(ending))
  const old = found.filter(({ path, ms }) => path.endsWith('.new') && Date.now() - ms > UNFINISHED_MS)
  for (const { path } of [...whole.slice(MOST), ...old]) rmSync(path, { force: true })
}
