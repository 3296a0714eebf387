/**
 * The lookups of one request about names that its client chose: each needs a place, of which the host has so many.
 *
 *   fan-out.ts: hold → next → (asked) → retried, settled → places.ts
 *
 * One that finds no place is held back until there is one, those first that are waited for now. Its place is given back when it
 * is answered; that of one that met silence stays taken until the request ends, and longer, for a resolver goes on with it.
 *
 * Guarantees: no more under way, or silent, than there are places; once `mostFailures` have failed, or while places are
 * scarce, none is sent twice; none is held back for longer than a lookup may take where silent names of the same client
 * have its places.
 * Failure: none; what is held back in vain is for fan-out.ts to give up.
 * Sources: docs/behaviour/dns-and-lists.md#places-for-names-that-clients-chose; cache/under-way.ts.
 */
import { isSilence, type Outcome, type Question } from './outcome.ts'
import type { Asking } from './query.ts'

/** Places for questions about names that the client chose; see places.ts. */
export interface NamePlaces {
  readonly count: number
  /** Its questions that met silence for a whole try and were not answered since. */
  silent: number
  /** Whether it got fewer than it wanted because places of the same client linger, whose questions met silence. */
  readonly isOwnSilence: boolean
  /** Whether the host has so few left that nothing is to be sent twice. */
  readonly areScarce: boolean
  /** Asks for so many in all, or gives back what is more; returns how many there are then. */
  want(count: number): number
  /** One of these questions has met silence for a whole try. */
  noteSilence(): void
}

export interface NamesOptions {
  readonly places: NamePlaces
  /** `$MAXDNSERR`: failed lookups (MX and A) behind which none is tried again. */
  readonly mostFailures: number
  /** Tries of a question, `1 + $DNS_RETRIES`, and how long one takes. */
  readonly tries: number
  readonly tryMs: number
}

/** A lookup, as far as it matters here. */
export interface NameLookup {
  readonly question: Question
  /** The latest call of `start` (fan-out.ts) that named it: what none has named of late is not waited for now. */
  call: number
  /** Behind this point in time it is not waited for. */
  readonly deadlineMs: number
  /** Whether it met silence for a try. */
  isSilent: boolean
  /** Whether it was sent only once, since places were scarce. */
  isSpared: boolean
}

/** Places beyond those needed that are given back before the request ends. */
const SPARE_PLACES = 16

export class ClientNames<Lookup extends NameLookup> {
  /** Whether one has met silence for a try. */
  hasMetSilence = false
  /** Whether one that was sent only once, since places were scarce, has failed: another time it may not. */
  wasCutShort = false
  readonly #options: NamesOptions
  readonly #now: () => number
  readonly #asking: Asking[] = []
  #held: Lookup[] = []
  #open = 0
  /** Those that ended in silence. */
  #spent = 0
  /** When the first of those held back was, or when some of them were asked. */
  #heldSinceMs = 0
  #failures = 0

  constructor(options: NamesOptions, now: () => number) {
    this.#options = options
    this.#now = now
  }

  /** Whether some are held back. */
  get isHolding(): boolean {
    return this.#held.length > 0
  }

  /** Whether some are silent, or have not answered yet. */
  get hasUnanswered(): boolean {
    return this.hasMetSilence || this.#open > 0 || this.isHolding
  }

  /** Whether it is in vain to hold any back longer. */
  get isInVain(): boolean {
    const { places, tries, tryMs } = this.#options
    return this.isHolding && places.isOwnSilence && this.#now() - this.#heldSinceMs >= tries * tryMs
  }

  hold(lookup: Lookup): void {
    if (!this.isHolding) this.#heldSinceMs = this.#now()
    this.#held.push(lookup)
  }

  /** Those that have a place now, to be asked; `asked` is to be told. */
  next(): readonly Lookup[] {
    const { places } = this.#options
    const wanted = this.#open + this.#spent + this.#held.length
    if (wanted > places.count || wanted + SPARE_PLACES <= places.count) places.want(wanted)
    return this.nextInstead()
  }

  /** The same, but only of those that have the place of one that was answered. */
  nextInstead(): readonly Lookup[] {
    const { places } = this.#options
    const taken = this.#open + this.#spent
    this.#held.sort((one, other) => other.call - one.call)
    const next = this.#held.splice(0, Math.max(0, places.count - taken))
    if (next.length > 0) this.#heldSinceMs = this.#now()
    if (this.#isSparing && this.#options.tries > 1) for (const lookup of next) lookup.isSpared = true
    this.#open += next.length
    return next
  }

  /** How often those that are asked now may be sent; undefined: as often as any question. */
  get tries(): number | undefined {
    return this.#isSparing || this.#failures >= this.#options.mostFailures ? 1 : undefined
  }

  get #isSparing(): boolean {
    return this.isHolding || this.#options.places.areScarce
  }

  asked(asking: Asking): void {
    this.#asking.push(asking)
  }

  /** Those held back that are no more: whose time is up, or `all`. */
  giveUp(all: boolean): readonly Lookup[] {
    const nowMs = this.#now()
    const isOver = ({ deadlineMs }: Lookup): boolean => all || deadlineMs <= nowMs
    const over = this.#held.filter(isOver)
    if (over.length > 0) this.#held = this.#held.filter(lookup => !isOver(lookup))
    return over
  }

  /** A try of one is over without a reply. */
  retried(lookup: Lookup): void {
    this.hasMetSilence = true
    const { places } = this.#options
    if (!lookup.isSilent) places.silent++
    lookup.isSilent = true
    places.noteSilence()
  }

  /** One that was asked has its outcome. `inTime`: silence is its own, and not that of a deadline. */
  settled(lookup: Lookup, outcome: Outcome, inTime: boolean): void {
    this.#open--
    if (!isSilence(outcome)) {
      if (lookup.isSilent) this.#options.places.silent--
      lookup.isSilent = false
    } else if (inTime) {
      this.retried(lookup)
      this.#spent++
      this.wasCutShort ||= lookup.isSpared
    }
    const { type } = lookup.question
    if (outcome.kind !== 'failed' || (type !== 'MX' && type !== 'A')) return
    this.#failures++
    if (this.#failures === this.#options.mostFailures) for (const asking of this.#asking) asking.stopRetrying()
  }

  /** Nothing of it is waited for any more. */
  end(): void {
    this.#held = []
    this.#open = 0
  }
}
