import t from 'tap'
import type { NamePlaces } from '../../src/dns/client-names.ts'
import { type Asker, FanOut, type FanOutOptions, MAX_QUERIES } from '../../src/dns/fan-out.ts'
import { CONTROL, type Outcome, type Question, questionKey } from '../../src/dns/outcome.ts'
import type { Asking, Listener } from '../../src/dns/query.ts'
import { turn } from '../../src/dns/transport.ts'

const NODATA: Outcome = { kind: 'nodata' }
const NXDOMAIN: Outcome = { kind: 'nxdomain' }

interface Asked {
  readonly question: Question
  readonly deadlineMs: number
  readonly tries: number | undefined
  readonly settled: (outcome: Outcome) => void
  readonly retried: () => void
  isCancelled: boolean
  isLastTry: boolean
}

/** Places that a test deals out. */
class DealtPlaces implements NamePlaces {
  count = 0
  silences = 0
  silent = 0
  isOwnSilence = false
  areScarce = false
  readonly wanted: number[] = []
  #limit: number

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit
  }

  allow(limit: number): void {
    this.#limit = limit
  }

  want(count: number): number {
    this.wanted.push(count)
    this.count = Math.min(count, this.#limit)
    return this.count
  }

  noteSilence(): void {
    this.silences++
  }
}

const optionsOf = (given: Partial<FanOutOptions> = {}): FanOutOptions => ({
  deadlineMs: 5000,
  places: new DealtPlaces(),
  mostFailures: 3,
  tries: 3,
  tryMs: 2000,
  now: () => 0,
  ...given,
})

/** Keeps what it is asked until the test answers. */
class HeldAsker implements Asker {
  readonly asked: Asked[] = []
  rest: Asker['rest'] = turn

  ask(questions: readonly Question[], deadlineMs: number, listener: Listener, tries?: number): Asking {
    const own = questions.map((question, index): Asked => {
      const settled = (outcome: Outcome): void => listener.settled(index, outcome)
      const retried = (): void => listener.retried?.(index)
      return { question, deadlineMs, tries, settled, retried, isCancelled: false, isLastTry: false }
    })
    this.asked.push(...own)
    return {
      cancel: () => {
        for (const each of own) each.isCancelled = true
      },
      stopRetrying: () => {
        for (const each of own) each.isLastTry = true
      },
    }
  }

  get names(): string[] {
    return this.asked.map(({ question }) => questionKey(question))
  }

  answer(n: number, outcome: Outcome): void {
    this.asked[n]?.settled(outcome)
  }
}

/** A fan-out with its asker, and so many places. */
function fanOutOverAsker(given: Partial<FanOutOptions> = {}, limit?: number) {
  const asker = new HeldAsker()
  const places = new DealtPlaces(limit)
  return { asker, places, fanOut: new FanOut(asker, optionsOf({ places, ...given })) }
}

const TIMEOUT: Outcome = { kind: 'failed', reason: 'timeout' }

const a = (name: string): Question => ({ type: 'A', name })
const list = (name: string): Question => ({ type: 'A', name, ofList: true })
const mx = (name: string): Question => ({ type: 'MX', name })

/** Whether a promise is resolved once everything that is ready now has run. */
async function isResolved(promise: Promise<unknown>): Promise<boolean> {
  let resolved = false
  void promise.then(() => {
    resolved = true
  })
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  return resolved
}

t.test('equal questions are asked once', t => {
  const { asker, fanOut } = fanOutOverAsker()
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
  const { asker, fanOut } = fanOutOverAsker()
  fanOut.start([a('example.org'), mx('example.org')])
  t.equal(fanOut.answers.get(a('example.org')), undefined)
  asker.answer(1, NODATA)
  t.same(fanOut.answers.get(mx('example.org')), NODATA)
  t.equal(fanOut.answers.get(a('example.org')), undefined)
  t.equal(fanOut.answers.get(a('never.example')), undefined)
  t.end()
})

