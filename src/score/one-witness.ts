/**
 * `$TWO_WITNESSES`: whether a refusal rests on the word of one operator of lists alone.
 *
 *   verdict.ts: a rate that rejects → isRefusedByOneWitness → deferred instead, and the reasons say so
 *
 * Pure, total.
 * Source: docs/behaviour/scoring.md#one_witness.
 */
import { comparableName } from '../dns/names.ts'
import { hasNoName } from '../policy/request.ts'
import { round3 } from '../text/number.ts'
import { shareOrganisation } from '../text/organisation.ts'
import type { NamesFound } from './both-names.ts'
import type { ScorableRequest, Scoring } from './scoring.ts'

/** What the reasons end in then. */
export const ONE_WITNESS = ' ONE_WITNESS'

/** The client is tied to the sender, and without the lists of one operator, none of them strong, the mail would pass. */
export function isRefusedByOneWitness(
  { config, request, witnesses }: Scoring,
  names: NamesFound,
  rate: number,
): boolean {
  if (!config.TWO_WITNESSES || witnesses.isStrong || witnesses.operators.size !== 1) return false
  return (isLedToBySender(names) || isOfSender(request)) && round3(rate - witnesses.points) < config.REJECTLEVEL
}

/** Whether DNS ties the client to the sender: SPF passes, or the sender's domain leads to it, or it is its mail exchanger. */
export function isLedToBySender({ senderIsMx, fromIp, isTied }: NamesFound): boolean {
  return senderIsMx || fromIp || isTied
}

/** Whether the client's confirmed name is of the sender's organisation. */
export function isOfSender({ name, domain }: ScorableRequest): boolean {
  return !hasNoName({ name }) && shareOrganisation(name, comparableName(domain))
}
