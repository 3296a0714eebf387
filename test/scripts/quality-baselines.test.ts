/**
 * What the baselines of `npm run quality` decide.
 *
 * A restriction is tried by rows: what a mail has that matters, and the answer, `''` if it has nothing against it.
 */
import t from 'tap'
import {
  BASELINES,
  domainLists,
  invalidHelo,
  nonFqdnHelo,
  nonFqdnSender,
  postscreenSum,
  type Restriction,
  unknownReverseClient,
  unknownSenderDomain,
  zen,
} from '../../scripts/quality/baselines.ts'
import { type Case, verdictOf } from '../../scripts/quality/corpus.ts'
import type { DnsZone } from '../../testkit/dns-server.ts'
import { attributesOf } from '../../testkit/executable.ts'

/** A mail of 192.0.2.10 (attributesOf), with some attributes in place of the usual ones, and its DNS. */
function mailOf(request: Record<string, string>, zone: DnsZone = {}): Case {
  return { id: 'x', class: 'ham', group: 'g', note: '', want: 'accept', zone, request: attributesOf(request) }
}

interface Row {
  readonly label: string
  readonly request?: Record<string, string>
  readonly zone?: DnsZone
  readonly want: string
}

/** Lists that name 192.0.2.10: `{ 'zen.spamhaus.org': '127.0.0.2' }`. */
const listed = (lists: Readonly<Record<string, string>>): DnsZone =>
  Object.fromEntries(Object.entries(lists).map(([list, answer]) => [`10.2.0.192.${list}`, { A: [answer] }]))
const dbl = (name: string, answer = '127.0.1.2'): DnsZone => ({ [`${name}.dbl.spamhaus.org`]: { A: [answer] } })
const V6 = `${[...'a000000000000000000000008bd01002'].join('.')}.zen.spamhaus.org`

const INVALID = '501 reject_invalid_helo_hostname'
const NO_FQDN = '504 reject_non_fqdn_helo_hostname'
const NO_SENDER = '504 reject_non_fqdn_sender'
const UNKNOWN = '450 reject_unknown_sender_domain'
const NULL_MX = '550 reject_unknown_sender_domain (null MX)'
const DBL = '554 dbl.spamhaus.org'

