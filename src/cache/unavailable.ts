/**
 * Why there is no cache, as a value: the vocabulary between the file's checks and whoever logs or explains it.
 *
 *   cache-file.ts, store.ts → StoreUnavailable → a warning in the log, a paragraph of `check`
 *
 * Guarantee: an error of a system call never leaves as an exception, and a fault of our own never hides as a value.
 *
 * Source: docs/behaviour/cache.md#without-the-file.
 */
import { codeOf, messageOf } from '../system/errno.ts'

/**
 * Why there is no cache: `{ code: 'file-refused', why: '/run/x/polw.cache is a symbolic link' }`.
 *
 * - `missing`: there is no such file (when reading; otherwise one is made)
 * - `directory-refused`, `file-refused`: not ours, writable for everybody, or no directory, no regular file
 * - `other-version`: it was replaced by that of another version, which is left to it
 * - `damaged`: no cache file (when reading; otherwise it is replaced)
 * - `busy`: somebody else is making it, for longer than we wait
 * - `failed`: a system call failed; `why` has the code of its error
 */
export interface StoreUnavailable {
  readonly kind: 'unavailable'
  readonly code: 'missing' | 'directory-refused' | 'file-refused' | 'other-version' | 'damaged' | 'busy' | 'failed'
  readonly why: string
}

/** A reason, as a value. */
export function unavailable(code: StoreUnavailable['code'], why: string): StoreUnavailable {
  return { kind: 'unavailable', code, why }
}

/** Runs `work`; an error of a system call becomes a value, any other is a fault of ours and stays an exception. */
export function withSystemErrors<T>(work: () => T): T | StoreUnavailable {
  try {
    return work()
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    // Node's way to say that a link was not followed; loops of directories end here too.
    if (code === 'ELOOP') return unavailable('file-refused', `a symbolic link is in the way: ${messageOf(error)}`)
    return unavailable('failed', messageOf(error))
  }
}
