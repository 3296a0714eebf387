/**
 * What lists come to, on ranges: chapter 3 and the allow lists, and those of sender domains, for bounds.ts.
 *
 * A list that has not answered may list the client or not. Where it is known that so many list it that scoring ends, or may be,
 * `ends` is told.
 *
 * Pure but for `ends`, total.
 * Sources: docs/behaviour/scoring.md#lists-of-clients, docs/behaviour/scoring.md#allow-lists.
 */
import { namesDialup } from '../config/probed-lists.ts'
import type { ConfiguredList } from '../config/parameters/parameters.ts'
import { areBeyondLimits } from './client-lists.ts'
import { eitherOf, type Lists, type MayList, type PossibleLists } from './possible-lists.ts'
import { atMost, either, exactly, perhaps, type Range, rounded, sum } from './range.ts'
import type { Scoring } from './scoring.ts'

/** What a list of sender domains may say. */
export interface SenderEntry extends MayList {
  readonly entry: ConfiguredList
  /** It is the sender domain that it is asked for. */
  readonly isSender: boolean
  /** With it so many lists are silent that scoring ends. */
  readonly isLast: boolean
}

export interface BoundLists extends Omit<Lists, 'isDialup' | 'allowed'> {
  readonly dialup: readonly boolean[]
  /** Whether a strong list may be among those that list the client, or surely is. */
  readonly mayBeStrong: boolean
  readonly isStrong: boolean
}

/** `ends`: scoring ends with a rejection, at this rate. undefined: it ends here for sure. */
export function boundClientLists(
  scoring: Scoring,
  possible: PossibleLists,
  ends: (rate: Range) => void,
  isSilenceEnough: () => boolean,
): BoundLists | undefined {
  const { config, skippedLists } = scoring
  let rate = exactly(0)
  let dnsbl = exactly(0)
  let hits = exactly(0)
  let dialup: readonly boolean[] = [false]
  let mayBeStrong = false
  let isStrong = false
  for (const entry of config.dnsbl_score) {
    const isSkipped = skippedLists.has(entry.host)
    const question = isSkipped ? undefined : scoring.lists.ofClient(entry)
    const may = possible.listMay(entry, question)
    const { mayList, mayNot } = may
    mayBeStrong ||= mayList && may.mayBeStrong
    isStrong ||= !mayNot && may.isStrong && entry.hit > 0
    const listed = mayList && {
      rate: sum(rate, exactly(entry.hit)),
      dnsbl: sum(dnsbl, exactly(entry.hit)),
      hits: entry.hit > 0 ? sum(hits, exactly(1)) : hits,
    }
    const isEnough = (end: 'least' | 'greatest'): boolean =>
      listed !== false && entry.hit > 0 && areBeyondLimits(config, listed.hits[end], listed.dnsbl[end])
    if (listed && isEnough('greatest')) ends(listed.rate)
    // One operator may not be enough; how many there are hangs on which lists they are.
    const endsForSure = isEnough('least') && (!config.TWO_WITNESSES || isStrong)
    const most = entry.hit > 0 && !config.TWO_WITNESSES ? config.MAXDNSBLSCORE : Number.POSITIVE_INFINITY
    // Scoring goes on with the listing only where that was not enough.
    const goesOn = listed && !endsForSure ? { ...listed, dnsbl: atMost(listed.dnsbl, most) } : undefined
    if (!goesOn && !mayNot) return undefined
    const clean = mayNot && { rate: sum(rate, exactly(entry.miss)), dnsbl, hits }
    const next = goesOn && clean ? eitherOf(goesOn, clean) : goesOn || clean
    if (!next) return undefined
    ;({ rate, dnsbl, hits } = next)
    if (!config.TWO_WITNESSES) hits = atMost(hits, config.MAXDNSBLHITS)
    if (goesOn && namesDialup(entry.label)) dialup = clean ? [...new Set([...dialup, true])] : [true]
    if (isSilenceEnough()) return undefined
  }
  return { rate, dnsbl, hits, dialup, mayBeStrong, isStrong }
}

/** What allow lists add. */
export function boundAllowLists(
  scoring: Scoring,
  possible: PossibleLists,
  { isStrong, mayBeStrong }: Pick<BoundLists, 'isStrong' | 'mayBeStrong'>,
): Range {
  const { config, skippedLists } = scoring
  let allowed = exactly(0)
  for (const entry of config.dnswl_score) {
    const isSkipped = skippedLists.has(entry.host)
    const question = isSkipped ? undefined : scoring.lists.ofClient(entry)
    const { mayList, mayNot } = possible.listMay(entry, question, false)
    if (!mayList || isStrong) continue
    const hit = exactly(entry.hit)
    allowed = mayNot || mayBeStrong ? perhaps(allowed, hit) : sum(allowed, hit)
  }
  return allowed
}

/** A rate once what allow lists have added, which is in it, is taken back, because a strong list names a domain of the mail or may. */
function withoutAllowLists(
  rate: Range,
  { least, greatest }: Range,
  strong: { readonly isSure: boolean; readonly may: boolean },
): Range {
  // The least rate has the least of it.
  if (strong.isSure) return { least: rate.least - least, greatest: rate.greatest - least }
  return strong.may ? perhaps(rate, { least: -greatest, greatest: -least }) : rate
}

/** What each list may say of each domain of the mail, in the order in which they are scored. */
export function possibleSenderLists(
  { config, lists, skippedLists }: Scoring,
  possible: PossibleLists,
  isSilenceEnough: () => boolean,
): readonly SenderEntry[] {
  return config.rhsbl_score
    .filter(({ host }) => !skippedLists.has(host))
    .flatMap(entry =>
      lists.ofDomains(entry).map(({ question, prefix }) => {
        const may = possible.listMay(entry, question)
        return { entry, isSender: prefix === '', ...may, isLast: isSilenceEnough() }
      }),
    )
}

/** A rate with what these lists add, which weigh a sender by `penalty` as well. undefined: so many are silent that scoring ends. */
export function boundSenderLists(
  at: Range,
  entries: readonly SenderEntry[],
  { dnsbl, allowed }: Pick<Lists, 'dnsbl' | 'allowed'>,
  penalty: Range,
): Range | undefined {
  let rate = at
  const strong = { isSure: false, may: false }
  for (const { entry, isSender, mayList, mayNot, isStrong, mayBeStrong, isLast } of entries) {
    if (isLast) return undefined
    if (!mayList) continue
    const more = (end: 'least' | 'greatest'): number => penalty[end] + dnsbl[end] / 2
    const score = (end: 'least' | 'greatest'): number => entry.hit + (isSender ? more(end) : 0)
    strong.may ||= mayBeStrong
    strong.isSure ||= isStrong && !mayNot && score('least') > 0
    const listed = rounded(rounded(sum(rate, { least: score('least'), greatest: score('greatest') })))
    rate = mayNot ? either(rate, listed) : listed
  }
  return withoutAllowLists(rate, allowed, strong)
}
