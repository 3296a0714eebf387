import t from 'tap'
import { dnsBudgetOf } from '../../../src/cli/doctor/dns-budget.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'
import { type Outcome, type Question, questionKey } from '../../../src/dns/outcome.ts'
import { planFirstWave } from '../../../src/score/first-wave.ts'
import { score } from '../../../src/score/score.ts'
import type { ScorableRequest } from '../../../src/score/scoring.ts'
import { answerFromZone, type DnsZone } from '../../../testkit/dns-server.ts'

t.test('how long DNS may take', t => {
  const cases: [label: string, config: Partial<Config>, wantSeconds: number, wantFormula: string][] = [
    ['the built-in values', {}, 30, '3 tries x 2 s x 5 round trips'],
    ['one try', { DNS_RETRIES: 0, DNS_RETRY_IVAL: 1 }, 5, '1 try x 1 s x 5 round trips'],
    ['lists only', { dnsbl_checks_only: true }, 6, '3 tries x 2 s x 1 round trip'],
    ['more than the lookup budget', { DNS_RETRY_IVAL: 20 }, 80, '3 tries x 20 s x 5 round trips, cut at 80 s'],
  ]
  for (const [label, config, wantSeconds, wantFormula] of cases)
    t.strictSame(dnsBudgetOf(builtinConfig(config)), { seconds: wantSeconds, formula: wantFormula }, label)
  t.end()
})

t.test('a mail that needs all five round trips, and no more', t => {
  const config = builtinConfig()
  const zone: Record<string, DnsZone[string]> = { '10.2.0.192.bl.spamcop.net': { A: ['127.0.0.2'] } }
  for (const name of [
    'a.b.example.org',
    'b.example.org',
    'example.org',
    'x.y.example.net',
    'y.example.net',
    'example.net',
  ]) {
    zone[name] = { MX: [[10, `mx.${name}`]], A: ['203.0.113.9'] }
    zone[`mx.${name}`] = { A: ['203.0.113.77'] }
  }
  const request: ScorableRequest = {
    client: '192.0.2.10',
    clientAddress: '192.0.2.10',
    name: 'unknown',
    helo: 'x.y.example.net',
    sender: 'u@a.b.example.org',
    from: 'u@a.b.example.org',
    domain: 'a.b.example.org',
    recipient: 'bob@example.com',
    instance: '1',
  }
  const answers = new Map<string, Outcome>()
  const answer = (questions: readonly Question[]): void => {
    for (const question of questions) answers.set(questionKey(question), answerFromZone(zone, question))
  }
  // A remembered HAM whose client has come onto a list: first the lists alone, then everything.
  answer(planFirstWave(request, config, new Set(), true))
  let roundTrips = 1
  for (;;) {
    const scored = score(request, { get: question => answers.get(questionKey(question)) }, config, {
      cachedHamScore: -3,
    })
    if (scored.kind === 'verdict') break
    roundTrips++
    answer(scored.questions)
  }
  t.equal(roundTrips, 5)
  t.end()
})
