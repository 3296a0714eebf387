import t from 'tap'
import type { Config } from '../../src/config/parameters/parameters.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import { type AnswerTable, requestOf, scoreWith } from '../support/scoring.ts'

// D2: what lookups that fail of names the client chose make of a verdict.

/** The client is on no list, and its host has a name. */
const BASE: AnswerTable = {
  'A 10.2.0.192.one.example': 'nxdomain',
  'A 10.2.0.192.two.example': 'nxdomain',
  'A example.org.sender.example': 'nxdomain',
  'PTR 10.2.0.192.in-addr.arpa': ['mail.example.org'],
}
const REJECT_ALL = { REJECTLEVEL: -100, DEFER_STRING: [] } satisfies Partial<Config>
const DEFERRED = /^DEFER_IF_PERMIT 4\.4\.3 Temporary DNS failure for your HELO name or sender domain, please try again$/
const REJECTED = /^550 Mail appeared to be SPAM or forged\./
const ACCEPTED = /^PREPEND X-policyd-weight: .*; rate: -?[\d.]+$/
const NO_DNS = /^450 No DNS entries for your MTA, HELO and Domain\. Contact YOUR administrator Your HELO: /
const UNSCORED = /^PREPEND X-policyd-weight: passed - too many local DNS-errors in /

function judge(
  table: AnswerTable,
  attributes: Record<string, string> = {},
  config: Partial<Config> = {},
  rest: AnswerTable[string] = 'nxdomain',
): Judgement {
  const scored = scoreWith({ ...BASE, ...table }, requestOf(attributes), config, { rest })
  if (scored.kind !== 'verdict') throw new Error('no verdict')
  return scored.judgement
}

t.test('an AAAA that fails counts only where the A of the same name fails, too', t => {
  const cases: [label: string, table: AnswerTable, wantFailures: number][] = [
    ['nothing fails', {}, 0],
    ['AAAA, with an A', { 'A mail.example.org': ['198.51.100.1'], 'AAAA mail.example.org': 'servfail' }, 0],
    ['AAAA, without an A', { 'A mail.example.org': 'nodata', 'AAAA mail.example.org': 'servfail' }, 0],
    ['A', { 'A mail.example.org': 'servfail' }, 1],
    ['A and AAAA', { 'A mail.example.org': 'servfail', 'AAAA mail.example.org': 'timeout' }, 2],
    ['AAAA of an exchange', { 'MX example.org': ['mx.example.net'], 'AAAA mx.example.net': 'timeout' }, 0],
    ['A of an exchange', { 'MX example.org': ['mx.example.net'], 'A mx.example.net': 'timeout' }, 1],
    [
      'A of one exchange, AAAA of the next',
      {
        'MX example.org': ['a.example.net', 'b.example.net'],
        'A a.example.net': 'servfail',
        'AAAA b.example.net': 'servfail',
      },
      1,
    ],
    ['MX', { 'MX example.org': 'servfail' }, 1],
    ['PTR never', { 'PTR 10.2.0.192.in-addr.arpa': 'timeout' }, 0],
  ]
  for (const [label, table, wantFailures] of cases) {
    // The count shows where it makes a deferral of a rejection: at $MAXDNSERR, and not above it.
    for (const MAXDNSERR of [1, 2, 3]) {
      const { action } = judge(table, { sender: 'a@single' }, { MAXDNSERR, ...REJECT_ALL })
      const want = wantFailures >= MAXDNSERR ? DEFERRED : REJECTED
      t.match(action, want, `${label}; $MAXDNSERR = ${MAXDNSERR}`)
    }
  }
  t.end()
})

t.test('a lookup that two names need counts for both, as with the reference', t => {
  const config = { MAXDNSERR: 2, ...REJECT_ALL }
  t.match(judge({ 'MX example.org': 'servfail' }, { sender: 'a@single' }, config).action, REJECTED)
  t.match(judge({ 'MX example.org': 'servfail' }, { sender: 'a@example.org' }, config).action, DEFERRED)
  t.end()
})

