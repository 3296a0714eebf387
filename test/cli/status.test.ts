import t from 'tap'
import { describeReport } from '../../src/cli/status.ts'
import type { WorkerReport } from '../../src/daemon/worker-report.ts'

const CALM: WorkerReport = { atMs: 100_000, replaced: 0, last: undefined, silent: [] }
const last = { epochMs: 1_700_000_000_000, pid: 4713, why: 'no reaction for 8 s' }

t.test('what is said of the workers', async t => {
  const cases: { label: string; report: WorkerReport; nowMs?: number; want: string[] }[] = [
    { label: 'all is well', report: CALM, want: ['workers replaced: 0'] },
    {
      label: 'one was replaced',
      report: { ...CALM, replaced: 3, last },
      want: ['workers replaced: 3, the last one at 2023-11-14T22:13:20.000Z: process 4713, no reaction for 8 s'],
    },
    {
      label: 'one could not be started',
      report: { ...CALM, replaced: 1, last: { ...last, pid: 0, why: 'spawn EAGAIN' } },
      want: ['workers replaced: 1, the last one at 2023-11-14T22:13:20.000Z: spawn EAGAIN'],
    },
    {
      label: 'one does not react',
      report: { ...CALM, silent: [{ pid: 4714, seconds: 5 }] },
      want: ['workers replaced: 0', 'worker 4714 has not reacted for 5 s'],
    },
    { label: 'a busy supervisor', report: CALM, nowMs: 104_000, want: ['workers replaced: 0'] },
    {
      label: 'a supervisor that hangs',
      report: CALM,
      nowMs: 112_500,
      want: ['workers replaced: 0', 'process 4711 itself has not reacted for 12 s'],
    },
  ]
  for (const { label, report, nowMs = 100_500, want } of cases)
    t.strictSame(describeReport(report, 4711, nowMs), want, label)
})
