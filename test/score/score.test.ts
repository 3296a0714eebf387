import t from 'tap'
import { type AnswerTable, needsOf, requestOf, scoreWith } from '../support/scoring.ts'

const LISTS_CLEAN: AnswerTable = {
  'A 10.2.0.192.one.example': 'nxdomain',
  'A 10.2.0.192.two.example': 'nxdomain',
  'A example.org.sender.example': 'nxdomain',
}
const NO_NAMES: AnswerTable = {
  'PTR 10.2.0.192.in-addr.arpa': 'nxdomain',
  'MX example.org': 'nodata',
  'A example.org': 'nodata',
  'AAAA example.org': 'nodata',
  'MX mail.example.org': 'nodata',
  'A mail.example.org': 'nodata',
  'AAAA mail.example.org': 'nodata',
}
const FIRST_WAVE = [...Object.keys(LISTS_CLEAN), ...Object.keys(NO_NAMES)].sort()

t.test('without answers the whole first wave is needed, once each', t => {
  t.strictSame(needsOf(scoreWith({}, requestOf())), FIRST_WAVE)
  t.end()
})

t.test('which lookups are still needed', t => {
  const cases: { label: string; table: AnswerTable; helo?: string; want: string[] }[] = [
    {
      label: 'a sender exchange, as soon as the MX answer is there, lists or not',
      table: { ...NO_NAMES, 'MX example.org': ['mx.example.org'] },
      want: [...Object.keys(LISTS_CLEAN), 'A mx.example.org', 'AAAA mx.example.org'].sort(),
    },
    {
      label: 'an exchange that is the client leaves nothing to ask of the HELO name',
      table: {
        ...LISTS_CLEAN,
        'MX example.org': ['mx.example.org', 'mx2.example.org'],
        'A mx.example.org': ['192.0.2.10'],
      },
      want: [],
    },
    {
      label: 'parents of the HELO name wait until its full name is settled',
      table: { ...LISTS_CLEAN, ...NO_NAMES, 'MX a.b.example.net': ['mx.example.net'], 'A a.b.example.net': 'nodata' },
      helo: 'a.b.example.net',
      want: ['A mx.example.net', 'AAAA a.b.example.net', 'AAAA mx.example.net'],
    },
    {
      label: 'then all parents are named at once',
      table: {
        ...LISTS_CLEAN,
        ...NO_NAMES,
        'MX a.b.example.net': 'nxdomain',
        'A a.b.example.net': 'nxdomain',
        'AAAA a.b.example.net': 'nxdomain',
      },
      helo: 'a.b.example.net',
      want: [
        ...['A b.example.net', 'A example.net', 'AAAA b.example.net', 'AAAA example.net'],
        ...['MX b.example.net', 'MX example.net'],
      ],
    },
  ]
  for (const { label, table, helo, want } of cases)
    t.strictSame(needsOf(scoreWith(table, requestOf(helo ? { helo_name: helo } : {}))), want, label)
  t.end()
})

t.test('an early end waits for the lists in front of it, and for nothing else', t => {
  const listed: AnswerTable = { 'A 10.2.0.192.one.example': ['127.0.0.2'] }
  const config = { MAXDNSBLHITS: 0 }
  t.match(scoreWith(listed, requestOf(), config), {
    kind: 'verdict',
    judgement: {
      action: '550 Your MTA is listed in too many DNSBLs; check http://www.robtex.com/rbl/192.0.2.10.html',
      weighted: { reasons: ' IN_ONE=3', rate: '3' },
      remember: { spam: { key: 'client', score: 3 }, message: { kind: 'rejected' } },
    },
  })
  const second: AnswerTable = { 'A 10.2.0.192.two.example': ['127.0.0.2'] }
  t.strictSame(needsOf(scoreWith(second, requestOf(), config)), ['A 10.2.0.192.one.example'])
  t.end()
})

t.test('only the lists are asked when only they count', t => {
  const lists = ['A 10.2.0.192.one.example', 'A 10.2.0.192.two.example']
  t.strictSame(needsOf(scoreWith({}, requestOf(), { dnsbl_checks_only: true })), lists)
  t.strictSame(needsOf(scoreWith({}, requestOf(), {}, { known: { pattern: 0 } })), lists)
  t.strictSame(needsOf(scoreWith({}, requestOf(), {}, { known: { cachedHamScore: -5 } })), lists)
  t.end()
})

