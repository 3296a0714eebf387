/** What lists are probed with, and what their answers say. */
import t from 'tap'
import type { Config, ConfiguredList } from '../src/config/parameters/parameters.ts'
import { builtinConfig } from '../src/config/parameters/parameters.ts'
import type { Outcome } from '../src/dns/outcome.ts'
import { answerOf, type ListProbe, probeOf } from '../src/list-probe.ts'
import { parseListHost } from '../src/config/values/list-entry.ts'

const entry = (text: string, hit = 3): ConfiguredList => {
  const parsed = parseListHost(text)
  if (parsed.kind !== 'list-host') throw new Error(text)
  return { host: parsed.host, filter: parsed.filter, hit, miss: 0, label: 'X' }
}
const NONE = { dnsbl_score: [], dnswl_score: [], rhsbl_score: [], never_listed: [] }
const configOf = (lists: Partial<Config>): Config => builtinConfig({ ...NONE, ...lists })

const namesOf = ({ asked }: ListProbe): string[] => asked.map(({ question }) => question.name)
const NXDOMAIN: Outcome = { kind: 'nxdomain' }
const found = (...values: string[]): Outcome => ({ kind: 'found', values })

/** What comes of a probe whose questions are all answered alike, but for those that hold a text. */
function resultOf(
  config: Config,
  host: string,
  outcome: Outcome | undefined,
  but: Record<string, Outcome> = {},
  wasTestListed = false,
) {
  const get = ({ name }: { readonly name: string }) =>
    Object.entries(but).find(([part]) => name.includes(part))?.[1] ?? outcome
  return answerOf(probeOf(host, config), { get }, config, wasTestListed)
}

t.test('what is asked is fresh each time', t => {
  const config = configOf({ dnsbl_score: [entry('bl.example.org')], rhsbl_score: [entry('rhs.example.org')] })
  const of = (host: string) => Array.from({ length: 50 }, () => namesOf(probeOf(host, config))).flat()
  const ofClients = of('bl.example.org').filter(name => name.endsWith('.127.bl.example.org'))
  t.equal(new Set(ofClients).size, 50)
  for (const name of ofClients) {
    const [d = 0, c = 0, b = 0, a = 0] = name.split('.').map(Number)
    t.ok(a === 127 && b >= 1 && b <= 254 && c <= 255 && d >= 1 && d <= 254, name)
    t.ok(name.endsWith('.127.bl.example.org'), name)
  }
  const ofDomains = of('rhs.example.org')
  t.equal(new Set(ofDomains).size, 50)
  for (const name of ofDomains) t.match(name, /^x[a-z0-9]{11}\.invalid\.rhs\.example\.org$/)
  t.end()
})

t.test('IPv6 in its mapped form, of lists that have it', t => {
  const config = configOf({ dnsbl_score: [entry('zen.spamhaus.org')] })
  const [v4 = '', v6 = ''] = namesOf(probeOf('zen.spamhaus.org', config))
  t.match(v4, /^\d+\.\d+\.\d+\.127\.zen\.spamhaus\.org$/)
  t.match(v6, /^(?:[0-9a-f]\.){6}f\.7\.f\.f\.f\.f\.(?:0\.){20}zen\.spamhaus\.org$/)
  t.end()
})

t.test('one of those that are never listed, of lists that may be refused by', t => {
  const never_listed = ['192.0.2.1', 'example.net']
  const lists = {
    dnsbl_score: [entry('bl.example.org')],
    rhsbl_score: [entry('rhs.example.org')],
    dnswl_score: [entry('wl.example.org', -3)],
  }
  const config = configOf({ ...lists, never_listed })
  t.ok(namesOf(probeOf('bl.example.org', config)).includes('1.2.0.192.bl.example.org'))
  t.ok(namesOf(probeOf('rhs.example.org', config)).includes('example.net.rhs.example.org'))
  t.notOk(
    namesOf(probeOf('wl.example.org', config)).includes('1.2.0.192.wl.example.org'),
    'an allow list may list them',
  )
  const ofGoodMail = configOf({ dnsbl_score: [entry('bl.example.org', -3)], never_listed })
  t.notOk(
    namesOf(probeOf('bl.example.org', ofGoodMail)).includes('1.2.0.192.bl.example.org'),
    'nor is a list of good mail asked',
  )
  t.end()
})

