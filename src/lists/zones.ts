/**
 * What is known about lists: a dated table.
 *
 * Host of a list entry → its row → the error codes that classify an answer (classify.ts), and for the command line
 * the names of return codes and which lists are dead. The table never filters: a code without a name is a listing
 * like any other, and a list without a row is a list that works. Nor does it overrule a configuration: a dead list
 * that is configured is asked.
 *
 * Invariant: `errorCodes` are exact addresses, or the first three octets with their dot for a whole /24. Codes that
 * every list may use, 127.255.255.0/24, stand in classify.ts and not here.
 *
 * Sources: the lists' own pages as of the row's `verified` date; specification, chapter "DNS and lists" Zones.
 */

/** What is asked for and what an answer means. `allow`: being listed is good. `mixed`: its codes say which. */
export type ZoneKind = 'ipv4' | 'ipv4+ipv6' | 'domain' | 'allow' | 'mixed'

/** `dead`: lists nobody any more. `lists-everybody`: answers every question as if it were listed. */
export type ZoneStatus = 'alive' | 'dead' | 'lists-everybody'

/** One row. */
export interface Zone {
  /** Lower case, without trailing dot. */
  readonly zone: string
  /** The row is about every name under `zone`, too: one operator, many lists. */
  readonly withSubzones?: true
  readonly kind: ZoneKind
  /** Names of return codes, for reports: address or set of addresses as in filter.ts, or `&8` for bit 8 of the last octet. */
  readonly codes?: readonly (readonly [code: string, name: string])[]
  /** Codes that mean "I refuse you": `'127.0.0.1'`, or `'127.0.10.'` for all of 127.0.10.0/24. */
  readonly errorCodes?: readonly string[]
  readonly status: ZoneStatus
  /** Year, month or day, as far as known. */
  readonly deadSince?: string
  /** When the row was last checked against the list's own statements. */
  readonly verified: string
  readonly note?: string
}

const SPAMHAUS_CODES = [
  ['127.0.0.2', 'SBL'],
  ['127.0.0.3', 'CSS'],
  ['127.0.0.[4..7]', 'XBL'],
  ['127.0.0.9', 'DROP'],
  ['127.0.0.[10..11]', 'PBL'],
] as const

/** The row of a list's host, in any case: `'zen.spamhaus.org'`, `'rhsbl.ahbl.org'` → the row of ahbl.org. */
export function findZone(host: string): Zone | undefined {
  const name = host.toLowerCase()
  return ZONES.find(row => name === row.zone || (row.withSubzones && name.endsWith(`.${row.zone}`)))
}

