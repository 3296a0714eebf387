/**
 * Lines of `$EXCEPTIONS`: what is read, what is wrong with the others, and where.
 */
import t from 'tap'
import { readLine } from '../../src/exceptions/exception-line.ts'
import { readExceptions } from '../../src/exceptions/read-exceptions.ts'

const GOOD: readonly (readonly [label: string, line: string, want: Record<string, unknown>])[] = [
  ['an address', '192.0.2.1 ACCEPT', { who: '192.0.2.1', key: '4 3221225985 3221225985', action: 'ACCEPT' }],
  ['a network', '192.0.2.0/24 SKIP', { who: '192.0.2.0/24', key: '4 3221225984 3221226239', action: 'SKIP' }],
  ['everybody', '0.0.0.0/0 DRY', { who: '0.0.0.0/0', key: '4 0 4294967295', action: 'DRY' }],
  ['an IPv6 network', '2001:DB8::/32 accept', { who: '2001:db8::/32', action: 'ACCEPT' }],
  ['a group that could be a word', 'dead:beef::1 ACCEPT', { who: 'dead:beef::1', action: 'ACCEPT' }],
  ['IPv4 in the notation of IPv6', '::ffff:192.0.2.0/120 ACCEPT', { key: '4 3221225984 3221226239' }],
  ['the same in hexadecimal digits', '::ffff:c000:201 ACCEPT', { key: '4 3221225985 3221225985' }],
  ['IPv6 that ends in a dotted quad', '::192.0.2.1 ACCEPT', { key: '6 3221225985 3221225985' }],
  ['a name', 'Mail.Example.ORG ACCEPT', { who: 'mail.example.org', key: 'nmail.example.org' }],
  ['a name with its dot', 'mail.example.org. ACCEPT', { who: 'mail.example.org', key: 'nmail.example.org' }],
  ['a domain', '.example.org ACCEPT', { who: '.example.org', key: 'n.example.org' }],
  ['a name with an underscore', 'a_b.example.org ACCEPT', { key: 'na_b.example.org' }],
  ['HELO', 'helo:Friend ACCEPT', { who: 'helo:friend', key: 'hfriend' }],
  ['HELO as an address', 'helo:[192.0.2.1] ACCEPT', { who: 'helo:[192.0.2.1]', key: 'h[192.0.2.1]' }],
  ['a sender', 'sender:A+b@Example.org ACCEPT', { who: 'sender:a+b@example.org', key: 'sa+b@example.org' }],
  ['the domain of senders', 'sender:.example.org DRY', { who: 'sender:.example.org', key: 's.example.org' }],
  ['a sender without proof', 'sender!:.example.org DRY', { who: 'sender!:.example.org', key: 't.example.org' }],
  ['a recipient', 'recipient:a@example.org SKIP', { key: 'ra@example.org' }],
  ['a user in any domain', 'recipient:postmaster@ ACCEPT', { key: 'rpostmaster@' }],
  ['the domain of recipients', 'recipient:.example.org ACCEPT', { key: 'r.example.org' }],
  ['a # in a local part', 'sender:a#b@example.org ACCEPT', { key: 'sa#b@example.org' }],
  ['an end', '192.0.2.1 ACCEPT until=2027-01-31', { until: '2027-01-31', note: '' }],
  ['the day of a leap year', '192.0.2.1 ACCEPT until=2028-02-29', { until: '2028-02-29' }],
  ['a note', '192.0.2.1 ACCEPT # a friend # really', { note: 'a friend # really', until: undefined }],
  [
    'everything, tabs, and the end of a line of DOS',
    '\t192.0.2.1\tACCEPT\tUNTIL=2027-01-31\t#x\r',
    { note: 'x', until: '2027-01-31' },
  ],
]

t.test('lines that are read', async t => {
  for (const [label, line, want] of GOOD) {
    const read = readLine(line)
    if (read.kind !== 'exception') {
      t.fail(label, { read })
      continue
    }
    const { who, action, until, note } = read.exception
    const key = who.kind === 'name' ? who.key : Object.values(who.network).join(' ')
    t.match({ who: who.text, key, action, until, note }, want, label)
  }
  for (const line of ['', '   ', '# note', '\t# 192.0.2.1 ACCEPT', '\r']) t.same(readLine(line), { kind: 'none' }, line)
})