t.test('what the answers say', t => {
  const config = configOf({ dnsbl_score: [entry('bl.example.org=127.0.0.2')], never_listed: ['192.0.2.1'] })
  const of = (outcome: Outcome | undefined, but = {}) => resultOf(config, 'bl.example.org', outcome, but).result
  const silence: Outcome = { kind: 'failed', reason: 'timeout' }
  t.equal(of(NXDOMAIN), 'clean')
  t.equal(of({ kind: 'nodata' }), 'clean')
  t.equal(of(found('127.0.0.2')), 'guilty')
  t.equal(of(found('127.0.0.3')), 'clean', 'what the filter leaves out counts for nothing')
  t.equal(of(found('203.0.113.5')), 'guilty', 'no list answers so')
  t.equal(of(NXDOMAIN, { '1.2.0.192.': found('127.0.0.2') }), 'guilty', 'one that must not be listed is enough')
  t.equal(of(silence, { '1.2.0.192.': found('127.0.0.2') }), 'guilty', 'also if all else is silent')
  for (const outcome of [silence, found('127.255.255.254'), { kind: 'failed', reason: 'servfail' }, undefined] as const)
    t.equal(of(outcome), 'unanswered', JSON.stringify(outcome))
  t.equal(of(NXDOMAIN, { '1.2.0.192.': silence }), 'unanswered')
  t.match(resultOf(config, 'bl.example.org', found('203.0.113.5')).why, /^127\.\S+ is answered with 203\.0\.113\.5$/)
  t.end()
})

t.test('a list that nothing is known of need not know IPv6, but must not list all of it', t => {
  const config = configOf({ dnsbl_score: [entry('bl.example.org')] })
  const of = (v6: Outcome) => resultOf(config, 'bl.example.org', NXDOMAIN, { '.f.f.f.f.': v6 }).result
  t.equal(of({ kind: 'failed', reason: 'servfail' }), 'clean')
  t.equal(of(found('127.0.0.2')), 'guilty')
  t.end()
})

t.test('an allow list that lists everybody, and a mixed list', t => {
  const config = configOf({
    dnswl_score: [entry('wl.example.org', -3)],
    dnsbl_score: [entry('mixed.example.org=127.0.0.2', 3), entry('mixed.example.org=127.0.0.1', -3)],
  })
  t.equal(resultOf(config, 'wl.example.org', found('127.0.10.3')).result, 'guilty')
  t.equal(resultOf(config, 'mixed.example.org', found('127.0.0.1')).result, 'clean')
  t.equal(resultOf(config, 'mixed.example.org', found('127.0.0.2')).result, 'guilty')
  t.end()
})

t.test('a list that scores nothing by itself, and may be what a mail is refused for all the same', async t => {
  const config = configOf({
    dnsbl_score: [
      { ...entry('better-off.test', 0), miss: -1.5 },
      { ...entry('dialup.test', 0), label: 'MY_DYN' },
    ],
    rhsbl_score: [entry('penalty.test', 0)],
    rhsbl_penalty_score: { bad: 3, good: 0 },
  })
  for (const host of ['better-off.test', 'dialup.test', 'penalty.test']) {
    t.equal(resultOf(config, host, found('127.0.0.2')).result, 'guilty', host)
    t.equal(resultOf(config, host, NXDOMAIN).result, 'clean', host)
  }
})

t.test('a test entry that is gone', t => {
  const config = configOf({ rhsbl_score: [entry('multi.surbl.org')] })
  const of = (test: Outcome, was: boolean) =>
    resultOf(config, 'multi.surbl.org', NXDOMAIN, { 'test.surbl.org.': test }, was)
  t.strictSame(of(found('127.0.0.126'), false), { result: 'clean', why: '', isTestListed: true })
  t.equal(of(NXDOMAIN, false).result, 'clean', 'nobody knows that it was there')
  t.match(of(NXDOMAIN, true), { result: 'guilty', why: 'test.surbl.org is not listed any more' })
  t.equal(of({ kind: 'failed', reason: 'timeout' }, true).result, 'clean', 'silence about it says nothing')
  t.end()
})
