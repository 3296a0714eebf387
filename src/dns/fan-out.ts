/**
 * The lookups of one request: asks each question once and hands out what has arrived.
 *
 * Questions → resolver → outcomes, read by question → scoring. One fan-out lives as long as one request; its
 * deadline is that of all its questions.
 *
 * Invariants: equal questions are asked once; at most 120 are sent, so that no names a client makes up can turn one
 * mail into a flood; every question that was started ends in exactly one outcome, by the
 * deadline at the latest (the resolver sees to it); an outcome that was handed out never changes.
 * Failure: a failed lookup is an outcome. A fan-out that is no longer needed is simply dropped: an answer that
 * comes later is written into a map nobody reads.
 *
 * Sources: specification, chapters "DNS and lists" Transport, "Deviations" D3, D7.
 */
import { monotonicMs } from './clock.ts'
import { nameToAsk } from './names.ts'
import { type Outcome, type Question, questionKey } from './outcome.ts'
import type { Resolver } from './resolver.ts'

/** Whoever answers questions: resolver.ts, or a table in a test. Calls `settled` once for each, possibly before it returns. */
export interface Asker {
  ask(questions: readonly Question[], deadlineMs: number, settled: (index: number, outcome: Outcome) => void): void
  /** See `Resolver.wait`. */
  readonly wait?: Resolver['wait']
}

/** One lookup, for the debug report. Both are undefined until it is answered; of a name that cannot exist there is no latency. */
export interface LookupRecord {
  readonly question: Question
  readonly outcome: Outcome | undefined
  readonly latencyMs: number | undefined
}

type Wait = NonNullable<Asker['wait']>

interface Lookup {
  readonly question: Question
  outcome: Outcome | undefined
  latencyMs: number | undefined
  /** The latest call of `start` that named it. */
  call: number
}

/** Questions one request may send: three times what the worst recorded mail needs. */
const MAX_QUERIES = 120

export class FanOut {
  /** Whether a question was not sent because the bound was reached; it reads as "no records". */
  cut = false
  /** Questions that went to the resolver; those about names that cannot exist are not among them. */
  queries = 0
  readonly #resolver: Asker
  readonly #deadlineMs: number
  readonly #now: () => number
  readonly #lookups = new Map<string, Lookup>()
  /** Calls of `start`, and how many questions of the latest one are not answered yet. */
  #calls = 0
  #awaited = 0
  /** Something arrived that nobody was told of yet. */
  #news = false
  #wake: (() => void) | undefined

  /** `deadlineMs` is a point in time of the clock `now`, in milliseconds; the resolver's, clock.ts. */
  constructor(resolver: Asker, deadlineMs: number, now: () => number = monotonicMs) {
    this.#resolver = resolver
    this.#deadlineMs = deadlineMs
    this.#now = now
  }

  /**
   * Asks what has not been asked yet. `questions` are all whose answers are waited for from now on. A name that cannot
   * exist is answered on the spot, without a packet (D3); a name in UTF-8 is asked for in its `xn--` form and answered
   * under the name it was given.
   */
  start(questions: readonly Question[]): void {
    const call = ++this.#calls
    const asked: Lookup[] = []
    const toAsk: Question[] = []
    this.#awaited = 0
    for (const question of questions) {
      const key = questionKey(question)
      const known = this.#lookups.get(key)
      if (known) {
        if (!known.outcome && known.call !== call) this.#awaited++
        known.call = call
        continue
      }
      const lookup: Lookup = { question, outcome: undefined, latencyMs: undefined, call }
      this.#lookups.set(key, lookup)
      const name = nameToAsk(question.name)
      if (name === undefined) {
        lookup.outcome = { kind: 'nxdomain' }
        this.#tell()
      } else if (this.queries + asked.length === MAX_QUERIES) {
        lookup.outcome = { kind: 'nodata' }
        this.cut = true
        this.#tell()
      } else {
        asked.push(lookup)
        toAsk.push({ type: question.type, name })
      }
    }
    if (asked.length === 0) return
    this.queries += asked.length
    this.#awaited += asked.length
    const nowMs = this.#now()
    this.#resolver.ask(toAsk, this.#deadlineMs, (index, outcome) =>
      this.#answered(asked[index] as Lookup, outcome, this.#now() - nowMs),
    )
  }

  /** What has arrived so far, by question; undefined: not asked, or not answered yet. */
  readonly answers = {
    get: (question: Question): Outcome | undefined => this.#lookups.get(questionKey(question))?.outcome,
  }

  /** Every question in the order asked. */
  get lookups(): readonly LookupRecord[] {
    return [...this.#lookups.values()]
  }

  /**
   * Resolves when all answers are there or, at the latest, when no more replies lie ready: a turn of the event loop reads
   * a few dozen of them at most. What they bring is no news any more.
   */
  polled(): Promise<void> {
    const { wait } = this.#resolver
    if (wait && this.#awaited > 0) return this.#polledBy(wait)
    return new Promise(resolve => {
      let awaited = Number.NaN
      const look = (): void => {
        if (this.#awaited > 0 && this.#awaited !== awaited) {
          awaited = this.#awaited
          setImmediate(look)
          return
        }
        this.#news = false
        resolve()
      }
      look()
    })
  }

  /**
   * Resolves as soon as there is news; at once if there is, or if nothing is waited for. An answer is news if it is
   * waited for, unless a list says that it lists nobody: scoring took that for granted, so it learns no more until nothing
   * else is missing. Replies that come in together wake the caller once: it is called after all of them were read.
   */
  arrived(): Promise<void> {
    if (this.#news || this.#awaited === 0) {
      this.#news = false
      return Promise.resolve()
    }
    const { wait } = this.#resolver
    if (wait) return this.#arrivedBy(wait)
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  /** The same two, of a process that stands still while it waits. */
  async #polledBy(wait: Wait): Promise<void> {
    await wait(0)
    this.#news = false
  }

  async #arrivedBy(wait: Wait): Promise<void> {
    while (!this.#news && this.#awaited > 0) await wait()
    this.#news = false
  }

  #answered(lookup: Lookup, outcome: Outcome, latencyMs: number): void {
    lookup.outcome = outcome
    lookup.latencyMs = latencyMs
    if (lookup.call !== this.#calls) return
    this.#awaited--
    const isTakenForGranted = lookup.question.ofList && (outcome.kind === 'nxdomain' || outcome.kind === 'nodata')
    if (!isTakenForGranted || this.#awaited === 0) this.#tell()
  }

  #tell(): void {
    if (this.#news) return
    this.#news = true
    const wake = this.#wake
    if (!wake) return
    // After the poll phase of the event loop, in which the replies that lie ready are read one by one.
    setImmediate(() => {
      this.#news = false
      this.#wake = undefined
      wake()
    })
  }
}
