/**
 * The lookups of one request: asks each question once and hands out what has arrived.
 *
 * Questions → resolver → outcomes, read by question → scoring. One fan-out lives as long as one request; its
 * deadline is that of all its questions.
 *
 * Questions of lists leave first and at once; those about names that the client chose when there is a place
 * (client-names.ts). When a list lets a try pass in silence, the control question is asked as well, so that its answer is
 * there when it decides.
 * Invariants: equal questions are asked once; at most MAX_QUERIES are sent, so that no names a client makes up can turn one
 * mail into a flood; every question that was started ends in exactly one outcome, by the deadline at the latest; an outcome
 * that was handed out never changes; behind `end` nothing of the request is under way.
 * Failure: a failed lookup is an outcome. What the deadline cut off, or what was held back in vain, is a failed lookup
 * that says nothing about any name: `isOverdue` tells.
 * Sources: docs/behaviour/dns-and-lists.md#equal-questions, docs/behaviour/dns-and-lists.md#bounds-of-one-mail.
 */
import { Arrivals } from './arrivals.ts'
import { ClientNames, type NameLookup, type NamesOptions } from './client-names.ts'
import { monotonicMs } from '../system/clock.ts'
import { askedName } from './names.ts'
import { CONTROL, isOfClient, isSilence, type Outcome, type Question, type RecordType } from './outcome.ts'
import { type Asking, type Listener, TIMEOUT } from './query.ts'
import type { Resolver } from './resolver.ts'

/** Whoever answers questions: resolver.ts, or a table in a test. */
export interface Asker extends Pick<Resolver, 'rest'> {
  ask(questions: readonly Question[], deadlineMs: number, listener: Listener, tries?: number): Asking
}

/** What a fan-out works with. */
export interface FanOutOptions extends NamesOptions {
  /** A point in time of the clock `now`, in milliseconds; the resolver's, clock.ts. */
  readonly deadlineMs: number
  readonly now?: () => number
  /** Told of each answer, behind everything else. */
  readonly answered?: (() => void) | undefined
}

/** One lookup, for the debug report. Undefined until it is answered; of a name that cannot exist there is no latency. */
export interface LookupRecord {
  readonly question: Question
  readonly outcome: Outcome | undefined
  readonly latencyMs: number | undefined
  /** Which name server has answered, by its place in their row; undefined: none has, or it failed. */
  readonly server?: number | undefined
}

type Writable<T> = { -readonly [key in keyof T]: T[key] }

interface Lookup extends NameLookup, Writable<Omit<LookupRecord, 'question'>> {
  /** The name as it is asked for. */
  readonly name: string
}

/** Questions one request may send: three times what the worst recorded mail needs. */
export const MAX_QUERIES = 120

