import t from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { readRecord } from '../../src/journal/read-journal.ts'
import { type DecidedRequest, recordOf, renderDecision, renderRecord } from '../../src/journal/decision-record.ts'
import { requestOf } from '../support/scoring.ts'

const config = builtinConfig()
const recording = { config, hash: '0badcafe', newId: () => 'NEWNEWNEW0' }

function decidedOf(over: Partial<DecidedRequest> = {}): DecidedRequest {
  return {
    request: requestOf({ sender: 'a@example.org' }),
    action: '550 no; ref 7QK2M0XN4B',
    by: undefined,
    reference: '7QK2M0XN4B',
    startMs: Date.UTC(2026, 10, 29, 8, 30, 0, 5),
    delayMs: 12.4,
    evaluated: undefined,
    ...over,
  }
}

t.test('the ids of a record', t => {
  const cases = [
    { label: 'a decision of its own', over: {}, want: { id: '7QK2M0XN4B', by: undefined, repeats: undefined } },
    {
      label: 'one that repeats another',
      over: { by: 'spam' as const },
      want: { id: 'NEWNEWNEW0', by: 'spam', repeats: '7QK2M0XN4B' },
    },
    {
      label: 'a short cut',
      over: { by: 'null-sender' as const, reference: undefined },
      want: { id: 'NEWNEWNEW0', by: 'null-sender', repeats: undefined },
    },
    {
      label: 'what was remembered without a reference',
      over: { by: 'ham' as const, reference: undefined },
      want: { id: 'NEWNEWNEW0', by: 'ham', repeats: undefined },
    },
  ]
  for (const { label, over, want } of cases) {
    const { id, by, repeats } = recordOf(decidedOf(over), recording)
    t.same({ id, by, repeats }, want, label)
  }
  t.end()
})

t.test('what was asked and answered, without the key of a list', t => {
  const key = 'abcdefghij0123456789'
  const host = `${key}.zen.dq.spamhaus.net`
  const servers = [
    { address: '127.0.0.1', port: 53, family: 4 as const },
    { address: '127.0.0.2', port: 53, family: 4 as const },
  ]
  const lookups = [
    {
      question: { type: 'A' as const, name: `1.2.0.192.${host}`, ofList: true as const, list: host },
      outcome: { kind: 'found' as const, values: ['127.0.0.2'] },
      latencyMs: 3.26,
      server: 1,
    },
    {
      question: { type: 'PTR' as const, name: '1.2.0.192.in-addr.arpa' },
      outcome: { kind: 'failed' as const, reason: 'servfail' as const },
      latencyMs: 1,
    },
    { question: { type: 'MX' as const, name: 'example.org' }, outcome: undefined, latencyMs: undefined },
  ]
  const judgement = {
    why: 'rate' as const,
    action: '550 no',
    isEarly: true as const,
    isPass: false,
    isTied: false,
    weighted: { reasons: ' IN_ZEN=4 ...', rate: '4' },
    remember: { message: { kind: 'rejected' as const, message: config.REJECTMSG } },
    listAnswers: new Map(),
    listedBy: new Set([host]),
    addresses: [],
    notes: [],
    steps: [{ rule: 'IN_ZEN', score: 4, rate: 4 }],
    hits: 1,
    dnsbl: 4,
    nameErrors: 0,
  }
  const known = { cachedHamScore: -2, skippedLists: new Set(['dead.example']), dns: 'suspect' as const }
  const record = recordOf(decidedOf({ evaluated: { judgement, lookups, known, servers } }), recording)
  t.strictSame(readRecord(renderRecord(record))?.lookups, [
    {
      type: 'A',
      name: '1.2.0.192.zen.dq.spamhaus.net',
      list: 'zen.dq.spamhaus.net',
      answer: { kind: 'found', values: ['127.0.0.2'] },
      ms: 3.3,
      server: '127.0.0.2:53',
    },
    { type: 'PTR', name: '1.2.0.192.in-addr.arpa', answer: { kind: 'failed', reason: 'servfail' }, ms: 1 },
    { type: 'MX', name: 'example.org' },
  ])
  t.strictSame(readRecord(renderRecord(record))?.known, { ham: -2, skipped: ['dead.example'], dns: 'suspect' })
  t.match(record, { why: 'rate', fate: 'rejected', early: true, reasons: 'IN_ZEN=4 ...', rate: 4, ms: 12 })
  t.notMatch(renderRecord(record), key)
  t.match(record, readRecord(renderRecord(record)) ?? {}, 'and it is read as it was written')
  t.end()
})

