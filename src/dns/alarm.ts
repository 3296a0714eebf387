/**
 * The one timer of the resolver: goes off at the earliest time it was set to.
 *
 *   resolver.ts: set → (setTimeout, or nothing where the transport is waited for) → resolver.ts: what is due
 *
 * A timer is set only behind the next poll phase: if all replies are there by then, none is needed; and it goes off behind
 * one as well, so that a process that was held up first reads the replies that lie ready.
 *
 * Invariants: one timer at most; none is set to a time that has passed, of which Node would complain on standard error.
 * Failure: none.
 */

export interface AlarmOptions {
  readonly now: () => number
  /** Whether something is still waited for; if not, no timer is set. */
  readonly isNeeded: () => boolean
  readonly ring: () => void
}

export class Alarm {
  /** The time it is set to; infinity: none. */
  dueMs = Number.POSITIVE_INFINITY
  readonly #options: AlarmOptions
  /** Whether whoever waits keeps the time himself. */
  readonly #isWaitedFor: boolean
  #timer: NodeJS.Timeout | undefined
  #isArming = false

  constructor(options: AlarmOptions, isWaitedFor: boolean) {
    this.#options = options
    this.#isWaitedFor = isWaitedFor
  }

  /** Sees to it that it goes off at `dueMs` at the latest. */
  set(dueMs: number): void {
    if (dueMs >= this.dueMs) return
    this.dueMs = dueMs
    if (this.#isArming || this.#isWaitedFor) return
    this.#isArming = true
    const { isNeeded, ring } = this.#options
    setImmediate(() => {
      this.#isArming = false
      if (!isNeeded()) return
      if (this.#timer) clearTimeout(this.#timer)
      this.#timer = setTimeout(() => setImmediate(ring), this.leftMs)
    })
  }

  /** How long it is till then, in whole milliseconds. */
  get leftMs(): number {
    return Math.max(0, Math.ceil(this.dueMs - this.#options.now()))
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = undefined
    this.dueMs = Number.POSITIVE_INFINITY
  }
}
