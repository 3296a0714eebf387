/**
 * Waiting for the answers of one request.
 *
 *   fan-out.ts: awaits so many, tells what comes and what is news → Arrivals → fan-out.ts: polled, arrived
 *
 * Invariants: who waits is woken once for all that comes in together, behind the poll phase of the event loop, in which the
 * replies that lie ready are read one by one; nobody waits for nothing.
 * Failure: none.
 */
import type { Transport } from './transport.ts'

/** An answer that takes longer says nothing about how long others take. */
const MOST_USUAL_MS = 100

export class Arrivals {
  /** Answers that are waited for. */
  awaited = 0
  readonly #rest: Transport['rest']
  readonly #now: () => number
  /** Something arrived that nobody was told of yet. */
  #news = false
  #wake: (() => void) | undefined
  /** When the latest answer came, if nobody was told since that none has followed it. */
  #cameMs: number | undefined
  /** When questions left last, and how late the slowest answer was. */
  #askedMs = 0
  #slowestMs = 0
  #lullMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** `now`: a clock in milliseconds. */
  constructor(rest: Transport['rest'], now: () => number) {
    this.#rest = rest
    this.#now = now
  }

  /** Questions leave, at `nowMs`. */
  asked(nowMs: number): void {
    this.#askedMs = nowMs
  }

  /** An answer has come, at `nowMs`, so late; undefined: it is none. */
  came(nowMs: number, latencyMs?: number): void {
    this.#cameMs = nowMs
    if (latencyMs !== undefined && latencyMs > this.#slowestMs) this.#slowestMs = Math.min(latencyMs, MOST_USUAL_MS)
    if (this.#wake) this.#watch()
  }

  /** Something has arrived that whoever waits should know. */
  tell(): void {
    if (this.#news) return
    this.#news = true
    if (this.#wake) setImmediate(() => this.#wakeUp())
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

  /**
   * Resolves as soon as there is news; at once if there is, or if nothing is waited for. With `lullMs` also when answers have come,
   * and then none for so long, and those that are waited for are later by so much than any was, which is told once: whether it is that.
   */
  async arrived(lullMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.#lullMs = lullMs
    const isOver = (): boolean => this.#news || this.awaited === 0
    if (!isOver()) await this.#rest(() => isOver() || this.#lullIn() <= 0, { leftMs: () => this.#lullIn() })
    if (!isOver() && this.#lullIn() > 0)
      await new Promise<void>(resolve => {
        this.#wake = resolve
        this.#watch()
      })
    const isLull = !isOver() && this.#lullIn() <= 0
    if (isLull) this.#cameMs = undefined
    this.#news = false
    return isLull
  }

  /** In how many milliseconds there is a lull if nothing comes; infinity: there is none. */
  #lullIn(): number {
    if (this.#cameMs === undefined || this.#lullMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    return Math.max(this.#cameMs, this.#askedMs + this.#slowestMs) + this.#lullMs - this.#now()
  }

  /** Wakes who waits when there is a lull. */
  #watch(): void {
    const leftMs = this.#lullIn()
    if (this.#timer || leftMs === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => setImmediate(() => this.#watched()), Math.max(1, Math.ceil(leftMs)))
  }

  /** Behind a poll phase: replies that lay ready have been read. */
  #watched(): void {
    this.#timer = undefined
    if (this.#lullIn() <= 0) this.#wakeUp()
    else if (this.#wake) this.#watch()
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