const RESTRICTIONS: readonly { readonly restriction: Restriction; readonly rows: readonly Row[] }[] = [
  {
    restriction: zen,
    rows: [
      { label: 'not listed', want: '' },
      { label: 'SBL', zone: listed({ 'zen.spamhaus.org': '127.0.0.2' }), want: '554 zen.spamhaus.org' },
      { label: 'PBL', zone: listed({ 'zen.spamhaus.org': '127.0.0.11' }), want: '554 zen.spamhaus.org' },
      { label: 'no code of the list', zone: listed({ 'zen.spamhaus.org': '127.0.0.12' }), want: '' },
      { label: 'the list refuses to answer', zone: listed({ 'zen.spamhaus.org': '127.255.255.254' }), want: '' },
      { label: 'the list fails', zone: { '10.2.0.192.zen.spamhaus.org': { rcode: 'SERVFAIL' } }, want: '' },
      {
        label: 'IPv6, shortened',
        request: { client_address: '2001:db8::a' },
        zone: { [V6]: { A: ['127.0.0.3'] } },
        want: '554 zen.spamhaus.org',
      },
    ],
  },
  {
    restriction: postscreenSum,
    rows: [
      { label: 'not listed', want: '' },
      { label: 'zen alone: 3', zone: listed({ 'zen.spamhaus.org': '127.0.0.4' }), want: '550 postscreen' },
      { label: 'Mailspike alone: 2', zone: listed({ 'bl.mailspike.net': '127.0.0.10' }), want: '' },
      {
        label: 'Mailspike and SpamCop: 3',
        zone: listed({ 'bl.mailspike.net': '127.0.0.2', 'bl.spamcop.net': '127.0.0.2' }),
        want: '550 postscreen',
      },
      {
        label: 'zen, and DNSWL with low trust: 1',
        zone: listed({ 'zen.spamhaus.org': '127.0.0.2', 'list.dnswl.org': '127.0.5.1' }),
        want: '',
      },
      {
        label: 'zen, and DNSWL without any trust: 3',
        zone: listed({ 'zen.spamhaus.org': '127.0.0.2', 'list.dnswl.org': '127.0.5.0' }),
        want: '550 postscreen',
      },
      {
        label: 'a list with two answers counts once',
        zone: { '10.2.0.192.bl.mailspike.net': { A: ['127.0.0.2', '127.0.0.10'] } },
        want: '',
      },
    ],
  },
  {
    restriction: invalidHelo,
    rows: [
      ...['mail.example.org', 'localhost', 'a_b', 'mail.example.org.', '192.0.2.1', '[192.0.2.1]', ''].map(pass),
      { label: 'an IPv6 literal', request: { helo_name: '[IPv6:2001:db8::1]' }, want: '' },
      { label: 'a blank', request: { helo_name: 'my pc' }, want: INVALID },
      { label: 'a hyphen in front', request: { helo_name: '-a.example' }, want: INVALID },
      { label: 'an empty label', request: { helo_name: 'a..example' }, want: INVALID },
      { label: 'numbers alone', request: { helo_name: '12345' }, want: INVALID },
      { label: 'brackets around a name', request: { helo_name: '[a.example]' }, want: INVALID },
      { label: 'a label of 64', request: { helo_name: `${'a'.repeat(64)}.example` }, want: INVALID },
    ],
  },
  {
    restriction: nonFqdnHelo,
    rows: [
      ...['mail.example.org', 'mail.example.org.', '[192.0.2.1]', ''].map(pass),
      { label: 'no dot', request: { helo_name: 'localhost' }, want: NO_FQDN },
      { label: 'no dot but the last', request: { helo_name: 'localhost.' }, want: NO_FQDN },
      { label: 'an address without brackets', request: { helo_name: '192.0.2.1' }, want: NO_FQDN },
    ],
  },
  {
    restriction: nonFqdnSender,
    rows: [
      { label: 'a domain', want: '' },
      { label: 'the null sender', request: { sender: '' }, want: '' },
      { label: 'an address for a domain', request: { sender: 'a@[192.0.2.1]' }, want: '' },
      { label: 'no dot', request: { sender: 'root@localhost' }, want: NO_SENDER },
      { label: 'no domain', request: { sender: 'root' }, want: NO_SENDER },
      { label: 'a domain that is no host name', request: { sender: 'a@b c.example' }, want: NO_SENDER },
    ],
  },
  {
    restriction: unknownSenderDomain,
    rows: [
      { label: 'MX', zone: { 'example.org': { MX: [[10, 'mx.example.net']] } }, want: '' },
      { label: 'A alone', zone: { 'example.org': { A: ['192.0.2.1'] } }, want: '' },
      { label: 'AAAA alone', zone: { 'example.org': { AAAA: ['2001:db8::1'] } }, want: '' },
      {
        label: 'in capitals',
        request: { sender: 'a@EXAMPLE.org' },
        zone: { 'example.org': { A: ['192.0.2.1'] } },
        want: '',
      },
      { label: 'no such domain', want: UNKNOWN },
      { label: 'neither MX nor address', zone: { 'example.org': { TXT: ['v=spf1 -all'] } }, want: UNKNOWN },
      { label: 'every question fails', zone: { 'example.org': { rcode: 'SERVFAIL' } }, want: UNKNOWN },
      {
        label: 'the question for MX fails, there is an address',
        zone: { 'example.org': { A: ['192.0.2.1'], '@MX': { rcode: 'SERVFAIL' } } },
        want: '',
      },
      { label: 'null MX', zone: { 'example.org': { MX: [[0, '.']], A: ['192.0.2.1'] } }, want: NULL_MX },
      { label: 'the null sender', request: { sender: '' }, want: '' },
      { label: 'an address for a domain', request: { sender: 'a@[192.0.2.1]' }, want: '' },
    ],
  },
  {
    restriction: unknownReverseClient,
    rows: [
      { label: 'a name', request: { reverse_client_name: 'a.example' }, want: '' },
      {
        label: 'a name that is not verified',
        request: { client_name: 'unknown', reverse_client_name: 'a.example' },
        want: '',
      },
      {
        label: 'none',
        request: { reverse_client_name: 'unknown' },
        want: '450 reject_unknown_reverse_client_hostname',
      },
    ],
  },
  {
    restriction: domainLists,
    rows: [
      { label: 'not listed', want: '' },
      { label: 'the sender', zone: dbl('example.org'), want: DBL },
      { label: 'the HELO', zone: dbl('mail.example.org'), want: DBL },
      { label: 'the reverse name', request: { reverse_client_name: 'r.example' }, zone: dbl('r.example'), want: DBL },
      { label: 'asked with an address', zone: dbl('example.org', '127.0.1.255'), want: '' },
      { label: 'a parent of the sender', request: { sender: 'a@b.example.org' }, zone: dbl('example.org'), want: '' },
      { label: 'the null sender', request: { sender: '' }, zone: dbl('example.org'), want: '' },
    ],
  },
]

function pass(helo: string): Row {
  return { label: helo === '' ? 'no HELO' : helo, request: { helo_name: helo }, want: '' }
}

for (const { restriction, rows } of RESTRICTIONS)
  t.test(`${restriction.name}`, t => {
    for (const { label, request = {}, zone = {}, want } of rows) {
      const result = restriction(mailOf(request, zone))
      t.equal(result?.answer ?? '', want, label)
      if (result) t.equal(result.verdict, verdictOf(want), `${label}: the verdict is that of the answer`)
    }
    t.end()
  })

t.test('an engine answers with its first restriction that has something against a mail', async t => {
  const zone = { ...listed({ 'zen.spamhaus.org': '127.0.0.2' }), ...dbl('example.org') }
  const known = { ...zone, 'example.org': { A: ['192.0.2.1'] } }
  const lists = { ...dbl('example.org'), 'example.org': { A: ['192.0.2.1'] } }
  const cases = [
    { label: 'forms, then lists', mail: mailOf({ helo_name: 'pc' }, zone), usual: NO_FQDN, ordinary: '550 postscreen' },
    { label: 'an unknown sender domain', mail: mailOf({}, zone), usual: UNKNOWN, ordinary: '550 postscreen' },
    { label: 'the client', mail: mailOf({}, known), usual: '554 zen.spamhaus.org', ordinary: '550 postscreen' },
    { label: 'the domain', mail: mailOf({}, lists), usual: DBL, ordinary: DBL },
    { label: 'nothing', mail: mailOf({ sender: '' }), usual: 'accepted', ordinary: 'accepted' },
  ]
  const answer = async (key: string, mail: Case) =>
    (await BASELINES.find(engine => engine.key === key)?.verdict(mail))?.answer
  for (const { label, mail, usual, ordinary } of cases) {
    t.equal(await answer('usual', mail), usual, `${label}: usual`)
    t.equal(await answer('ordinary', mail), ordinary, `${label}: ordinary`)
  }
})
