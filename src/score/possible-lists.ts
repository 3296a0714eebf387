/**
 * What lists may say while some of them have not answered, and whether so many are silent that the mail passes.
 *
 *   bounds.ts: each entry, in the order in which they are scored → PossibleLists
 *
 * Pure, total.
 * Source: docs/behaviour/dns-and-lists.md.
 */
import type { ConfiguredList } from '../config/parameters/parameters.ts'
import type { ListQuestion } from '../lists/questions.ts'
import { either, type Range } from './range.ts'
import { readListAnswer, type Scoring } from './scoring.ts'
import { isStrong, mayBeStrong } from './witnesses.ts'

/** What the client's lists come to. */
export interface Lists {
  readonly rate: Range
  readonly dnsbl: Range
  readonly hits: Range
  readonly isDialup: boolean
  /** What allow lists have added. */
  readonly allowed: Range
}

/** What a list may say. */
export interface MayList {
  readonly mayList: boolean
  readonly mayNot: boolean
  /** Whether a listing is, or may be, strong. */
  readonly isStrong: boolean
  readonly mayBeStrong: boolean
}

/** An entry that may list something, in the order in which they are scored. */
export interface PossibleListing extends MayList {
  readonly entry: ConfiguredList
}

const NOT_LISTED: MayList = { mayList: false, mayNot: true, isStrong: false, mayBeStrong: false }

export class PossibleLists {
  readonly #scoring: Scoring
  readonly #mayFail: boolean
  /** Questions that have met silence, or may yet. */
  readonly #silent: Set<string> = new Set()
  readonly #maybeSilent: Set<string> = new Set()
  readonly listings: PossibleListing[] = []

  /** `mayFail`: whether an unknown lookup may turn out to be a failed one. */
  constructor(scoring: Scoring, mayFail: boolean) {
    this.#scoring = scoring
    this.#mayFail = mayFail
  }

  /** What a list may say to what it is asked; its silence counts from here on, unless it never does. */
  listMay(entry: ConfiguredList, question: ListQuestion | undefined, silenceCounts = true): MayList {
    const may = question ? this.#listMay(entry, question, silenceCounts) : NOT_LISTED
    if (may.mayList) this.listings.push({ entry, ...may })
    return may
  }

  #listMay(entry: ConfiguredList, question: ListQuestion, silenceCounts: boolean): MayList {
    const counts = silenceCounts && question.counts
    if (!this.#scoring.answers.get(question)) {
      if (this.#mayFail && counts) this.#maybeSilent.add(question.silentAs)
      return { mayList: true, mayNot: true, isStrong: false, mayBeStrong: mayBeStrong(entry, this.#scoring.config) }
    }
    const answer = readListAnswer(this.#scoring, entry, question)
    if (answer.kind === 'timeout' && counts) this.#silent.add(question.silentAs)
    if (answer.kind !== 'listed') return NOT_LISTED
    const strong = isStrong(entry, answer.addresses, this.#scoring.config)
    return { mayList: true, mayNot: false, isStrong: strong, mayBeStrong: strong }
  }

  get maySilenceBeEnough(): boolean {
    return this.#isEnough(new Set([...this.#silent, ...this.#maybeSilent]).size)
  }

  get isSilenceEnough(): boolean {
    return this.#isEnough(this.#silent.size)
  }

  #isEnough(silent: number): boolean {
    const { dns, config } = this.#scoring
    return dns !== 'suspect' && silent > 0 && silent >= config.MAXDNSERR
  }
}

type Sums = Pick<Lists, 'rate' | 'dnsbl' | 'hits'>

/** The one or the other. */
export function eitherOf(one: Sums, other: Sums): Sums {
  return {
    rate: either(one.rate, other.rate),
    dnsbl: either(one.dnsbl, other.dnsbl),
    hits: either(one.hits, other.hits),
  }
}
