/**
 * What a list is asked: the question for an entry, about a client or about a sender domain.
 *
 * Shared by dns/plan.ts, which asks ahead, and by scoring, which reads the answers; so both mean the same question.
 * Pure, total.
 * Source: specification, chapters "Scoring" 3 and 10, "Deviations" D3; RFC 5782 2.
 */
import { askableEnd, reverseName } from '../dns/names.ts'
import type { Question } from '../dns/outcome.ts'

/** Whether an entry lists the client: `A 1.2.0.192.zen.spamhaus.org`. */
export function clientListQuestion(client: string, entry: { readonly host: string }): Question {
  return { type: 'A', name: reverseName(client, entry.host), ofList: true }
}

/**
 * Whether an entry lists the sender domain: `A example.org.dbl.spamhaus.org`; of a domain that as a whole cannot be asked
 * about, its longest end that can (D3). Undefined: there is none.
 */
export function senderListQuestion(domain: string, { host }: { readonly host: string }): Question | undefined {
  const end = askableEnd(domain, host)
  return end === '' ? undefined : domainQuestion(end, { host })
}

/** Whether an entry lists a name that can be asked about: `A test.dbl.spamhaus.org`. */
export function domainQuestion(name: string, { host }: { readonly host: string }): Question {
  return { type: 'A', name: `${name}.${host}`, ofList: true }
}
