import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { HUNG_TICKS } from '../../src/daemon/heartbeat.ts'
import { Scoreboard } from '../../src/daemon/scoreboard.ts'
import { restartDelayMs, WorkerPool, workerCount } from '../../src/daemon/worker-pool.ts'
import type { WorkerReport } from '../../src/daemon/worker-report.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const FAKE_WORKER = join(dirname(fileURLToPath(import.meta.url)), '..', 'support', 'fake-worker.cjs')

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
    [1000, 1000, 1000, 64, 'and no more than the scoreboard has room for'],
  ]
  for (const [cores, MIN_PROC, MAX_PROC, want, why] of cases)
    t.equal(workerCount({ MIN_PROC, MAX_PROC }, cores), want, `${cores} cores, ${MIN_PROC} to ${MAX_PROC}: ${why}`)
})

t.test('a worker that keeps dying is waited for longer each time', async t => {
  t.same([0, 1, 2, 3, 4, 8, 20, 2000].map(restartDelayMs), [0, 100, 200, 400, 800, 10_000, 10_000, 10_000])
})

interface Watched {
  readonly pool: WorkerPool
  readonly events: string[]
  readonly hung: number[]
  report(): WorkerReport | undefined
  /** How often it has looked at its workers. */
  looks(): number
}

/** A pool of fake workers, and what it has told. */
function watch(
  t: Test,
  how: 'well' | 'loops' | 'mute' | 'dies',
  beatMs: number,
  command = ['/usr/bin/env', '-u', 'NODE_OPTIONS', process.execPath, FAKE_WORKER, t.testdir({}), how],
): Watched {
  const events: string[] = []
  const hung: number[] = []
  let report: WorkerReport | undefined
  let looks = 0
  const pool = new WorkerPool(builtinConfig(), {
    count: 2,
    listeners: [],
    scoreboard: new Scoreboard({ kind: 'unavailable', why: 'a test' }, undefined),
    cacheFileName: 'x.cache',
    explains: false,
    isForeground: true,
    beatMs,
    command,
    ready: () => events.push('ready'),
    failed: () => events.push('failed'),
    configured: round => events.push(`configured ${round}`),
    worked: () => events.push('worked'),
    hung: pid => hung.push(pid),
    died: why => events.push(`died ${why}`),
    looked: seen => {
      report = seen
      looks++
    },
  })
  t.teardown(() => pool.stop())
  pool.start()
  return { pool, events, hung, report: () => report, looks: () => looks }
}

t.test('a worker in an endless loop is found out, killed and replaced, and its reload is not waited for', async t => {
  const { pool, events, hung, report } = watch(t, 'loops', 200)
  await waitFor('all workers', () => events.includes('ready'))
  await waitFor('one to be silent', () => report()?.silent.length === 1)
  const [silent] = report()?.silent ?? []
  t.ok(pool.isServing, 'the other one serves')
  pool.configure(builtinConfig(), undefined, 1)
  t.notOk(events.includes('configured 1'))
  await waitFor('it to be found out', () => hung.length > 0)
  t.equal(hung[0], silent?.pid)
  await waitFor('the reload', () => events.includes('configured 1'))
  t.ok(events.indexOf('died SIGKILL') < events.indexOf('configured 1'))
  t.match(report()?.last ?? pool.report().last, { pid: silent?.pid, why: /^no reaction for 1\.6 s$/ })
  await waitFor('its successor', () => pool.report().silent.length === 0)
  t.equal(pool.report().replaced, 1)
})

t.test('a reload that comes while a worker is waited for is done when that has been started', async t => {
  const { pool, events } = watch(t, 'dies', 200)
  await waitFor('all workers', () => events.includes('ready'))
  await waitFor('one to die', () => events.includes('died exit status 3'))
  pool.configure(builtinConfig(), undefined, 1)
  await waitFor('the reload', () => events.includes('configured 1'))
  t.equal(events.filter(event => event.startsWith('died')).length, 1)
})

t.test('workers that hang before they begin are no workers', async t => {
  const { pool, events, hung } = watch(t, 'mute', 30)
  await waitFor('it to be given up', () => events.includes('failed'))
  t.ok(hung.length >= 3)
  t.notOk(pool.isServing)
  t.notOk(events.includes('ready'))
})

t.test('workers that cannot be started are waited for, however that is told', async t => {
  // Of the latter spawn throws, as where there is no memory for another process.
  for (const command of ['/nonexistent', '/nul\0']) {
    const { events } = watch(t, 'well', 1000, [command])
    await waitFor('it to be given up', () => events.includes('failed'))
    t.match(events.slice(0, 4), [/^died /, /^died /, /^died /, 'failed'])
  }
})

t.test('a supervisor that was stopped itself kills nobody for it', async t => {
  const BEAT_MS = 250
  const { events, hung, looks } = watch(t, 'well', BEAT_MS)
  await waitFor('all workers', () => events.includes('ready'))
  // As SIGSTOP and SIGCONT would: longer than a worker may be silent.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BEAT_MS * (HUNG_TICKS + 2))
  const before = looks()
  await waitFor('it to look again, more than once', () => looks() > before + 3)
  t.same(hung, [])
  t.same(events, ['ready'])
})