t.test('names that cannot exist are answered on the spot (D3)', async t => {
  const { asker, fanOut } = fanOutOverAsker()
  const names = [`${'a'.repeat(64)}.example`, 'a..example', '', `${'abc.'.repeat(63)}ab`, 'a\0.example', '\xff.example']
  fanOut.start(names.map(mx))
  for (const name of names) t.same(fanOut.answers.get(mx(name)), NXDOMAIN, JSON.stringify(name.slice(0, 20)))
  t.same(asker.asked, [])
  t.equal(fanOut.queries, 0)
  t.ok(await isResolved(fanOut.arrived()))
})

t.test('names of the client that are in no DNS are answered on the spot (D2)', t => {
  const { asker, fanOut } = fanOutOverAsker()
  const ofList: Question = { type: 'A', name: '10.2.0.192.bl.corp.local', ofList: true }
  fanOut.start([mx('srv1.firm.local'), ofList])
  t.same(fanOut.answers.get(mx('srv1.firm.local')), NXDOMAIN)
  t.same(
    asker.asked.map(({ question }) => question.name),
    [ofList.name],
    'a list of the operator is asked',
  )
  t.end()
})

t.test('a name in UTF-8 is asked for in ASCII and answered as it was given', t => {
  const { asker, fanOut } = fanOutOverAsker()
  const name = 'b\xc3\xbccher.example'
  fanOut.start([mx(name)])
  t.same(asker.asked[0]?.question, mx('xn--bcher-kva.example'))
  asker.answer(0, NODATA)
  t.same(fanOut.answers.get(mx(name)), NODATA)
  t.same(fanOut.lookups[0]?.question, mx(name))
  t.end()
})

t.test('arrivals', async t => {
  const { asker, fanOut } = fanOutOverAsker()
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
  const { asker, fanOut } = fanOutOverAsker()
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
  const { asker, fanOut } = fanOutOverAsker()
  fanOut.start([mx('example.org'), mx('example.org')])
  fanOut.start([mx('example.org'), mx('example.org')])
  const arrival = fanOut.arrived()
  t.notOk(await isResolved(arrival))
  asker.answer(0, NODATA)
  t.ok(await isResolved(arrival))
  t.ok(await isResolved(fanOut.arrived()), 'nothing is waited for any more')
})

t.test('replies that lie ready are read first', async t => {
  const { asker, fanOut } = fanOutOverAsker()
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
  const asker = new HeldAsker()
  /** What comes while it stands still, one after the other. */
  const arriving: (readonly [n: number, outcome: Outcome])[] = []
  let rests = 0
  asker.rest = async isOver => {
    rests++
    do {
      const arrival = arriving.shift()
      if (!arrival) throw new Error('it stands still for ever')
      asker.answer(...arrival)
    } while (!isOver())
  }
  const fanOut = new FanOut(asker, optionsOf())
  await fanOut.polled()
  await fanOut.arrived()
  t.equal(rests, 0, 'nothing asked: nothing waited for')

  fanOut.start([list('a'), list('b'), a('name'), a('other')])
  arriving.push([2, NODATA], [0, NXDOMAIN], [1, { kind: 'found', values: ['127.0.0.2'] }])
  await fanOut.arrived()
  t.equal(arriving.length, 2, 'until there is news')
  await fanOut.arrived()
  t.equal(arriving.length, 0, 'which a list that lists nobody is not')
  arriving.push([3, NODATA])
  await fanOut.polled()
  t.equal(rests, 3)
  await fanOut.arrived()
  t.equal(rests, 3, 'all are there')
})

t.test('who has nothing to ask asks nobody', t => {
  const fanOut = new FanOut({ ask: () => t.fail('nothing was to be asked') as never, rest: turn }, optionsOf())
  fanOut.start([])
  fanOut.start([a('..')])
  t.equal(fanOut.queries, 0)
  t.end()
})

t.test('answers that come before asking returns', async t => {
  const ask: Asker['ask'] = (_questions, _deadlineMs, listener) => {
    listener.settled(0, NODATA)
    return { cancel: () => {}, stopRetrying: () => {} }
  }
  const fanOut = new FanOut({ ask, rest: turn }, optionsOf())
  fanOut.start([a('example.org')])
  t.same(fanOut.answers.get(a('example.org')), NODATA)
  t.ok(await isResolved(fanOut.arrived()))
})

