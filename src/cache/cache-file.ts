/**
 * The cache file on disk: found, checked, made, read. Nothing is mapped or believed that has not been checked here.
 *
 *   store.ts: a place and the sizes wanted → directory, file, header → descriptor and geometry, ready to be mapped
 *
 * The directory must be ours or root's and not writable for everybody: there, nobody else can put a file in our way. The
 * file is opened without following a link and without waiting, and must be a regular file of ours. If it is damaged, of
 * another version, writable for others or smaller than wanted, a new one takes its place by rename(2); a file that
 * somebody has mapped is never changed in size.
 *
 * A new file is made under the fixed name `NAME.new`, whose lock decides who makes it: many processes that start at once
 * write one file, not one each, and whoever is killed over it leaves one file, which the next maker uses. All
 * its bytes are written, so that a full disk is an error here and not a signal later; the header comes last.
 *
 * Failure: always a value, with a code and a sentence for the log. Only errors of system calls are caught.
 * Sources: format.ts; open(2), rename(2), flock(2).
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { readBytes, readPart } from '../system/bytes.ts'
import type { Native } from '../system/native/native.ts'
import {
  COUNTERS_BYTES,
  COUNTERS_OFFSET,
  type Geometry,
  geometryFor,
  HEADER_WORDS,
  KINDS,
  largerGeometry,
  parseHeader,
  renderHeader,
} from './format.ts'
import { type StoreUnavailable, unavailable, withSystemErrors } from './unavailable.ts'
import { codeOf } from '../system/errno.ts'

/** How long anything waits for a lock. */
export const LOCK_WAIT_MS = 50

/** An open file that has been checked; whoever has it closes the descriptor. */
export interface CacheFile {
  readonly kind: 'file'
  readonly descriptor: number
  readonly geometry: Geometry
  readonly dev: number
  readonly ino: number
}

/** What is to be opened, and as whom. */
export interface Place {
  readonly directory: string
  readonly fileName: string
  /** Our effective user id. */
  readonly ownUid: number
}

/** A file that has to be made or replaced. */
interface Unfit {
  readonly kind: 'unfit'
  readonly cause: 'missing' | 'damaged' | 'other-version' | 'too-small'
  /** Its sizes, if it is only too small, and then what it has counted. */
  readonly geometry: Geometry | undefined
  readonly counters?: Uint8Array
}

const WRITABLE_BY_ALL = 0o002
const WRITABLE_BY_OTHERS = 0o022
/** Linux: a descriptor to look through, which needs no permission to read; Node has no constant for it. */
const O_PATH = 0o10000000
const OPEN_FLAGS = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY
const ZEROS_BYTES = 256 * 1024
/** Each failed try means that another process has just made a file. */
const TRIES = 3

/**
 * Opens the file for reading and writing; makes or replaces it if necessary. `isReopened`: a file that took the place of
 * ours is used as it is, even if it is smaller, and left alone if it is of another version.
 */
export function openCacheFile(
  place: Place,
  wanted: Geometry,
  native: Native,
  isReopened: boolean,
): CacheFile | StoreUnavailable {
  return withSystemErrors(() => {
    const refused = checkDirectory(place)
    if (refused) return refused
    const path = pathOf(place)
    const minimum = isReopened ? geometryFor({ spam: 0, ham: 0 }) : wanted
    for (let tries = 0; tries < TRIES; tries++) {
      const found = openChecked(path, minimum, place.ownUid)
      if (found.kind !== 'unfit') return found
      if (isReopened && found.cause === 'other-version')
        return unavailable('other-version', `${path} is now of another version`)
      const failed = makeFile(path, minimum, wanted, native, place.ownUid)
      if (failed) return failed
    }
    return unavailable('busy', `${path} is replaced again and again`)
  })
}

/**
 * A copy of the file at `path`, whoever owns it, or of so many bytes from its beginning; for showing what it holds. Takes no
 * lock: what is being written at the moment has no valid checksum in the copy.
 */
export function readCacheFile(
  path: string,
  mostBytes = Number.POSITIVE_INFINITY,
): { readonly kind: 'copy'; readonly geometry: Geometry; readonly buffer: ArrayBuffer } | StoreUnavailable {
  return withSystemErrors(() => {
    const descriptor = openIfExists(path, OPEN_FLAGS | constants.O_RDONLY)
    if (descriptor === undefined) return unavailable('missing', `there is no ${path}`)
    try {
      const stat = fstatSync(descriptor)
      if (!isOfType(stat, constants.S_IFREG)) return unavailable('file-refused', `${path} is no regular file`)
      const geometry = readGeometry(descriptor, stat)
      if (geometry === 'other-version') return unavailable(geometry, `${path} is of another version`)
      if (geometry === 'damaged') return unavailable(geometry, `${path} is no cache file, or damaged`)
      const { buffer } = readPart(descriptor, 0, Math.min(geometry.fileBytes, mostBytes))
      return { kind: 'copy', geometry, buffer } as const
    } finally {
      closeSync(descriptor)
    }
  })
}

function checkDirectory({ directory, ownUid }: Place): StoreUnavailable | undefined {
  let stat = lookAt(directory)
  if (!stat) {
    makeDirectory(directory)
    stat = statSync(directory)
  }
  const refuse = (what: string): StoreUnavailable => unavailable('directory-refused', `${directory} ${what}`)
  if (!isOfType(stat, constants.S_IFDIR)) return refuse('is no directory')
  if (stat.uid !== ownUid && stat.uid !== 0) return refuse(belongsTo(stat, ownUid))
  if ((stat.mode & WRITABLE_BY_ALL) !== 0) return refuse('is writable for everybody')
  return undefined
}

