/**
 * Ids for queries that nobody can guess.
 *
 *   system/random.ts → 16-bit ids → wire.ts
 *
 * A forged reply has to guess the id (and the port, transport.ts). 512 bytes at a time: one request needs 30 to 60.
 *
 * Failure: random.ts.
 * Sources: RFC 5452 4.3, 9.2.
 */
import { RandomBytes } from '../system/random.ts'

const POOL_BYTES = 512
/** With half of all ids in use, so many draws in vain happen once in 10^19 times. */
const MAX_DRAWS = 64

/** A source of ids. */
export class QueryIds {
  readonly #random = new RandomBytes(POOL_BYTES)

  /**
   * A random id from 0 to 65535 for which `inUse` says no. The caller has no more than half of them in use, so a free one is
   * found at the second draw on average. Throws RangeError after MAX_DRAWS.
   */
  next(inUse: (id: number) => boolean): number {
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      const id = this.#random.next16()
      if (!inUse(id)) return id
    }
    throw new RangeError('no id is free')
  }
}