t.test('lookups are reported in the order asked, with their latency', t => {
  const asker = new HeldAsker()
  let nowMs = 100
  const fanOut = new FanOut(asker, optionsOf({ now: () => nowMs }))
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
  const fanOut = new FanOut(new HeldAsker(), optionsOf())
  for (const name of ['__proto__', 'constructor', 'tostring']) t.equal(fanOut.answers.get(a(name)), undefined)
  t.end()
})

t.test('lists leave first, and names when there is a place', async t => {
  const { asker, places, fanOut } = fanOutOverAsker({}, 1)
  fanOut.start([a('one'), list('l'), a('two'), list('m'), a('three')])
  t.same(asker.names, ['A l', 'A m', 'A one'])
  t.ok(fanOut.isHolding)
  fanOut.askHeld()
  t.equal(asker.names.length, 3, 'no place yet')
  asker.answer(2, NODATA)
  fanOut.askHeld()
  t.same(asker.names.slice(3), ['A two'], 'in the place of the one that was answered')
  places.allow(2)
  fanOut.askHeld()
  t.same(asker.names.slice(4), ['A three'])
  t.notOk(fanOut.isHolding)
  t.equal(fanOut.queries, 5)
})

t.test('a question that is held back is waited for', async t => {
  const { asker, places, fanOut } = fanOutOverAsker({}, 0)
  fanOut.start([a('one')])
  const arrival = fanOut.arrived()
  t.notOk(await isResolved(arrival))
  places.allow(1)
  fanOut.askHeld()
  t.notOk(await isResolved(arrival))
  asker.answer(0, NODATA)
  t.ok(await isResolved(arrival))
})

t.test('an answer that lets a question out which is held back is news only together with its answer', async t => {
  const { asker, fanOut } = fanOutOverAsker({}, 1)
  fanOut.start([a('one'), a('two'), list('l'), a('three')])
  let arrival = fanOut.arrived()
  asker.answer(1, NODATA)
  t.same(asker.names, ['A l', 'A one', 'A two'], 'in its place, without further ado')
  t.notOk(await isResolved(arrival))
  t.same(fanOut.answers.get(a('one')), NODATA, 'but the answer is there')
  asker.answer(0, { kind: 'found', values: ['127.0.0.2'] })
  t.ok(await isResolved(arrival), 'a listing is news at once')
  arrival = fanOut.arrived()
  asker.answer(2, NODATA)
  t.same(asker.names.slice(3), ['A three'])
  t.notOk(await isResolved(arrival))
  asker.answer(3, NODATA)
  t.ok(await isResolved(arrival), 'nothing is held back any more')
})

t.test('an answer is news if nobody waits any more for the question that it lets out', async t => {
  const { asker, fanOut } = fanOutOverAsker({}, 1)
  fanOut.start([a('one'), a('two'), list('l')])
  fanOut.start([a('one'), list('l')])
  const arrival = fanOut.arrived()
  asker.answer(1, NODATA)
  t.same(asker.names, ['A l', 'A one', 'A two'])
  t.ok(await isResolved(arrival))
})

t.test('a failure is news, whatever is held back', async t => {
  const { asker, fanOut } = fanOutOverAsker({}, 1)
  fanOut.start([mx('one'), mx('two')])
  const arrival = fanOut.arrived()
  asker.answer(0, { kind: 'failed', reason: 'servfail' })
  t.ok(await isResolved(arrival), 'scoring may give up because of it')
})

t.test('what was never asked until the deadline fails, and is overdue', async t => {
  let nowMs = 0
  const { places, fanOut } = fanOutOverAsker({ now: () => nowMs }, 0)
  fanOut.start([a('one')])
  nowMs = 5000
  fanOut.askHeld()
  t.same(fanOut.answers.get(a('one')), TIMEOUT)
  t.ok(fanOut.isOverdue)
  t.equal(places.silences, 0, 'it says nothing about the name')
  t.ok(await isResolved(fanOut.arrived()))
})

