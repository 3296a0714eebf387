import t from 'tap'
import { parseReport, ReportFile, readReport, renderReport, type WorkerReport } from '../../src/daemon/worker-report.ts'

const CALM: WorkerReport = { atMs: 5, replaced: 0, last: undefined, silent: [] }
const TROUBLE: WorkerReport = {
  atMs: 123_456,
  replaced: 2,
  last: { epochMs: 1_700_000_000_000, pid: 4713, why: 'no reaction for 8 s' },
  silent: [
    { pid: 4714, seconds: 3 },
    { pid: 4715, seconds: 7 },
  ],
}

t.test('what is written is read', async t => {
  for (const report of [CALM, TROUBLE, { ...TROUBLE, last: { epochMs: 1, pid: 0, why: 'spawn EAGAIN' } }])
    t.strictSame(parseReport(renderReport(report)), report)
  const many = Array.from({ length: 64 }, (_, i) => ({ pid: 4_194_304 - i, seconds: 86_400 }))
  t.strictSame(parseReport(renderReport({ ...TROUBLE, silent: many })), { ...TROUBLE, silent: many })
  t.strictSame(
    parseReport(renderReport({ ...TROUBLE, last: { epochMs: 1, pid: 2, why: `two\nlines \u2028${'x'.repeat(900)}` } }))
      ?.last?.why,
    `two?lines ?${'x'.repeat(189)}`,
    'a line is a line, and no longer than it may be',
  )
})

t.test('nothing else is a report', async t => {
  const good = renderReport(TROUBLE)
  const cases: readonly [label: string, line: string][] = [
    ['nothing', ''],
    ['something in front', ` ${good}`],
    ['a number that is none', good.replace('123456', '1e6')],
    ['a number out of bounds', good.replace('123456', '1'.repeat(40))],
    ['a negative one', good.replace('123456', '-5')],
    ['half of it', good.slice(0, 40)],
    ['an escape sequence for whoever reads it', good.replace('reaction', '\x1b[2J')],
    ['a text without end', `${good}${'x'.repeat(300)}`],
  ]
  for (const [label, line] of cases) t.equal(parseReport(line), undefined, label)
})

t.test('a process is asked by its id', async t => {
  t.equal(readReport(process.pid), undefined, 'it has none yet')
  const file = new ReportFile()
  t.equal(readReport(process.pid), undefined, 'nothing was written')
  file.write(TROUBLE)
  t.strictSame(readReport(process.pid), TROUBLE)
  file.write(CALM)
  t.strictSame(readReport(process.pid), CALM, 'a shorter one in the place of a longer one')
  t.equal(readReport(2 ** 30), undefined, 'no such process')
})
