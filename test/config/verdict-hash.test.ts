import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { renderDefaults } from '../../src/cli/defaults.ts'
import { VERDICT_PARAMETERS } from '../../src/config/parameters/known-parameters.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Parameter, ScorePair } from '../../src/config/parameters/parameter.ts'
import { noteVerdictHash } from '../../src/config/noted-hash.ts'
import { builtinConfig, type Config, type ConfiguredList } from '../../src/config/parameters/parameters.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import { hashText, verdictHash } from '../../src/config/verdict-hash.ts'

const PARAMETERS: readonly Parameter[] = PARAMETER_TOPICS.flatMap(topic => topic.parameters)
const BUILTIN = builtinConfig()
const HASH = verdictHash(BUILTIN)

const hashWith = (values: object): number => verdictHash({ ...BUILTIN, ...values })

/** Other values of a parameter, each of which differs in something else. */
function othersOf({ name, kind }: Parameter): unknown[] {
  const value: unknown = BUILTIN[name as keyof Config]
  if (kind === 'patterns') {
    const pattern = (source: string, flags = '') => ({ source, flags, engine: 'linear' })
    const [x, y] = [pattern('x'), pattern('y')]
    return [[x], [pattern('x', 'i')], [y], [x, y], [y, x]]
  }
  if (kind === 'lists') return otherLists(value as readonly ConfiguredList[])
  if (kind === 'score-pair') {
    const { bad, good } = value as ScorePair
    return [
      { bad: bad + 1, good },
      { bad, good: good + 1 },
    ]
  }
  if (Array.isArray(value))
    return [
      [...value, 'x'],
      [...value, 'y'],
    ]
  if (typeof value === 'boolean') return [!value]
  return typeof value === 'number' ? [value + 1, value + 0.25] : [`${value}x`, '']
}

function otherLists(entries: readonly ConfiguredList[]): unknown[] {
  const filter = (last: number) => ({
    kind: 'filter',
    octets: [127, 0, 0, last].map(octet => [{ first: octet, last: octet }]),
  })
  const [first = { host: 'a.example', filter: filter(4), hit: 1, miss: 0, label: 'A' }, ...rest] = entries
  return [
    ...(entries.length > 0 ? [[], rest, [...rest, first]] : [[first]]),
    [{ ...first, host: 'bl.example' }, ...rest],
    [{ ...first, hit: first.hit + 0.01 }, ...rest],
    [{ ...first, miss: first.miss - 0.01 }, ...rest],
    [{ ...first, label: 'DYN' }, ...rest],
    [{ ...first, filter: undefined }, ...rest],
    [{ ...first, filter: filter(2) }, ...rest],
    [{ ...first, filter: filter(3) }, ...rest],
  ]
}

t.test('every parameter is said to count for verdicts or not', t => {
  for (const { name, kind, verdict } of PARAMETERS) {
    t.ok([true, false, 'temporary'].includes(verdict), `${name} is one or the other`)
    if (verdict === 'temporary') t.equal(kind, 'message', `${name}: only messages are temporary`)
    if (['score', 'score-pair', 'lists', 'zones', 'patterns', 'labels'].includes(kind))
      t.equal(verdict, true, `${name}: what a kind like this says is always part of the verdict`)
  }
  const { values, messages } = VERDICT_PARAMETERS
  const counting = PARAMETERS.filter(({ verdict }) => verdict !== false).map(({ name }) => name)
  t.strictSame([...values, ...messages].sort(), counting.sort())
  t.end()
})

t.test('every change of a parameter that counts is seen, and no change of another', t => {
  for (const parameter of PARAMETERS) {
    const { name, verdict } = parameter
    if (verdict === 'temporary') continue
    const hashes = othersOf(parameter).map(value => hashWith({ [name]: value }))
    const different = new Set([HASH, ...hashes])
    t.equal(different.size, verdict ? 1 + hashes.length : 1, `${name}: ${verdict ? 'all differ' : 'all the same'}`)
  }
  t.equal(hashWith({ faulty: true }), HASH, 'built-in values are the same, whyever they serve')
  t.end()
})

