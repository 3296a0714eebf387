import t from 'tap'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { questionKey } from '../../src/dns/outcome.ts'
import { planFirstWave } from '../../src/score/first-wave.ts'
import { checkSpf } from '../../src/spf/check-spf.ts'
import type { Facts } from '../../src/score/scoring.ts'
import { LISTS, needsOf, requestOf, scoreWith } from '../support/scoring.ts'

interface Case {
  readonly label: string
  readonly attributes?: Record<string, string>
  readonly config?: Partial<Config>
  readonly known?: Facts
}

const TODAY: Partial<Config> = {
  CHECK_SPF: true,
  RHSBL_CHECK_HELO: true,
  dnswl_score: [{ host: 'allow.example', filter: undefined, hit: -1, miss: 0, label: 'ALLOWED' }],
}

const CASES: Case[] = [
  { label: 'a usual mail' },
  { label: 'an IPv6 client', attributes: { client_address: '2001:db8::1' } },
  { label: 'sender domain and HELO name are the same', attributes: { sender: 'a@mail.example.org' } },
  { label: 'trailing dots', attributes: { helo_name: 'mail.example.org..', sender: 'a@example.org.' } },
  { label: 'a HELO of one label', attributes: { helo_name: 'localhost' } },
  { label: 'a literal HELO', attributes: { helo_name: '[192.0.2.10]' } },
  { label: 'no HELO', attributes: { helo_name: '' } },
  { label: 'a sender without domain', attributes: { sender: 'root' } },
  { label: 'a sender domain of dots', attributes: { sender: 'root@..' } },
  {
    label: 'other dots',
    attributes: { helo_name: 'mail\xe3\x80\x82example.org', sender: 'a@example\xef\xbd\xa1org' },
  },
  { label: 'a sender domain with a label of 64 characters', attributes: { sender: `a@${'x'.repeat(64)}.example.org` } },
  { label: 'a sender domain whose end cannot exist', attributes: { sender: `a@example.${'x'.repeat(64)}` } },
  { label: 'the lists alone', config: { dnsbl_checks_only: true } },
  { label: 'the lists alone, for this client', known: { pattern: 0 } },
  { label: 'a HAM entry that is not hard', known: { cachedHamScore: -3 } },
  { label: 'a list that is skipped', known: { skippedLists: new Set(['two.example', 'sender.example']) } },
  { label: "today's rules", config: TODAY, known: { checkSpf } },
  {
    label: "today's rules, a HELO of others",
    config: TODAY,
    known: { checkSpf },
    attributes: { helo_name: 'a.b.test' },
  },
  { label: "today's rules, no sender", config: TODAY, known: { checkSpf }, attributes: { sender: '' } },
  {
    label: "today's rules, odd names",
    config: TODAY,
    known: { checkSpf },
    attributes: { sender: 'a@x', helo_name: '[1]' },
  },
]

t.test('the plan is what scoring asks for first', t => {
  for (const { label, attributes, config = {}, known = {} } of CASES) {
    const request = requestOf(attributes)
    const { skippedLists = new Set<string>(), cachedHamScore, pattern } = known
    const complete = builtinConfig({ ...LISTS, ...config })
    const listsSuffice = cachedHamScore !== undefined || pattern !== undefined
    const planned = planFirstWave(request, complete, skippedLists, listsSuffice)
    const keys = [...new Set(planned.map(questionKey))].sort()
    t.strictSame(keys, needsOf(scoreWith({}, request, config, { known })), label)
  }
  t.end()
})