t.test('lists alone: what is answered', t => {
  const cases = [
    {
      label: '$dnsbl_checks_only',
      config: { dnsbl_checks_only: true },
      want: 'PREPEND X-policyd-weight:  NOT_IN_ONE=-1 (only DNSBL check requested)',
    },
    {
      label: 'the second pattern matches the client name',
      config: {},
      known: { pattern: 2 },
      want: 'PREPEND X-policyd-weight:  NOT_IN_ONE=-1 (only DNSBL check requested (regex-nr: 2))',
    },
    {
      label: 'a HAM entry that is not hard stands when no list hits',
      config: {},
      known: { cachedHamScore: -6.1 },
      want: 'PREPEND X-policyd-weight: using cached result; rate: -6.1',
    },
  ]
  for (const { label, config, known, want } of cases) {
    const scored = scoreWith(LISTS_CLEAN, requestOf(), config, known ? { known } : {})
    t.match(scored, { kind: 'verdict', judgement: { action: want, weighted: undefined } }, label)
  }
  t.end()
})

t.test('a HAM entry falls when a list hits: everything is scored', t => {
  const table: AnswerTable = { ...LISTS_CLEAN, 'A 10.2.0.192.one.example': ['127.0.0.2'] }
  const scored = scoreWith(table, requestOf(), {}, { known: { cachedHamScore: -6.1 } })
  t.strictSame(needsOf(scored), Object.keys(NO_NAMES).sort())
  t.end()
})

t.test('D1: a list in trouble scores its miss, one that is skipped likewise', t => {
  const cases: { label: string; answer: AnswerTable[string]; want: string }[] = [
    { label: 'a wildcard of a parked domain', answer: ['203.0.113.5'], want: ' ONE=ERR(-1)' },
    { label: 'the code for a blocked resolver', answer: ['127.255.255.254'], want: ' ONE=ERR(-1)' },
    { label: 'SERVFAIL', answer: 'servfail', want: ' ONE=ERR(-1)' },
    { label: 'silence', answer: 'timeout', want: ' ONE=ERR(-1)' },
  ]
  for (const { label, answer, want } of cases) {
    const table = { ...LISTS_CLEAN, ...NO_NAMES, 'A 10.2.0.192.one.example': answer }
    const scored = scoreWith(table, requestOf())
    const reasons = scored.kind === 'verdict' ? scored.judgement.weighted?.reasons : undefined
    t.ok(reasons?.startsWith(`${want} `), label, { reasons })
  }
  const skipped = scoreWith(
    { ...LISTS_CLEAN, ...NO_NAMES },
    requestOf(),
    {},
    { known: { skippedLists: new Set(['one.example']) } },
  )
  t.match(skipped, { judgement: { weighted: { reasons: /^ ONE=SKIP\(-1\) / } } })
  t.end()
})

t.test('whom a rejection is remembered of', t => {
  const table: AnswerTable = { ...LISTS_CLEAN, ...NO_NAMES, 'A mail.example.org': ['192.0.2.10'] }
  const cases: [label: string, sender: string, wantKey: string][] = [
    ['the HELO is confirmed: client and sender', 'alice@example.org', 'client-sender'],
    ['a domain of one label is one', 'alice@single', 'client-sender'],
    ['a sender without an @: the client', 'root', 'client'],
    ['a sender with nothing behind it', 'root@', 'client'],
  ]
  for (const [label, sender, wantKey] of cases) {
    const scored = scoreWith(
      table,
      requestOf({ sender }),
      { REJECTLEVEL: -100, DEFER_STRING: [] },
      { rest: 'nxdomain' },
    )
    t.match(scored, { judgement: { remember: { spam: { key: wantKey } } } }, label)
  }
  t.end()
})

t.test('silent lists pass the mail at $MAXDNSERR, of clients and sender domains together', t => {
  const table: AnswerTable = {
    ...NO_NAMES,
    'A 10.2.0.192.one.example': 'timeout',
    'A 10.2.0.192.two.example': 'nxdomain',
    'MX example.org': ['mail.example.org'],
    'A mail.example.org': ['192.0.2.10'],
    'A example.org.sender.example': 'timeout',
  }
  t.match(scoreWith(table, requestOf(), { MAXDNSERR: 2 }), {
    judgement: {
      action: 'PREPEND X-policyd-weight: passed - too many local DNS-errors in sender.example lookups',
      weighted: undefined,
    },
  })
  t.match(scoreWith(table, requestOf(), { MAXDNSERR: 3 }), { judgement: { weighted: { rate: '-4.1' } } })
  t.end()
})

t.test('the steps add up to the rate and name every rule', t => {
  const scored = scoreWith(
    { ...LISTS_CLEAN, ...NO_NAMES },
    requestOf({ helo_name: '192.0.2.77' }),
    {},
    { rest: 'nxdomain' },
  )
  if (scored.kind !== 'verdict') throw new Error('no verdict')
  const { steps, weighted } = scored.judgement
  t.ok(steps.length >= 5)
  const sum = steps.reduce((rate, step) => rate + step.score, 0)
  t.equal(String(Math.round(sum * 1000) / 1000), weighted?.rate)
  t.end()
})