/** What stat(2) says, had by calls that a start has made before: another of Node's functions would have to be compiled. */
function lookAt(path: string): Stats | undefined {
  const descriptor = openIfExists(path, O_PATH)
  if (descriptor === undefined) return undefined
  try {
    return fstatSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, 0o700)
  } catch (error) {
    // Another process was faster.
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** Opens the file and checks all of it but the slots. */
function openChecked(path: string, minimum: Geometry, ownUid: number): CacheFile | Unfit | StoreUnavailable {
  const descriptor = openIfExists(path, OPEN_FLAGS | constants.O_RDWR)
  if (descriptor === undefined) return { kind: 'unfit', cause: 'missing', geometry: undefined }
  let file: CacheFile | Unfit | StoreUnavailable | undefined
  try {
    file = inspect(path, descriptor, minimum, ownUid)
    return file
  } finally {
    if (file?.kind !== 'file') closeSync(descriptor)
  }
}

function inspect(
  path: string,
  descriptor: number,
  minimum: Geometry,
  ownUid: number,
): CacheFile | Unfit | StoreUnavailable {
  const stat = fstatSync(descriptor)
  const refused = refuseFile(path, stat, ownUid)
  if (refused) return refused
  const geometry = readGeometry(descriptor, stat)
  if (geometry === 'other-version') return { kind: 'unfit', cause: geometry, geometry: undefined }
  if (geometry === 'damaged' || (stat.mode & WRITABLE_BY_OTHERS) !== 0)
    return { kind: 'unfit', cause: 'damaged', geometry: undefined }
  if (KINDS.some(kind => geometry.areas[kind].slots < minimum.areas[kind].slots))
    return {
      kind: 'unfit',
      cause: 'too-small',
      geometry,
      counters: readPart(descriptor, COUNTERS_OFFSET, COUNTERS_BYTES),
    }
  return { kind: 'file', descriptor, geometry, dev: stat.dev, ino: stat.ino }
}

function refuseFile(path: string, stat: Stats, ownUid: number): StoreUnavailable | undefined {
  if (!isOfType(stat, constants.S_IFREG)) return unavailable('file-refused', `${path} is no regular file`)
  if (stat.uid !== ownUid) return unavailable('file-refused', `${path} ${belongsTo(stat, ownUid)}`)
  // A second name of a mapped file could be the one under which we would empty it.
  if (stat.nlink > 1) return unavailable('file-refused', `${path} has another name as well (hard link)`)
  return undefined
}

/** The geometry the header states, if the file has the size that goes with it. */
function readGeometry(descriptor: number, { size }: Stats): Geometry | 'other-version' | 'damaged' {
  const header = new Int32Array(HEADER_WORDS)
  // What a file that is too short does not fill stays 0, which is no header.
  readBytes(descriptor, header, 0)
  const geometry = parseHeader(header)
  if (typeof geometry === 'object' && size !== geometry.fileBytes) return 'damaged'
  return geometry
}

/** Makes the file, unless another process has just done so: then there is nothing wrong, and it can be opened. */
function makeFile(
  path: string,
  minimum: Geometry,
  wanted: Geometry,
  native: Native,
  ownUid: number,
): StoreUnavailable | undefined {
  const newPath = `${path}.new`
  const descriptor = openSync(newPath, OPEN_FLAGS | constants.O_RDWR | constants.O_CREAT, 0o600)
  try {
    const refused = refuseFile(newPath, fstatSync(descriptor), ownUid)
    if (refused) return refused
    if (!native.lock(descriptor, LOCK_WAIT_MS))
      return unavailable('busy', `${newPath} is being written by another process`)
    // Whoever had the lock before us may have given the file its name, or removed it.
    if (!isAt(newPath, fstatSync(descriptor))) return undefined
    const existing = openChecked(path, minimum, ownUid)
    if (existing.kind === 'file') closeSync(existing.descriptor)
    if (existing.kind !== 'unfit') {
      unlinkSync(newPath)
      return existing.kind === 'unavailable' ? existing : undefined
    }
    const geometry = existing.geometry ? largerGeometry(wanted, existing.geometry) : wanted
    try {
      fchmodSync(descriptor, 0o600)
      writeEmpty(descriptor, geometry, existing.counters)
      renameSync(newPath, path)
    } catch (error) {
      unlinkSync(newPath)
      throw error
    }
    return undefined
  } finally {
    closeSync(descriptor)
  }
}

function writeEmpty(descriptor: number, geometry: Geometry, counters?: Uint8Array): void {
  ftruncateSync(descriptor, 0)
  const zeros = new Uint8Array(ZEROS_BYTES)
  for (let at = 0; at < geometry.fileBytes; )
    at += writeSync(descriptor, zeros, 0, Math.min(ZEROS_BYTES, geometry.fileBytes - at), at)
  if (counters) writeSync(descriptor, counters, 0, counters.length, COUNTERS_OFFSET)
  const header = renderHeader(geometry)
  writeSync(descriptor, header, 0, header.byteLength, 0)
}

/** Where the file is. (Node's functions for paths and for types of files would have to be compiled at each start.) */
export function pathOf({ directory, fileName }: Pick<Place, 'directory' | 'fileName'>): string {
  return directory.endsWith('/') ? `${directory}${fileName}` : `${directory}/${fileName}`
}

function isOfType({ mode }: Stats, type: number): boolean {
  return (mode & constants.S_IFMT) === type
}

/** True if that path leads to that file. */
export function isAt(path: string, file: { readonly dev: number; readonly ino: number }): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && stat.dev === file.dev && stat.ino === file.ino
}

function openIfExists(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function belongsTo(stat: Stats, ownUid: number): string {
  return `belongs to user ${stat.uid}, and we are user ${ownUid}`
}
