import t, { type Test } from 'tap'
import { builtinConfig, type Config } from '../src/config/parameters/parameters.ts'
import { pooledTransport } from '../src/dns/event-transport.ts'
import { Evaluator } from '../src/evaluate.ts'
import type { Facts } from '../src/score/scoring.ts'
import { startDnsServer } from '../testkit/dns-server.ts'
import { unlimited } from './support/places.ts'
import { requestOf } from './support/scoring.ts'
import { newTables } from './support/tables.ts'

const MAIL = requestOf({ client_address: '192.0.2.10', helo_name: 'mail.forged.example', sender: 'a@forged.example' })
const lists = (...hosts: string[]) => hosts.map(host => ({ host, filter: undefined, hit: 5, miss: -1, label: host }))

/** An evaluator over a name server that is silent. */
async function inOutage(t: Test, overrides: Partial<Config>) {
  const dns = await startDnsServer({}, { tamper: () => [] })
  const NS = [`127.0.0.1:${dns.port}`]
  const config = builtinConfig({ NS, DNS_RETRIES: 0, DNS_RETRY_IVAL: 0.05, rhsbl_score: [], ...overrides })
  const tables = newTables()
  const host = { cache: { transact: <T>(use: (given: typeof tables) => T) => use(tables) }, warn() {} }
  const evaluator = new Evaluator(config, pooledTransport(1), undefined, host)
  t.teardown(() => dns.close())
  t.teardown(() => evaluator.close())
  const evaluate = (known: Facts) =>
    evaluator.evaluate(MAIL, known, {
      places: unlimited('192.0.2.10'),
      hasSilentServers: tables.hasSilentServers,
    })
  return { evaluate, dns, evaluator }
}

t.test('an outage that is known: the verdict of who has found it out, and nobody is asked', async t => {
  const cases: { label: string; config: Partial<Config>; known?: Facts; isPass: boolean }[] = [
    { label: 'as many lists as it takes', config: { dnsbl_score: lists('a.test', 'b.test', 'c.test') }, isPass: true },
    { label: 'fewer', config: { dnsbl_score: lists('a.test') }, isPass: true },
    { label: 'no list at all', config: { dnsbl_score: [] }, isPass: true },
    {
      label: 'some are skipped',
      config: { dnsbl_score: lists('a.test', 'b.test', 'c.test') },
      known: { skippedLists: new Set(['a.test']) },
      isPass: true,
    },
    { label: 'lists alone', config: { dnsbl_score: lists('a.test'), dnsbl_checks_only: true }, isPass: true },
    { label: 'SPF', config: { dnsbl_score: [], CHECK_SPF: true }, isPass: true },
    { label: 'known good', config: { dnsbl_score: lists('a.test') }, known: { cachedHamScore: -5 }, isPass: true },
    { label: 'defer', config: { dnsbl_score: lists('a.test'), DNS_OUTAGE: 'defer' }, isPass: false },
  ]
  for (const { label, config, known = {}, isPass } of cases) {
    const { evaluate, dns, evaluator } = await inOutage(t, config)
    const first = await evaluate(known)
    t.ok(first.queries > 0, `${label}: the first one asks`)
    await evaluator.rest()
    const questions = dns.queries.length
    const next = await evaluate(known)
    t.same(next.judgement, first.judgement, label)
    t.equal(
      dns.queries.slice(questions).filter(({ type }) => type !== 'NS').length,
      0,
      `${label}: the next one does not`,
    )
    t.same([next.queries, next.lookups, next.cut], [0, [], false], label)
    const { remember, listAnswers, action, why } = next.judgement
    t.equal(why, 'outage', label)
    t.same(remember, isPass ? { message: { kind: 'accepted' } } : {}, `${label}: what is remembered`)
    t.equal(listAnswers.size, 0, `${label}: no list is to blame`)
    t.match(
      action,
      isPass ? /^PREPEND X-policyd-weight: passed - too many local DNS-errors in / : /^DEFER_IF_PERMIT 4\.4\.3 /,
    )
  }
})
