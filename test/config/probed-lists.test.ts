/** Which lists are probed: those whose listing can be what a mail is refused for, and allow lists. */
import t from 'tap'
import { countsAgainst, domainCountsAgainst, probedHosts } from '../../src/config/probed-lists.ts'
import { builtinConfig, type Config, type ConfiguredList } from '../../src/config/parameters/parameters.ts'

const entry = (hit: number, miss = 0, label = 'X', host = 'bl.test'): ConfiguredList => {
  return { host, filter: undefined, hit, miss, label }
}

t.test('a list of clients', async t => {
  const cases: [title: string, entry: ConfiguredList, config: Partial<Config>, want: boolean][] = [
    ['a listing scores', entry(1), {}, true],
    ['a listing scores nothing', entry(0), {}, false],
    ['it is for good mail', entry(-3), {}, false],
    ['who is not listed is better off', entry(0, -1.5), {}, true],
    ['who is listed is better off', entry(-3, 1), {}, false],
    ['a refusal is remembered for a client that is dial-up', entry(0, 0, 'MY_Dyn'), { CACHE_PER_DOMAIN: false }, true],
    ['one for the domain alone', entry(0, 0, 'MY_Dyn'), { CACHE_PER_DOMAIN: true }, false],
  ]
  for (const [title, one, config, want] of cases) t.equal(countsAgainst(one, builtinConfig(config)), want, title)
})

t.test('a list of domains', async t => {
  const NOTHING: Partial<Config> = {
    rhsbl_penalty_score: { bad: 0, good: 0 },
    client_seems_dialup_score: { bad: 0, good: 0 },
    dnsbl_score: [],
  }
  const cases: [title: string, hit: number, config: Partial<Config>, want: boolean][] = [
    ['a listing scores', 1, {}, true],
    ['a listing scores nothing, and nothing comes on top', 0, {}, false],
    ['a penalty comes on top', 0, { rhsbl_penalty_score: { bad: 3.1, good: 0 } }, true],
    [
      'a penalty that is not enough',
      -4,
      { rhsbl_penalty_score: { bad: 3.1, good: 0 }, random_sender_score: { bad: 0, good: 0 } },
      false,
    ],
    [
      'a random sender is enough',
      -4,
      { rhsbl_penalty_score: { bad: 3.1, good: 0 }, random_sender_score: { bad: 1, good: 0 } },
      true,
    ],
    ['half of what lists of clients say', 0, { dnsbl_score: [entry(3)] }, true],
    ['which counts once', 0, { dnsbl_score: [entry(3)], COUNT_LISTS_ONCE: true }, false],
  ]
  for (const [title, hit, config, want] of cases)
    t.equal(domainCountsAgainst(entry(hit), builtinConfig({ ...NOTHING, ...config })), want, title)
})

t.test('each once, and none without its key', async t => {
  const config = builtinConfig({
    dnsbl_score: [
      entry(1, 0, 'A', 'a.test'),
      entry(-1, 0, 'B', 'b.test'),
      entry(1, 0, 'K', 'zen.dq.spamhaus.net..no-key'),
    ],
    dnswl_score: [entry(-1, 0, 'W', 'w.test')],
    rhsbl_score: [entry(1, 0, 'C', 'a.test'), entry(2, 0, 'D', 'd.test')],
  })
  t.strictSame(probedHosts(config), ['a.test', 'w.test', 'd.test'])
})
