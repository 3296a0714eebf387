import t from 'tap'
import { type Asker, FanOut } from '../../src/dns/fan-out.ts'
import type { Outcome, Question } from '../../src/dns/outcome.ts'

const NODATA: Outcome = { kind: 'nodata' }
const NXDOMAIN: Outcome = { kind: 'nxdomain' }

/** Keeps what it is asked until the test answers. */
class HeldAsker implements Asker {
  readonly asked: { question: Question; deadlineMs: number; settled: (outcome: Outcome) => void }[] = []

  ask(questions: readonly Question[], deadlineMs: number, settled: (index: number, outcome: Outcome) => void): void {
    for (const [index, question] of questions.entries())
      this.asked.push({ question, deadlineMs, settled: outcome => settled(index, outcome) })
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

t.test('what says nothing new wakes nobody', async t => {
  const list = (name: string): Question => ({ type: 'A', name, ofList: true })
  const asker = new HeldAsker()
  const fanOut = new FanOut(asker, 5000, () => 0)
  fanOut.start([list('a'), list('b'), list('c'), list('d'), a('name'), a('other')])
  let arrival = fanOut.arrived()
  asker.answer(0, NXDOMAIN)
  asker.answer(1, NODATA)
  t.notOk(await isResolved(arrival), 'two lists that list nobody')
  t.same(fanOut.answers.get(list('a')), NXDOMAIN, 'but the answer is there')
  asker.answer(2, { kind: 'found', values: ['127.0.0.2'] })
  t.ok(await isResolved(arrival), 'a listing')
  arrival = fanOut.arrived()
  asker.answer(4, NXDOMAIN)
  t.ok(await isResolved(arrival), 'a name that does not exist')

  fanOut.start([list('d')])
  arrival = fanOut.arrived()
  asker.answer(5, { kind: 'found', values: ['192.0.2.1'] })
  t.notOk(await isResolved(arrival), 'an answer that is not needed any more')
  asker.answer(3, NXDOMAIN)
  t.ok(await isResolved(arrival), 'the last one that is, whatever it says')
})

t.test('a question that is named twice is waited for once', async t => {
  const asker = new HeldAsker()
  const fanOut = new FanOut(asker, 5000, () => 0)
  fanOut.start([mx('example.org'), mx('example.org')])
  fanOut.start([mx('example.org'), mx('example.org')])
  const arrival = fanOut.arrived()
  t.notOk(await isResolved(arrival))
  asker.answer(0, NODATA)
  t.ok(await isResolved(arrival))
  t.ok(await isResolved(fanOut.arrived()), 'nothing is waited for any more')
})

t.test('replies that lie ready are read first', async t => {
  const asker = new HeldAsker()
  const fanOut = new FanOut(asker, 5000, () => 0)
  t.ok(await isResolved(fanOut.polled()), 'nothing asked')
  fanOut.start(['a', 'b', 'c', 'd'].map(a))
  t.ok(await isResolved(fanOut.polled()), 'nothing ready')

  // One in each turn of the event loop.
  const answers: number[] = []
  const answerFrom = (n: number, end: number): void => {
    if (n === end) return
    asker.answer(n, NODATA)
    answers.push(n)
    setImmediate(answerFrom, n + 1, end)
  }
  answerFrom(0, 3)
  await fanOut.polled()
  t.same(answers, [0, 1, 2], 'as long as there are more')
  const arrival = fanOut.arrived()
  t.notOk(await isResolved(arrival), 'they are no news any more')
  asker.answer(3, NODATA)
  t.ok(await isResolved(arrival))
  let isPolled = false
  void fanOut.polled().then(() => {
    isPolled = true
  })
  await undefined
  t.ok(isPolled, 'all are there: at once')
})

t.test('a process that stands still', async t => {
  const list = (name: string): Question => ({ type: 'A', name, ofList: true })
  const waits: (number | undefined)[] = []
  const asker = new HeldAsker()
  /** What comes while it stands still, in the order of its waits. */
  const arriving: (readonly (readonly [n: number, outcome: Outcome])[])[] = []
  const wait = (atMostMs?: number): undefined => {
    waits.push(atMostMs)
    for (const [n, outcome] of arriving.shift() ?? []) asker.answer(n, outcome)
  }
  const ask = asker.ask.bind(asker)
  const fanOut = new FanOut({ ask, wait }, 5000, () => 0)
  await fanOut.polled()
  await fanOut.arrived()
  t.same(waits, [], 'nothing asked: nothing waited for')

  fanOut.start([list('a'), list('b'), a('name'), a('other')])
  arriving.push([[2, NODATA]])
  await fanOut.polled()
  t.same(waits, [0], 'what lies ready')
  arriving.push([], [[0, NXDOMAIN]], [[1, { kind: 'found', values: ['127.0.0.2'] }]])
  await fanOut.arrived()
  t.same(waits, [0, undefined, undefined, undefined], 'until there is news')
  arriving.push([[3, NODATA]])
  await fanOut.arrived()
  await fanOut.arrived()
  t.same(waits.length, 5, 'all are there')
})

t.test('who has nothing to ask asks nobody', t => {
  const fanOut = new FanOut({ ask: () => t.fail('nothing was to be asked') }, 5000, () => 0)
  fanOut.start([])
  fanOut.start([a('..')])
  t.equal(fanOut.queries, 0)
  t.end()
})

t.test('answers that come before asking returns', async t => {
  const fanOut = new FanOut({ ask: (_questions, _deadlineMs, settled) => settled(0, NODATA) }, 5000, () => 0)
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
  const records = fanOut.lookups.map(({ question, outcome, latencyMs }) => ({ question, outcome, latencyMs }))
  t.same(records, [
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
