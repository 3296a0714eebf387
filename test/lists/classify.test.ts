import t from 'tap'
import type { FailureReason, Outcome } from '../../src/dns/outcome.ts'
import { classifyAnswer, type ListAnswer } from '../../src/lists/classify.ts'
import { parseFilter } from '../../src/lists/filter.ts'

const listed = (...addresses: string[]): ListAnswer => ({ kind: 'listed', addresses })
const clean: ListAnswer = { kind: 'clean' }
const blocked = (code: string): ListAnswer => ({ kind: 'blocked', code })
const misasked = (code: string): ListAnswer => ({ kind: 'misasked', code })
const broken: ListAnswer = { kind: 'broken', why: 'outside-127' }

function entry(text: string) {
  const [host = '', filterText] = text.split('=')
  const filter = filterText === undefined ? undefined : parseFilter(filterText)
  if (filter?.kind === 'bad-filter') throw new Error(`no filter: ${text}`)
  return { host, filter }
}

t.test('addresses are classified', t => {
  const cases: [label: string, entry: string, values: string[], want: ListAnswer][] = [
    ['a listing', 'zen.spamhaus.org', ['127.0.0.4'], listed('127.0.0.4')],
    ['several codes are one set', 'zen.spamhaus.org', ['127.0.0.4', '127.0.0.10'], listed('127.0.0.4', '127.0.0.10')],
    ['an unknown code is a listing', 'list.example', ['127.1.2.3'], listed('127.1.2.3')],
    ['the filter leaves it out', 'zen.spamhaus.org=127.0.0.[2..9]', ['127.0.0.10'], clean],
    ['the filter keeps one', 'zen.spamhaus.org=127.0.0.[2..9]', ['127.0.0.10', '127.0.0.3'], listed('127.0.0.3')],
    ['a public resolver is refused', 'zen.spamhaus.org', ['127.255.255.254'], blocked('127.255.255.254')],
    ['that code is no listing for any list', 'list.example', ['127.255.255.255'], blocked('127.255.255.255')],
    ['not even with a filter for it', 'list.example=127.255.255.255', ['127.255.255.255'], blocked('127.255.255.255')],
    ['127.255.254.x is an ordinary code', 'list.example', ['127.255.254.1'], listed('127.255.254.1')],
    ['SURBL refuses with 127.0.0.1', 'multi.surbl.org', ['127.0.0.1'], blocked('127.0.0.1')],
    ['127.0.0.3 on SURBL is a listing', 'multi.surbl.org', ['127.0.0.3'], listed('127.0.0.3')],
    ['URIBL refuses with 127.0.0.1', 'multi.uribl.com', ['127.0.0.1'], blocked('127.0.0.1')],
    ['hostkarma lists with 127.0.0.1', 'hostkarma.junkemailfilter.com', ['127.0.0.1'], listed('127.0.0.1')],
    ['in each of its zones', 'black.uribl.com', ['127.0.0.1'], blocked('127.0.0.1')],
    ['URIBL grey is a listing', 'grey.uribl.com', ['127.0.0.4'], listed('127.0.0.4')],
    ['DBL was asked for an address', 'dbl.spamhaus.org=127.0.1.[2..255]', ['127.0.1.255'], misasked('127.0.1.255')],
    ['with a key', 'key.dbl.dq.spamhaus.net', ['127.0.1.255'], misasked('127.0.1.255')],
    ['ZRD was asked for an address', 'key.zrd.dq.spamhaus.net', ['127.0.2.255'], misasked('127.0.2.255')],
    ['a young domain', 'key.zrd.dq.spamhaus.net', ['127.0.2.4'], listed('127.0.2.4')],
    ['a refusal outweighs it', 'dbl.spamhaus.org', ['127.0.1.255', '127.255.255.254'], blocked('127.255.255.254')],
    ['a listing outweighs it', 'dbl.spamhaus.org', ['127.0.1.255', '127.0.1.2'], listed('127.0.1.2')],
    ['elsewhere it is an ordinary code', 'list.example', ['127.0.1.255'], listed('127.0.1.255')],
    ['a key that is disabled', 'key.zen.dq.spamhaus.net', ['127.255.255.250'], blocked('127.255.255.250')],
    ['a listing with a key', 'key.zen.dq.spamhaus.net', ['127.0.0.4'], listed('127.0.0.4')],
    ['DNSWL under its zone', 'a.list.dnswl.org', ['127.0.0.255'], blocked('127.0.0.255')],
    ['Sender Score limits', 'score.senderscore.com', ['127.0.4.127'], blocked('127.0.4.127')],
    ['a score', 'score.senderscore.com=127.0.4.[0..20]', ['127.0.4.17'], listed('127.0.4.17')],
    ['DNSWL to abusers', 'list.dnswl.org=127.0.[0..255].[1..3]', ['127.0.10.3'], blocked('127.0.10.3')],
    ['DNSWL refuses', 'list.dnswl.org=127.0.[0..255].[1..3]', ['127.0.0.255'], blocked('127.0.0.255')],
    ['a DNSWL category', 'list.dnswl.org=127.0.[0..255].[1..3]', ['127.0.15.1'], listed('127.0.15.1')],
    ['a parked domain', 'zen.spamhaus.org', ['203.0.113.5'], broken],
    ['a parked domain with a filter', 'zen.spamhaus.org=127.0.0.2', ['203.0.113.5'], broken],
    ['127 as a later octet', 'zen.spamhaus.org', ['12.7.0.0', '1.127.0.2'], broken],
    [
      'a listing outweighs the rest',
      'list.example',
      ['203.0.113.5', '127.255.255.254', '127.0.0.2'],
      listed('127.0.0.2'),
    ],
    [
      'an error code outweighs an outsider',
      'list.example',
      ['203.0.113.5', '127.255.255.252'],
      blocked('127.255.255.252'),
    ],
    ['an outsider outweighs the filtered', 'list.example=127.0.0.2', ['127.0.0.3', '203.0.113.5'], broken],
  ]
  for (const [label, text, values, want] of cases)
    t.same(classifyAnswer(entry(text), { kind: 'found', values }), want, `${label}: ${text} ${values.join(' ')}`)
  t.end()
})

