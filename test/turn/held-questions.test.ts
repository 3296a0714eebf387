/**
 * Mails of many clients at once, over so few places that most questions are held back: who is asked when, and that all ends.
 *
 * Under a clock of the test's own, with random numbers that are the same at every run. Admission, fan-outs and places are the real ones; a
 * table stands in for the resolver, and a loop as short as it can be for scoring.
 */
import t from 'tap'
import type { Cache } from '../../src/cache/cache.ts'
import { type Asker, FanOut } from '../../src/dns/fan-out.ts'
import { isOfClient, type Outcome, type Question } from '../../src/dns/outcome.ts'
import { TIMEOUT } from '../../src/dns/query.ts'
import { Admission, MAX_LOOKED_UP } from '../../src/turn/admission.ts'
import { MAX_UNDER_WAY } from '../../src/cache/under-way.ts'
import { Caller } from '../../src/turn/caller.ts'
import { RequestPlaces } from '../../src/turn/places.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { randomFrom } from '../support/random.ts'
import { newTables } from '../support/tables.ts'

const BUDGET_MS = 80_000
/** What is late is found out within a turn or two. */
const TURNS_MS = 50
const TRIES = 3
const TRY_MS = 2000
const START_MS = 1_760_000_000_000
const NODATA: Outcome = { kind: 'nodata' }
const SERVFAIL: Outcome = { kind: 'failed', reason: 'servfail' }

type Ended = 'decided' | 'busy' | 'gone'

/** How the names of a client answer: after so many milliseconds, or never; `fails`: one in so many with SERVFAIL. */
interface Manners {
  readonly latencyMs: number
  readonly fails: number
}

/** A host with its places, and mails that are looked up on it. */
class Host {
  readonly clock = new FakeClock()
  readonly admission = new Admission(this.clock.now)
  readonly tables = newTables()
  longestMs = 0
  /** Mails that are looked up; and questions about names of clients that a resolver works on. */
  inside = 0
  asked = 0
  isLocked = false
  /** The most of them at any time. */
  readonly most = { inside: 0, asked: 0 }

  readonly cache: Cache = {
    transact: use => (this.isLocked ? undefined : use(this.tables)),
    count: () => {},
  }
  readonly wallMs = (): number => START_MS + this.clock.now()

  /** A mail, with so many names of its client; `caller` may go. Resolves when it has ended. */
  async mail(client: string, names: number, manners: Manners, caller = new Caller()): Promise<Ended> {
    const beganMs = this.clock.now()
    const ended = await this.#lookUp(client, names, manners, caller)
    this.longestMs = Math.max(this.longestMs, this.clock.now() - beganMs)
    return ended
  }

  async #lookUp(client: string, names: number, manners: Manners, caller: Caller): Promise<Ended> {
    const { admission, cache, clock, tables, wallMs } = this
    const deadlineMs = clock.now() + BUDGET_MS
    const places = new RequestPlaces(cache, client, wallMs)
    if (!this.isLocked) places.begin(tables)
    const entering = admission.enter(client, deadlineMs, caller)
    if (entering instanceof Promise) places.giveUp()
    const admitted = await entering
    if (!admitted) return caller.hasGone ? 'gone' : 'busy'
    this.most.inside = Math.max(this.most.inside, ++this.inside)
    const asker = this.#asker(manners)
    const options = { deadlineMs, places, mostFailures: 3, tries: TRIES, tryMs: TRY_MS, now: clock.now }
    const fanOut = new FanOut(asker, options)
    admitted.holder = fanOut
    caller.onGone = () => fanOut.end()
    const questions = Array.from({ length: names }, (_, n): Question => ({ type: 'A', name: `n${n}.example` }))
    fanOut.start([...questions, { type: 'A', name: 'l.test', ofList: true }])
    while (!caller.hasGone && questions.some(question => !fanOut.answers.get(question))) {
      fanOut.start(questions)
      if (fanOut.isHolding) admission.watch()
      await fanOut.arrived(5)
    }
    fanOut.end()
    admission.leave(admitted, fanOut.hasMetSilence && !fanOut.isAllSilent)
    this.inside--
    // As whoever remembers a verdict, before anything else has its turn.
    cache.transact(all => places.end(all))
    if (caller.hasGone) return 'gone'
    return fanOut.isOverdue ? 'busy' : 'decided'
  }

  #asker({ latencyMs, fails }: Manners): Asker {
    const { clock } = this
    let failures = fails
    return {
      rest: () => Promise.resolve(),
      ask: (questions, deadlineMs, listener, tries = TRIES) => {
        let isOver = false
        for (const [index, question] of questions.entries()) {
          const counts = isOfClient(question) ? 1 : 0
          this.asked += counts
          this.most.asked = Math.max(this.most.asked, this.asked)
          const settle = (outcome: Outcome): void => {
            // That of a silent one lingers, and is counted by the places alone.
            this.asked -= counts
            if (!isOver) listener.settled(index, outcome)
          }
          const lateMs = counts === 0 ? 1 : latencyMs
          const overMs = Math.min(tries * TRY_MS, deadlineMs - clock.now())
          for (let n = 1; n < tries && n * TRY_MS < Math.min(lateMs, overMs); n++)
            clock.set(() => !isOver && listener.retried?.(index), n * TRY_MS)
          if (lateMs > overMs) clock.set(() => settle(TIMEOUT), Math.max(0, overMs))
          else clock.set(() => settle(fails > 0 && --failures % fails === 0 ? SERVFAIL : NODATA), lateMs)
        }
        return {
          cancel: () => {
            isOver = true
          },
          stopRetrying: () => {},
        }
      },
    }
  }

  /** Lets so much time pass, in turns of `stepMs`. */
  async pass(ms: number, stepMs = 1): Promise<void> {
    for (const endMs = this.clock.now() + ms; this.clock.now() < endMs; ) {
      this.clock.advance(stepMs)
      for (let n = 0; n < 20; n++) await Promise.resolve()
    }
  }
}

