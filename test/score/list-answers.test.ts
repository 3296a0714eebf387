import t from 'tap'
import type { Config, ConfiguredList } from '../../src/config/parameters/parameters.ts'
import type { ListTrouble } from '../../src/lists/classify.ts'
import { clientListQuestion, senderListQuestion } from '../../src/lists/questions.ts'
import { type AnswerTable, requestOf, scoreWith } from '../support/scoring.ts'

/** What was noted of one list when everything but its answer is "no such name", and what was answered. */
function judge(config: Partial<Config>, attributes: Record<string, string>, answer: AnswerTable[string]) {
  const request = requestOf(attributes)
  const entry = config.dnsbl_score?.[0] ?? config.rhsbl_score?.[0]
  if (!entry) throw new Error('no list')
  const question = config.dnsbl_score?.[0]
    ? clientListQuestion(request.client, entry, config.zone_codes)
    : senderListQuestion(request.domain, entry, config.zone_codes)
  const table: AnswerTable = question ? { [`A ${question.name}`]: answer } : {}
  const scored = scoreWith(
    table,
    request,
    { dnsbl_score: [], rhsbl_score: [], MAXDNSERR: 1, REJECTLEVEL: 20, ...config },
    { rest: 'nodata' },
  )
  if (scored.kind !== 'verdict') throw new Error('no verdict')
  const { action, weighted, listAnswers } = scored.judgement
  return { action, reasons: weighted?.reasons ?? '', noted: listAnswers.get(entry.host) }
}

const entry = (host: string): ConfiguredList => ({ host, filter: undefined, hit: 3, miss: -1, label: 'LIST' })
const IPV6 = { client_address: '2001:db8::1' }

t.test('trouble with a question that the client can spoil reads as "not listed", and is not the list\u2019s', t => {
  const cases: [
    label: string,
    host: string,
    attributes: Record<string, string>,
    answer: AnswerTable[string],
    want: string,
    noted: 'answered' | ListTrouble | undefined,
  ][] = [
    ['IPv6 at a list of IPv4: clean', 'bl.spamcop.net', IPV6, 'nxdomain', ' NOT_IN_LIST=-1 ', undefined],
    ['a listing counts', 'bl.spamcop.net', IPV6, ['127.0.0.2'], ' IN_LIST=3 ', undefined],
    ['SERVFAIL', 'bl.spamcop.net', IPV6, 'servfail', ' NOT_IN_LIST=-1 ', undefined],
    ['silence', 'bl.spamcop.net', IPV6, 'timeout', ' NOT_IN_LIST=-1 ', undefined],
    ['a refusal', 'bl.spamcop.net', IPV6, ['127.255.255.254'], ' NOT_IN_LIST=-1 ', undefined],
    ['an address of somebody else', 'bl.spamcop.net', IPV6, ['203.0.113.5'], ' NOT_IN_LIST=-1 ', undefined],
    ['IPv4 at a list of IPv6', 'bl.ipv6.spameatingmonkey.net', {}, 'servfail', ' NOT_IN_LIST=-1 ', undefined],
    ['IPv4 at a list of IPv4', 'bl.spamcop.net', {}, 'servfail', ' LIST=ERR(-1) ', { kind: 'broken', why: 'servfail' }],
    [
      'IPv6 at a list of both',
      'zen.spamhaus.org',
      IPV6,
      ['127.255.255.254'],
      ' LIST=ERR(-1) ',
      { kind: 'blocked', code: '127.255.255.254' },
    ],
    ['IPv6 at a list nobody knows', 'list.example', IPV6, 'servfail', ' LIST=ERR(-1) ', undefined],
    ['its silence buys no pass', 'list.example', IPV6, 'timeout', ' LIST=ERR(-1) ', undefined],
    ['IPv4 there', 'list.example', {}, 'servfail', ' LIST=ERR(-1) ', { kind: 'broken', why: 'servfail' }],
    ['clean', 'bl.spamcop.net', {}, 'nxdomain', ' NOT_IN_LIST=-1 ', 'answered'],
    ['a list of domains is not asked', 'dbl.spamhaus.org', {}, 'servfail', ' NOT_IN_LIST=-1 ', undefined],
  ]
  for (const [label, host, attributes, answer, want, noted] of cases) {
    const judged = judge({ dnsbl_score: [entry(host)] }, attributes, answer)
    t.ok(judged.reasons.startsWith(want), `${label}: ${judged.reasons} ${judged.action}`)
    t.strictSame(judged.noted, noted, label)
  }
  t.match(
    judge({ dnsbl_score: [entry('list.example')], zone_codes: [{ zone: 'example', words: 'ipv4' }] }, IPV6, 'timeout'),
    { reasons: /^ NOT_IN_LIST=-1 /, noted: undefined },
    'a configured list of IPv4',
  )
  t.match(judge({ dnsbl_score: [entry('zen.spamhaus.org')] }, IPV6, 'timeout'), { action: /too many local DNS-errors/ })
  t.end()
})

