/**
 * A time to wake at, kept by the event loop.
 *
 *   event-transport.ts: set → setTimeout → event-transport.ts: time is up
 *
 * A timer is set only behind the next poll phase: if all replies are there by then, none is needed; and it goes off behind
 * one as well, so that a process that was held up first reads the replies that lie ready.
 *
 * Invariants: one timer at most; none is set to a time that has passed, of which Node would complain on standard error.
 * Failure: none.
 */

export class Alarm {
  readonly #now: () => number
  readonly #ring: () => void
  #dueMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #isArming = false

  /** `now`: the clock of the times it is set to, in milliseconds. */
  constructor(now: () => number, ring: () => void) {
    this.#now = now
    this.#ring = ring
  }

  /** Sees to it that it goes off at `dueMs` and at no time that it was set to before; infinity: not at all. */
  set(dueMs: number): void {
    this.#dueMs = dueMs
    if (dueMs === Number.POSITIVE_INFINITY) clearTimeout(this.#timer)
    else if (!this.#isArming) {
      this.#isArming = true
      setImmediate(() => this.#arm())
    }
  }

  #arm(): void {
    this.#isArming = false
    clearTimeout(this.#timer)
    if (this.#dueMs === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => setImmediate(this.#ring), Math.max(0, Math.ceil(this.#dueMs - this.#now())))
  }
}