t.test('of those held back, what is waited for now leaves first', t => {
  const { asker, places, fanOut } = fanOutOverAsker({}, 0)
  fanOut.start([a('one'), a('two'), a('three'), a('four')])
  fanOut.start([a('three'), a('five'), a('four')])
  places.allow(2)
  fanOut.askHeld()
  t.same(asker.names, ['A three', 'A four'])
  places.allow(4)
  fanOut.askHeld()
  t.same(asker.names.slice(2), ['A five', 'A one'])
  t.end()
})

t.test('what has less time than the others is given up when that is over, without having been asked', async t => {
  let nowMs = 0
  const { asker, places, fanOut } = fanOutOverAsker({ now: () => nowMs }, 0)
  fanOut.start([a('one')], [a('hurried')], 2000)
  nowMs = 1999
  fanOut.askHeld()
  t.equal(fanOut.answers.get(a('hurried')), undefined)
  const arrival = fanOut.arrived()
  nowMs = 2000
  places.allow(2)
  fanOut.askHeld()
  t.same(fanOut.answers.get(a('hurried')), TIMEOUT)
  t.ok(await isResolved(arrival), 'it is news')
  t.same(asker.names, ['A one'])
  t.notOk(fanOut.isOverdue, 'others have time')
})

t.test('behind silent names of its own client a question is held back no longer than a lookup may take', t => {
  let nowMs = 0
  const { asker, places, fanOut } = fanOutOverAsker({ deadlineMs: 80_000, now: () => nowMs }, 1)
  fanOut.start([a('one'), a('two'), a('three')])
  nowMs = 5999
  places.isOwnSilence = true
  places.allow(2)
  fanOut.askHeld()
  t.same(asker.names, ['A one', 'A two'])
  nowMs = 11_998
  fanOut.askHeld()
  t.ok(fanOut.isHolding, 'counted from when the last one was asked')
  places.isOwnSilence = false
  nowMs = 70_000
  fanOut.askHeld()
  t.ok(fanOut.isHolding, 'with silence of others alone it is waited for')
  places.isOwnSilence = true
  fanOut.askHeld()
  t.notOk(fanOut.isHolding)
  t.ok(fanOut.isOverdue)
  t.same(fanOut.answers.get(a('three')), TIMEOUT)
  t.equal(places.silences, 0, 'it says nothing about the name')
  fanOut.start([a('one'), a('four')])
  t.notOk(fanOut.isHolding, 'and nothing else is waited for')
  t.end()
})

t.test('a silent question keeps its place until the request ends, or it is answered', t => {
  const { asker, places, fanOut } = fanOutOverAsker({}, 2)
  fanOut.start([a('one'), mx('two'), a('three')])
  asker.asked[0]?.retried()
  asker.asked[0]?.retried()
  asker.asked[1]?.retried()
  t.equal(places.silent, 2, 'each counts once')
  asker.answer(0, TIMEOUT)
  fanOut.askHeld()
  t.ok(fanOut.isHolding, 'nobody waits for it any more, but the resolver works on it')
  asker.answer(1, NODATA)
  t.equal(places.silent, 1)
  fanOut.askHeld()
  t.notOk(fanOut.isHolding)
  fanOut.end()
  t.equal(places.silent, 1, 'what lingers behind the end')
  t.end()
})

t.test('a question whose tries were used up is no sign that there was no time', t => {
  let nowMs = 0
  const { asker, places, fanOut } = fanOutOverAsker({ now: () => nowMs })
  fanOut.start([a('one'), a('two')])
  nowMs = 4000
  asker.answer(0, TIMEOUT)
  t.notOk(fanOut.isOverdue)
  t.equal(places.silences, 1)
  nowMs = 5000
  asker.answer(1, TIMEOUT)
  t.ok(fanOut.isOverdue)
  t.end()
})

t.test('places that are not needed any more are given back', t => {
  const { asker, places, fanOut } = fanOutOverAsker()
  const names = Array.from({ length: 40 }, (_, n) => a(`n${n}`))
  fanOut.start(names)
  t.same(places.wanted, [40])
  for (let n = 0; n < 20; n++) asker.answer(n, NODATA)
  fanOut.start(names)
  t.same(places.wanted, [40, 20])
  asker.answer(20, NODATA)
  fanOut.start(names)
  t.same(places.wanted, [40, 20], 'a few are kept for what comes next')
  t.end()
})

