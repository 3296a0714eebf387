/** The page and the JSON of decisions, with what strangers may put into them. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { explainDecision, type ExplainOptions, type ExplainedDecision } from '../../../src/cli/why/explanation.ts'
import { explainJson, whyJson } from '../../../src/cli/why/why-json.ts'
import { formOf } from '../../../src/cli/why/why-commands.ts'
import { type PageForm, renderDecisions, renderPage } from '../../../src/cli/why/why-page.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { verdictHashText } from '../../../src/config/verdict-hash.ts'
import type { DecisionRecord } from '../../../src/journal/decision-record.ts'
import { schemaFaults } from '../../support/json-schema.ts'

const SCHEMA = JSON.parse(readFileSync(new URL('../../../docs/why.schema.json', import.meta.url), 'utf8'))
const FORM = { width: 80, isColoured: false }
const CONFIG = builtinConfig()
const RECORD: DecisionRecord = {
  v: 1,
  time: '2026-11-29T08:15:02.000Z',
  id: '7QK2M01N4B',
  config: verdictHashText(CONFIG),
  request: {
    client_address: '192.0.2.10',
    client_name: 'mail.example.org',
    helo_name: 'mail.example.org',
    sender: 'alice@example.org',
    recipient: 'info@example.net',
    instance: 'x',
  },
  action: '550 Mail appeared to be SPAM; ref 7QK2M01N4B',
  ms: 38,
  why: 'rate',
  fate: 'rejected',
  rate: 3.75,
  rules: [{ rule: 'IN_SPAMCOP', score: 3.75, rate: 3.75 }],
  lookups: [
    {
      type: 'A',
      name: '10.2.0.192.bl.spamcop.net',
      list: 'bl.spamcop.net',
      answer: { kind: 'found', values: ['127.0.0.2'] },
      ms: 11.2,
      server: '127.0.0.1:53',
    },
    { type: 'MX', name: 'example.org', answer: { kind: 'failed', reason: 'timeout' }, server: '127.0.0.2:53' },
    { type: 'A', name: 'example.org' },
  ],
}

function explained(
  record: Partial<DecisionRecord> = {},
  original?: DecisionRecord,
  options: Partial<ExplainOptions> = {},
): Promise<ExplainedDecision> {
  return explainDecision({ ...RECORD, ...record }, original, {
    config: CONFIG,
    path: undefined,
    source: 'journal',
    ...options,
  })
}

/** The JSON of a report of one decision. */
function jsonOf(of: ExplainedDecision): string {
  const { record, fate } = of
  return whyJson({
    words: [record.request.helo_name],
    since: record.time,
    source: 'journal',
    decisions: [record],
    fateOf: () => fate,
    isCut: false,
    explained: of,
  })
}

