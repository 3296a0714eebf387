import t from 'tap'
import { BEAT_MS, HUNG_START_TICKS, HUNG_TICKS, Heartbeat } from '../../src/daemon/heartbeat.ts'

/** What ticks make of a worker; each is the number the supervisor finds. */
function after(ticks: readonly number[], before = 0): Heartbeat {
  const heartbeat = new Heartbeat(before)
  for (const beats of ticks) heartbeat.tick(beats)
  return heartbeat
}

const silence = (ticks: number, beats: number): number[] => Array.from({ length: ticks }, () => beats)

t.test('who hangs, who is silent, and who is not', async t => {
  const cases: { label: string; ticks: readonly number[]; before?: number; wantSilent: boolean; wantHung: boolean }[] =
    [
      { label: 'one that beats', ticks: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], wantSilent: false, wantHung: false },
      { label: 'two beats in a tick', ticks: [1, 3, 5, 7, 9, 11, 13, 15, 17], wantSilent: false, wantHung: false },
      { label: 'one that is held up for a moment', ticks: [1, 1, 1], wantSilent: false, wantHung: false },
      { label: 'one that is silent', ticks: [1, ...silence(3, 1)], wantSilent: true, wantHung: false },
      {
        label: 'one that has nearly hung',
        ticks: [1, ...silence(HUNG_TICKS - 1, 1)],
        wantSilent: true,
        wantHung: false,
      },
      { label: 'one that hangs', ticks: [1, ...silence(HUNG_TICKS, 1)], wantSilent: true, wantHung: true },
      { label: 'a late beat counts', ticks: [1, ...silence(HUNG_TICKS - 1, 1), 2], wantSilent: false, wantHung: false },
      {
        label: 'one that takes its time to start',
        ticks: silence(HUNG_TICKS * 2, 0),
        wantSilent: false,
        wantHung: false,
      },
      { label: 'one that never starts', ticks: silence(HUNG_START_TICKS, 0), wantSilent: false, wantHung: true },
      {
        label: 'the number of its predecessor is no beat',
        ticks: silence(9, 70),
        before: 70,
        wantSilent: false,
        wantHung: false,
      },
      { label: 'the number wraps around', ticks: [2 ** 31 - 1, -(2 ** 31)], wantSilent: false, wantHung: false },
    ]
  for (const { label, ticks, before, wantSilent, wantHung } of cases) {
    const { isSilent, isHung } = after(ticks, before)
    t.same({ isSilent, isHung }, { isSilent: wantSilent, isHung: wantHung }, label)
  }
})

t.test('a machine that slept, or a supervisor that was stopped, makes nobody hang', async t => {
  // However long it was, the timer ticks once, before a worker that has slept as well can beat.
  const heartbeat = after([1, 2, 2])
  t.equal(heartbeat.silentTicks, 1)
  heartbeat.tick(3)
  t.equal(heartbeat.silentTicks, 0)
})

t.test('a worker that hangs is found out within ten seconds', async t => {
  // Silent right behind a tick in which it had beaten: that one is not counted.
  t.ok((HUNG_TICKS + 1) * BEAT_MS < 10_000)
})
