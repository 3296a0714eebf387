import t from 'tap'
import { type Asker, FanOut } from '../../src/dns/fan-out.ts'
import type { Outcome, Question } from '../../src/dns/outcome.ts'

const NODATA: Outcome = { kind: 'nodata' }
const NXDOMAIN: Outcome = { kind: 'nxdomain' }

/** Keeps what it is asked until the test answers. */
class HeldAsker implements Asker {
  readonly asked: { question: Question; deadlineMs: number; settled: (outcome: Outcome) => void }[] = []

  ask(question: Question, deadlineMs: number, settled: (outcome: Outcome) => void): void {
    this.asked.push({ question, deadlineMs, settled })
  }

  answer(n: number, outcome: Outcome): void {
    this.asked[n]?.settled(outcome)
  }
}

const a = (name: string): Question => ({ type: 'A', name })
const mx = (name: string): Question => ({ type: 'MX', name })

/** Whether a promise is resolved once everything that is ready now has run. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
  let resolved = false
  void promise.then(() => {
    resolved = true
  })
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  return resolved
}

t.test('equal questions are asked once', t => {
  const asker = new HeldAsker()
  const fanOut = new FanOut(asker, 5000, () => 0)
  fanOut.start([a('example.org'), mx('example.org'), a('example.org')])
  fanOut.start([mx('example.org'), a('example.net')])
  t.same(
    asker.asked.map(({ question }) => question),
    [a('example.org'), mx('example.org'), a('example.net')],
  )
  t.ok(asker.asked.every(({ deadlineMs }) => deadlineMs === 5000))
  t.equal(fanOut.queries, 3)
  t.end()
})

t.test('answers are there as soon as they have come', t => {
  const asker = new HeldAsker()
  const fanOut = new FanOut(asker, 5000, () => 0)
  fanOut.start([a('example.org'), mx('example.org')])
  t.equal(fanOut.answers.get(a('example.org')), undefined)
  asker.answer(1, NODATA)
  t.same(fanOut.answers.get(mx('example.org')), NODATA)
  t.equal(fanOut.answers.get(a('example.org')), undefined)
  t.equal(fanOut.answers.get(a('never.example')), undefined)
  t.end()
})

t.test('names that cannot exist are answered on the spot (D3)', async t => {
  const asker = new HeldAsker()
  const fanOut = new FanOut(asker, 5000, () => 0)
  const names = [`${'a'.repeat(64)}.example`, 'a..example', '', `${'abc.'.repeat(63)}ab`, 'a\0.example', '\xff.example']
  fanOut.start(names.map(mx))
  for (const name of names) t.same(fanOut.answers.get(mx(name)), NXDOMAIN, JSON.stringify(name.slice(0, 20)))
  t.same(asker.asked, [])
  t.equal(fanOut.queries, 0)
  t.ok(await isResolved(fanOut.arrived()))
})

t.test('a name in UTF-8 is asked for in ASCII and answered as it was given', t => {
  const asker = new HeldAsker()
  const fanOut = new FanOut(asker, 5000, () => 0)
  const name = 'b\xc3\xbccher.example'
  fanOut.start([mx(name)])
  t.same(asker.asked[0]?.question, mx('xn--bcher-kva.example'))
  asker.answer(0, NODATA)
  t.same(fanOut.answers.get(mx(name)), NODATA)
  t.same(fanOut.lookups[0]?.question, mx(name))
  t.end()
})

t.test('arrivals', async t => {
  const asker = new HeldAsker()
  const fanOut = new FanOut(asker, 5000, () => 0)
  t.ok(await isResolved(fanOut.arrived()), 'nothing outstanding: nothing to wait for')

  fanOut.start(['a', 'b', 'c', 'd', 'e'].map(a))
  const first = fanOut.arrived()
  t.notOk(await isResolved(first), 'waits')
  let countAtWake = 0
  const woken = first.then(() => {
    countAtWake = fanOut.lookups.filter(lookup => lookup.outcome).length
  })
  asker.answer(0, NODATA)
  asker.answer(1, NODATA)
  await woken
  t.equal(countAtWake, 2, 'those that come together wake once')

  const second = fanOut.arrived()
  t.notOk(await isResolved(second), 'what was reported is not reported again')
  asker.answer(2, NODATA)
  t.ok(await isResolved(second))

  asker.answer(3, NODATA)
  t.ok(await isResolved(fanOut.arrived()), 'what came while nobody waited is reported at once')
  const last = fanOut.arrived()
  t.notOk(await isResolved(last))
  asker.answer(4, NODATA)
  t.ok(await isResolved(last))
  t.ok(await isResolved(fanOut.arrived()), 'nothing outstanding any more')
})

t.test('answers that come before asking returns', async t => {
  const fanOut = new FanOut({ ask: (_question, _deadlineMs, settled) => settled(NODATA) }, 5000, () => 0)
  fanOut.start([a('example.org')])
  t.same(fanOut.answers.get(a('example.org')), NODATA)
  t.ok(await isResolved(fanOut.arrived()))
})

t.test('lookups are reported in the order asked, with their latency', t => {
  const asker = new HeldAsker()
  let nowMs = 100
  const fanOut = new FanOut(asker, 5000, () => nowMs)
  fanOut.start([a('slow.example'), a('..'), a('quick.example'), a('silent.example')])
  nowMs = 103
  asker.answer(1, NXDOMAIN)
  nowMs = 120
  asker.answer(0, NODATA)
  t.same(fanOut.lookups, [
    { question: a('slow.example'), outcome: NODATA, latencyMs: 20 },
    { question: a('..'), outcome: NXDOMAIN, latencyMs: undefined },
    { question: a('quick.example'), outcome: NXDOMAIN, latencyMs: 3 },
    { question: a('silent.example'), outcome: undefined, latencyMs: undefined },
  ])
  t.end()
})

t.test('names with a meaning in JavaScript are names', t => {
  const fanOut = new FanOut(new HeldAsker(), 5000, () => 0)
  for (const name of ['__proto__', 'constructor', 'tostring']) t.equal(fanOut.answers.get(a(name)), undefined)
  t.end()
})
