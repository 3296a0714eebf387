/**
 * Random bytes that nobody can guess.
 *
 *   /dev/urandom → RandomBytes → dns/query-ids.ts, policy/reference.ts
 *
 * Math.random, whose next values follow from a few earlier ones, is no source for what strangers must not guess. Read from the
 * device, since at the start of a process that costs 0.5 ms, most of it for the first use of node:fs, where
 * `crypto.getRandomValues` costs 3.4 ms (Node 20.20); so many at a time as its user will need.
 *
 * Failure: no device (a bare chroot): Web Crypto, at its price.
 * Source: urandom(4).
 */
import { closeSync, openSync } from 'node:fs'
import { readBytes, word16 } from './bytes.ts'

/** A supply of random bytes, read so many at a time. */
export class RandomBytes {
  readonly #pool: Uint8Array
  #at: number

  /** `poolBytes`: an even number. */
  constructor(poolBytes: number) {
    this.#pool = new Uint8Array(poolBytes)
    this.#at = poolBytes
  }

  /** A number from 0 to 65535. */
  next16(): number {
    if (this.#at === this.#pool.length) {
      fillRandomly(this.#pool)
      this.#at = 0
    }
    const word = word16(this.#pool, this.#at)
    this.#at += 2
    return word
  }
}

/** Fills all of it. */
export function fillRandomly(bytes: Uint8Array): void {
  try {
    const descriptor = openSync('/dev/urandom', 'r')
    try {
      if (readBytes(descriptor, bytes) === bytes.length) return
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // Falls through to the other source.
  }
  globalThis.crypto.getRandomValues(bytes)
}
