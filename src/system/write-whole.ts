/**
 * Writes a file that is there whole or not at all, whatever happens meanwhile, and that nobody can have led elsewhere.
 *
 *   prepare.ts, config/keep.ts: bytes → a new file under a name of its own → fsync(2) → rename(2)
 *
 * The new file is made with O_EXCL: a link, or whatever else lies in its place, is never followed nor written to, so this
 * may be done as root in a directory that others can write. Owner and permissions are those of the descriptor, set
 * before the file has its name.
 *
 * Failure: the errors of the file system; nothing is left behind. Source: open(2), O_EXCL; rename(2).
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'

export interface Access {
  readonly mode: number
  /** Absent: whoever writes. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** Puts a file in its place: `('/run/x', bytes, { mode: 0o644 })`. */
export function writeWhole(path: string, bytes: Uint8Array, { mode, owner }: Access): void {
  const unfinished = `${path}.${process.pid}.new`
  // One of this name is of a process that was killed, and had our number.
  rmSync(unfinished, { force: true })
  const descriptor = openSync(unfinished, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    if (owner) fchownSync(descriptor, owner.uid, owner.gid)
    fchmodSync(descriptor, mode)
    fsyncSync(descriptor)
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}
