/**
 * Chapter 10: the sender's domain on block lists, if the mail is not rejected already; with `$RHSBL_CHECK_HELO` the
 * organisational domains of HELO and client name as well.
 *
 * Whether it is, is tested once, before the first entry. Neither a miss nor a list in trouble scores; a timeout
 * counts together with those of the client's lists.
 *
 * Source: docs/behaviour/scoring.md#lists-of-sender-domains.
 */
import { shownHost } from '../lists/shown-host.ts'
import { takeBackAllowLists } from './allow-lists.ts'
import { countSilence, type ListsEnd, type ListsFound } from './client-lists.ts'
import type { PointersFound } from './client-pointers.ts'
import type { NamesFound } from './both-names.ts'
import { round3 } from '../text/number.ts'
import { readListAnswer, type Scoring } from './scoring.ts'
import type { SenderFound } from './sender.ts'
import type { SenderAgainstHelo } from './sender-against-helo.ts'
import { noteListing } from './witnesses.ts'

/** What the lists of sender domains say. */
export interface SenderListsFound {
  /** Hosts of the lists that list a domain of the mail, as they may be shown. */
  readonly listings: readonly string[]
  /** undefined: scoring goes on. */
  readonly end: ListsEnd | undefined
}

/** Scores all entries, up to too many timeouts. `allowed`: what allow lists have added. */
export function scoreSenderLists(
  scoring: Scoring,
  lists: ListsFound,
  { bogusMx }: NamesFound,
  { checkClientFrom }: SenderAgainstHelo,
  { weight, unverified }: PointersFound,
  { rhsblPenalty }: SenderFound,
  allowed: number,
): SenderListsFound {
  const { config, tally, needs, witnesses } = scoring
  const listings: string[] = []
  // With an answer missing the rate is a guess, and the lists are asked together with what else is needed.
  if (scoring.lists.domains.length === 0 || (tally.rate >= config.REJECTLEVEL && needs.length === 0))
    return { listings, end: undefined }
  const isSuspect = checkClientFrom || unverified || bogusMx
  const penalty = rhsblPenalty + (isSuspect ? config.rhsbl_penalty_score.bad : 0)
  const silent = new Set(lists.silent)
  const wasStrong = witnesses.isStrong
  for (const entry of config.rhsbl_score) {
    if (scoring.skippedLists.has(entry.host)) continue
    for (const { question, prefix } of scoring.lists.ofDomains(entry)) {
      const answer = readListAnswer(scoring, entry, question)
      const end = answer.kind === 'timeout' ? countSilence(scoring, silent, entry, question) : undefined
      if (end) return { listings, end }
      if (answer.kind !== 'listed') continue
      const score = prefix === '' ? round3(entry.hit + penalty + weight / 2) : entry.hit
      tally.addListing(`${prefix}IN_${entry.label}`, score)
      tally.rate = round3(tally.rate)
      if (score > 0) noteListing(witnesses, entry, answer.addresses, score, config)
      listings.push(shownHost(entry.host, config.zone_codes))
    }
  }
  if (witnesses.isStrong && !wasStrong) takeBackAllowLists(scoring, allowed)
  return { listings, end: undefined }
}
