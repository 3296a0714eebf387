/**
 * Reads `$EXCEPTIONS`.
 *
 *   load-exceptions.ts, cli/: path → whyRefused, readExceptionsFile → text, or why it is not used
 *
 * The file decides about all mail, so nobody else may write it: neither group nor others, and it is root's, or of whoever owns the
 * configuration. What is no regular file would hold up the mail. The checks are made on the open file.
 *
 * Failure: a value, with the remedy. That it is not there is none.
 * Source: docs/exceptions.md#the-file.
 */
import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from 'node:fs'
import type { FindingCode } from '../config/findings/finding.ts'
import { identityOf } from '../config/kept.ts'
import { readBounded } from '../system/bytes.ts'
import { codeOf } from '../system/errno.ts'
import { WRITABLE_BY_OTHERS } from '../system/ownership.ts'

const MOST_BYTES = 10 * 1024 * 1024

export interface Refused {
  readonly kind: 'refused'
  readonly code: FindingCode
  readonly message: string
}

export interface ExceptionsText {
  readonly kind: 'text'
  readonly text: string
  /** Which file it was, and when it was about to be opened; 0: it was written to meanwhile. */
  readonly identity: string
  readonly beganMs: number
}

/** Whose the file has to be: root's or that of the configuration, given by its path; where there is none, root's or ours. */
export function ownersBeside(configuration: string | undefined): readonly number[] {
  if (configuration === undefined) return [0, process.geteuid?.() ?? 0]
  try {
    return [0, statSync(configuration).uid]
  } catch {
    return [0]
  }
}

/** Why a file like this is not used; undefined: it is. */
export function whyRefused(
  { mode, uid }: Pick<Stats, 'mode' | 'uid'>,
  owners: () => readonly number[],
): Refused | undefined {
  if ((mode & constants.S_IFMT) !== constants.S_IFREG)
    return refused('file-not-regular', 'is no regular file, and is not used')
  if ((mode & WRITABLE_BY_OTHERS) !== 0)
    return refused(
      'file-world-writable',
      'others may write to this file, so it is not used; take that away with chmod go-w',
    )
  if (uid !== 0 && !owners().includes(uid))
    return refused(
      'file-owner',
      `belongs to user ${uid}, neither root nor the configuration's owner, so it is not used; chown root it`,
    )
  return undefined
}

/** The text of the file at a path; undefined: there is none. */
export function readExceptionsFile(path: string, owners: readonly number[]): ExceptionsText | Refused | undefined {
  const beganMs = Date.now()
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const stat = fstatSync(descriptor)
    const refusal = whyRefused(stat, () => owners)
    if (refusal) return refusal
    const identity = identityOf(descriptor)
    const text = readBounded(descriptor, stat.size, MOST_BYTES)
    if (text === undefined) return refused('file-too-large', `has more than ${MOST_BYTES} bytes, and is not used`)
    const isSame = identityOf(descriptor) === identity
    return { kind: 'text', text, identity, beganMs: isSame ? beganMs : 0 }
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    if (code === 'ENOENT') return undefined
    return unreadable(code)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** A file that cannot be looked at. */
export function unreadable(code: string): Refused {
  const remedy = code === 'EACCES' ? '; let the user of this service read it' : ' as long as that is so'
  return refused('file-unreadable', `cannot be read (${code}), and is not used${remedy}`)
}

function refused(code: FindingCode, message: string): Refused {
  return { kind: 'refused', code, message }
}
