/**
 * Chapter 3: the client's address on block and allow lists.
 *
 *   every entry of @dnsbl_score, in its order → hit, miss or error → sums; perhaps an end
 *
 * Answers may have come in any order; the order of the entries alone decides the text, the sums and which early
 * end is taken. A list in trouble never counts against a mail: it scores its miss.
 *
 * Source: docs/behaviour/scoring.md#lists-of-clients.
 */
import { countsAgainst, namesDialup } from '../config/probed-lists.ts'
import type { Config, ConfiguredList } from '../config/parameters/parameters.ts'
import type { ListQuestion } from '../lists/questions.ts'
import { formatNumber } from '../text/number.ts'
import { readListAnswer, type Scoring } from './scoring.ts'
import { noteListing } from './witnesses.ts'

/** Why scoring ends with the lists. */
export type ListsEnd =
  | { readonly kind: 'too-many-listings' }
  | { readonly kind: 'too-many-timeouts'; readonly host: string }

/** What the client's lists say. */
export interface ListsFound {
  /** The sum of hit scores of the lists that list the client. */
  readonly dnsbl: number
  /** With what later rules weigh: that sum, or 0 where a listing counts once. */
  readonly weight: number
  /** Lists with a positive hit score that list the client. */
  readonly hits: number
  /** One of them says that it is a dial-up line. */
  readonly isDialup: boolean
  /** One of them is strong. */
  readonly isStrong: boolean
  /** What lists were asked without any reply: entries of one list with different filters are one question. */
  readonly silent: ReadonlySet<string>
  /** undefined: scoring goes on. */
  readonly end: ListsEnd | undefined
}

/** Scores all entries, up to an early end. */
export function scoreClientLists(scoring: Scoring): ListsFound {
  const { config, skippedLists, tally } = scoring
  let dnsbl = 0
  let hits = 0
  let isDialup = false
  let end: ListsEnd | undefined
  const silent = new Set<string>()
  for (const entry of config.dnsbl_score) {
    const { host, label, hit, miss } = entry
    if (skippedLists.has(host)) {
      tally.addWord(`${label}=SKIP(${formatNumber(miss)})`, label, miss)
      continue
    }
    const question = scoring.lists.ofClient(entry)
    const answer = readListAnswer(scoring, entry, question)
    const { kind } = answer
    if (kind === 'open') continue
    if (kind === 'listed') {
      tally.add(`IN_${label}`, hit)
      dnsbl += hit
      isDialup ||= namesDialup(label)
      if (hit <= 0) {
        if (countsAgainst(entry, config)) scoring.witnesses.hosts.add(host)
        continue
      }
      hits += 1
      noteListing(scoring.witnesses, entry, answer.addresses, hit, config)
      if (areTooManyListings(scoring, hits, dnsbl)) end = { kind: 'too-many-listings' }
    } else if (kind === 'clean') {
      if (miss === 0 && config.LOG_BAD_RBL_ONLY) tally.addSilently(`NOT_IN_${label}`, miss)
      else tally.add(`NOT_IN_${label}`, miss)
    } else {
      tally.addWord(`${label}=ERR(${formatNumber(miss)})`, label, miss)
      if (kind === 'timeout' && question?.counts) end = countSilence(scoring, silent, entry, question)
    }
    if (end) break
  }
  return { dnsbl, weight: weightOf(config, dnsbl), hits, isDialup, isStrong: scoring.witnesses.isStrong, silent, end }
}

/** With what later rules weigh, given the sum of listings. */
export function weightOf({ COUNT_LISTS_ONCE }: Config, dnsbl: number): number {
  return COUNT_LISTS_ONCE ? 0 : dnsbl
}

/** Whether so many listings, or so bad ones, settle it; with `$TWO_WITNESSES`, not if all of them are one operator's. */
function areTooManyListings({ config, witnesses }: Scoring, hits: number, dnsbl: number): boolean {
  if (!areBeyondLimits(config, hits, dnsbl)) return false
  return !config.TWO_WITNESSES || witnesses.isStrong || witnesses.operators.size > 1
}

export function areBeyondLimits({ MAXDNSBLHITS, MAXDNSBLSCORE }: Config, hits: number, dnsbl: number): boolean {
  return hits > MAXDNSBLHITS || dnsbl > MAXDNSBLSCORE
}

/**
 * Counts a question of a list that got no reply, of several about domains one. At `$MAXDNSERR` of them the mail passes,
 * whatever else is known of it, unless the silence may be the client's doing.
 */
export function countSilence(
  { config, dns }: Scoring,
  silent: Set<string>,
  { host }: ConfiguredList,
  { silentAs }: ListQuestion,
): ListsEnd | undefined {
  silent.add(silentAs)
  return dns !== 'suspect' && silent.size >= config.MAXDNSERR ? { kind: 'too-many-timeouts', host } : undefined
}