t.test('a deferral names what failed', t => {
  const note = 'lookups of names failed, so a mail is deferred, not rejected: '
  const config = { MAXDNSERR: 1, ...REJECT_ALL }
  const one = judge({ 'MX example.org': 'servfail' }, { sender: 'a@example.org' }, config)
  t.match(one, { why: 'deferred-names', notes: [`${note}MX example.org`] })
  const many = judge(
    {
      'MX example.org': ['a.example.net', 'b.example.net'],
      'A a.example.net': 'servfail',
      'AAAA a.example.net': 'timeout',
      'A b.example.net': 'servfail',
      'AAAA b.example.net': 'servfail',
    },
    { sender: 'a@example.org' },
    config,
  )
  t.strictSame(many.notes, [`${note}A a.example.net, AAAA a.example.net, A b.example.net and others`])
  t.strictSame(judge({}, { sender: 'a@example.org' }, config).notes, [])
  t.end()
})

t.test('name servers that mishandle AAAA alone (RFC 4074) change nothing', t => {
  const table: AnswerTable = {
    'MX example.org': ['mx.example.org'],
    'A mx.example.org': ['198.51.100.80'],
    'A example.org': ['198.51.100.81'],
    'A out.example.org': ['192.0.2.10'],
  }
  const names = ['example.org', 'mx.example.org', 'out.example.org']
  const broken: AnswerTable = Object.fromEntries(names.map(name => [`AAAA ${name}`, 'servfail']))
  const attributes = { helo_name: 'out.example.org' }
  t.match(judge(table, attributes).action, ACCEPTED)
  t.strictSame(judge({ ...table, ...broken }, attributes), judge(table, attributes))
  t.end()
})

t.test('failures never make an acceptance anything else, and are not remembered', t => {
  const good: AnswerTable = { 'MX mail.example.org': 'nodata', 'A mail.example.org': ['192.0.2.10'] }
  const attributes = { sender: 'a@x.y.example.net' }
  const fine = judge(good, attributes)
  t.match(fine, { action: ACCEPTED, remember: { ham: {}, message: { kind: 'accepted' } } }, 'nothing fails')

  const failing: AnswerTable = {
    ...good,
    'MX x.y.example.net': 'servfail',
    'MX y.example.net': 'timeout',
    'MX example.net': 'servfail',
  }
  const two = judge(failing, attributes, { MAXDNSERR: 4 })
  t.match(two, { action: ACCEPTED, remember: { ham: {}, message: { kind: 'accepted' } } }, 'too few to matter')
  t.equal(two.accepted, undefined)

  const many = judge(failing, attributes)
  t.match(many, { action: two.action, weighted: two.weighted, accepted: true }, 'the same text as any acceptance')
  t.strictSame(many.remember, {}, 'of which nothing is remembered')
  t.end()
})

t.test('a rejection at $MAXDNSERR failures is for later, is logged, and is not remembered', t => {
  const bad: AnswerTable = {
    'A 10.2.0.192.one.example': ['127.0.0.2'],
    'MX mail.example.org': 'nodata',
    'A mail.example.org': ['198.51.100.1'],
  }
  const attributes = { sender: 'a@x.y.example.net' }
  const failing: AnswerTable = { ...bad, 'MX x.y.example.net': 'servfail', 'MX y.example.net': 'servfail' }
  t.match(judge(bad, attributes), { action: REJECTED, remember: { spam: {}, message: { kind: 'rejected' } } })
  t.match(judge(failing, attributes), { action: REJECTED, remember: { spam: {} } }, 'two of three: a rejection')
  const deferred = judge({ ...failing, 'MX example.net': 'servfail' }, attributes)
  t.match(deferred.action, DEFERRED)
  t.ok(Number(deferred.weighted?.rate) >= 1, 'the rate that would have rejected it is logged')
  t.strictSame(deferred.remember, {})
  t.equal(deferred.accepted, undefined)
  t.match(judge(failing, attributes, { MAXDNSERR: 2, DEFER_STRING: ['IN_ONE='], DEFER_LEVEL: 100 }).action, DEFERRED)
  t.end()
})

t.test('too many listings reject, whatever fails', t => {
  const listed: AnswerTable = { 'A 10.2.0.192.one.example': ['127.0.0.2'], 'A 10.2.0.192.two.example': ['127.0.0.2'] }
  const { action, remember } = judge(listed, {}, { MAXDNSBLHITS: 1 }, 'servfail')
  t.match(action, /^550 Your MTA is listed in too many DNSBLs; check /)
  t.match(remember, { spam: { key: 'client' } })
  t.end()
})

