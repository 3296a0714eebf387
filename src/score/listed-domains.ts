/**
 * Which domains of a mail are looked up on the lists of domains.
 *
 *   request → domainsToAsk → list-questions.ts
 *
 * Pure, total.
 * Source: docs/behaviour/scoring.md#lists-of-sender-domains.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { comparableName } from '../dns/names.ts'
import { isLargeProvider } from '../lists/providers.ts'
import { hasNoName, type PolicyRequest } from '../policy/request.ts'
import { organisationOf } from '../text/organisation.ts'

/** A domain that is asked for: the sender's, or another name's. */
export interface ListedDomain {
  readonly domain: string
  /** What stands in front of a list's word: `HELO_`. Empty: it is the sender's. */
  readonly prefix: '' | 'HELO_' | 'CLIENT_'
}

/** What of a request lists are asked about. */
export type NamesOfMail = Pick<PolicyRequest, 'domain' | 'helo' | 'name'>

/** The domains of a mail that lists are asked for, the sender's first. */
export function domainsToAsk(
  { domain, helo, name }: NamesOfMail,
  { RHSBL_CHECK_HELO }: Config,
): readonly ListedDomain[] {
  const domains: ListedDomain[] = domain === '' ? [] : [{ domain, prefix: '' }]
  if (!RHSBL_CHECK_HELO) return domains
  const known = new Set([organisationOf(comparableName(domain))])
  const add = (from: string, prefix: ListedDomain['prefix']): void => {
    const organisation = organisationOf(from)
    if (organisation === '' || known.has(organisation) || isLargeProvider(organisation)) return
    known.add(organisation)
    domains.push({ domain: organisation, prefix })
  }
  add(helo, 'HELO_')
  if (!hasNoName({ name })) add(name, 'CLIENT_')
  return domains
}
