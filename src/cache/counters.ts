/**
 * Counters for statistics, of all instances together.
 *
 *   tables.ts → Counters → doubles of the file; a copy of its beginning → Counters → cli/daemon/status.ts
 *
 * What was answered out of the cache or DNS is counted in the transactions that take (recall.ts, consult.ts); everything else
 * behind its answer (answer-count.ts). Emptying the cache leaves them alone.
 *
 * The caller holds the lock. A counter is a single store, so a process that is killed leaves the old or the new
 * number: none ever runs backwards. They have no checksum, and nothing about mail depends on them.
 *
 * Total.
 * Source: format.ts.
 */
import { COUNTERS, COUNTERS_OFFSET, type Counter } from './format.ts'

/** The counters of one file. */
export class Counters {
  readonly #doubles: Float64Array

  constructor(doubles: Float64Array) {
    this.#doubles = doubles
  }

  /** Adds to a counter. */
  add(name: Counter, count = 1): void {
    const at = COUNTERS_OFFSET / 8 + COUNTERS.indexOf(name)
    this.#doubles[at] = this.#count(at) + count
  }

  /** `Map { 'requests' → 12, … }`, in the order of COUNTERS. */
  read(): Map<Counter, number> {
    return new Map(COUNTERS.map((name, index) => [name, this.#count(COUNTERS_OFFSET / 8 + index)]))
  }

  /** What damage made of a counter is no number of events; it begins again. */
  #count(at: number): number {
    const count = this.#doubles[at] as number
    return Number.isSafeInteger(count) && count >= 0 ? count : 0
  }
}
