import t from 'tap'
import { restartDelayMs, workerCount } from '../../src/daemon/worker-pool.ts'

t.test('one worker per core, at most four, within the configured bounds', async t => {
  const cases: readonly [cores: number, minimum: number, maximum: number, want: number, why: string][] = [
    [1, 3, 50, 1, 'the defaults: never more than one per core'],
    [2, 3, 50, 2, 'the defaults'],
    [4, 3, 50, 4, 'the defaults'],
    [16, 3, 50, 4, 'the defaults'],
    [16, 8, 50, 8, 'more where that is asked for'],
    [4, 8, 50, 4, 'but not more than cores'],
    [16, 3, 2, 2, 'fewer where that is asked for'],
    [16, 8, 2, 2, 'the maximum wins'],
    [2, 0, 0, 1, 'one there has to be'],
  ]
  for (const [cores, MIN_PROC, MAX_PROC, want, why] of cases)
    t.equal(workerCount({ MIN_PROC, MAX_PROC }, cores), want, `${cores} cores, ${MIN_PROC} to ${MAX_PROC}: ${why}`)
})

t.test('a worker that keeps dying is waited for longer each time', async t => {
  t.same([0, 1, 2, 3, 4, 8, 20, 2000].map(restartDelayMs), [0, 100, 200, 400, 800, 10_000, 10_000, 10_000])
})