const FAULTS: readonly (readonly [label: string, line: string, column: number, message: RegExp])[] = [
  ['no action', '192.0.2.1', 10, /^behind "192\.0\.2\.1" stands one of ACCEPT, SKIP and DRY$/],
  ['no action, but a note', '  192.0.2.1 # ACCEPT', 12, /^behind /],
  ['another action', '192.0.2.1 OK', 11, /^"OK" is no action: one of ACCEPT, SKIP and DRY$/],
  ['no WHO', 'ACCEPT 192.0.2.1', 8, /^"192\.0\.2\.1" is no action/],
  [
    'bits behind the prefix',
    '192.0.2.5/24 ACCEPT',
    1,
    /the network is 192\.0\.2\.0\/24, the one address 192\.0\.2\.5$/,
  ],
  ['bits behind the prefix of IPv6', '2001:db8::5/64 ACCEPT', 1, /the network is 2001:db8::\/64/],
  [
    'bits behind the prefix of an address that is mostly zeros',
    '::1:0:0:1/112 ACCEPT',
    1,
    /the network is ::1:0:0:0\/112/,
  ],
  ['bits behind the prefix of a network of zeros', '::1/0 ACCEPT', 1, /the network is ::\/0, the one address ::1$/],
  ['a prefix that is too long', '192.0.2.0/33 ACCEPT', 1, /how many bits count, from 0 to 32$/],
  ['a netmask', '192.0.2.0/255.255.255.0 ACCEPT', 1, /how many bits count, from 0 to 32$/],
  ['an octal prefix', '192.0.2.0/024 ACCEPT', 1, /how many bits count/],
  ['an empty prefix', '192.0.2.0/ ACCEPT', 1, /how many bits count/],
  ['an octet that is too large', '192.0.2.256 ACCEPT', 1, /is no address and no network/],
  ['an octal octet', '192.0.2.010 ACCEPT', 1, /is no address and no network/],
  ['too few octets', '192.0.2 ACCEPT', 1, /is no address and no network/],
  ['a range', '192.0.2.1-192.0.2.9 ACCEPT', 1, /is no address and no network/],
  ['a zone', 'fe80::1%eth0 ACCEPT', 1, /is no address and no network/],
  ['too many groups', '1:2:3:4:5:6:7:8:9 ACCEPT', 1, /is no address and no network/],
  ['a wildcard', '*.example.org ACCEPT', 1, /a domain with all below like \.example\.org/],
  ['an empty label', 'a..example.org ACCEPT', 1, /a name is like/],
  ['a label that is too long', `${'a'.repeat(64)}.example ACCEPT`, 1, /a name is like/],
  ['nobody', 'unknown ACCEPT', 1, /without a confirmed name/],
  ['a kind that is none', 'client:192.0.2.1 ACCEPT', 1, /one of helo, recipient, sender and sender!/],
  ['an address of mail alone', 'a@example.org ACCEPT', 1, /sender:a@example\.org or recipient:a@example\.org/],
  ['HELO with all below', 'helo:.example.org ACCEPT', 1, /takes the whole name/],
  ['a sender without a domain', 'sender:root ACCEPT', 1, /a sender is user@example\.org/],
  ['a user as a sender', 'sender:root@ ACCEPT', 1, /a sender is user@example\.org/],
  ['a domain without its dot', 'recipient:example.org ACCEPT', 1, /or \.example\.org with all below/],
  ['nothing behind the colon', 'recipient: ACCEPT', 1, /a recipient is/],
  ['8-bit text', 'müller.example ACCEPT', 1, /not ASCII/],
  ['a WHO that is too long', `sender:${'a'.repeat(300)}@example.org ACCEPT`, 1, /more than 255 characters/],
  ['a day that is none', '192.0.2.1 ACCEPT until=2027-02-29', 18, /behind the action stands until=YYYY-MM-DD/],
  ['a day as people write it', '192.0.2.1 ACCEPT until=31.1.2027', 18, /until=YYYY-MM-DD/],
  ['a note without its sign', '192.0.2.1 ACCEPT friend', 18, /^"friend": behind the action/],
  ['a note behind the end', '192.0.2.1 ACCEPT until=2027-01-31 friend', 35, /one word too many/],
]

t.test('faults are told where they are', async t => {
  for (const [label, line, column, message] of FAULTS)
    t.match(readLine(line), { kind: 'fault', column, message }, label)
})

t.test('a faulty line takes no other with it, and the last of two counts', async t => {
  const text = '\ufeff# who\n192.0.2.1 ACCEPT\nfoo@bar SKIP\n\n.example.org DRY\n192.0.2.1/32 SKIP # again\n'
  const { exceptions, findings } = readExceptions(text, '/etc/e')
  t.same(
    exceptions.map(({ who, action, line }) => [who.text, action, line]),
    [
      ['192.0.2.1/32', 'SKIP', 6],
      ['.example.org', 'DRY', 5],
    ],
  )
  t.same(
    findings.map(({ severity, code, text }) => [severity, code, text]),
    [
      ['warning', 'bad-exception', '/etc/e:3:1: "foo@bar" is an address of mail: sender:foo@bar or recipient:foo@bar'],
      ['warning', 'set-twice', '/etc/e:6:1: 192.0.2.1/32 is set again: line 2 has no effect'],
    ],
  )
})

t.test('what is wrong is bounded, and what it quotes is one line', async t => {
  const { exceptions, findings } = readExceptions('\x1b[31m\x07 ACCEPT\n'.repeat(100), '/etc/e')
  t.equal(exceptions.length, 0)
  t.equal(findings.length, 51)
  t.equal(findings.at(-1)?.code, 'too-many-findings')
  t.notMatch(findings[0]?.text, /[^ -~]/)
})
