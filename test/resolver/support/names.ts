/**
 * Who is who in the DNS of these tests.
 *
 *   lists      the built-in lists, served by rbldnsd
 *   others     good domains and hosts, whose names are answered at once; clients that are listed
 *   attacker   names he makes up, each in a zone of its own, whose name servers are silent or late
 *
 * A test file has a block of loopback addresses, so that two can run at once; everybody listens on port 53, in a network
 * of the tests' own. Pure.
 */

/** The addresses of one test file. */
export interface Block {
  readonly resolver: string
  readonly lists: string
  readonly authority: string
  /** The attacker's name servers; by turns one that is silent and one that is late. */
  readonly slow: readonly string[]
}

/** The block of 127.0.NUMBER.0 and 127.0.(NUMBER + 1).0. */
export function blockOf(number: number): Block {
  const [resolver, lists, authority] = [1, 2, 3].map(host => `127.0.${number}.${host}`) as [string, string, string]
  return { resolver, lists, authority, slow: Array.from({ length: 16 }, (_, i) => `127.0.${number + 1}.${i + 1}`) }
}

/** The lists of clients in the built-in configuration; the first two name every listed client. */
export const CLIENT_LISTS = ['zen.spamhaus.org', 'bl.spamcop.net', 'bl.mailspike.net'] as const
/** Those of domains, which name nobody. */
export const DOMAIN_LISTS = ['dbl.spamhaus.org', 'multi.surbl.org'] as const

/** Mails of each kind that a test may send. */
export const MAX_MAILS = 250

// Not of RFC 5737's networks: unbound knows them to be empty.
export const goodClient = (n: number): string => `198.19.0.${n}`
export const listedClient = (n: number): string => `198.19.1.${n}`
export const goodDomain = (n: number): string => `good${n}.example`
export const goodHost = (n: number): string => `mail.${goodDomain(n)}`

/** `NAME.slow.example` is delegated to slow name servers, for every name. */
export const SLOW_DOMAIN = 'slow.example'
/** Every name under it is answered at once: its mail goes to 16 hosts, each in a slow zone. */
export const FAN_DOMAIN = 'fan.example'
export const FAN_EXCHANGES = 16
/** The attacker's clients are 198.18.*.*, each /24 of them a slow zone. */
export const slowClient = (n: number): string => `198.18.${n}.25`
export const SLOW_REVERSE = '18.198.in-addr.arpa'

/** The name that PTR is asked for: `'192.0.2.1'` → `'1.2.0.192.in-addr.arpa'`. */
export function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`
}