/** All rows; the order has no meaning. */
export const ZONES: readonly Zone[] = [
  {
    zone: 'zen.spamhaus.org',
    kind: 'ipv4+ipv6',
    codes: SPAMHAUS_CODES,
    status: 'alive',
    verified: '2025',
    note: 'one query covers sbl, xbl and pbl; refuses public resolvers (127.255.255.254) and too many queries (127.255.255.255)',
  },
  { zone: 'pbl.spamhaus.org', kind: 'ipv4+ipv6', codes: SPAMHAUS_CODES, status: 'alive', verified: '2025' },
  { zone: 'sbl-xbl.spamhaus.org', kind: 'ipv4+ipv6', codes: SPAMHAUS_CODES, status: 'alive', verified: '2025' },
  {
    zone: 'dbl.spamhaus.org',
    kind: 'domain',
    codes: [
      ['127.0.1.[2..6]', 'DBL'],
      ['127.0.1.[102..106]', 'DBL, abused legitimate domain'],
    ],
    errorCodes: ['127.0.1.255'],
    status: 'alive',
    verified: '2025',
    note: 'never to be asked for an address: 127.0.1.255 says that it was',
  },
  {
    zone: 'bl.spamcop.net',
    kind: 'ipv4',
    codes: [['127.0.0.2', 'SpamCop']],
    status: 'alive',
    verified: '2025',
    note: 'its domain expired once, on 2021-01-31, into a wildcard that listed everybody',
  },
  {
    zone: 'multi.surbl.org',
    kind: 'domain',
    codes: [
      ['&4', 'disposable mail'],
      ['&8', 'phishing'],
      ['&16', 'malware'],
      ['&32', 'click tracker'],
      ['&64', 'abuse'],
      ['&128', 'cracked site'],
    ],
    errorCodes: ['127.0.0.1'],
    status: 'alive',
    verified: '2025',
  },
  {
    zone: 'multi.uribl.com',
    kind: 'domain',
    codes: [
      ['&2', 'black'],
      ['&4', 'grey'],
      ['&8', 'red'],
    ],
    errorCodes: ['127.0.0.1'],
    status: 'alive',
    verified: '2025',
    note: 'knows registered domains only',
  },
  {
    zone: 'b.barracudacentral.org',
    kind: 'ipv4',
    codes: [['127.0.0.2', 'Barracuda']],
    status: 'alive',
    verified: '2025',
    note: 'the resolver must be registered; others get SERVFAIL',
  },
  {
    zone: 'bl.mailspike.net',
    kind: 'ipv4',
    codes: [
      ['127.0.0.2', 'listed'],
      ['127.0.0.10', 'worst reputation'],
      ['127.0.0.11', 'very bad reputation'],
      ['127.0.0.12', 'bad reputation'],
    ],
    status: 'alive',
    verified: '2025',
  },
  {
    zone: 'psbl.surriel.com',
    kind: 'ipv4',
    codes: [['127.0.0.2', 'PSBL']],
    status: 'alive',
    verified: '2025',
    note: 'low weight: lists big providers at times',
  },
  {
    zone: 'list.dnswl.org',
    kind: 'allow',
    codes: [['127.0.[0..255].[0..3]', 'category (third octet), trust from 0 to 3 (last octet)']],
    errorCodes: ['127.0.0.255', '127.0.10.'],
    status: 'alive',
    verified: '2025',
    note: 'a filter is required; answers those who ask too much with 127.0.0.255, or trusts everybody (127.0.10.x)',
  },
  {
    zone: 'hostkarma.junkemailfilter.com',
    kind: 'mixed',
    codes: [
      ['127.0.0.1', 'white'],
      ['127.0.0.2', 'black'],
      ['127.0.0.3', 'yellow'],
      ['127.0.0.4', 'brown'],
      ['127.0.0.5', 'no black'],
    ],
    status: 'alive',
    verified: '2025',
    note: 'lists 127.0.0.1 on purpose; a filter is required',
  },
  {
    zone: 'bl.spameatingmonkey.net',
    kind: 'ipv4',
    status: 'alive',
    verified: '2025',
    note: 'conflicting reports on its state',
  },
  {
    zone: 'truncate.gbudb.net',
    kind: 'ipv4',
    status: 'alive',
    verified: '2025',
    note: 'conflicting reports on its state',
  },
  { zone: 'all.s5h.net', kind: 'ipv4', status: 'alive', verified: '2025', note: 'conflicting reports on its state' },
  {
    zone: 'dnsbl-1.uceprotect.net',
    kind: 'ipv4',
    status: 'alive',
    verified: '2025',
    note: 'conflicting reports on its state',
  },
  {
    zone: 'bl.score.senderscore.com',
    kind: 'ipv4',
    status: 'alive',
    verified: '2025',
    note: 'codes are bits; answers 127.255.255.255 unless the resolver is registered',
  },
  {
    zone: 'cbl.abuseat.org',
    kind: 'ipv4',
    status: 'dead',
    verified: '2025',
    note: 'is xbl of Spamhaus; answers with a refusal',
  },
  {
    zone: 'ix.dnsbl.manitu.net',
    kind: 'ipv4',
    status: 'dead',
    deadSince: '2025-01-16',
    verified: '2025',
    note: 'emptied',
  },
  {
    zone: 'dnsbl.sorbs.net',
    withSubzones: true,
    kind: 'ipv4',
    status: 'dead',
    deadSince: '2024-06-05',
    verified: '2025',
    note: 'emptied, with its 18 zones',
  },
  { zone: 'db.wpbl.info', kind: 'ipv4', status: 'dead', deadSince: '2023-11', verified: '2025' },
  { zone: 'dnsbl.inps.de', kind: 'ipv4', status: 'dead', deadSince: '2020', verified: '2025' },
  { zone: 'rfc-ignorant.org', withSubzones: true, kind: 'domain', status: 'dead', deadSince: '2012', verified: '2025' },
  { zone: 'njabl.org', withSubzones: true, kind: 'ipv4', status: 'dead', deadSince: '2013', verified: '2025' },
  {
    zone: 'ahbl.org',
    withSubzones: true,
    kind: 'ipv4',
    status: 'lists-everybody',
    deadSince: '2015',
    verified: '2025',
  },
  { zone: 'list.dsbl.org', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
  { zone: 'bl.spamcannibal.org', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
  { zone: 'bl.emailbasura.org', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
  { zone: 'dul.ru', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
  { zone: 'dnsbl.cyberlogic.net', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
  { zone: 'spamtrap.drbl.drand.net', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
  { zone: 'spam.dnsbl.anonmails.de', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
  { zone: 'bad.psky.me', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
  { zone: 'dnsrbl.org', kind: 'ipv4', status: 'lists-everybody', verified: '2025' },
]