t.test('an exception, whose address is hidden as those of the mail are', t => {
  const hide = (address: string): string => `~${address.slice(address.indexOf('@'))}`
  const recordWith = (who: string, hides: boolean) => {
    const action = `DUNNO exempt (${who})`
    const decided = decidedOf({ action, by: 'exception', exempt: { who, action: 'SKIP' } })
    return recordOf(decided, hides ? { ...recording, hide } : recording)
  }
  const cases: [who: string, hidden: string][] = [
    ['recipient:user@example.org', 'recipient:~@example.org'],
    ['sender!:user@example.org', 'sender!:~@example.org'],
    ['recipient:user@', 'recipient:~@'],
    ['sender:.example.org', 'sender:.example.org'],
    ['2001:db8::/32', '2001:db8::/32'],
  ]
  for (const [who, hidden] of cases) {
    t.match(recordWith(who, false), { action: `DUNNO exempt (${who})`, exempt: { who, action: 'SKIP' } })
    const record = recordWith(who, true)
    t.match(record, { action: `DUNNO exempt (${hidden})`, exempt: { who: hidden } })
  }
  t.end()
})

t.test('whatever strangers write, a record is one line of ASCII that reads as it was written', t => {
  const hostile = [
    '\x1b]0;pwned\x07\x1b[31m',
    '{"v":1,"id":"AAAAAAAAAA","time":"9"}',
    '"}\u2028,{"',
    `${'x'.repeat(8192)}`,
    '%{client}',
    'caf\u00e9\x00\x7f\x9b31m',
    '\ud800',
  ]
  for (const value of hostile) {
    const request = { ...requestOf(), helo: value, sender: `${value}@x`, recipient: value, name: value }
    const line = renderRecord(recordOf(decidedOf({ request }), recording))
    t.match(line, /^[ -~]+$/, 'one line, printable')
    t.equal(readRecord(line)?.request.helo_name, value)
    t.equal(readRecord(line)?.id, '7QK2M0XN4B', 'nobody writes a record into another')
  }
  t.end()
})

t.test('what is put together by hand is what JSON makes of the record', t => {
  const texts = [
    '',
    'a@example.org',
    'with "quotes"',
    'back\\slash',
    '\x1b[31m',
    '\u2028',
    'caf\u00e9',
    '{"v":1}',
    '%{client}',
    '\ud800',
  ]
  const cases: Partial<DecidedRequest>[] = [
    { by: 'ham' },
    { by: 'spam', action: '550 no "way"' },
    { by: 'null-sender', reference: undefined, delayMs: -3 },
    { by: 'message', would: '550 no' },
    { by: 'exception', reference: undefined, exempt: { who: '192.0.2.1', action: 'SKIP' } },
    {},
  ]
  for (const over of cases)
    for (const text of texts)
      for (const field of ['helo', 'name', 'sender', 'recipient', 'instance', 'clientAddress'] as const) {
        const decided = decidedOf({ ...over, request: { ...requestOf(), [field]: text } })
        t.equal(renderDecision(decided, recording), renderRecord(recordOf(decided, recording)), `${field} ${text}`)
      }
  const long = decidedOf({ by: 'ham', request: { ...requestOf(), helo: 'x'.repeat(200_000) } })
  t.match(readRecord(renderDecision(long, recording)), { cut: true })
  t.end()
})

t.test('a line is bounded: values go first, then lookups, then what the stranger wrote', t => {
  const lookup = (value: string) => ({
    question: { type: 'TXT' as const, name: 'example.org' },
    outcome: { kind: 'found' as const, values: Array.from({ length: 100 }, () => value) },
    latencyMs: 1,
  })
  const evaluated = (count: number, value: string) =>
    ({ judgement: undefined, lookups: Array.from({ length: count }, () => lookup(value)) }) as unknown as NonNullable<
      DecidedRequest['evaluated']
    >
  const one = recordOf(decidedOf({ evaluated: evaluated(1, 'v'.repeat(9000)) }), recording)
  t.match(one.lookups?.[0]?.answer, { values: { length: 64 } })
  const long = renderRecord(recordOf(decidedOf({ evaluated: evaluated(120, 'v'.repeat(2000)) }), recording))
  t.ok(long.length <= 131_072)
  t.match(readRecord(long), { cut: true, lookups: [{ answer: { kind: 'found', values: [] } }] })
  const request = { ...requestOf(), helo: '\u00ff'.repeat(40_000) }
  const longest = renderRecord(recordOf(decidedOf({ request }), recording))
  t.ok(longest.length <= 131_072)
  t.match(readRecord(longest), { id: '7QK2M0XN4B', cut: true, action: '' })
  t.end()
})
