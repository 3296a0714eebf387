/**
 * What the workers say of themselves, all the time and for nothing: how many connections each has, and that it lives.
 *
 *   supervisor: Scoreboard → a descriptor → each worker: Scoreboard → enter, leave, beat → supervisor: beats
 *
 * One page of memory that all map, in an unnamed file: a line for each worker, which only that worker writes. (The
 * supervisor sets its connections to 0 when the worker has died.) A worker that is about to accept adds itself first and
 * then sums up, so that two that do so at once may both see one too many, and never both see room for one. Which worker
 * accepts is the kernel's choice, and not an even one: a bound per worker would refuse connections while others have room.
 *
 *   word 0   connections        word 1   heartbeats, from the event loop (heartbeat.ts); the number means nothing
 *
 * Failure: without the native part, or without a place for the file, it is private: each worker keeps to its share of the
 * bound, and tells its heartbeat over the channel.
 * Sources: $SOMAXCONN; mmap(2).
 */
import { closeSync, ftruncateSync } from 'node:fs'
import type { Native, NativeUnavailable } from '../system/native/native.ts'
import { openUnnamedFile } from './unnamed-file.ts'

const PAGE_BYTES = 4096
/** A line of the processor's cache for each worker. */
const WORDS_PER_SLOT = 16
const BEATS = 1

/** Workers there can be. */
export const MAX_SLOTS = PAGE_BYTES / 4 / WORDS_PER_SLOT

/** The descriptor of a fresh scoreboard; undefined: there can be none. */
export function openScoreboard(native: Native | NativeUnavailable): number | undefined {
  const descriptor = native.kind === 'native' ? openUnnamedFile() : undefined
  if (descriptor === undefined) return undefined
  try {
    ftruncateSync(descriptor, PAGE_BYTES)
    return descriptor
  } catch {
    closeSync(descriptor)
    return undefined
  }
}

export class Scoreboard {
  readonly descriptor: number | undefined
  /** Whether others see what is written here. */
  readonly isShared: boolean
  readonly #words: Int32Array

  constructor(native: Native | NativeUnavailable, descriptor: number | undefined) {
    this.descriptor = descriptor
    const shared = native.kind === 'native' && descriptor !== undefined ? native.map(descriptor, PAGE_BYTES) : undefined
    this.isShared = shared !== undefined
    this.#words = new Int32Array(shared ?? new ArrayBuffer(PAGE_BYTES))
  }

  /** Counts a new connection of a worker; false: there are `limit` already, and it is not counted. */
  enter(slot: number, workers: number, limit: number): boolean {
    const at = slot * WORDS_PER_SLOT
    Atomics.add(this.#words, at, 1)
    const allowed = this.isShared ? limit : Math.ceil(limit / workers)
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

  /** A worker lives. */
  beat(slot: number): void {
    Atomics.add(this.#words, slot * WORDS_PER_SLOT + BEATS, 1)
  }

  /** How often a worker, or one before it, has said so; wraps around. */
  beats(slot: number): number {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + BEATS)
  }
}
