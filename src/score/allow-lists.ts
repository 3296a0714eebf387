/**
 * Allow lists: who vouches for the client, `@dnswl_score`.
 *
 *   behind the lists of clients: answers → what the rate gets; no other rule weighs with it
 *
 * Where a strong list names the client or a domain of the mail, nobody's word counts against that.
 *
 * Failure: a list in trouble scores nothing, and its silence does not count towards `$MAXDNSERR`.
 * Source: docs/behaviour/scoring.md#allow-lists.
 */
import { readListAnswer, type Scoring } from './scoring.ts'

/** Scores all entries. Returns what they have added. */
export function scoreAllowLists(scoring: Scoring): number {
  const { config, lists, skippedLists, tally, witnesses } = scoring
  let sum = 0
  for (const entry of config.dnswl_score) {
    if (skippedLists.has(entry.host)) continue
    const { kind } = readListAnswer(scoring, entry, lists.ofClient(entry))
    if (kind !== 'listed' || witnesses.isStrong) continue
    tally.add(`IN_${entry.label}`, entry.hit)
    sum += entry.hit
  }
  return sum
}

/** Takes back what they have added, once a strong list has named a domain of the mail. */
export function takeBackAllowLists({ tally }: Scoring, sum: number): void {
  if (sum !== 0) tally.addListing('STRONGER_THAN_ALLOW_LISTS', -sum)
}
