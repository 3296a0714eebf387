/**
 * The score: a request and the answers so far → a verdict, or the lookups it still needs.
 *
 *   answers → score → needs → evaluate.ts asks → answers → score → … → verdict
 *
 * Pure and synchronous. Scored without any answer, a request names its whole first wave of lookups: every list, the PTR,
 * and MX, A and AAAA of the full sender domain and HELO name. The chapters run in the rules' order over whatever answers
 * are there; with one missing the result is worth nothing but its list of needs, so it is thrown away and scored again when
 * more is there. That keeps the order of lists and the early ends exactly the reference's, whatever arrives first; what a
 * request needs is stated nowhere twice; and a recorded request with its answers can be scored again offline.
 * (Rejected: awaiting each lookup where it is read. It would ask one after the other, and scoring could not be
 * replayed without a resolver.)
 *
 * Failure: none; every failed lookup is an outcome the chapters know.
 * Source: docs/behaviour/scoring.md.
 */
import type { Config } from '../config/parameters/parameters.ts'
import type { Answers, Question } from '../dns/outcome.ts'
import { scoreClientLists } from './client-lists.ts'
import { scoreClientPointers } from './client-pointers.ts'
import { scoreNames } from './both-names.ts'
import { beginScoring, type Facts, type ScorableRequest, type Scoring } from './scoring.ts'
import { scoreDialupHelo, scoreSender } from './sender.ts'
import { scoreNumericHelo, scoreSenderAgainstHelo } from './sender-against-helo.ts'
import { scoreSenderLists } from './sender-lists.ts'
import {
  type Judgement,
  judgeCachedHam,
  judgeListsEnd,
  judgeListsOnly,
  judgeNameErrors,
  judgeOutage,
  judgeRate,
} from './verdict.ts'

/** `needs`: these lookups, not there yet, stand between here and a verdict. */
export type Scored =
  | { readonly kind: 'verdict'; readonly judgement: Judgement }
  | { readonly kind: 'needs'; readonly questions: readonly Question[] }

/** Scores a request on the answers that are there. Total. */
export function score(request: ScorableRequest, answers: Answers, config: Config, known: Facts = {}): Scored {
  const scoring = beginScoring(request, answers, config, known)
  const judgement = judge(scoring, known)
  return scoring.needs.length > 0 && known.dns !== 'outage'
    ? { kind: 'needs', questions: scoring.needs }
    : { kind: 'verdict', judgement }
}

/** The chapters in their order, each with the findings that it rests on. */
function judge(scoring: Scoring, { cachedHamScore, pattern, dns }: Facts): Judgement {
  const lists = scoreClientLists(scoring)
  if (dns === 'outage') return judgeOutage(scoring, lists)
  if (lists.end) return judgeListsEnd(scoring, lists.end, { lists })
  if (scoring.config.dnsbl_checks_only) return judgeListsOnly(scoring, lists, undefined)
  if (pattern !== undefined) return judgeListsOnly(scoring, lists, pattern)
  if (cachedHamScore !== undefined && lists.hits === 0) return judgeCachedHam(scoring, lists, cachedHamScore)

  const names = scoreNames(scoring, lists)
  if (names.end) return judgeNameErrors(scoring, names.end, { lists, names })
  const numeric = scoreNumericHelo(scoring, lists)
  const helo = scoreSenderAgainstHelo(scoring, lists, names, numeric)
  const pointers = scoreClientPointers(scoring, lists, names, helo)
  const adviseDynamicDns = scoreDialupHelo(scoring, helo, names, pointers)
  const sender = scoreSender(scoring, lists, names, helo, pointers, numeric)
  const { listings: senderListings, end } = scoreSenderLists(scoring, lists, names, helo, pointers, sender)
  const found = { lists, names, helo, pointers, sender, adviseDynamicDns, senderListings }
  return end ? judgeListsEnd(scoring, end, found) : judgeRate(scoring, found)
}