t.test('a sender domain tells nothing of a list that need not know what to make of it', t => {
  const long = `${'a'.repeat(60)}.example`
  const cases: [
    label: string,
    domain: string,
    answer: AnswerTable[string],
    noted: 'answered' | ListTrouble | undefined,
  ][] = [
    ['an ordinary one', 'bad.example', 'servfail', { kind: 'broken', why: 'servfail' }],
    ['that is not listed', 'bad.example', 'nxdomain', 'answered'],
    ['that is taken for an address', 'bad.example', ['127.0.1.255'], undefined],
    ['that is refused', 'bad.example', ['127.255.255.254'], { kind: 'blocked', code: '127.255.255.254' }],
    ['odd signs', 'a:b.example', 'servfail', undefined],
    ['odd signs, silence', 'a:b.example', 'timeout', undefined],
    ['a long one', long, 'servfail', undefined],
    ['a long one, clean: nothing is forgiven', long, 'nxdomain', undefined],
    ['an address', '192.0.2.1', 'servfail', undefined],
    ['a name that ends in a number', 'foo.9', ['127.0.1.255'], undefined],
  ]
  for (const [label, domain, answer, noted] of cases) {
    const judged = judge({ rhsbl_score: [entry('dbl.spamhaus.org')] }, { sender: `x@${domain}` }, answer)
    t.strictSame(judged.noted, noted, label)
    t.notMatch(judged.action, /DNS-errors/, label)
    t.notMatch(judged.reasons, /IN_LIST/, label)
  }
  t.match(
    judge({ rhsbl_score: [entry('dbl.spamhaus.org')] }, { sender: `x@${long}` }, ['127.0.1.2']),
    { reasons: / IN_LIST=/ },
    'a listing counts',
  )
  t.end()
})

t.test('an answer shows the list without the key', t => {
  const host = 'q7x2kd9w4mzv8h3tj6rp1bn5cy.dbl.dq.spamhaus.net'
  const listed = judge({ rhsbl_score: [{ ...entry(host), hit: 30 }] }, { sender: 'x@bad.example' }, ['127.0.1.2'])
  t.match(listed.action, /; in dbl\.dq\.spamhaus\.net$/)
  const silent = judge({ rhsbl_score: [entry(host)] }, { sender: 'x@bad.example' }, 'timeout')
  t.match(silent.action, / in dbl\.dq\.spamhaus\.net lookups$/)
  t.end()
})

t.test('lists whose listing counts against a mail, also where it adds nothing', async t => {
  const cases: [label: string, list: Partial<ConfiguredList>, config: Partial<Config>, want: string[]][] = [
    ['it scores', { hit: 1, miss: 0 }, {}, ['one.example']],
    ['who is not listed is better off', { hit: 0, miss: -1 }, {}, ['one.example']],
    [
      'it makes the client one for whom refusals are remembered',
      { hit: 0, miss: 0, label: 'DYN' },
      {},
      ['one.example'],
    ],
    ['nothing of the kind', { hit: 0, miss: 0 }, {}, []],
    ['a list of good mail', { hit: -3, miss: 0 }, {}, []],
  ]
  for (const [label, list, config, want] of cases) {
    const dnsbl_score = [{ ...entry('one.example'), ...list }]
    const table: AnswerTable = { 'A 10.2.0.192.one.example': ['127.0.0.2'] }
    const scored = scoreWith(table, requestOf(), { dnsbl_score, rhsbl_score: [], ...config }, { rest: 'nodata' })
    if (scored.kind !== 'verdict') throw new Error('no verdict')
    t.strictSame([...scored.judgement.listedBy], want, label)
  }
})
