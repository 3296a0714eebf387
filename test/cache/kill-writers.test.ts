import t from 'tap'
import { runKillWriters } from '../support/kill-writers-run.ts'

t.test('250 rounds of eight writers that are killed: only whole entries, counters forwards, the lock free', async t => {
  const { status, output } = await runKillWriters(t.testdir(), 250, 1)
  t.match(output, /^250 rounds, \d{4,} entries checked, \d{4,} transactions\n$/)
  t.equal(status, 0)
})