export class FanOut {
  /** Whether a question was not sent because the bound was reached; it reads as "no records". */
  cut = false
  /** Questions that went to the resolver; those about names that cannot exist are not among them. */
  queries = 0
  /** Whether a question was given up before its tries were used up, or before it was asked. */
  isOverdue = false
  readonly #resolver: Asker
  readonly #options: FanOutOptions
  readonly #now: () => number
  readonly #lookups: Lookup[] = []
  /** The same, by type and name: a name has its hash at hand, a key made of both had not. */
  readonly #byType: Record<RecordType, Map<string, Lookup>> = {
    A: new Map(),
    AAAA: new Map(),
    MX: new Map(),
    PTR: new Map(),
    TXT: new Map(),
    NS: new Map(),
  }
  readonly #names: ClientNames<Lookup>
  readonly #asking: Asking[] = []
  /** Replies of any kind. */
  #replies = 0
  /** Calls of `start`; the questions of the latest one are waited for. */
  #calls = 0
  readonly #arrivals: Arrivals
  #hasEnded = false

  constructor(resolver: Asker, options: FanOutOptions) {
    this.#resolver = resolver
    this.#options = options
    this.#now = options.now ?? monotonicMs
    this.#names = new ClientNames(options, this.#now)
    this.#arrivals = new Arrivals((isOver, until) => resolver.rest(isOver, until), this.#now)
  }

  /**
   * Asks what has not been asked yet. `questions` are all whose answers are waited for from now on. A name that cannot
   * exist, or not in the DNS, is answered on the spot, without a packet (D3, D2); a name in UTF-8 is asked for in its
   * `xn--` form and answered under the name it was given. `hurried`: questions that end at `untilMs`, if they are new.
   */
  start(questions: readonly Question[], hurried: readonly Question[] = [], untilMs = this.#options.deadlineMs): void {
    this.#calls++
    this.#arrivals.awaited = 0
    this.#start(questions, this.#options.deadlineMs)
    this.#start(hurried, untilMs)
    this.askHeld()
  }

  #start(questions: readonly Question[], deadlineMs: number): void {
    const call = this.#calls
    const toAsk: Lookup[] = []
    for (const question of questions) {
      const known = this.#find(question)
      if (known) {
        if (!known.outcome && known.call !== call) this.#arrivals.awaited++
        known.call = call
        continue
      }
      const lookup = this.#begin(question, call, deadlineMs)
      if (lookup.outcome) {
        this.#arrivals.tell()
        continue
      }
      this.#arrivals.awaited++
      if (isOfClient(question)) this.#names.hold(lookup)
      else toAsk.push(lookup)
    }
    this.#ask(toAsk)
  }

  /** Whether questions are held back. */
  get isHolding(): boolean {
    return this.#names.isHolding
  }

  /** Whether a question about a name that the client chose has met silence for a try. */
  get hasMetSilence(): boolean {
    return this.#names.hasMetSilence
  }

  /** Whether names that the client chose are silent, or have not answered yet. */
  get hasUnansweredNames(): boolean {
    return this.#names.hasUnanswered
  }

  /** Whether a lookup has failed that was asked for less often than it might be, since places were scarce. */
  get wasCutShort(): boolean {
    return this.#names.wasCutShort
  }

  /** Whether the deadline has passed. */
  get isLate(): boolean {
    return this.#now() >= this.#options.deadlineMs
  }

  /** Whether questions were asked, and not one reply has come. */
  get isAllSilent(): boolean {
    return this.queries > 0 && this.#replies === 0
  }

  /** Asks of what is held back as much as there are places for; gives up what has no time left, and all if it is in vain. */
  askHeld(): void {
    if (this.isHolding && !this.isLate) this.#giveUp(false)
    this.#askNames(this.#names.next())
    if (!this.isHolding || !(this.isOverdue || this.isLate || this.#names.isInVain)) return
    this.isOverdue = true
    this.#giveUp(true)
  }

  #giveUp(all: boolean): void {
    for (const lookup of this.#names.giveUp(all)) this.#answered(lookup, TIMEOUT, undefined, this.#now())
  }

  /** Whether any of them is waited for. */
  #askNames(next: readonly Lookup[]): boolean {
    for (const deadlineMs of new Set(next.map(lookup => lookup.deadlineMs))) {
      const together = next.filter(lookup => lookup.deadlineMs === deadlineMs)
      const asking = this.#ask(together, this.#names.tries)
      if (asking) this.#names.asked(asking)
    }
    return next.some(({ call }) => call === this.#calls)
  }

  /** Nothing of it is waited for any more. */
  end(): void {
    this.#hasEnded = true
    this.#names.end()
    for (const asking of this.#asking) asking.cancel()
    this.#asking.length = 0
    this.#arrivals.awaited = 0
    this.#arrivals.tell()
  }

  /** What has arrived so far, by question; undefined: not asked, or not answered yet. */
  readonly answers = {
    get: (question: Question): Outcome | undefined => this.#find(question)?.outcome,
  }

  /** Every question in the order asked. */
  get lookups(): readonly LookupRecord[] {
    return this.#lookups
  }

  #find({ type, name }: Question): Lookup | undefined {
    return this.#byType[type].get(name)
  }

  #begin(question: Question, call: number, deadlineMs = this.#options.deadlineMs): Lookup {
    const name = question.type === 'NS' ? question.name : askedName(question)
    const lookup: Lookup = {
      question,
      name: name ?? '',
      outcome: undefined,
      latencyMs: undefined,
      server: undefined,
      call,
      deadlineMs,
      isSilent: false,
      isSpared: false,
    }
    this.#lookups.push(lookup)
    this.#byType[question.type].set(question.name, lookup)
    if (name === undefined) lookup.outcome = { kind: 'nxdomain' }
    else if (this.queries === MAX_QUERIES && question.type !== 'NS') {
      lookup.outcome = { kind: 'nodata' }
      this.cut = true
    } else this.queries++
    return lookup
  }

  #ask(asked: readonly Lookup[], tries?: number): Asking | undefined {
    if (asked.length === 0) return undefined
    const nowMs = this.#now()
    this.#arrivals.asked(nowMs)
    const questions = asked.map(({ question: { type, counts, list }, name }) =>
      counts ? { type, name, list, counts } : { type, name, list },
    )
    const listener: Listener = {
      settled: (index, outcome, server) => {
        const lookup = asked[index] as Lookup
        lookup.server = server
        this.#noteOutcome(lookup, outcome)
        const answeredMs = this.#now()
        this.#answered(lookup, outcome, answeredMs - nowMs, answeredMs)
      },
      retried: index => this.#retried(asked[index] as Lookup),
    }
    const asking = this.#resolver.ask(questions, asked[0]?.deadlineMs ?? this.#options.deadlineMs, listener, tries)
    this.#asking.push(asking)
    return asking
  }

  /** See `Arrivals.polled`. */
  polled(): Promise<void> {
    return this.#arrivals.polled()
  }

  /**
   * Resolves as soon as there is news. An answer is news if it is waited for, unless a list says that it lists nobody: scoring took
   * that for granted, so it learns no more until nothing else is missing; or another one that was held back has its place, and is
   * waited for. With `lullMs` also when answers have come and then none for so long: whether it is that.
   */
  arrived(lullMs?: number): Promise<boolean> {
    return this.#arrivals.arrived(lullMs)
  }

  #answered(lookup: Lookup, outcome: Outcome, latencyMs: number | undefined, nowMs: number): void {
    if (this.#hasEnded) return
    lookup.outcome = outcome
    lookup.latencyMs = latencyMs
    if (lookup.call !== this.#calls) return
    this.#arrivals.awaited--
    this.#arrivals.came(nowMs, isSilence(outcome) ? undefined : latencyMs)
    const isTakenForGranted = lookup.question.ofList && (outcome.kind === 'nxdomain' || outcome.kind === 'nodata')
    const isNews = !isTakenForGranted && !this.#letsOneOut(lookup, outcome)
    if (isNews || this.#arrivals.awaited === 0) this.#arrivals.tell()
    this.#options.answered?.()
  }

  /** Asks what is held back in the place of what was answered; whether any of it is waited for. */
  #letsOneOut({ question }: Lookup, { kind }: Outcome): boolean {
    return kind !== 'failed' && this.isHolding && isOfClient(question) && this.#askNames(this.#names.nextInstead())
  }

  /** What the outcome of a question that was asked says beyond it. */
  #noteOutcome(lookup: Lookup, outcome: Outcome): void {
    if (this.#hasEnded) return
    if (!isSilence(outcome)) this.#replies++
    else if (this.isLate) this.isOverdue = true
    if (isOfClient(lookup.question)) this.#names.settled(lookup, outcome, !this.isOverdue)
  }

  #retried(lookup: Lookup): void {
    const { question } = lookup
    if (isOfClient(question)) this.#names.retried(lookup)
    else if (question.ofList && !this.#find(CONTROL)) {
      // With the tries that the list has left, so that both end together.
      this.#ask([this.#begin(CONTROL, 0)], Math.max(1, this.#options.tries - 1))
    }
  }
}
