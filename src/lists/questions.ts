/**
 * What a list is asked: the question for an entry, about a client or about a sender domain.
 *
 * Shared by dns/plan.ts, which asks ahead, and by scoring, which reads the answers; so both mean the same question.
 * Pure, total.
 * Source: specification, chapter "Scoring" 3 and 10; RFC 5782 2.
 */
import { reverseName, withoutTrailingDots } from '../dns/names.ts'
import type { Question } from '../dns/outcome.ts'

/** Whether an entry lists the client: `A 1.2.0.192.zen.spamhaus.org`. */
export function clientListQuestion(client: string, entry: { readonly host: string }): Question {
  return { type: 'A', name: reverseName(client, entry.host), ofList: true }
}

/** Whether an entry lists the sender domain: `A example.org.dbl.spamhaus.org`. */
export function senderListQuestion(domain: string, entry: { readonly host: string }): Question {
  return { type: 'A', name: `${withoutTrailingDots(domain)}.${entry.host}`, ofList: true }
}
