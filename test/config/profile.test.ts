import t from 'tap'
import { renderDefaults } from '../../src/cli/defaults.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import type { Parameter } from '../../src/config/parameters/parameter.ts'
import { profileConfig } from '../../src/config/profile.ts'
import { readConfiguration } from '../../src/config/read.ts'
import { matchesFilter } from '../../src/lists/filter.ts'
import { findZone } from '../../src/lists/zones.ts'
import { FORMS } from './perl-forms.ts'

const PARAMETERS: readonly Parameter[] = PARAMETER_TOPICS.flatMap(({ parameters }): readonly Parameter[] => parameters)
const MODERN = profileConfig('modern')
const configOf = (text: string): Config => readConfiguration(text, 'x').config

t.test('nobody has the profile modern without a line that says so', t => {
  t.same(configOf(''), builtinConfig())
  t.equal(builtinConfig().PROFILE, 'classic')
  t.same(
    configOf("# $PROFILE = 'modern';\n$NOTE = '$PROFILE = modern';"),
    builtinConfig(),
    'nor by a comment or a text',
  )
  t.end()
})

t.test('the line counts wherever it stands, and before any reference', t => {
  const texts = [
    "$PROFILE = 'modern';\n@dnsbl_score = (@dnsbl_score, 'a.example', 1, 0, 'A');\n$X = $CACHE_IPV6_PREFIX;\n$NTTL = $X;",
    "@dnsbl_score = (@dnsbl_score, 'a.example', 1, 0, 'A');\n$X = $CACHE_IPV6_PREFIX;\n$NTTL = $X;\n$PROFILE = 'modern';",
    "push @dnsbl_score, ('a.example', 1, 0, 'A');\n$NTTL = $CACHE_IPV6_PREFIX;\n$PROFILE='classic';our $PROFILE = \"mod\".'ern';",
  ]
  const added = { host: 'a.example', filter: undefined, hit: 1, miss: 0, label: 'A' }
  const want = { ...MODERN, NTTL: 64, dnsbl_score: [...MODERN.dnsbl_score, added] }
  for (const text of texts) t.same(configOf(text), want, text)
  t.end()
})

t.test('SURBL in modern: a domain that others have misused is not listed for that alone', t => {
  const filter = MODERN.rhsbl_score.find(({ label }) => label === 'SURBL')?.filter
  for (let bits = 1; bits < 256; bits++) {
    const isItsOwn = (bits & (8 | 16 | 64)) !== 0
    t.equal(filter && matchesFilter(filter, `127.0.0.${bits}`), isItsOwn, `${bits}`)
  }
  t.end()
})

t.test('the last line counts, and one that cannot be used is classic', t => {
  t.equal(configOf("$PROFILE = 'modern'; $PROFILE = 'classic';").CHECK_SPF, false)
  for (const value of ["'Modern'", "''", '1', 'qr/modern/', "('modern', 'x')[0]"]) {
    const { config, findings } = readConfiguration(`$PROFILE = 'modern';\n$PROFILE = ${value};`, 'x')
    t.same({ ...config, configError: '' }, builtinConfig(), value)
    t.match(config.configError, /\$PROFILE/)
    t.match(findings, [{ severity: 'error' }])
  }
  t.match(readConfiguration("$PROFILE = 'moderne';", 'x').findings, [{ message: /expected 'classic' or 'modern'/ }])
  t.end()
})

t.test('what the file sets counts, whatever the profile', t => {
  const { config } = readConfiguration(
    "$CHECK_SPF = 0; $PROFILE = 'modern'; @helo_score = (4, -4); $TWO_WITNESSES = 'x(';",
    'x',
  )
  t.same(config, { ...MODERN, CHECK_SPF: false, helo_score: { bad: 4, good: -4 }, TWO_WITNESSES: false })
  t.end()
})

t.test("the line 'classic' changes nothing of any file", t => {
  for (const { text } of FORMS) {
    const { config, findings } = readConfiguration(text, 'x')
    const named = readConfiguration(`$PROFILE = 'classic';\n${text}`, 'x')
    t.same({ ...named.config, configError: '' }, { ...config, configError: '' }, text)
    t.equal(named.findings.length, findings.length, text)
  }
  t.end()
})

t.test('what is printed of a profile is that profile', t => {
  for (const profile of ['classic', 'modern'] as const)
    for (const isFull of [true, false]) {
      const { config, findings } = readConfiguration(renderDefaults({ profile, isFull }), 'x')
      t.same(findings, [])
      t.same(config, profileConfig(profile))
      const set = renderDefaults({ profile, isFull }).match(/^[$@]\w+ = /gm)?.length
      t.equal(set, isFull ? PARAMETERS.length : 1)
    }
  t.end()
})

t.test('a column of its own has only what is another value, and of the same kind', t => {
  for (const { name, default: classic, modern } of PARAMETERS)
    if (modern !== undefined) {
      t.notSame(modern, classic, name)
      t.equal(typeof modern, typeof classic, name)
    }
  t.end()
})

t.test('the lists of modern are alive, and what they are said to list', t => {
  const { dnsbl_score, rhsbl_score, dnswl_score } = MODERN
  const cases = [
    [dnsbl_score, 'block', 'ipv4'],
    [rhsbl_score, 'block', 'domain'],
    [dnswl_score, 'allow', 'ipv4'],
  ] as const
  for (const [entries, meaning, lists] of cases)
    for (const { host } of entries) {
      const zone = findZone(host)
      t.match(zone, { state: 'alive', meaning }, host)
      t.ok(zone?.lists?.includes(lists), host)
    }
  t.end()
})
