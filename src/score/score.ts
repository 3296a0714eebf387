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
import { scoreAllowLists } from './allow-lists.ts'
import { type ListsFound, scoreClientLists } from './client-lists.ts'
import { scoreClientPointers } from './client-pointers.ts'
import { scoreNames } from './both-names.ts'
import { beginScoring, type Facts, type ScorableRequest, type Scoring } from './scoring.ts'
import { isLedToBySender } from './one-witness.ts'
import { scoreDialupHelo, scoreSender } from './sender.ts'
import { scoreNumericHelo, scoreSenderAgainstHelo } from './sender-against-helo.ts'
import { scoreSenderLists } from './sender-lists.ts'
import { NO_SPF, type SpfFound, scoreSpf } from './spf.ts'
import type { SpfResult } from '../spf/walk.ts'
import { fateOf } from './fate.ts'
import {
  type Judgement,
  judgeCachedHam,
  judgeListsEnd,
  judgeListsOnly,
  judgeNameErrors,
  judgeOutage,
  judgeRate,
} from './verdict.ts'

/**
 * `needs`: these lookups, not there yet, stand between here and a verdict; `ofSpf`: so do those that an SPF record leads to,
 * which is not waited for as long; `soFar`: what the answers that are there come to, for early.ts.
 */
export type Scored =
  | { readonly kind: 'verdict'; readonly judgement: Judgement }
  | {
      readonly kind: 'needs'
      readonly questions: readonly Question[]
      readonly ofSpf: readonly Question[]
      readonly soFar: Judgement
    }

/** What reasons end in that others may follow, in ASCII as all that is answered. */
const OPEN_END = ' ...'

/** Scores a request on the answers that are there. Total. */
export function score(request: ScorableRequest, answers: Answers, config: Config, known: Facts = {}): Scored {
  const scoring = beginScoring(request, answers, config, known)
  const { judgement, spf } = judge(scoring, known)
  const needs = spf.lacksRecord ? [...scoring.needs, ...scoring.spfNeeds] : scoring.needs
  const ofSpf = spf.lacksRecord ? [] : scoring.spfNeeds
  if (known.dns === 'outage') return { kind: 'verdict', judgement }
  if (scoring.needs.length > 0) return { kind: 'needs', questions: needs, ofSpf, soFar: judgement }
  if (spf.open.length === 0) return { kind: 'verdict', judgement }
  // All else is there. Nothing is waited for that makes no difference.
  const asNone = judgeWith('none')
  const isSettled = asNone !== undefined && spf.open.every(result => isSame(judgeWith(result), asNone, config, known))
  return isSettled
    ? { kind: 'verdict', judgement: asNone }
    : { kind: 'needs', questions: needs, ofSpf, soFar: judgement }

  /** undefined: with that result something else would have to be looked up. */
  function judgeWith(spf: SpfResult): Judgement | undefined {
    const given = { ...known, spf }
    const scoring = beginScoring(request, answers, config, given)
    const { judgement } = judge(scoring, given)
    return scoring.needs.length === 0 ? judgement : undefined
  }
}

/** Whether two judgements have one fate, and are remembered alike. */
function isSame(one: Judgement | undefined, other: Judgement, config: Config, { wantsTie }: Facts): boolean {
  if (!one || (wantsTie && one.isTied !== other.isTied)) return false
  return fateOf(one, config) === fateOf(other, config) && one.remember.spam?.key === other.remember.spam?.key
}

/** The chapters in their order, each with the findings that it rests on; `spf`: what of it may still be open. */
function judge(scoring: Scoring, known: Facts): { judgement: Judgement; spf: SpfFound } {
  const { cachedHamScore, pattern, dns } = known
  const settled = (judgement: Judgement): ReturnType<typeof judge> => ({ judgement, spf: NO_SPF })
  const lists = scoreClientLists(scoring)
  if (dns === 'outage') return settled(judgeOutage(scoring, lists))
  if (lists.end) {
    const judgement = judgeListsEnd(withOpenEnd(scoring), lists.end, { lists })
    return known.wantsTie && !judgement.isPass ? withTie(scoring, lists, judgement, known) : settled(judgement)
  }
  if (scoring.config.dnsbl_checks_only) return settled(judgeListsOnly(withOpenEnd(scoring), lists, undefined))
  if (pattern !== undefined) return settled(judgeListsOnly(withOpenEnd(scoring), lists, pattern))
  if (cachedHamScore !== undefined && lists.hits === 0) return settled(judgeCachedHam(scoring, lists, cachedHamScore))

  const allowed = scoreAllowLists(scoring)
  const spf = scoreSpf(scoring, known.spf)
  const names = scoreNames(scoring, lists, spf)
  if (names.end) return settled(judgeNameErrors(scoring, names.end, { lists, names }))
  const numeric = scoreNumericHelo(scoring, lists, names)
  const helo = scoreSenderAgainstHelo(scoring, lists, names, numeric)
  const pointers = scoreClientPointers(scoring, lists, names, helo)
  const adviseDynamicDns = scoreDialupHelo(scoring, helo, names, pointers)
  const sender = scoreSender(scoring, lists, names, helo, pointers, numeric)
  const { listings: senderListings, end } = scoreSenderLists(scoring, lists, names, helo, pointers, sender, allowed)
  const found = { lists, names, helo, pointers, sender, adviseDynamicDns, senderListings }
  withOpenEnd(scoring, spf)
  return { judgement: end ? judgeListsEnd(scoring, end, found) : judgeRate(scoring, found), spf }
}

/** A judgement of the lists alone, with what DNS says of client and sender; the names add nothing to it. */
function withTie(scoring: Scoring, lists: ListsFound, judgement: Judgement, known: Facts): ReturnType<typeof judge> {
  const steps = [...judgement.steps]
  const spf = scoreSpf(scoring, known.spf)
  const names = scoreNames(scoring, lists, spf)
  return { judgement: { ...judgement, steps, isTied: isLedToBySender(names) }, spf }
}

/** With reasons that say so, if an answer is missing. */
function withOpenEnd(scoring: Scoring, { open } = NO_SPF): Scoring {
  if (scoring.needs.length > 0 || open.length > 0) scoring.tally.reasons += OPEN_END
  return scoring
}
