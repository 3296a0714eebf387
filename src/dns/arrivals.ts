/**
 * Waiting for the answers of one request.
 *
 *   fan-out.ts: awaits so many, tells what is news → Arrivals → fan-out.ts: polled, arrived
 *
 * Invariants: who waits is woken once for all that comes in together, behind the poll phase of the event loop, in which the
 * replies that lie ready are read one by one; nobody waits for nothing.
 * Failure: none.
 */

/** Waits for something to come: where the process stands still meanwhile, see `Resolver.wait`. */
export type Wait = () => Promise<void> | undefined

export class Arrivals {
  /** Answers that are waited for. */
  awaited = 0
  readonly #wait: Wait | undefined
  readonly #poll: Wait | undefined
  /** Something arrived that nobody was told of yet. */
  #news = false
  #wake: (() => void) | undefined

  /** `wait` and `poll`: how to stand still until something comes, and to read only what lies ready. */
  constructor(wait: Wait | undefined, poll: Wait | undefined) {
    this.#wait = wait
    this.#poll = poll
  }

  /** Something has arrived that whoever waits should know. */
  tell(): void {
    if (this.#news) return
    this.#news = true
    const wake = this.#wake
    if (!wake) return
    setImmediate(() => {
      this.#news = false
      this.#wake = undefined
      wake()
    })
  }

  /**
   * Resolves when all answers are there or, at the latest, when no more replies lie ready: a turn of the event loop reads
   * a few dozen of them at most. What they bring is no news any more.
   */
  polled(): Promise<void> {
    if (this.#poll && this.awaited > 0) return this.#polledBy(this.#poll)
    return new Promise(resolve => {
      let awaited = Number.NaN
      const look = (): void => {
        if (this.awaited > 0 && this.awaited !== awaited) {
          awaited = this.awaited
          setImmediate(look)
          return
        }
        this.#news = false
        resolve()
      }
      look()
    })
  }

  /** Resolves as soon as there is news; at once if there is, or if nothing is waited for. */
  arrived(): Promise<void> {
    if (this.#news || this.awaited === 0) {
      this.#news = false
      return Promise.resolve()
    }
    if (this.#wait) return this.#arrivedBy(this.#wait)
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  async #polledBy(poll: Wait): Promise<void> {
    await poll()
    this.#news = false
  }

  async #arrivedBy(wait: Wait): Promise<void> {
    while (!this.#news && this.awaited > 0) await wait()
    this.#news = false
  }
}
