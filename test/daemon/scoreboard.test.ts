import { closeSync } from 'node:fs'
import t from 'tap'
import { MAX_SLOTS, openScoreboard, Scoreboard } from '../../src/daemon/scoreboard.ts'
import { testNative } from '../../testkit/native.ts'

const NONE = { kind: 'unavailable', why: 'a test' } as const

t.test('workers share one bound', async t => {
  const native = testNative()
  const descriptor = openScoreboard(native)
  if (descriptor === undefined) throw new Error('no scoreboard')
  t.teardown(() => closeSync(descriptor))
  const [one, other] = [new Scoreboard(native, descriptor), new Scoreboard(native, descriptor)]
  t.ok(one.enter(0, 2, 3))
  t.ok(one.enter(0, 2, 3))
  t.ok(other.enter(1, 2, 3), 'the third of three')
  t.notOk(other.enter(1, 2, 3), 'there is no room for a fourth, whoever accepts it')
  t.equal(one.total(2), 3, 'and it is not counted')
  one.leave(0)
  t.ok(other.enter(1, 2, 3))
  new Scoreboard(native, descriptor).clear(1)
  t.equal(one.total(2), 1, 'those of a worker that has died are gone')
})

t.test('a heartbeat is seen by the supervisor, and is nobody else’s', async t => {
  const native = testNative()
  const descriptor = openScoreboard(native)
  if (descriptor === undefined) throw new Error('no scoreboard')
  t.teardown(() => closeSync(descriptor))
  const [supervisor, worker] = [new Scoreboard(native, descriptor), new Scoreboard(native, descriptor)]
  t.ok(worker.isShared)
  worker.enter(1, 3, 10)
  worker.beat(1)
  worker.beat(1)
  t.same(
    [0, 1, 2].map(slot => supervisor.beats(slot)),
    [0, 2, 0],
  )
  supervisor.clear(1)
  t.equal(supervisor.beats(1), 2, 'a successor goes on counting')
  t.equal(supervisor.total(3), 0)
  const last = new Scoreboard(native, descriptor)
  last.beat(MAX_SLOTS - 1)
  t.equal(supervisor.beats(MAX_SLOTS - 1), 1, 'there is room for the last')
  t.notOk(new Scoreboard(NONE, undefined).isShared)
})

t.test('without the native part each keeps to its share', async t => {
  t.equal(openScoreboard(NONE), undefined)
  const scoreboard = new Scoreboard(NONE, undefined)
  t.ok(scoreboard.enter(1, 2, 3))
  t.ok(scoreboard.enter(1, 2, 3))
  t.notOk(scoreboard.enter(1, 2, 3), 'half of three, rounded up')
})