t.test('no DNS records, because lookups failed', t => {
  const noPointer: AnswerTable = { 'PTR 10.2.0.192.in-addr.arpa': 'nxdomain' }
  const attributes = { client_name: 'unknown', helo_name: '[192.0.2.66]', sender: 'a@example.org' }
  const oneFails: AnswerTable = { ...noPointer, 'MX example.org': 'servfail' }
  const without = { ...attributes, sender: 'a@single' }
  const cases: [
    label: string,
    table: AnswerTable,
    attributes: Record<string, string>,
    config: Partial<Config>,
    want: RegExp,
  ][] = [
    ['no failure, a high rate', noPointer, without, {}, NO_DNS],
    ['no failure, a low rate', noPointer, without, { REJECTLEVEL: 100 }, NO_DNS],
    ['one failure, a high rate: as without', oneFails, attributes, {}, NO_DNS],
    ['one failure, a low rate: accepted', oneFails, attributes, { REJECTLEVEL: 100 }, ACCEPTED],
    ['$MAXDNSERR failures, a high rate', oneFails, attributes, { MAXDNSERR: 1 }, DEFERRED],
    ['$MAXDNSERR failures, a low rate', oneFails, attributes, { MAXDNSERR: 1, REJECTLEVEL: 100 }, ACCEPTED],
    [
      'the reference, a low rate',
      oneFails,
      attributes,
      { MAXDNSERR: 2, REJECTLEVEL: 100, CLIENTDNSERRMSG: '' },
      NO_DNS,
    ],
  ]
  for (const [label, table, attributes, config, want] of cases) {
    const { action, remember } = judge(table, attributes, config)
    t.match(action, want, label)
    t.strictSame(remember, {}, `${label}: nothing is remembered`)
  }
  t.end()
})

t.test('$MAXDNSERR = 0: one failure is too many, none is not', t => {
  const config = { MAXDNSERR: 0, ...REJECT_ALL }
  t.match(judge({}, {}, config).action, REJECTED)
  t.match(judge({ 'MX example.org': 'servfail' }, {}, config).action, DEFERRED)
  t.match(judge({ 'MX example.org': 'servfail' }, {}, { ...config, REJECTLEVEL: 100 }).action, ACCEPTED)
  t.match(judge({ 'MX example.org': 'servfail' }, {}, { ...config, CLIENTDNSERRMSG: '' }).action, UNSCORED)
  t.end()
})

t.test('failures of names the client chose never buy a free pass, unless $CLIENTDNSERRMSG is empty', t => {
  const attributes = { sender: 'a@x.y.example.org' }
  t.match(judge({}, attributes, {}, 'servfail').action, ACCEPTED)
  t.match(judge({}, attributes, REJECT_ALL, 'servfail').action, DEFERRED)
  const cases: [label: string, table: AnswerTable, wantWhere: string][] = [
    [
      'MX of the sender domain and its parents',
      { 'MX x.y.example.org': 'servfail', 'MX y.example.org': 'servfail', 'MX example.org': 'servfail' },
      'FROM MX lookups for example.org',
    ],
    [
      'exchanges',
      {
        'MX x.y.example.org': ['a.example', 'b.example'],
        'A a.example': 'servfail',
        'AAAA a.example': 'timeout',
        'A b.example': 'timeout',
      },
      'FROM MX -> A lookups',
    ],
    [
      'addresses',
      { 'MX x.y.example.org': 'servfail', 'A y.example.org': 'servfail', 'AAAA y.example.org': 'servfail' },
      'FROM A lookup for y.example.org',
    ],
    [
      'the HELO name',
      { 'MX mail.example.org': 'servfail', 'MX example.org': 'servfail', 'MX y.example.org': 'servfail' },
      'HELO MX lookups for mail.example.org',
    ],
  ]
  for (const [label, table, wantWhere] of cases) {
    const { action, weighted, remember } = judge(table, attributes, { CLIENTDNSERRMSG: '' })
    t.equal(action, `PREPEND X-policyd-weight: passed - too many local DNS-errors in ${wantWhere}`, label)
    t.equal(weighted, undefined)
    t.strictSame(remember, { message: { kind: 'accepted' } })
  }
  t.end()
})

t.test('D15: a loop of CNAMEs is a failed lookup', t => {
  const config = { MAXDNSERR: 1, ...REJECT_ALL }
  t.match(judge({ 'MX example.org': 'malformed' }, {}, config).action, DEFERRED)
  t.end()
})