t.test('no addresses', t => {
  const fails = (reason: FailureReason): Outcome => ({ kind: 'failed', reason })
  const cases: [outcome: Outcome, want: ListAnswer][] = [
    [{ kind: 'nxdomain' }, clean],
    [{ kind: 'nodata' }, clean],
    [fails('timeout'), { kind: 'timeout' }],
    [fails('unreachable'), { kind: 'timeout' }],
    [fails('servfail'), { kind: 'broken', why: 'servfail' }],
    [fails('refused'), { kind: 'broken', why: 'refused' }],
    [fails('formerr'), { kind: 'broken', why: 'formerr' }],
    [fails('notimp'), { kind: 'broken', why: 'notimp' }],
    [fails('malformed'), { kind: 'broken', why: 'malformed' }],
    [fails('other-rcode'), { kind: 'broken', why: 'other-rcode' }],
  ]
  for (const [outcome, want] of cases)
    t.same(classifyAnswer(entry('zen.spamhaus.org=127.0.0.[2..9]'), outcome), want, JSON.stringify(outcome))
  t.end()
})

t.test('codes of the configuration', t => {
  const configured = [
    { zone: 'list.example', words: 'domain refused=127.0.0.1 refused=127.0.0.[250..255] misasked=127.0.1.255' },
    { zone: 'multi.surbl.org', words: '' },
  ]
  const cases: [label: string, host: string, value: string, want: ListAnswer][] = [
    ['a refusal', 'list.example', '127.0.0.1', blocked('127.0.0.1')],
    ['of a range', 'list.example', '127.0.0.253', blocked('127.0.0.253')],
    ['under the zone', 'a.list.example', '127.0.0.255', blocked('127.0.0.255')],
    ['a complaint', 'list.example', '127.0.1.255', misasked('127.0.1.255')],
    ['a listing', 'list.example', '127.0.0.2', listed('127.0.0.2')],
    ['a row in the place of a built-in one', 'multi.surbl.org', '127.0.0.1', listed('127.0.0.1')],
    ['what refuses everywhere', 'multi.surbl.org', '127.255.255.254', blocked('127.255.255.254')],
  ]
  for (const [label, host, value, want] of cases)
    t.same(classifyAnswer({ host, filter: undefined }, { kind: 'found', values: [value] }, configured), want, label)
  t.end()
})
