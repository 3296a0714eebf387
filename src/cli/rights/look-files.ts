/**
 * Looks at the files that master.cf names: is it there, is it this program? (May the service's user use it: try-rights.ts.)
 *
 *   path → FileFact; program → its code cache
 *
 * Only regular files are opened, without waiting, and only their first bytes are read.
 *
 * Failure: what we may not look at is `hidden`, and never an obstacle. Only errors of system calls are caught.
 */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { codeOf } from '../../system/errno.ts'
import type { Executable } from '../../system/executable.ts'
import { preparedPath } from '../../boot/prepared.ts'

/** What lies where argv points. */
export interface FileFact {
  readonly kind: 'file' | 'no-file' | 'missing' | 'hidden'
  /** The first line says whose it is; `hidden` files are `unknown`. */
  readonly program: 'ours' | 'original' | 'other' | 'unknown'
  /** Where a link leads. */
  readonly realPath: string
}

/** Looks at a file; the same path gives the same fact. */
export type LookAtFile = (path: string) => FileFact

const HEAD_BYTES = 64

export function lookAtFile(path: string): FileFact {
  const seen = statOf(path)
  if (typeof seen === 'string') return { kind: seen, program: 'unknown', realPath: path }
  const realPath = attempt(() => realpathSync(path)) ?? path
  if (!seen.isFile()) return { kind: 'no-file', program: 'unknown', realPath }
  const head = attempt(() => readHead(path))
  return { kind: 'file', program: head === undefined ? 'unknown' : programOf(head), realPath }
}

/** A socket of the queue directory. */
export function isSocket(path: string): boolean {
  const seen = statOf(path)
  return seen === 'hidden' || (seen !== 'missing' && seen.isSocket())
}

/** What to do where a directory lies in the place of a file, which -k does not remove; undefined: there is none. */
export function howToMove(path: string): string | undefined {
  return attempt(() => lstatSync(path))?.isDirectory() ? `it is a directory: mv ${path} ${path}.old` : undefined
}

/** The code cache that `policyd-weight prepare` made for a program, and the Node that argv names. */
export function codeCacheState(
  program: string,
  node: string,
  own: Pick<Executable, 'path' | 'buildId'> | undefined,
): 'ready' | 'missing' | 'outdated' | 'unknown' {
  const isThisNode = attempt(() => realpathSync(node)) === attempt(() => realpathSync(process.execPath))
  if (!isThisNode) {
    const names = attempt(() => readdirSync(dirname(program)))
    if (!names) return 'unknown'
    return names.some(name => name.startsWith(`${basename(program)}.`) && name.endsWith('.cache')) ? 'ready' : 'missing'
  }
  const head = attempt(() => readHead(preparedPath(program)))
  if (!head) return 'missing'
  if (!own || attempt(() => realpathSync(own.path)) !== program) return 'ready'
  const id = new Int32Array(Uint8Array.from(head.subarray(0, 8)).buffer)
  return id[0] === own.buildId[0] && id[1] === own.buildId[1] ? 'ready' : 'outdated'
}

/** Whose program begins like that. */
export function programOf(head: Buffer): FileFact['program'] {
  const text = head.toString('latin1')
  if (/^#!.*\bnode\n(?:\/\/ policyd-weight |const PARTS=)/.test(text)) return 'ours'
  return /^#!.*\bperl\b/.test(text) ? 'original' : 'other'
}

/** Whether an interpreter is to read it. */
export function isScript(path: string): boolean {
  return attempt(() => readHead(path))?.toString('latin1', 0, 2) === '#!'
}

function readHead(path: string): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const head = Buffer.alloc(HEAD_BYTES)
    return head.subarray(0, readSync(descriptor, head, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** What stat(2), or lstat(2), says; `hidden`: we may not look. */
export function statOf(path: string, stat: (path: string) => Stats = statSync): Stats | 'missing' | 'hidden' {
  try {
    return stat(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'hidden'
  }
}

/** The result, or undefined if a system call failed. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}
