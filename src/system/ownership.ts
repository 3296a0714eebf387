/**
 * What is believed, what is made, and what root does, for whose a file or a directory is.
 *
 *   loader.ts, prepared.ts, config/kept.ts: path → openTrusted → a descriptor of the very file that was looked at
 *   cache/ledger.ts, journal/journal.ts: path → openOrMake → a descriptor, of a file that may just have been made
 *   config/keep.ts, cli/, daemon/: directory → isRootsOwn → whether root may make and remove files there
 *
 * A file is believed if it is a regular one, no link, of an owner to be believed, who alone may write it. It is looked at when
 * it is open, so nothing can be put in its place behind that.
 *
 * Failure: undefined, or false, as if there were nothing.
 * Sources: open(2), O_NOFOLLOW; path_resolution(7).
 */
import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, readlinkSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { codeOf } from './errno.ts'

export const WRITABLE_BY_OTHERS = 0o022
const STICKY = 0o1000
/** More than there is ever in one. */
const MAX_BYTES = 16 * 1024 * 1024

/** Opens a file that is to be believed; `mayOwn`: whose it may be, root and us unless it says otherwise. */
export function openTrusted(
  path: string,
  mayOwn = (uid: number): boolean => uid === 0 || uid === process.geteuid?.(),
): { readonly descriptor: number; readonly size: number } | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const { uid, mode, size } = fstatSync(descriptor)
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG
    if (isFile && (mode & WRITABLE_BY_OTHERS) === 0 && size <= MAX_BYTES && mayOwn(uid)) return { descriptor, size }
  } catch {
    // There is none, or it cannot be read.
  }
  if (descriptor !== undefined) closeSync(descriptor)
  return undefined
}

/**
 * Opens a file, no link, or makes it with this mode where its directory is ours: made by root it would be of no use to the service.
 * Undefined: there is none. Throws errors of the system.
 */
export function openOrMake(path: string, use: number, mode: number): number | undefined {
  const flags = use | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY
  try {
    return openSync(path, flags)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  const directory = path.slice(0, path.lastIndexOf('/') + 1) || '.'
  if (statSync(directory, { throwIfNoEntry: false })?.uid !== process.geteuid?.()) return undefined
  const descriptor = openSync(path, flags | constants.O_CREAT, mode)
  fchmodSync(descriptor, mode)
  return descriptor
}

/** Whether nobody but root decides where a path leads, link by link, and what is in the directory there. */
export function isRootsOwn(directory: string): boolean {
  try {
    const path = resolve(directory)
    for (let at = path; ; at = dirname(at)) {
      const stat = lstatSync(at)
      if (stat.uid !== 0) return false
      if (stat.isSymbolicLink())
        return isRootsOwn(dirname(at)) && isRootsOwn(resolve(dirname(at), readlinkSync(at), path.slice(at.length + 1)))
      // On the way, as /tmp: what root has made there nobody else takes away.
      const isSafe = (stat.mode & WRITABLE_BY_OTHERS) === 0 || (at !== path && (stat.mode & STICKY) !== 0)
      if (!isSafe) return false
      if (at === dirname(at)) return true
    }
  } catch {
    return false
  }
}