t.test('what a page says', async t => {
  const page = renderPage(await explained(), FORM)
  for (const want of [
    /^Mail 7QK2M01N4B: refused$/m,
    /^ {2}client {5}192\.0\.2\.10, mail\.example\.org$/m,
    /^ {2}answered {3}550 Mail appeared/m,
    /^ {2}bl\.spamcop\.net {2}https:\/\/www\.spamcop\.net\/bl\.shtml$/m,
    /^ {2}policyd-weight forgive 7QK2M01N4B$/m,
    /^ {2}policyd-weight exempt 192\.0\.2\.10 --until 30d$/m,
    /10\.2\.0\.192\.bl\.spamcop\.net: 127\.0\.0\.2 \(11 ms by 127\.0\.0\.1:53\)/,
    /MX {4}example\.org: silent \(by 127\.0\.0\.2:53\)/,
    /A {5}example\.org: not awaited/,
    /\+3\.75 {5}3\.75 {2}IN_SPAMCOP: bl\.spamcop\.net of/,
    /Which clue decided cannot be told: answers are missing/,
  ])
    t.match(page, want)
  t.notMatch(page, /\x1b/, 'no colour')
  t.match(
    renderPage(await explained(), { ...FORM, isColoured: true }),
    /^\x1b\[1;31mMail 7QK2M01N4B: refused\x1b\[0m$/m,
  )
  t.match(
    renderPage(await explained(), FORM, 'forecast'),
    /^This mail would be refused\n {2}client/,
    'one that has not come',
  )
  const exempted = { exempt: { who: '192.0.2.10', action: 'SKIP' }, action: 'DUNNO exempt', would: '550 no' } as const
  t.match(
    renderPage(await explained(exempted, undefined, { source: 'now' }), FORM, 'forecast'),
    /^This mail would be accepted by an exception, and refused without it\n[\s\S]*without it the answer would be: 550 no\n/,
  )
  const path = "/etc/o'hara.conf"
  t.match(
    renderPage(await explained({}, undefined, { path }), FORM),
    /policyd-weight -f '\/etc\/o'\\''hara\.conf' forgive/,
  )
})

t.test('what else there is to say', async t => {
  const cases: [label: string, of: ExplainedDecision, want: RegExp][] = [
    [
      'a short cut',
      await explained({ by: 'role-recipient', action: 'DUNNO mail for abuse@x' }),
      /postmaster or abuse is never/,
    ],
    ['accepted', await explained({ fate: 'accepted', action: 'DUNNO ok' }), /^Mail 7QK2M01N4B: accepted/],
    ['deferred', await explained({ fate: 'deferred', action: '450 x' }), /^Mail 7QK2M01N4B: deferred/],
    [
      'a dry run',
      await explained({ would: '550 no', action: 'PREPEND X: would 550 no' }),
      /: accepted[\s\S]*would have been:\s+550 no/,
    ],
    [
      'out of memory',
      await explained({ by: 'spam', repeats: RECORD.id, id: 'AAAAAAAAAA' }, RECORD),
      /it repeats the decision 7QK2M01N4B/,
    ],
    [
      'what it repeats is gone',
      await explained({ by: 'spam', repeats: 'BBBBBBBBBB' }),
      /BBBBBBBBBB, is not in the journal/,
    ],
    ['another configuration', await explained({ config: '00000001' }), /configuration has changed since/],
    [
      'a probe that was not answered',
      await explained({ why: 'unvouched' }),
      /: deferred[\s\S]*probe was not\s+answered/,
    ],
    ['too many lists', await explained({ why: 'listings' }), /too many lists/],
    ['an outage', await explained({ why: 'outage' }), /no name server answered/],
    ['no time', await explained({ why: 'busy' }), /did not end in time/],
    ['out of a log', await explained({ config: '' }, undefined, { source: 'log' }), /only its log lines are known/],
    [
      'a rule of another version',
      await explained({ rules: [{ rule: 'OLD_RULE', score: 1, rate: 1 }] }),
      /1 {2}OLD_RULE\n/,
    ],
    [
      'a client that is none',
      await explained({ request: { ...RECORD.request, client_address: 'x; rm' } }),
      /client {5}x; rm/,
    ],
  ]
  for (const [label, of, want] of cases) {
    const page = renderPage(of, FORM)
    t.match(page, want, label)
    t.same(schemaFaults(SCHEMA, JSON.parse(jsonOf(of))), [], label)
    t.same(schemaFaults(SCHEMA, JSON.parse(explainJson(of))), [], label)
    t.notOk(
      page.split('\n').some(line => line.length > 80 && !line.startsWith('  policyd-weight')),
      `${label}: 80 columns`,
    )
  }
  const nat64 = { request: { ...RECORD.request, client_address: '64:ff9b::c000:20a' } }
  const config = { ...CONFIG, NAT64: true }
  t.match(
    renderPage(await explained(nat64, undefined, { config }), FORM),
    / exempt 192\.0\.2\.10 --until/,
    'as it is scored',
  )
  t.match(renderPage(await explained(nat64), FORM), / exempt 64:ff9b::c000:20a --until/, 'without $NAT64')
  t.notMatch(renderPage(await explained({ request: { ...RECORD.request, client_address: 'x; rm' } }), FORM), /exempt/)
})

t.test('what strangers write reaches neither terminal nor JSON as it is', async t => {
  const values: [label: string, value: string][] = [
    ['escapes of a terminal', '\x1b[2J\x1b]0;owned\x07\x9b31m'],
    ['line ends', 'a\r\nMail FORGED0000: accepted\n'],
    ['8 KB', 'x'.repeat(8192)],
    ['8 KB of blanks', ' '.repeat(8192)],
    ['JSON', '"}],"fate":"accepted","x":[{"'],
    ['a placeholder', '%{client} %{ref} %s $HOME $(id)'],
    ['other scripts', 'пример\u202eexample\u2028'],
    ['a prototype', '__proto__'],
  ]
  for (const [label, value] of values) {
    const request = { ...RECORD.request, client_name: value, helo_name: value, sender: `${value}@x`, recipient: value }
    const lookup = {
      type: value,
      name: value,
      list: value,
      answer: { kind: 'found' as const, values: [value] },
      server: value,
    }
    const hostile = await explained({
      id: value,
      request,
      action: `550 ${value}`,
      would: value,
      lookups: [lookup],
      rules: [{ rule: value, score: 1, rate: 1 }],
    })
    const page = renderPage(hostile, FORM) + renderDecisions([hostile.record, hostile.record], () => 'rejected', FORM)
    t.notMatch(page, /[^\x20-\x7e\n]/, `${label}: printable`)
    t.notMatch(page, /^Mail FORGED/m, `${label}: no line of its own`)
    t.ok(page.length < 20_000, `${label}: bounded`)
    t.notOk(
      page.split('\n').some(line => line.length > 80 && !line.startsWith('  policyd-weight')),
      `${label}: 80 columns`,
    )
    const json = jsonOf(hostile)
    t.match(json, /^[\x20-\x7e]*\n$/, `${label}: one line of ASCII`)
    const parsed = JSON.parse(json)
    t.same(schemaFaults(SCHEMA, parsed), [], `${label}: as the schema says`)
    t.equal(parsed.explained.fate, 'rejected', label)
    t.equal(parsed.explained.helo, value.replace(/[^\x20-\x7e]/g, '?'), `${label}: whole in the JSON`)
  }
})

t.test('a command that is to be copied is that command, whatever is in it', async t => {
  const config = builtinConfig({
    dnsbl_score: [{ host: 'one.example', filter: undefined, hit: 9, miss: 0, label: 'ONE' }],
  })
  const rules = [{ rule: 'IN_ONE', score: 9, rate: 9 }]
  const lookups = [
    {
      type: 'A',
      name: '10.2.0.192.one.example',
      list: 'one.example',
      answer: { kind: 'found' as const, values: ['127.0.0.2'] },
    },
  ]
  const values = ['mail.example.org', "a'b;$(id)`id`&&x|y>z", '-f', '$HOME', '"', '\\', '']
  for (const helo of values) {
    const request = { ...RECORD.request, helo_name: helo }
    const of = await explained({ request, rules, lookups, why: 'listings', rate: 9 }, undefined, {
      config,
      path: '/etc/a b',
    })
    const command = of.remedies.find(each => each.command.includes(' explain '))?.command ?? ''
    const ran = spawnSync('sh', ['-c', command.replace(/^policyd-weight/, "printf '%s\\n'")], { encoding: 'latin1' })
    const words = ran.stdout.split('\n')
    t.same(words.slice(0, 3), ['-f', '/etc/a b', 'explain'], helo)
    t.equal(words[words.indexOf('--helo') + 1], helo, helo)
  }
  for (const [label, fields] of [
    ['blanks', { helo_name: 'a b' }],
    ['escapes', { helo_name: '\x1b[2J' }],
    ['8 KB', { helo_name: 'x'.repeat(8192) }],
    ['a hidden sender', { sender: '~0123456789ab@example.org' }],
  ] as const) {
    const of = await explained(
      { request: { ...RECORD.request, ...fields }, rules, lookups, why: 'listings', rate: 9 },
      undefined,
      { config },
    )
    t.notOk(
      of.remedies.some(each => each.command.includes(' explain ')),
      label,
    )
  }
  const { remedies } = await explained({ id: "$(id)'; x", action: '550 x' })
  t.match(remedies[0]?.command, /forgive 192\.0\.2\.10$/, 'a reference that is none')
})

t.test('colour is for a terminal that wants it', t => {
  const terminal = { isTTY: true, columns: 132 }
  const cases: [label: string, of: Parameters<typeof formOf>[0], variables: NodeJS.ProcessEnv, want: PageForm][] = [
    ['a terminal', terminal, { TERM: 'xterm' }, { width: 132, isColoured: true }],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, { width: 132, isColoured: false }],
    ['an empty NO_COLOR says nothing', terminal, { NO_COLOR: '' }, { width: 132, isColoured: true }],
    ['one that knows none', terminal, { TERM: 'dumb' }, { width: 132, isColoured: false }],
    ['a pipe', {}, { TERM: 'xterm' }, { width: 80, isColoured: false }],
  ]
  for (const [label, of, variables, want] of cases) t.same(formOf(of, variables), want, label)
  t.end()
})

t.test('the schema is not content with anything', t => {
  t.not(schemaFaults(SCHEMA, {}).length, 0)
  t.not(schemaFaults(SCHEMA, { explained: null, more: 1 }).length, 0)
  t.same(schemaFaults(SCHEMA, { explained: null }), [])
  t.end()
})
