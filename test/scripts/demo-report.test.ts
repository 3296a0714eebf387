import t from 'tap'
import { GOOD_MAIL, verdictOf } from '../../testkit/demo-mails.ts'
import { readRules, renderRun } from '../../scripts/demo/report.ts'

const VERDICTS = [
  ['a header is added', 'PREPEND X-policyd-weight:  A=1; rate: 1', 'accept'],
  ['no opinion', 'DUNNO mail for abuse@example.org', 'accept'],
  ['a temporary code', '450 no records', 'defer'],
  ['a word of Postfix that defers', 'DEFER_IF_PERMIT 4.4.3 later', 'defer'],
  ['a permanent code', '550 no', 'reject'],
] as const

t.test('verdicts', t => {
  for (const [label, action, want] of VERDICTS) t.equal(verdictOf(action), want, label)
  t.end()
})

const RULES: readonly [label: string, weighted: string, want: ReturnType<typeof readRules>][] = [
  ['no line', '', []],
  [
    'scores of both signs',
    'weighted check:  IN_A=4.35 NOT_IN_B=-1.5; <client=x[192.0.2.1]> <helo=a=1> <from=> <to=>; rate: 2.85',
    [
      { rule: 'IN_A', score: 4.35 },
      { rule: 'NOT_IN_B', score: -1.5 },
    ],
  ],
  [
    'lists in trouble',
    'weighted check:  A=ERR(-1.5) B=SKIP(0); <client=x[192.0.2.1]>',
    [
      { rule: 'A: error', score: -1.5 },
      { rule: 'B: skipped', score: 0 },
    ],
  ],
  [
    'a remark between rules',
    'weighted check:  A=1 (check from: .b. - helo: .c. - helo-domain: .d.)  FROM/MX_MATCHES_HELO(DOMAIN)=-2; <client=x[192.0.2.1]>',
    [
      { rule: 'A', score: 1 },
      { rule: 'FROM/MX_MATCHES_HELO(DOMAIN)', score: -2 },
    ],
  ],
]

t.test('rules of a log line', t => {
  for (const [label, weighted, want] of RULES) t.same(readRules(weighted), want, label)
  t.end()
})

t.test('a report: aligned, with a running total, within 100 columns, coloured on request', t => {
  const run = {
    mail: GOOD_MAIL,
    action: `550 ${'words of refusal '.repeat(12)}`.trim(),
    weighted: 'weighted check:  IN_A=4.35 LONGER=-1.5; <client=x[192.0.2.1]>',
    elapsedMs: 49.6,
    queries: 1,
  }
  const text = renderRun(run, text => text)
  t.match(text, '  REJECT  1 DNS query, 50 ms from start to exit\n  550 words')
  t.match(text, '    rule      score    total\n    IN_A       4.35     4.35\n    LONGER    -1.50     2.85\n')
  t.ok(text.split('\n').every(line => line.length <= 100))
  t.match(
    renderRun(run, (text, colour) => `<${colour}>${text}`),
    '  <red>REJECT',
  )
  t.end()
})
