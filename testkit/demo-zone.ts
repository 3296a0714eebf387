/**
 * The DNS that the demo's mails meet: made-up hosts, and the built-in lists as they would answer.
 *
 * Names and addresses are those set aside for documentation (RFC 2606, 5737, 3849). Nothing of it leaves loopback.
 * A name that is absent does not exist: no list but those below knows any client or domain.
 */
import type { DnsZone } from './dns-server.ts'

const LISTED = '127.0.0.2'
const DYNAMIC = '127.0.0.10'
const RESOLVER_BLOCKED = '127.255.255.254'

export const DEMO_ZONE: DnsZone = {
  'example.org': { MX: [[10, 'mail.example.org']] },
  'mail.example.org': { A: ['192.0.2.10'], AAAA: ['2001:db8::10'] },
  '10.2.0.192.in-addr.arpa': { PTR: ['mail.example.org'] },
  '0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': { PTR: ['mail.example.org'] },

  // A dial-up line: its provider says so, and so does the policy list.
  'dsl-23.provider.test': { A: ['198.51.100.23'] },
  '23.100.51.198.in-addr.arpa': { PTR: ['dsl-23.provider.test'] },
  '23.100.51.198.zen.spamhaus.org': { A: [DYNAMIC] },

  // A machine that sends spam: three lists have it.
  'offers.example.com': { A: ['203.0.113.66'] },
  '66.113.0.203.in-addr.arpa': { PTR: ['offers.example.com'] },
  '66.113.0.203.zen.spamhaus.org': { A: [LISTED] },
  '66.113.0.203.bl.spamcop.net': { A: [LISTED] },
  '66.113.0.203.bl.mailspike.net': { A: [LISTED] },

  // A list that refuses to answer this resolver, whichever client it is asked for.
  'example.net': { MX: [[10, 'mx.example.net']] },
  'mx.example.net': { A: ['192.0.2.20'] },
  '20.2.0.192.in-addr.arpa': { PTR: ['mx.example.net'] },
  '20.2.0.192.zen.spamhaus.org': { A: [RESOLVER_BLOCKED] },

  // A sender's name servers that are out of order.
  'mail.broken.example': { rcode: 'SERVFAIL' },
  'broken.example': { rcode: 'SERVFAIL' },
}
