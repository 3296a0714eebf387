/**
 * Large providers of mail: the organisational domains under which their hosts are named.
 *
 *   score/listed-domains.ts: a HELO or client name of theirs is not looked up on lists of domains
 *   score/generic-names.ts: a HELO name under one of a provider's domains, a client name under another
 *
 * Everybody's mail comes from them, so a list that named one of them would be wrong, and asking costs a query a mail.
 *
 * Pure, total. Source: the PTR names of these providers' outgoing hosts, as their published SPF records name them, 2026.
 */

const PROVIDERS: ReadonlySet<string> = new Set([
  'amazonses.com',
  'apple.com',
  'gmx.net',
  'google.com',
  'googlemail.com',
  'icloud.com',
  'ionos.de',
  'kundenserver.de',
  'me.com',
  'messagingengine.com',
  'mimecast.com',
  'outlook.com',
  'ovh.net',
  'pphosted.com',
  'protonmail.ch',
  'rzone.de',
  'sendgrid.net',
  't-online.de',
  'web.de',
  'yahoo.com',
  'zoho.com',
])

/** Of providers with several, the domain that stands for all. */
const FIRST: ReadonlyMap<string, string> = new Map([
  ['googlemail.com', 'google.com'],
  ['icloud.com', 'apple.com'],
  ['me.com', 'apple.com'],
])

/** Whether an organisational domain is that of a large provider. */
export function isLargeProvider(organisation: string): boolean {
  return PROVIDERS.has(organisation)
}

/** `'icloud.com'` → `'apple.com'`: the domain that stands for all of a provider; of others the same. */
export function firstDomainOf(organisation: string): string {
  return FIRST.get(organisation) ?? organisation
}