t.test('of a message counts whether it is for good, since nothing else is remembered', t => {
  const cases: { label: string; message: string; wantSame: boolean }[] = [
    { label: 'another text', message: '554 5.7.1 No', wantSame: true },
    { label: 'another action', message: 'REJECT', wantSame: true },
    { label: 'a temporary code', message: '450 Later', wantSame: false },
    { label: 'a temporary action', message: 'DEFER_IF_PERMIT later', wantSame: false },
    { label: 'a restriction class', message: 'rc: greylist', wantSame: false },
  ]
  for (const name of VERDICT_PARAMETERS.messages) {
    const temporary = hashWith({ [name]: '421 Later' })
    for (const { label, message, wantSame } of cases)
      t.equal(hashWith({ [name]: message }), wantSame ? HASH : temporary, `${name}: ${label}`)
    t.not(temporary, HASH)
  }
  t.strictSame(VERDICT_PARAMETERS.messages, ['REJECTMSG', 'MAXDNSBLMSG'], 'those with which a client is remembered')
  t.end()
})

t.test('equal configurations have the same number, however they are written and read', async t => {
  const folder = t.testdir()
  const changed = {
    written: [
      `$REJECTLEVEL = 2.5;\n@helo_score = (1.5, -2.25);\n$PTIME = '2h';\n@rhsbl_score = ('a.example=127.0.0.2', 1, 0, 'A');\n`,
      `@rhsbl_score = (\n  'A.Example.=127.0.0.[2..2]', 1.0, 0, "A", # a list\n);\n$PTIME = 7200;\n@helo_score = (1.50, -2.25); $REJECTLEVEL = '2.5';\n`,
      `my $hours = '2h';\n$PTIME = $hours;\n$LOCKPATH = '/run/other/';\n$REJECTMSG = '554 No';\n$REJECTLEVEL = 2.5;\n@helo_score = qw(1.5 -2.25);\n@rhsbl_score = ('a.example=127.0.0.2', 1, 0, 'A');\n`,
    ],
    want: hashWith({
      REJECTLEVEL: 2.5,
      helo_score: { bad: 1.5, good: -2.25 },
      PTIME: 7200,
      rhsbl_score: [
        {
          host: 'a.example',
          filter: { kind: 'filter', octets: [127, 0, 0, 2].map(octet => [{ first: octet, last: octet }]) },
          hit: 1,
          miss: 0,
          label: 'A',
        },
      ],
    }),
  }
  const cases = [
    { label: 'nothing', written: ['', '1;\n', renderDefaults({ profile: 'classic', isFull: true })], want: HASH },
    { label: 'some values', ...changed },
  ]
  for (const { label, written, want } of cases) {
    for (const [index, text] of written.entries()) {
      const file = join(folder, 'conf')
      writeFileSync(file, text)
      for (const withOrigins of [false, true]) {
        const { config, findings } = await loadConfig({ file, withOrigins })
        t.strictSame(
          findings.filter(({ severity }) => severity === 'error'),
          [],
        )
        t.equal(
          verdictHash(config),
          want,
          `${label}, written in way ${index + 1}${withOrigins ? ', with origins' : ''}`,
        )
        t.equal(verdictHash(JSON.parse(JSON.stringify(config))), want, 'kept as JSON')
      }
    }
  }
})

t.test('the same everywhere: the hash of a text, on a little-endian machine', t => {
  const cases: [text: string, want: number][] = [
    ['["abc",1.5]', 608762263],
    ['["\u00e9"]', -872329606],
    ['["\u0141"]', -1774286893],
  ]
  for (const [text, want] of cases) t.equal(hashText(text), want, text)
  const alike = ['\u0141', '\u0241', 'A'].map(text => hashText(`["${text}"]`))
  t.equal(new Set(alike).size, 3, 'characters beyond 8 bits count with all of them')
  t.end()
})

t.test('the number of one that was kept is its own, not that of a copy with other values', t => {
  const config = { ...BUILTIN, REJECTLEVEL: 7 }
  const hash = verdictHash(config)
  noteVerdictHash(config, hash + 1)
  t.equal(verdictHash(config), hash + 1, 'taken from it')
  t.equal(verdictHash({ ...config }), hash)
  t.equal(verdictHash({ ...config, REJECTLEVEL: BUILTIN.REJECTLEVEL }), HASH)
  t.same(config, { ...BUILTIN, REJECTLEVEL: 7 }, 'it is no value of the configuration')
  t.end()
})
