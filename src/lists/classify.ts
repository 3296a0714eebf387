/**
 * What a list said: listed, clean, or one of three ways to say nothing.
 *
 * Outcome of an A lookup + list entry → list answer → scored as hit, as miss, or as `ERR`. The one place that knows
 * that not every answer is a listing (D1): lists refuse resolvers with codes inside 127/8, expired domains answer
 * with the address of a parking page, and a filter leaves codes out.
 *
 * Invariant: `listed` has at least one address, and each of them counts. Several addresses are one set: one that
 * counts outweighs error codes, a refusal outweighs a complaint about the question, an error code addresses outside 127/8,
 * those outweigh filtered ones.
 * Failure: none; `blocked`, `broken` and `timeout` are counted by who asked (`$BL_ERROR_SKIP`, `$MAXDNSERR`).
 *
 * Sources: RFC 5782 2.1 and 2.3; docs/behaviour/dns-and-lists.md#what-a-lists-answer-means.
 */
import type { FailureReason, Outcome } from '../dns/outcome.ts'
import { isAmong } from './codes.ts'
import { type AnswerFilter, matchesFilter } from './filter.ts'
import { rulesOf } from './rules.ts'
import { codesOf } from './words.ts'
import type { ConfiguredZone } from './zone.ts'

/** What is asked of: the host without its filter, and the filter, if there is one. */
export interface ListEntry {
  readonly host: string
  readonly filter: AnswerFilter | undefined
}

/**
 * A classified answer.
 *
 * - `listed`: `addresses` are those that count, in the order received.
 * - `clean`: not listed, or only with codes the filter leaves out.
 * - `blocked`: the list refuses this resolver, with `code` (the first, if several): `'127.255.255.254'`.
 * - `misasked`: the list says that this is no question for it, and nothing about itself: `'127.0.1.255'`.
 * - `broken`: an address outside 127/8, a failed lookup, or a packet nobody can read.
 * - `timeout`: no answer after all tries, a name server that cannot be reached included: it says the same about
 *   the list, nothing, and as much about the operator's own DNS, which `$MAXDNSERR` is there for.
 */
export type ListAnswer =
  | { readonly kind: 'listed'; readonly addresses: readonly string[] }
  | { readonly kind: 'clean' }
  | { readonly kind: 'blocked'; readonly code: string }
  | { readonly kind: 'misasked'; readonly code: string }
  | { readonly kind: 'broken'; readonly why: Exclude<FailureReason, 'timeout' | 'unreachable'> | 'outside-127' }
  | { readonly kind: 'timeout' }

/** An answer that says that something is wrong with the list, or with us in its eyes. */
export type ListTrouble = Extract<ListAnswer, { kind: 'blocked' | 'broken' | 'timeout' }>

/**
 * Classifies: zen.spamhaus.org and `found ['127.0.0.4']` → listed; `found ['127.255.255.254']` → blocked; `nxdomain` → clean.
 * `configured`: `@zone_codes`.
 */
export function classifyAnswer(
  entry: ListEntry,
  outcome: Outcome,
  configured: readonly ConfiguredZone[] = [],
): ListAnswer {
  if (outcome.kind === 'failed') {
    const { reason } = outcome
    return reason === 'timeout' || reason === 'unreachable' ? { kind: 'timeout' } : { kind: 'broken', why: reason }
  }
  if (outcome.kind !== 'found') return { kind: 'clean' }

  const { filter } = entry
  const rules = rulesOf(entry.host, configured)
  const addresses: string[] = []
  let refusal: string | undefined
  let complaint: string | undefined
  let outside = false
  for (const address of outcome.values) {
    if (!address.startsWith('127.')) outside = true
    // Where lists put their refusals by common practice.
    else if (address.startsWith('127.255.255.') || isAmong(codesOf(rules, 'refused'), address)) refusal ??= address
    else if (isAmong(codesOf(rules, 'misasked'), address)) complaint ??= address
    else if (!filter || matchesFilter(filter, address)) addresses.push(address)
  }
  if (addresses.length > 0) return { kind: 'listed', addresses }
  if (refusal !== undefined) return { kind: 'blocked', code: refusal }
  if (complaint !== undefined) return { kind: 'misasked', code: complaint }
  return outside ? { kind: 'broken', why: 'outside-127' } : { kind: 'clean' }
}
