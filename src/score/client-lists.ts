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
import type { ListEntry } from '../config/parameters.ts'
import { clientListQuestion, type ListQuestion } from '../lists/questions.ts'
import { addRule, addSilently, addWord, type Evaluation, readListAnswer, type ScoredListAnswer } from './evaluation.ts'
import { formatNumber } from './number.ts'

/** Why scoring ends with the lists. */
export type ListsEnd =
  | { readonly kind: 'too-many-listings' }
  | { readonly kind: 'too-many-timeouts'; readonly host: string }

/** Scores all entries, up to an early end; undefined: scoring goes on. */
export function scoreClientLists(evaluation: Evaluation): ListsEnd | undefined {
  const { config, request, skippedLists } = evaluation
  for (const entry of config.dnsbl_score) {
    if (skippedLists.has(entry.host)) {
      addWord(evaluation, `${entry.label}=SKIP(${formatNumber(entry.miss)})`, entry.label, entry.miss)
      continue
    }
    const question = clientListQuestion(request.client, entry, config.zone_codes)
    const end = scoreListAnswer(evaluation, entry, question, readListAnswer(evaluation, entry, question))
    if (end) return end
  }
  return undefined
}

function scoreListAnswer(
  evaluation: Evaluation,
  entry: ListEntry,
  question: ListQuestion | undefined,
  answer: ScoredListAnswer,
): ListsEnd | undefined {
  const { config } = evaluation
  switch (answer.kind) {
    case 'listed':
      addRule(evaluation, `IN_${entry.label}`, entry.hit)
      evaluation.dnsbl += entry.hit
      if (entry.label.toLowerCase().includes('dyn')) evaluation.dialup = true
      if (entry.hit <= 0) return undefined
      evaluation.hits += 1
      return evaluation.hits > config.MAXDNSBLHITS || evaluation.dnsbl > config.MAXDNSBLSCORE
        ? { kind: 'too-many-listings' }
        : undefined
    case 'clean':
      if (entry.miss === 0 && config.LOG_BAD_RBL_ONLY) addSilently(evaluation, `NOT_IN_${entry.label}`, entry.miss)
      else addRule(evaluation, `NOT_IN_${entry.label}`, entry.miss)
      return undefined
    case 'timeout':
    case 'blocked':
    case 'broken':
      addWord(evaluation, `${entry.label}=ERR(${formatNumber(entry.miss)})`, entry.label, entry.miss)
      return answer.kind === 'timeout' && question?.counts ? countSilence(evaluation, entry, question) : undefined
  }
}

/**
 * Counts a question of a list that got no reply. At `$MAXDNSERR` of them the mail passes, whatever else is known of it,
 * unless the silence may be the client's doing.
 */
export function countSilence(
  evaluation: Evaluation,
  { host }: ListEntry,
  question: ListQuestion,
): ListsEnd | undefined {
  const { config, dns, silentLists } = evaluation
  silentLists.add(question.name)
  return dns !== 'suspect' && silentLists.size >= config.MAXDNSERR ? { kind: 'too-many-timeouts', host } : undefined
}
