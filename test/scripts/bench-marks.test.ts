import t from 'tap'
import { deriveFigures } from '../../scripts/bench/derived.ts'
import { quoteFigures } from '../../scripts/bench/marks.ts'
import { type Results, renderResults, withThousands } from '../../scripts/bench/results.ts'

const RESULTS: Results = {
  date: '2026-01-02',
  commit: '0123456789ab',
  minutes: 17,
  rounds: 30,
  machine: { cpu: 'Some CPU', cores: 2, memoryGigabytes: 4, kernel: '6.1', distribution: 'Debian' },
  versions: { Node: '20.20.0', postfwd: '1.35-8' },
  tables: [{ name: 'queries', title: 'Queries', note: 'Counted.', columns: ['', 'good'], rows: [['ours', '9|1']] }],
  figures: {
    'cold/0/ham-hit/ours-20': 30.26,
    'cold/0/ham-hit/original': 121.04,
    'daemon/hit/64/ours/per-second': 24_000,
    'daemon/hit/64/original/per-second': 4000,
  },
}

t.test('marks', t => {
  const fill = (text: string): string => quoteFigures(text, RESULTS)
  const cases: readonly [label: string, text: string, want: string][] = [
    ['no mark', 'nothing <!-- else -->', 'nothing <!-- else -->'],
    [
      'a figure',
      'a <!-- bench cold/0/ham-hit/ours-20 1 -->?<!-- /bench --> ms',
      'a <!-- bench cold/0/ham-hit/ours-20 1 -->30.3<!-- /bench --> ms',
    ],
    [
      'thousands, and an empty mark',
      '<!-- bench daemon/hit/64/ours/per-second 0 --><!-- /bench -->',
      '<!-- bench daemon/hit/64/ours/per-second 0 -->24,000<!-- /bench -->',
    ],
    [
      'two marks, over lines',
      '<!-- bench table queries -->\nold\n<!-- /bench --> <!-- bench cold/0/ham-hit/original 0 -->1<!-- /bench -->',
      '<!-- bench table queries -->\n\n|  | good |\n|---|---|\n| ours | 9\\|1 |\n\n<!-- /bench --> <!-- bench cold/0/ham-hit/original 0 -->121<!-- /bench -->',
    ],
  ]
  for (const [label, text, want] of cases) {
    t.equal(fill(text), want, label)
    t.equal(fill(fill(text)), want, `${label}, once more`)
  }
  const summary = fill('<!-- bench summary --><!-- /bench -->')
  t.match(summary, '| spawned process, known client | 30 ms | 121 ms | 4.0 × |\n')
  t.match(summary, '| daemon, 64 connections, known client | 24,000/s | 4,000/s | 6.0 × |\n')
  t.notMatch(summary, 'unknown client', 'a row without figures is left out')
  t.throws(() => fill('<!-- bench no/such 1 --><!-- /bench -->'), /there is no figure "no\/such 1"/)
  t.throws(() => fill('<!-- bench cold/0/ham-hit/ours-20 --><!-- /bench -->'), /there is no figure/, 'no digits')
  t.throws(() => fill('<!-- bench table cold --><!-- /bench -->'), /there is no table cold/)
  t.throws(() => fill('<!-- bench a 1 --> and <!-- bench a 1 --><!-- /bench -->'), /2 marks begin, 1 of them end/)
  t.end()
})

t.test('derived figures need what they follow from', t => {
  t.same(Object.keys(deriveFigures({})), [
    'scale/provider/peak-per-second',
    'scale/provider/peak-misses-per-second',
    'scale/provider/million-list-queries-a-day',
  ])
  t.equal(deriveFigures({ 'processes/ham-hit/64/ours-20/each': 20 })['scale/spawn/hits-per-second'], 50)
  t.end()
})

t.test('numbers', t => {
  const cases = [
    ['1', '1'],
    ['999.5', '999.5'],
    ['1000', '1,000'],
    ['1234567.25', '1,234,567.25'],
  ] as const
  for (const [figure, want] of cases) t.equal(withThousands(figure), want)
  t.end()
})

t.test('a page', t => {
  const page = renderResults(RESULTS)
  t.match(page, '* 2026-01-02, commit 0123456789ab\n* Some CPU, 2 processors, 4 GB; Linux 6.1, Debian\n')
  t.match(page, '## Queries\n\nCounted.\n\n|  | good |\n')
  t.ok(
    page.split('\n').every(line => line.length <= 120 || line.startsWith('|')),
    'lines are wrapped',
  )
  t.end()
})
