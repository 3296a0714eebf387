/**
 * Whose SPF record is asked for.
 *
 *   request → identity → the first question, check-spf.ts
 *
 * Apart from all else of SPF: the first wave of lookups needs nothing but this.
 *
 * Pure, total.
 * Sources: RFC 7208 2.3, 2.4; docs/behaviour/spf.md#whose-record-is-asked.
 */
import { nameToAsk, withoutTrailingDots, withPlainDots } from '../dns/names.ts'
import type { Question } from '../dns/outcome.ts'

/** What is checked. `client` in normal form; `sender` as received, empty for a bounce. */
export interface SpfRequest {
  readonly client: string
  readonly sender: string
  readonly helo: string
}

/** Whose record is asked: the sender's domain, or HELO of a null sender. undefined: nobody's, and the result is `none`. */
export function spfIdentity({ sender, helo }: SpfRequest): { domain: string; sender: string } | undefined {
  const at = sender.lastIndexOf('@')
  if (sender !== '' && at < 0) return undefined
  const given = sender === '' ? helo : sender.slice(at + 1)
  const domain = nameToAsk(withoutTrailingDots(withPlainDots(given)))
  if (domain === undefined || !domain.includes('.') || domain.startsWith('[')) return undefined
  const local = at > 0 ? sender.slice(0, at) : 'postmaster'
  return { domain, sender: `${local}@${domain}` }
}

/** What is asked in the first wave; undefined: nothing. */
export function firstSpfQuestion(request: SpfRequest): Question | undefined {
  const identity = spfIdentity(request)
  return identity && { type: 'TXT', name: identity.domain }
}
