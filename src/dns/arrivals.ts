/**
 * Waiting for the answers of one request.
 *
 *   fan-out.ts: awaits so many, tells what is news → Arrivals → fan-out.ts: polled, arrived
 *
 * Invariants: who waits is woken once for all that comes in together, behind the poll phase of the event loop, in which the
 * replies that lie ready are read one by one; nobody waits for nothing.
 * Failure: none.
 */
import type { Transport } from './transport.ts'

export class Arrivals {
  /** Answers that are waited for. */
  awaited = 0
  readonly #rest: Transport['rest']
  /** Something arrived that nobody was told of yet. */
  #news = false
  #wake: (() => void) | undefined

  constructor(rest: Transport['rest']) {
    this.#rest = rest
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
  async polled(): Promise<void> {
    for (let before = Number.NaN; this.awaited > 0 && this.awaited !== before; ) {
      before = this.awaited
      await this.#rest(() => true)
    }
    this.#news = false
  }

  /** Resolves as soon as there is news; at once if there is, or if nothing is waited for. */
  async arrived(): Promise<void> {
    const isOver = (): boolean => this.#news || this.awaited === 0
    if (!isOver()) await this.#rest(isOver)
    if (!isOver())
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    this.#news = false
  }
}
