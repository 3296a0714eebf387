/**
 * What a refusal's text ends in, behind what the operator has configured.
 *
 *   findings → appended.ts → verdict.ts
 *
 * Neither masked nor cut yet: names here are those that a stranger chose (policy/reply.ts). Pure, total.
 * Source: docs/behaviour/scoring.md#what-a-rejection-ends-in.
 */
import { withBlanks } from '../text/mask.ts'
import type { PointersFound } from './client-pointers.ts'
import type { Scoring } from './scoring.ts'
import type { SenderAgainstHelo } from './sender-against-helo.ts'
import type { SenderFound } from './sender.ts'

/** What there is to say of a mail that was scored to the end. */
interface Saying {
  readonly helo: SenderAgainstHelo
  readonly pointers: PointersFound
  readonly sender: SenderFound
  readonly senderListings: readonly string[]
  readonly adviseDynamicDns: boolean
}

/** `; check http://www.robtex.com/rbl/192.0.2.10.html`, or nothing. `client`: an address in its normal form. */
export function lookupText(url: string, client: string): string {
  return url === '' ? '' : `; check ${withBlanks(url).replaceAll('%{client}', client)}`
}

/** `; MTA helo: …; in dbl.spamhaus.org`. */
export function rejectionText({ request, tally }: Scoring, { helo, pointers, ...found }: Saying): string {
  if (tally.isGuess) return found.senderListings.map(host => `; in ${host}`).join('')
  let text = ''
  if (helo.heloOk !== 1 && !pointers.unverified)
    text += `; MTA helo: ${request.helo}, MTA hostname: ${request.name}[${request.client}] (helo/hostname mismatch)`
  for (const host of found.senderListings) text += `; in ${host}`
  if (found.sender.adviseRelay) text += `; please relay via your ISP (${request.domain})`
  if (found.adviseDynamicDns) text += '; Please use DynDNS'
  return text
}
