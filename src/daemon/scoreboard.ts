/**
 * How many connections there are, in all workers together.
 *
 *   supervisor: openScoreboard → a descriptor → each worker: Scoreboard → enter, leave
 *
 * One page of memory that all map, in an unnamed file: a number for each worker, which only that worker writes. (The
 * supervisor sets it to 0 when the worker has died.) A worker that is about to accept adds itself first and then sums up,
 * so that two that do so at once may both see one too many, and never both see room for one. Which worker accepts is the
 * kernel's choice, and not an even one: a bound per worker would refuse connections while others have room.
 *
 * Failure: without the native part, or without a place for the file, each worker keeps to its share of the bound.
 * Sources: $SOMAXCONN; mmap(2); open(2) O_TMPFILE.
 */
import { closeSync, constants, ftruncateSync, openSync } from 'node:fs'
import type { Native, NativeUnavailable } from '../native/native.ts'

const PAGE_BYTES = 4096
/** A line of the processor's cache for each worker. */
const WORDS_PER_SLOT = 16
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY

/** Workers there can be. */
export const MAX_SLOTS = PAGE_BYTES / 4 / WORDS_PER_SLOT

/** The descriptor of a fresh scoreboard; undefined: there can be none. */
export function openScoreboard(native: Native | NativeUnavailable): number | undefined {
  if (native.kind === 'unavailable') return undefined
  for (const directory of ['/dev/shm', '/tmp']) {
    let descriptor: number | undefined
    try {
      descriptor = openSync(directory, O_TMPFILE | constants.O_RDWR, 0o600)
      ftruncateSync(descriptor, PAGE_BYTES)
      return descriptor
    } catch {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }
  return undefined
}

export class Scoreboard {
  readonly #words: Int32Array
  readonly #isShared: boolean

  constructor(native: Native | NativeUnavailable, descriptor: number | undefined) {
    this.#isShared = native.kind === 'native' && descriptor !== undefined
    this.#words = new Int32Array(
      native.kind === 'native' && descriptor !== undefined
        ? native.map(descriptor, PAGE_BYTES)
        : new ArrayBuffer(PAGE_BYTES),
    )
  }

  /** Counts a new connection of a worker; false: there are `limit` already, and it is not counted. */
  enter(slot: number, workers: number, limit: number): boolean {
    const at = slot * WORDS_PER_SLOT
    Atomics.add(this.#words, at, 1)
    const allowed = this.#isShared ? limit : Math.ceil(limit / workers)
    if (this.total(workers) <= allowed) return true
    Atomics.sub(this.#words, at, 1)
    return false
  }

  /** A connection of a worker is closed. */
  leave(slot: number): void {
    Atomics.sub(this.#words, slot * WORDS_PER_SLOT, 1)
  }

  /** A worker has died, and its connections with it. */
  clear(slot: number): void {
    Atomics.store(this.#words, slot * WORDS_PER_SLOT, 0)
  }

  /** Connections of all workers that this process knows of. */
  total(workers: number): number {
    let sum = 0
    for (let slot = 0; slot < workers; slot++) sum += Atomics.load(this.#words, slot * WORDS_PER_SLOT)
    return sum
  }
}
