/**
 * Changes the file `$EXCEPTIONS`: two who do so at once take turns, and whoever reads it finds it as it was or as it is.
 *
 *   exempt.ts: path, text → text → rewriteExceptions → lock → readExceptionsFile → writeWhole → unlock
 *
 * Links are followed, and stay. The new file has owner and mode of the old one; where there was none, it is root's, or of who makes it, and
 * everybody may read it. The lock is one of the file itself, which is another one once it is written: so it is looked, behind the lock, whether
 * it is still the one at that place.
 *
 * Root writes only where root alone decides what is there. Failure: a value with what to do and the exit status.
 * Sources: flock(2); rename(2).
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readExceptionsFile } from '../../exceptions/exceptions-file.ts'
import { codeOf } from '../../system/errno.ts'
import { EXIT_CANNOT_CREATE, EXIT_NO_PERMISSION } from '../../system/exit-status.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { isRootsOwn } from '../../system/ownership.ts'
import { writeWhole } from '../../system/write-whole.ts'

const LOCK_WAIT_MS = 10_000
const NEW_MODE = 0o644
const FLAGS = constants.O_RDONLY | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY
const MOST_TURNS = 100

/** Undefined: it is done. */
export type Failed = { readonly text: string; readonly status: number }

/** `edit`: the new text; undefined: nothing is to be written. */
export function rewriteExceptions(
  path: string,
  owners: readonly number[],
  native: Native | NativeUnavailable,
  edit: (text: string) => string | undefined,
): Failed | undefined {
  if (native.kind === 'unavailable') return { text: native.why, status: EXIT_CANNOT_CREATE }
  try {
    const real = realPath(path)
    if (process.geteuid?.() === 0 && !(isRootsOwn(dirname(path)) && isRootsOwn(dirname(real))))
      return { text: `${path}: others decide what is there; let its owner do this`, status: EXIT_NO_PERMISSION }
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const outcome = locked(real, native, () => rewrite(real, owners, edit))
      if (outcome !== 'another-file') return outcome
    }
    return { text: `${path} is changed all the time; try again`, status: EXIT_CANNOT_CREATE }
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    const isPermission = code === 'EACCES' || code === 'EPERM'
    const remedy = isPermission ? 'run this as root' : 'nothing was changed'
    return {
      text: `${path} cannot be written (${code}); ${remedy}`,
      status: isPermission ? EXIT_NO_PERMISSION : EXIT_CANNOT_CREATE,
    }
  }
}

/** Where a path leads; the file itself need not be there. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    const target = targetOf(path)
    if (target !== undefined) return realPath(resolve(dirname(path), target))
    return join(realpathSync(dirname(path)), basename(path))
  }
}

/** Of a link, which may lead to what is not there yet; undefined: it is none. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function locked(path: string, native: Native, work: () => Failed | undefined): Failed | undefined | 'another-file' {
  // What umask takes away is given back: the service has to read it.
  const before = process.umask(0o022)
  let descriptor: number
  try {
    descriptor = openSync(path, FLAGS, NEW_MODE)
  } finally {
    process.umask(before)
  }
  try {
    if (!native.lock(descriptor, LOCK_WAIT_MS))
      return { text: `${path} is being changed by another process; try again`, status: EXIT_CANNOT_CREATE }
    const { ino, dev } = fstatSync(descriptor)
    const now = statSync(path, { throwIfNoEntry: false })
    return now?.ino === ino && now.dev === dev ? work() : 'another-file'
  } finally {
    closeSync(descriptor)
  }
}

function rewrite(
  path: string,
  owners: readonly number[],
  edit: (text: string) => string | undefined,
): Failed | undefined {
  const file = readExceptionsFile(path, owners)
  if (file?.kind !== 'text') return { text: `${path} ${file?.message ?? 'is gone'}`, status: EXIT_CANNOT_CREATE }
  const text = edit(file.text)
  if (text === undefined || text === file.text) return undefined
  const { mode, uid, gid } = statSync(path)
  writeWhole(path, Buffer.from(text), { mode: mode & 0o7777, owner: { uid, gid } })
  return undefined
}