t.test("once so many of the client's names have failed, none is sent twice", t => {
  const { asker, fanOut } = fanOutOverAsker({ mostFailures: 3 })
  const names = ['a', 'b', 'c', 'd'].map(mx)
  fanOut.start([list('l'), ...names, { type: 'AAAA', name: 'a' }, { type: 'PTR', name: 'p' }])
  for (const n of [5, 6, 1, 2]) asker.answer(n, TIMEOUT)
  t.notOk(
    asker.asked.some(({ isLastTry }) => isLastTry),
    'neither AAAA nor PTR counts',
  )
  asker.answer(3, { kind: 'failed', reason: 'servfail' })
  t.same(
    asker.asked.filter(({ isLastTry }) => isLastTry).map(({ question }) => question.name),
    ['a', 'b', 'c', 'd', 'a', 'p'],
  )
  fanOut.start([mx('e'), list('m')])
  t.same(
    asker.asked.slice(7).map(({ question, tries }) => [question.name, tries]),
    [
      ['m', undefined],
      ['e', 1],
    ],
  )
  t.end()
})

t.test('while places are scarce no name is sent twice, and what is silent then was cut short', t => {
  const { asker, places, fanOut } = fanOutOverAsker()
  places.areScarce = true
  fanOut.start([list('l'), mx('a'), a('b')])
  t.same(
    asker.asked.map(({ tries }) => tries),
    [undefined, 1, 1],
    'lists are asked as often as ever',
  )
  asker.answer(1, NODATA)
  t.notOk(fanOut.wasCutShort, 'what is answered was not')
  asker.answer(2, TIMEOUT)
  t.ok(fanOut.wasCutShort)
  places.areScarce = false
  fanOut.start([mx('c')])
  t.equal(asker.asked[3]?.tries, undefined)
  t.end()
})

t.test('a list that lets a try pass brings the control question along', async t => {
  const { asker, fanOut } = fanOutOverAsker()
  fanOut.start([list('l'), list('m'), a('one')])
  asker.asked[2]?.retried()
  t.equal(asker.asked.length, 3, 'a name does not')
  asker.asked[0]?.retried()
  asker.asked[1]?.retried()
  t.same(asker.names.slice(3), ['NS '])
  t.equal(asker.asked[3]?.tries, 2, 'with the tries that the list has left')
  for (const n of [0, 1, 2]) asker.answer(n, TIMEOUT)
  t.ok(await isResolved(fanOut.arrived()), 'it is not waited for')
  t.ok(fanOut.isAllSilent)
  fanOut.start([CONTROL])
  const arrival = fanOut.arrived()
  t.notOk(await isResolved(arrival), 'unless it is named')
  asker.answer(3, NXDOMAIN)
  t.ok(await isResolved(arrival))
  t.notOk(fanOut.isAllSilent)
})

t.test('a request that has ended leaves nothing behind', async t => {
  const { asker, fanOut } = fanOutOverAsker({}, 1)
  fanOut.start([list('l'), a('one'), a('two')])
  const arrival = fanOut.arrived()
  fanOut.end()
  t.ok(await isResolved(arrival), 'nobody waits any more')
  t.ok(asker.asked.every(({ isCancelled }) => isCancelled))
  t.notOk(fanOut.isHolding)
})

t.test('no names a client makes up can turn one mail into a flood', t => {
  const { asker, fanOut } = fanOutOverAsker()
  fanOut.start(Array.from({ length: MAX_QUERIES + 10 }, (_, n) => a(`n${n}`)))
  t.equal(asker.asked.length, MAX_QUERIES)
  t.ok(fanOut.cut)
  t.same(fanOut.answers.get(a(`n${MAX_QUERIES}`)), NODATA)
  fanOut.start([CONTROL])
  t.equal(asker.asked.length, MAX_QUERIES + 1, 'the control question is ours')
  t.end()
})
