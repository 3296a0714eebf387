/**
 * When the first of the queries under way is due: what a transport has to be told.
 *
 *   resolver.ts: arm → Due → Transport.wakeAt
 *
 * Invariant: the transport is told to wake the resolver while something is outstanding, and only then. Total.
 */
import { dueOf, type Query } from './query.ts'

const NEVER = Number.POSITIVE_INFINITY

export class Due {
  readonly #tell: (ms: number) => void
  /** What the transport was told last. */
  #wakeMs = NEVER

  constructor(tell: (ms: number) => void) {
    this.#tell = tell
  }

  /** Sees to it that whoever waits for a query is told in time, and the next try made. */
  arm(query: Query): void {
    query.dueMs = dueOf(query)
    if (query.dueMs < this.#wakeMs) this.#wakeAt(query.dueMs)
  }

  /** Nothing is outstanding. */
  never(): void {
    this.#wakeAt(NEVER)
  }

  /** It has come to that. */
  passed(): void {
    this.#wakeMs = NEVER
  }

  #wakeAt(ms: number): void {
    this.#wakeMs = ms
    this.#tell(ms)
  }
}
