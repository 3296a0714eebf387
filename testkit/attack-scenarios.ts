/**
 * What an attacker's name servers say and which mails he sends: for `npm run attack`, and a size smaller for tests.
 *
 *   startDnsServer(GOOD_ZONE, { madeUp: OWN_ZONE.says }); … requestBytes(attributesOf(OWN_ZONE.mail(n)))
 *
 * All mails of a scenario come from one client that no list knows, and no name comes twice. Beside them goodMail, of
 * others, whose names are answered at once.
 *
 * Pure.
 */
import type { DnsZone, ZoneNode } from './dns-server.ts'

export interface Scenario {
  readonly title: string
  /** What there is of a name of the attacker's; undefined: not his. */
  says(name: string): ZoneNode | undefined
  /** Attributes of his mail n. */
  mail(n: number): Record<string, string>
}

const SILENT: ZoneNode = { drop: true }
const CLIENT = { client_address: '203.0.113.9', client_name: 'unknown' }

/** Deep enough that the parents of a name alone are more lookups than a mail may cost. */
const DEEP = 'b.c.d.e.f.g.h.i.j.k.l.m.n'

/**
 * A zone of his own: three names of the sender domain fail at once, which settles the mail, while the parents of a HELO
 * name that exists never answer.
 */
export const OWN_ZONE: Scenario = {
  title: 'a client with a zone of his own',
  says: name => {
    if (!name.endsWith('.own.example')) return undefined
    if (name.startsWith('host.')) return {}
    return /^(?:full|b|c)\./.test(name) ? { drop: true, '@MX': { drop: false, rcode: 'SERVFAIL' } } : SILENT
  },
  mail: n => ({
    ...CLIENT,
    instance: `own${n}`,
    helo_name: `host.${DEEP}.h${n}.own.example`,
    sender: `a@full.${DEEP}.s${n}.own.example`,
  }),
}

/** Names that are never answered, so that each mail takes as long as lookups may. */
export const SLOW_NAMES: Scenario = {
  title: 'slow names of one client',
  says: name => (/(?:^|\.)slow\.example$/.test(name) ? SILENT : undefined),
  mail: n => ({ ...CLIENT, instance: `slow${n}`, helo_name: `h${n}.slow.example`, sender: `a@s${n}.slow.example` }),
}

/** By the names that `npm run attack` knows. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map([
  ['own-zone', OWN_ZONE],
  ['slow-names', SLOW_NAMES],
])

/** What the good mail's names, and the lists, are answered: no list knows anybody. */
export const GOOD_ZONE: DnsZone = {
  'example.org': { MX: [[10, 'mail.example.org']], A: ['192.0.2.10'] },
  'mail.example.org': { A: ['192.0.2.10'] },
  '10.2.0.192.in-addr.arpa': { PTR: ['mail.example.org'] },
  '.': { NS: ['a.root-servers.net'] },
}

/** What a good mail is answered under the built-in configuration. */
export const GOOD_ANSWER =
  'action=PREPEND X-policyd-weight:  NOT_IN_SBL_XBL_SPAMHAUS=-1.5 NOT_IN_SPAMCOP=-1.5 CL_IP_EQ_FROM_MX=-3.1; rate: -6.1\n\n'

/** A good mail, each of another message. */
export function goodMail(n: number): Record<string, string> {
  return {
    instance: `good${n}`,
    client_address: '192.0.2.10',
    client_name: 'mail.example.org',
    helo_name: 'mail.example.org',
    sender: 'alice@example.org',
  }
}
