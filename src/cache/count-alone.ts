/**
 * Counts in the cache file without having the cache open: for a process that ends and never needed it.
 *
 *   serve.ts: path, native part → openCounters → count → lock, a store for each counter, unlock
 *
 * A program of its own, a tenth of what the cache takes. The file has to be one that cache-file.ts would take: a regular one of
 * ours, which nobody else may write, undamaged.
 *
 * Failure: what cannot be counted is forgotten; `undefined` where there is no file, which whoever has the cache can make.
 * Source: format.ts.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import type { Native, NativeUnavailable } from '../system/native/native.ts'
import { Counters } from './counters.ts'
import { COUNTERS_BYTES, COUNTERS_OFFSET, type Counter, HEADER_WORDS, parseHeader } from './format.ts'
import { codeOf } from '../system/errno.ts'

const FLAGS = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY
const WRITABLE_BY_OTHERS = 0o022
const LOCK_WAIT_MS = 50
/** The header and the counters. */
const BYTES = COUNTERS_OFFSET + COUNTERS_BYTES

/** Something that counts, once. */
export interface OpenCounters {
  count(counters: readonly Counter[]): void
}

/** Opens the file at a path; undefined: there is none. */
export function openCounters(path: string, native: Native | NativeUnavailable): OpenCounters | undefined {
  const nowhere: OpenCounters = { count() {} }
  if (native.kind === 'unavailable') return nowhere
  let descriptor: number
  try {
    descriptor = openSync(path, FLAGS)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? undefined : nowhere
  }
  return {
    count(names) {
      try {
        if (isFit(descriptor) && native.lock(descriptor, LOCK_WAIT_MS)) addTo(descriptor, native, names)
      } finally {
        closeSync(descriptor)
      }
    },
  }
}

/** Gives the lock back: closing the descriptor would not, as long as the file is mapped. */
function addTo(descriptor: number, native: Native, names: readonly Counter[]): void {
  try {
    const memory = native.map(descriptor, BYTES)
    if (typeof parseHeader(new Int32Array(memory, 0, HEADER_WORDS)) === 'string') return
    const counters = new Counters(new Float64Array(memory))
    for (const name of names) counters.add(name)
  } finally {
    native.unlock(descriptor)
  }
}

function isFit(descriptor: number): boolean {
  const { mode, uid, nlink, size } = fstatSync(descriptor)
  const isFile = (mode & constants.S_IFMT) === constants.S_IFREG && nlink === 1
  // What is mapped beyond the end of a file must not be touched.
  return isFile && uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0 && size >= BYTES
}
