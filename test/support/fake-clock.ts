/**
 * Time under a test's control: for code that sets timers and reads a clock, without waiting.
 *
 *   withFakeClock(clock => { start(clock.now); clock.advance(2000); … })
 *
 * For the duration of the call, which has to be synchronous, setTimeout, setImmediate and clearTimeout of the process
 * are the clock's. Timers go off in the order of their times while `advance` runs; immediates right behind them.
 */

interface FakeTimer {
  readonly isImmediate: boolean
  readonly dueMs: number
  readonly callback: () => void
}

/** Milliseconds that pass only in `advance`. */
export class FakeClock {
  #nowMs = 1_000_000
  readonly #timers = new Set<FakeTimer>()

  readonly now = (): number => this.#nowMs

  /** Timers that are set, immediates not counted. */
  get timers(): number {
    return [...this.#timers].filter(({ isImmediate }) => !isImmediate).length
  }

  /** Lets time pass; timers that are set meanwhile go off too if they are due. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.#timers].filter(timer => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)
      if (!next) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
    }
    this.#nowMs = endMs
  }

  /** Lets time pass in which the process gets no turn: what is due goes off later. */
  holdUp(ms: number): void {
    this.#nowMs += ms
  }

  set(callback: () => void, delayMs: number): FakeTimer {
    return this.#add({ isImmediate: false, dueMs: this.#nowMs + delayMs, callback })
  }

  setImmediate(callback: () => void): void {
    this.#add({ isImmediate: true, dueMs: this.#nowMs, callback })
  }

  #add(timer: FakeTimer): FakeTimer {
    this.#timers.add(timer)
    return timer
  }

  clear(timer: FakeTimer | undefined): void {
    if (timer) this.#timers.delete(timer)
  }
}

/** Runs a synchronous piece of a test under a fake clock. */
export function withFakeClock(body: (clock: FakeClock) => void): void {
  const clock = new FakeClock()
  const { setTimeout, setImmediate, clearTimeout } = globalThis
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, delayMs: number) => clock.set(callback, delayMs),
    setImmediate: (callback: () => void) => clock.setImmediate(callback),
    clearTimeout: (timer: FakeTimer | undefined) => clock.clear(timer),
  })
  try {
    body(clock)
  } finally {
    Object.assign(globalThis, { setTimeout, setImmediate, clearTimeout })
  }
}
