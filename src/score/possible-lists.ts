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

/** What the client's lists come to. */
export interface Lists {
  readonly rate: Range
  readonly dnsbl: Range
  readonly hits: Range
  readonly isDialup: boolean
}

export class PossibleLists {
  readonly #scoring: Scoring
  readonly #mayFail: boolean
  /** Questions that have met silence, or may yet. */
  readonly #silent: Set<string> = new Set()
  readonly #maybeSilent: Set<string> = new Set()

  /** `mayFail`: whether an unknown lookup may turn out to be a failed one. */
  constructor(scoring: Scoring, mayFail: boolean) {
    this.#scoring = scoring
    this.#mayFail = mayFail
  }

  /** Whether a list may list what it is asked, and whether it may not; its silence counts from here on. */
  listMay(entry: ConfiguredList, question: ListQuestion | undefined): { mayList: boolean; mayNot: boolean } {
    if (!question) return { mayList: false, mayNot: true }
    if (!this.#scoring.answers.get(question)) {
      if (this.#mayFail && question.counts) this.#maybeSilent.add(question.name)
      return { mayList: true, mayNot: true }
    }
    const { kind } = readListAnswer(this.#scoring, entry, question)
    if (kind === 'timeout' && question.counts) this.#silent.add(question.name)
    return { mayList: kind === 'listed', mayNot: kind !== 'listed' }
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

/** The one or the other. */
export function eitherOf(one: Omit<Lists, 'isDialup'>, other: Omit<Lists, 'isDialup'>): Omit<Lists, 'isDialup'> {
  return {
    rate: either(one.rate, other.rate),
    dnsbl: either(one.dnsbl, other.dnsbl),
    hits: either(one.hits, other.hits),
  }
}
