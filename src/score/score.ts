/**
 * The score: a request and the answers so far → a verdict, or the lookups it still needs.
 *
 *   evaluate.ts: answers → score → needs → evaluate.ts asks → answers → score → … → verdict
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
import type { Config } from '../config/parameters.ts'
import type { Question } from '../dns/outcome.ts'
import { scoreClientLists } from './client-lists.ts'
import { scoreClientPointers } from './client-pointers.ts'
import { type Answers, beginEvaluation, type Evaluation, type ScorableRequest } from './evaluation.ts'
import { scoreNames } from './names.ts'
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

/** What is known of a request beside the answers of DNS. */
export interface Known {
  /** The score of a HAM entry that is not hard: it stands if no list hits. */
  readonly cachedHamScore?: number
  /** The number, from 1, of the pattern of `@dnsbl_checks_only_regexps` that matches the client's name. */
  readonly pattern?: number
  /** Hosts of lists that are skipped after too many errors in a row. */
  readonly skippedLists?: ReadonlySet<string>
  /**
   * What silence means. `suspect`: it may be the client's doing, and lets nothing pass. `outage`: no name server answers
   * anything, and every mail passes.
   */
  readonly dns?: 'suspect' | 'outage'
}

/** `needs`: these lookups, not there yet, stand between here and a verdict. */
export type Scored =
  | { readonly kind: 'verdict'; readonly judgement: Judgement }
  | { readonly kind: 'needs'; readonly questions: readonly Question[] }

const NO_LISTS: ReadonlySet<string> = new Set()

/** Scores a request on the answers that are there. Total. */
export function score(request: ScorableRequest, answers: Answers, config: Config, known: Known = {}): Scored {
  const evaluation = beginEvaluation(request, answers, config, known.skippedLists ?? NO_LISTS, known.dns)
  if (known.dns === 'outage')
    return { kind: 'verdict', judgement: judgeOutage(evaluation, scoreClientLists(evaluation)) }
  const judgement = judgeLists(evaluation, known) ?? judgeAll(evaluation)
  return evaluation.needs.length > 0 ? { kind: 'needs', questions: evaluation.needs } : { kind: 'verdict', judgement }
}

/** The client's lists, and the ends a request can come to there. */
function judgeLists(evaluation: Evaluation, { cachedHamScore, pattern }: Known): Judgement | undefined {
  const { config } = evaluation
  const end = scoreClientLists(evaluation)
  if (end) return judgeListsEnd(evaluation, end)
  if (config.dnsbl_checks_only) return judgeListsOnly(evaluation, undefined)
  if (pattern !== undefined) return judgeListsOnly(evaluation, pattern)
  if (cachedHamScore !== undefined && evaluation.hits === 0) return judgeCachedHam(evaluation, cachedHamScore)
  return undefined
}

/** Everything behind the lists. */
function judgeAll(evaluation: Evaluation): Judgement {
  const nameErrors = scoreNames(evaluation)
  if (nameErrors) return judgeNameErrors(evaluation, nameErrors)
  scoreNumericHelo(evaluation)
  scoreSenderAgainstHelo(evaluation)
  scoreClientPointers(evaluation)
  scoreDialupHelo(evaluation)
  scoreSender(evaluation)
  const end = scoreSenderLists(evaluation)
  return end ? judgeListsEnd(evaluation, end) : judgeRate(evaluation)
}
