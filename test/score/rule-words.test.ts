import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { describeRule } from '../../src/score/rule-words.ts'
import { readRecordedCases } from '../conformance/recorded-case.ts'

const SCORE = fileURLToPath(new URL('../../src/score', import.meta.url))

t.test('every rule that scoring can add has a sentence', t => {
  const config = builtinConfig()
  const words = new Set<string>()
  for (const file of readdirSync(SCORE)) {
    const text = readFileSync(join(SCORE, file), 'utf8')
    for (const call of text.matchAll(/(?:tally\.add\w*|\badd)\((?:[^()]|\([^()]*\))*\)/g))
      for (const [, word = ''] of call[0].matchAll(/['`]([A-Z][^'` =]{3,})['`]/g)) words.add(word)
  }
  const names = [...words].flatMap(word =>
    word.includes('origin') ? ['FROM', 'HELO'].map(origin => word.replace(/\$\{origin\}/, origin)) : [word],
  )
  const rules = names.filter(word => !word.includes('$') && !word.endsWith('_'))
  t.ok(rules.length > 30, `${rules.length} words: ${rules.join(' ')}`)
  for (const rule of rules) t.ok(describeRule(rule, config), rule)
  t.end()
})

t.test('so has every word in the reasons of a recorded case', t => {
  const unknown = new Set<string>()
  for (const { expected, config } of readRecordedCases()) {
    const labels = [config.dnsbl_score, config.rhsbl_score].flatMap(list => (Array.isArray(list) ? list : []))
    const lists = labels
      .filter((_, index) => index % 4 === 3)
      .map(label => ({ host: 'list.example', label: `${label}` }))
    const entries = lists.map(each => ({ ...each, filter: undefined, hit: 0, miss: 0 }))
    const own = builtinConfig(entries.length === 0 ? {} : { dnsbl_score: entries, rhsbl_score: entries })
    const { dnsbl_score, rhsbl_score } = builtinConfig()
    const known = { ...own, dnsbl_score: [...own.dnsbl_score, ...dnsbl_score], rhsbl_score }
    const reasons = /weighted check: (.*?); <client=/.exec(expected.log ?? '')?.[1] ?? ''
    for (const [, rule = ''] of reasons.matchAll(/ ([A-Z][^ =]*)=/g)) if (!describeRule(rule, known)) unknown.add(rule)
  }
  t.same([...unknown], [])
  t.end()
})

t.test('the words of a rule', t => {
  const config = builtinConfig({
    dnsbl_score: [{ host: 'k.zen.dq.spamhaus.net', filter: undefined, hit: 3, miss: 0, label: 'ZEN' }],
    dnswl_score: [{ host: 'list.dnswl.org', filter: undefined, hit: -3, miss: 0, label: 'DNSWL' }],
    rhsbl_score: [{ host: 'multi.surbl.org', filter: undefined, hit: 3, miss: 0, label: 'SURBL' }],
  })
  const cases: [rule: string, want: string | undefined, host?: string][] = [
    ['IN_ZEN', 'zen.dq.spamhaus.net of Spamhaus has the client', 'zen.dq.spamhaus.net'],
    ['NOT_IN_ZEN', 'zen.dq.spamhaus.net of Spamhaus does not have the client', 'zen.dq.spamhaus.net'],
    [
      'ZEN',
      'zen.dq.spamhaus.net of Spamhaus gave no usable answer, or was not asked: it counts as one that does not have the client',
      'zen.dq.spamhaus.net',
    ],
    ['IN_DNSWL', 'list.dnswl.org of dnswl.org vouches for the client', 'list.dnswl.org'],
    ['IN_SURBL', 'multi.surbl.org of SURBL has the sender domain', 'multi.surbl.org'],
    ['HELO_IN_SURBL', 'multi.surbl.org of SURBL has the domain of the HELO name', 'multi.surbl.org'],
    ['CLIENT_IN_SURBL', "multi.surbl.org of SURBL has the domain of the client's name", 'multi.surbl.org'],
    ['HELO_NUMERIC', 'the HELO is an address and no name'],
    ['IN_OTHER', undefined],
    ['constructor', undefined],
    ['', undefined],
  ]
  for (const [rule, want, host] of cases) {
    const words = describeRule(rule, config)
    t.equal(words?.text, want, rule)
    t.equal(words?.host, host, rule)
  }
  t.end()
})

t.test('the parameters are there', t => {
  const config = builtinConfig()
  const names = new Set(Object.keys(config))
  const text = readFileSync(join(SCORE, 'rule-words.ts'), 'utf8')
  const said = [...text.matchAll(/'[$@](\w+)'/g)].map(([, name = '']) => name)
  t.ok(said.length > 25)
  for (const name of said) t.ok(names.has(name), name)
  t.same(describeRule('IN_SPAMCOP', config)?.parameters, ['@dnsbl_score'])
  t.end()
})
