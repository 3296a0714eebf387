/**
 * A mail that a postmaster wants, of a server that a list names: `mail from 203.0.113.9 to info@ was refused this morning`.
 *
 * The client is the mail exchanger of its sender's domain and says so, so that nothing but the list speaks against it.
 */
import type { DemoMail } from '../../testkit/demo-mails.ts'
import type { DnsZone } from '../../testkit/dns-server.ts'

export const PARTNER: DemoMail = {
  title: "A partner's server that Spamhaus lists",
  name: 'mail.partner.example',
  client: '203.0.113.9',
  helo: 'mail.partner.example',
  sender: 'orders@partner.example',
  want: 'reject',
}

/** The list answers last, so that all other answers are known. XBL: a machine behind that address was seen to be infected. */
export const PARTNER_ZONE: DnsZone = {
  'partner.example': { MX: [[10, 'mail.partner.example']] },
  'mail.partner.example': { A: ['203.0.113.9'] },
  '9.113.0.203.in-addr.arpa': { PTR: ['mail.partner.example'] },
  '9.113.0.203.zen.spamhaus.org': { A: ['127.0.0.4'], delay: 300 },
}
