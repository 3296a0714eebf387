import t from 'tap'
import { Admission, type Admitted, type Holder, MAX_LOOKED_UP } from '../../src/turn/admission.ts'
import { Caller } from '../../src/turn/caller.ts'
import { withFakeClock } from '../support/fake-clock.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const NEVER_MS = Number.POSITIVE_INFINITY

/** Lets so many requests of a client in; those that have to wait are counted. */
function enterMany(admission: Admission, client: string, count: number) {
  const admitted: Admitted[] = []
  const waiting: Promise<Admitted | undefined>[] = []
  for (let n = 0; n < count; n++) {
    const entered = admission.enter(client, NEVER_MS)
    if (entered instanceof Promise) {
      waiting.push(entered)
      void entered.then(late => late && admitted.push(late))
    } else admitted.push(entered)
  }
  return { admitted, waiting }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

t.test('a client gets half of the places, and the next one finds room', async t => {
  const admission = new Admission(() => 0)
  const many = enterMany(admission, 'many', 900)
  t.equal(many.admitted.length, 8, 'at first')
  while (many.admitted.length < MAX_LOOKED_UP / 2) {
    const before = many.admitted.length
    admission.leave(many.admitted.shift() as Admitted)
    await turn()
    t.equal(many.admitted.length, before + 1, 'and one more with each that is decided')
  }
  admission.leave(many.admitted.shift() as Admitted)
  await turn()
  t.equal(many.admitted.length, MAX_LOOKED_UP / 2, 'up to half')
  t.equal(enterMany(admission, 'few', 1).admitted.length, 1)
  admission.leave(many.admitted.shift() as Admitted, true)
  await turn()
  t.equal(many.admitted.length, MAX_LOOKED_UP / 2 - 1, 'silence halves it')
  t.teardown(() => end(admission, many.admitted))
})

t.test('whose names are silent has two requests looked up at least', async t => {
  const admission = new Admission(() => 0)
  const { admitted } = enterMany(admission, 'client', 40)
  for (let n = 0; n < 20; n++) {
    admission.leave(admitted.shift() as Admitted, true)
    await turn()
  }
  t.equal(admitted.length, 2)
  t.teardown(() => end(admission, admitted))
})

t.test('of a client the newest that waits goes first', async t => {
  const admission = new Admission(() => 0)
  const { admitted } = enterMany(admission, 'client', 8)
  const late: number[] = []
  for (const n of [1, 2, 3])
    void Promise.resolve(admission.enter('client', NEVER_MS)).then(each => each && late.push(n) && admitted.push(each))
  admission.leave(admitted.shift() as Admitted, true)
  for (let n = 0; n < 6; n++) admission.leave(admitted.shift() as Admitted, true)
  await turn()
  t.same(late, [3])
  t.teardown(() => end(admission, admitted))
})

t.test('never more than there are places', async t => {
  const admission = new Admission(() => 0)
  const clients = Array.from({ length: 700 }, (_, n) => enterMany(admission, `c${n}`, 1))
  const inside = (): Admitted[] => clients.flatMap(({ admitted }) => admitted)
  t.equal(inside().length, MAX_LOOKED_UP)
  const seen = new Set(inside())
  while (inside().length > 0) {
    for (const { admitted } of clients) for (const each of admitted.splice(0)) admission.leave(each)
    await turn()
    for (const each of inside()) seen.add(each)
    t.ok(inside().length <= MAX_LOOKED_UP)
  }
  t.equal(seen.size, 700, 'all have had their turn')
})

t.test('of those that wait, the client with the fewest under way goes first', async t => {
  const admission = new Admission(() => 0)
  const many = enterMany(admission, 'many', 8)
  const others = Array.from({ length: MAX_LOOKED_UP - 8 }, (_, n) => enterMany(admission, `o${n}`, 1))
  const more = enterMany(admission, 'many', 1)
  const late = enterMany(admission, 'late', 1)
  t.equal(late.admitted.length, 0, 'there is no place')
  admission.leave(many.admitted[0] as Admitted)
  await turn()
  t.equal(late.admitted.length, 1, 'it came last and is served first')
  t.equal(more.admitted.length, 0)
  t.teardown(() =>
    end(admission, many.admitted, late.admitted, more.admitted, ...others.map(({ admitted }) => admitted)),
  )
})

t.test('a client with questions held back begins nothing new', async t => {
  const admission = new Admission(() => 0)
  const [first] = enterMany(admission, 'client', 1).admitted
  let places = 0
  const holder: Holder = {
    get isHolding() {
      return places === 0
    },
    isLate: false,
    askHeld: () => {
      places++
      return true
    },
  }
  if (first) first.holder = holder
  const next = admission.enter('client', NEVER_MS)
  t.type(next, Promise)
  const other = admission.enter('other', NEVER_MS)
  t.notOk(other instanceof Promise, 'others do')
  t.ok(await next, 'until they are asked, which is seen to')
  t.equal(places, 1)
})

t.test('of a client the oldest request that holds back is served first', async t => {
  const admission = new Admission(() => 0)
  const { admitted } = enterMany(admission, 'client', 3)
  const asked: number[] = []
  for (const [n, each] of admitted.entries())
    each.holder = {
      get isHolding() {
        return !asked.includes(n) || asked.filter(other => other === n).length < 2
      },
      isLate: false,
      askHeld: () => {
        asked.push(n)
        return true
      },
    }
  admission.watch()
  await waitFor('all to be asked', () => asked.length === 6)
  t.same(asked, [0, 0, 1, 1, 2, 2])
})

t.test('what is held back is asked as soon as another request of the client is decided', async t => {
  const admission = new Admission(() => 0)
  const { admitted } = enterMany(admission, 'client', 2)
  const [decided, other] = admitted as [Admitted, Admitted]
  let isHolding = true
  let placesAreFree = false
  other.holder = {
    get isHolding() {
      return isHolding
    },
    isLate: false,
    askHeld: () => {
      isHolding = !placesAreFree
    },
  }
  admission.watch()
  const late = enterMany(admission, 'client', 1)
  t.same(late.admitted, [], 'nothing new begins meanwhile')
  admission.leave(decided)
  // As whoever was decided does it, before anything else has its turn.
  placesAreFree = true
  await turn()
  t.notOk(isHolding)
  await turn()
  t.equal(late.admitted.length, 1, 'then the next one begins')
  t.teardown(() => end(admission, [other, ...late.admitted]))
})

t.test('whose deadline has passed waits for nobody of his client who holds back', async t => {
  const admission = new Admission(() => 0)
  const { admitted } = enterMany(admission, 'client', 3)
  const held = [true, true, true]
  for (const [n, each] of admitted.entries())
    each.holder = {
      get isHolding() {
        return held[n] === true
      },
      isLate: n > 0,
      askHeld: () => {
        held[n] = n === 0
      },
    }
  admission.watch()
  await waitFor('those that are late to give up', () => !held[1] && !held[2])
  t.ok(held[0])
  held[0] = false
  t.teardown(() => end(admission, admitted))
})

t.test('a decision has few asked, however many clients hold back, and each in turn', t => {
  withFakeClock(clock => {
    const admission = new Admission(clock.now)
    const asked: string[] = []
    const holding: Admitted[] = []
    for (let n = 0; n < 200; n++) {
      const client = `c${n}`
      const [each] = enterMany(admission, client, 1).admitted
      if (!each) continue
      each.holder = { isHolding: true, isLate: false, askHeld: () => void asked.push(client) }
      holding.push(each)
    }
    const { admitted } = enterMany(admission, 'other', 6)
    admission.watch()
    for (const n of [0, 1]) {
      admission.leave(admitted.pop() as Admitted)
      clock.advance(0)
      t.same(asked.splice(0), [`c${n}`])
    }
    for (const each of admitted.splice(0)) admission.leave(each)
    clock.advance(0)
    t.same(asked.splice(0), ['c2', 'c3', 'c4', 'c5'], 'of several in a turn of the event loop each has one asked')
    clock.advance(25)
    t.equal(asked.splice(0).length, holding.length, 'and all in their turn')
    for (const each of holding) admission.leave(each)
    clock.advance(100)
    t.same(asked, [])
    t.equal(clock.timers, 0)
  })
  t.end()
})

t.test('nobody waits beyond his deadline', async t => {
  let nowMs = 0
  const admission = new Admission(() => nowMs)
  const { admitted } = enterMany(admission, 'client', 8)
  const waiting = admission.enter('client', 80_000)
  nowMs = 80_000
  t.equal(await waiting, undefined)
  t.teardown(() => end(admission, admitted))
})

t.test('a caller who goes gives his turn back', async t => {
  const admission = new Admission(() => 0)
  const { admitted } = enterMany(admission, 'client', 8)
  const caller = new Caller()
  const gone = admission.enter('client', NEVER_MS, caller)
  const next = admission.enter('client', NEVER_MS)
  caller.leave()
  t.equal(await gone, undefined)
  admission.leave(admitted.shift() as Admitted)
  const late = await next
  t.ok(late)
  t.teardown(() => end(admission, admitted))
})

/** Lets all go, so that nothing waits any more. */
async function end(admission: Admission, ...inside: Admitted[][]): Promise<void> {
  while (inside.some(({ length }) => length > 0)) {
    for (const admitted of inside) for (const each of admitted.splice(0)) admission.leave(each)
    await turn()
  }
}