/** Runs a test while timers of the process are a host's. */
async function onHost(body: (host: Host) => Promise<void>): Promise<void> {
  const { setTimeout, setImmediate, clearTimeout } = globalThis
  const host = new Host()
  const { clock } = host
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, delayMs: number) => clock.set(callback, delayMs),
    setImmediate: (callback: () => void) => clock.setImmediate(callback),
    clearTimeout: (timer: Parameters<FakeClock['clear']>[0]) => clock.clear(timer),
  })
  try {
    await body(host)
  } finally {
    Object.assign(globalThis, { setTimeout, setImmediate, clearTimeout })
  }
}

const FAST: Manners = { latencyMs: 20, fails: 0 }
const SILENT: Manners = { latencyMs: Number.POSITIVE_INFINITY, fails: 0 }
const SLOW: Manners = { latencyMs: 5800, fails: 0 }

/** Numbers with which few clients meet, and callers go, at bad moments. */
for (const seed of [8, 10, 37])
  t.test(`any mails, callers that go, a cache that cannot be had at times (seed ${seed})`, t =>
    onHost(async host => {
      const random = randomFrom(Math.imul(seed, 0x9e3779b1))
      const clients = 1 + random(60)
      const outages = random(2)
      const manners = [FAST, SILENT, SLOW, { latencyMs: 300, fails: 3 }, { latencyMs: 1, fails: 0 }]
      const mails: Promise<Ended>[] = []
      for (let n = 0; n < 400; n++) {
        const caller = new Caller()
        const client = random(clients)
        const how = manners[client % manners.length] as Manners
        mails.push(host.mail(`192.0.2.${client}`, 1 + random(random(8) === 0 ? 60 : 12), how, caller))
        if (random(8) === 0) host.clock.set(() => caller.leave(), random(20_000))
        host.isLocked = outages === 1 && random(20) === 0
        await host.pass(random(120))
      }
      host.isLocked = false
      await host.pass(BUDGET_MS + 6000, 5)
      const ended = await Promise.all(mails)
      t.same([...new Set(ended)].sort(), ['busy', 'decided', 'gone'], 'none waits for ever')
      t.ok(host.longestMs <= BUDGET_MS + TURNS_MS, `none waits beyond its deadline: ${host.longestMs} ms`)
      t.ok(host.most.inside <= MAX_LOOKED_UP)
      if (outages === 0) t.ok(host.most.asked <= MAX_UNDER_WAY, `${host.most.asked} questions at once`)
      t.equal(host.clock.timers, 0, 'nothing is set any more')
      await host.pass(61_000, 1000)
      t.equal(host.tables.underWay.total(host.wallMs()), 0, 'no place is taken')
    }),
  )
