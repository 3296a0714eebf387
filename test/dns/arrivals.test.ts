import t from 'tap'
import { Arrivals } from '../../src/dns/arrivals.ts'
import type { RestUntil } from '../../src/dns/transport.ts'

const LULL_MS = 5

/** A clock that the test sets, and a wait that it ends: of a process that stands still. */
function standingStill(): { arrivals: Arrivals; clock: { ms: number }; waits: number[] } {
  const clock = { ms: 1000 }
  const waits: number[] = []
  const rest = async (isOver: () => boolean, { leftMs = () => Number.NaN }: RestUntil = {}): Promise<void> => {
    while (!isOver()) {
      waits.push(leftMs())
      clock.ms += Math.min(leftMs(), 60_000)
      if (leftMs() === Number.POSITIVE_INFINITY) return
    }
  }
  return { arrivals: new Arrivals(rest, () => clock.ms), clock, waits }
}

t.test('a lull is told once, behind an answer that none has followed', async t => {
  const { arrivals, clock, waits } = standingStill()
  arrivals.awaited = 2
  arrivals.came(clock.ms)
  clock.ms += 2
  t.equal(await arrivals.arrived(LULL_MS), true)
  t.same(waits, [3], 'so much was left of it')
  arrivals.came(clock.ms)
  t.equal(await arrivals.arrived(LULL_MS), true, 'and again behind another answer')
})

t.test('questions that may be answered as late as others were are waited for', async t => {
  const cases: [label: string, latencyMs: number, want: number][] = [
    ['as late', 40, 40 + LULL_MS],
    ['as late as is usual at most', 9000, 100 + LULL_MS],
  ]
  for (const [label, latencyMs, want] of cases) {
    const { arrivals, clock, waits } = standingStill()
    arrivals.awaited = 2
    arrivals.came(clock.ms, latencyMs)
    arrivals.asked(clock.ms)
    t.equal(await arrivals.arrived(LULL_MS), true)
    t.same(waits, [want], label)
  }
})

t.test('news is no lull, and nothing waited for is none', async t => {
  const { arrivals, clock } = standingStill()
  arrivals.awaited = 1
  arrivals.came(clock.ms)
  arrivals.tell()
  clock.ms += 100
  t.equal(await arrivals.arrived(LULL_MS), false)
  arrivals.awaited = 0
  t.equal(await arrivals.arrived(LULL_MS), false)
})

t.test('in the event loop', async t => {
  const clock = { ms: 1000 }
  const arrivals = new Arrivals(
    async () => {},
    () => clock.ms,
  )
  arrivals.awaited = 3
  let woken: boolean | undefined
  const wait = (lullMs?: number): Promise<void> =>
    arrivals.arrived(lullMs).then(isLull => {
      woken = isLull
    })
  const turns = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 4 * LULL_MS))

  const waiting = wait(LULL_MS)
  clock.ms += 60_000
  await turns()
  t.equal(woken, undefined, 'nothing has come: there is no lull')
  arrivals.came(clock.ms)
  await turns()
  t.equal(woken, undefined, 'by the clock no time has passed since')
  clock.ms += LULL_MS
  await waiting
  t.equal(woken, true)

  woken = undefined
  const next = wait(LULL_MS)
  arrivals.came(clock.ms)
  arrivals.tell()
  clock.ms += 100
  await next
  t.equal(woken, false, 'news')

  woken = undefined
  const usual = wait()
  arrivals.came(clock.ms)
  clock.ms += 60_000
  await turns()
  t.equal(woken, undefined, 'nobody asked for lulls')
  arrivals.tell()
  await usual
  t.equal(woken, false)
})
