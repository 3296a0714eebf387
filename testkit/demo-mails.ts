/**
 * The demo's mails: what Postfix would ask at RCPT, and what the verdict has to be.
 *
 * Each meets the zone of demo-zone.ts under the built-in defaults. The benchmarks use the good and the forged one.
 */

export type VerdictKind = 'accept' | 'defer' | 'reject'

export interface DemoMail {
  readonly title: string
  /** Client host name and address, HELO name and envelope sender. */
  readonly name: string
  readonly client: string
  readonly helo: string
  readonly sender: string
  readonly want: VerdictKind
}

export const GOOD_MAIL: DemoMail = {
  title: "Good mail: the client is its sender's mail exchange",
  name: 'mail.example.org',
  client: '192.0.2.10',
  helo: 'mail.example.org',
  sender: 'alice@example.org',
  want: 'accept',
}

export const FORGED_MAIL: DemoMail = {
  title: 'Forged HELO: a stranger uses the name of that exchange',
  name: 'unknown',
  client: '203.0.113.77',
  helo: 'mail.example.org',
  sender: 'alice@example.org',
  want: 'reject',
}

export const DEMO_MAILS: readonly DemoMail[] = [
  GOOD_MAIL,
  FORGED_MAIL,
  {
    title: 'Dial-up client: a machine at home sends for a domain it has nothing to do with',
    name: 'dsl-23.provider.test',
    client: '198.51.100.23',
    helo: 'dsl-23.provider.test',
    sender: 'alice@example.org',
    want: 'reject',
  },
  {
    title: 'Listed client: several lists have it, the rest is not even looked at',
    name: 'offers.example.com',
    client: '203.0.113.66',
    helo: 'offers.example.com',
    sender: 'win@offers.example.com',
    want: 'reject',
  },
  {
    title: 'IPv6: the same good exchange, over IPv6',
    name: 'mail.example.org',
    client: '2001:db8::10',
    helo: 'mail.example.org',
    sender: 'alice@example.org',
    want: 'accept',
  },
  {
    title: 'A list blocks our resolver (127.255.255.254): an error, not a listing',
    name: 'mx.example.net',
    client: '192.0.2.20',
    helo: 'mx.example.net',
    sender: 'carol@example.net',
    want: 'accept',
  },
  {
    title: "The sender's name servers fail: nobody can tell, so the mail is to come again",
    name: 'unknown',
    client: '203.0.113.88',
    helo: 'mail.broken.example',
    sender: 'dave@broken.example',
    want: 'defer',
  },
]

/** The attributes of a mail as Postfix sends them. */
export function attributesOf(mail: DemoMail): Record<string, string> {
  return {
    request: 'smtpd_access_policy',
    protocol_state: 'RCPT',
    protocol_name: 'ESMTP',
    client_address: mail.client,
    client_name: mail.name,
    helo_name: mail.helo,
    sender: mail.sender,
    recipient: 'bob@example.com',
    instance: 'demo',
  }
}

/** What Postfix makes of an action: `'450 …'` → `'defer'`. */
export function verdictOf(action: string): VerdictKind {
  if (/^(?:PREPEND|DUNNO)\b/.test(action)) return 'accept'
  return /^(?:4\d\d|DEFER)/.test(action) ? 'defer' : 'reject'
}
