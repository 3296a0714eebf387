/**
 * Chapter 10: the sender's domain on block lists, if the mail is not rejected already.
 *
 * Whether it is, is tested once, before the first entry. Neither a miss nor a list in trouble scores; a timeout
 * counts together with those of the client's lists.
 *
 * Source: docs/behaviour/scoring.md#lists-of-sender-domains.
 */
import { senderListQuestion } from '../lists/questions.ts'
import { shownHost } from '../lists/shown-host.ts'
import { countSilence, type ListsEnd } from './client-lists.ts'
import { addRule, type Evaluation, readListAnswer } from './evaluation.ts'
import { round3 } from './number.ts'

/** Scores all entries, up to too many timeouts; undefined: scoring goes on. */
export function scoreSenderLists(evaluation: Evaluation): ListsEnd | undefined {
  const { config, request } = evaluation
  if (request.domain === '') return undefined
  // With an answer missing the rate is a guess, and the lists are asked together with what else is needed.
  if (evaluation.rate >= config.REJECTLEVEL && evaluation.needs.length === 0) return undefined
  if (evaluation.checkClientFrom || evaluation.unverified || evaluation.bogusMx)
    evaluation.rhsblPenalty += config.rhsbl_penalty_score[0]
  for (const entry of config.rhsbl_score) {
    if (evaluation.skippedLists.has(entry.host)) continue
    const question = senderListQuestion(request.domain, entry, config.zone_codes)
    if (!question) continue
    const answer = readListAnswer(evaluation, entry, question)
    if (answer.kind === 'timeout') {
      const end = countSilence(evaluation, entry, question)
      if (end) return end
    }
    if (answer.kind !== 'listed') continue
    addRule(evaluation, `IN_${entry.label}`, round3(entry.hit + evaluation.rhsblPenalty + evaluation.dnsbl / 2))
    evaluation.rate = round3(evaluation.rate)
    evaluation.senderListings.push(shownHost(entry.host, config.zone_codes))
  }
  return undefined
}
