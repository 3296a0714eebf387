/**
 * Ids for queries that nobody can guess.
 *
 * /dev/urandom → 16-bit ids → wire.ts. A forged reply has to guess the id (and the port, transport.ts), so
 * Math.random, whose next values follow from a few earlier ones, is no source.
 *
 * Read from the device, since at the start of a process that costs 0.5 ms, most of it for the first use of node:fs,
 * where `crypto.getRandomValues` costs 3.4 ms (Node 20.20). 512 bytes at a time: one request needs 30 to 60.
 *
 * Failure: no device (a bare chroot): Web Crypto, at its price.
 * Sources: RFC 5452 4.3, 9.2; urandom(4).
 */
import { closeSync, openSync } from 'node:fs'
import { readBytes, word16 } from '../system/bytes.ts'

const POOL_BYTES = 512
/** With half of all ids in use, so many draws in vain happen once in 10^19 times. */
const MAX_DRAWS = 64

/** A source of ids. */
export class QueryIds {
  readonly #pool = new Uint8Array(POOL_BYTES)
  #at = POOL_BYTES

  /**
   * A random id from 0 to 65535 for which `inUse` says no. The caller has no more than half of them in use, so a free one is
   * found at the second draw on average. Throws RangeError after MAX_DRAWS.
   */
  next(inUse: (id: number) => boolean): number {
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      if (this.#at === POOL_BYTES) {
        fillRandomly(this.#pool)
        this.#at = 0
      }
      const id = word16(this.#pool, this.#at)
      this.#at += 2
      if (!inUse(id)) return id
    }
    throw new RangeError('no id is free')
  }
}

function fillRandomly(bytes: Uint8Array): void {
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
