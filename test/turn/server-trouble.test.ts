import t from 'tap'
import type { Listener } from '../../src/dns/query.ts'
import { type Prober, ServerTrouble } from '../../src/turn/server-trouble.ts'
import { newTables } from '../support/tables.ts'

const NOW = 1_000_000
const server = (n: number) => ({ address: `192.0.2.${n}`, port: 53, family: 4 as const })

/** Processes of a host that share a cache, and a clock that all of them have. */
class TestHost {
  readonly tables = newTables()
  readonly log: string[] = []
  nowMs = NOW
  hasLock = true

  watch(...servers: number[]): ServerTrouble {
    return new ServerTrouble(servers.map(server), {
      cache: { transact: use => (this.hasLock ? use(this.tables) : undefined) },
      warn: text => this.log.push(text),
      now: () => this.nowMs,
    })
  }
}

/** Records who is asked, and lets the test answer. */
class TestProber implements Prober {
  readonly asked: { server: number; turn: number; deadlineMs: number; listener: Listener }[] = []

  probe(server: number, turn: number, deadlineMs: number, listener: Listener): void {
    this.asked.push({ server, turn, deadlineMs, listener })
  }

  async rest(): Promise<void> {}

  /** Nobody has replied. */
  settle(): void {
    for (const { listener } of this.asked.splice(0)) listener.settled(0, { kind: 'failed', reason: 'timeout' })
  }

  get servers(): number[] {
    return this.asked.map(({ server }) => server)
  }
}

/** Whether there is an outage for a mail whose probes nobody replies to. */
async function isOutage(watch: ServerTrouble, prober = new TestProber()): Promise<boolean> {
  const looking = watch.isOutage(prober)
  prober.settle()
  return looking
}

t.test('a silent server is asked last, by all processes, until it is heard', async t => {
  const host = new TestHost()
  const [one, other] = [host.watch(1, 2, 3), host.watch(1, 2, 3)]
  t.same(one.order, [0, 1, 2])
  one.silent([0], false, host.nowMs)
  t.same(one.order, [1, 2, 0])
  t.same(other.order, [0, 1, 2], 'others know when they look')
  t.equal(await isOutage(other), false)
  t.same(other.order, [1, 2, 0])
  other.silent([1], true, host.nowMs)
  t.same(other.order, [2, 0, 1])
  other.heard(2)
  t.same(other.order, [2, 0, 1], 'one that was not silent')
  other.heard(0)
  t.same(other.order, [0, 2, 1])
  t.equal(await isOutage(one), false)
  t.same(one.order, [0, 2, 1])
  one.clear()
  t.same(one.order, [0, 1, 2])
  t.same(host.log, [], 'no outage, no word of it')
})

t.test('what is known goes with the server, not with its place', async t => {
  const host = new TestHost()
  host.watch(1, 2).silent([0, 1], true, host.nowMs)
  const changed = host.watch(3, 1)
  t.equal(await isOutage(changed), false)
  t.same(changed.order, [0, 1], 'the one in its place has nothing to do with it')
  const swapped = host.watch(1, 3)
  t.equal(await isOutage(swapped), false)
  t.same(swapped.order, [1, 0])
})

t.test('one process a second asks a silent server, and no mail waits for it', async t => {
  const host = new TestHost()
  const watches = [1, 2, 3].map(() => host.watch(1, 2))
  watches[0]?.silent([0], false, host.nowMs)
  const asked: number[] = []
  for (let ms = 0; ms < 5000; ms += 100) {
    host.nowMs = NOW + ms
    for (const watch of watches) {
      const prober = new TestProber()
      t.equal(await watch.isOutage(prober), false)
      for (const server of prober.servers) asked.push(server)
    }
  }
  t.same(asked, [0, 0, 0, 0])
})

t.test('an outage is all servers silent to the control question, and each process knows', async t => {
  const cases: { label: string; silent: [servers: number[], isControl: boolean][]; want: boolean }[] = [
    { label: 'all to the control question', silent: [[[0, 1], true]], want: true },
    {
      label: 'one after the other',
      silent: [
        [[0], true],
        [[1], true],
      ],
      want: true,
    },
    {
      label: 'first to lists',
      silent: [
        [[0, 1], false],
        [[1, 0], true],
      ],
      want: true,
    },
    { label: 'one answers', silent: [[[0], true]], want: false },
    { label: 'all to lists', silent: [[[0, 1], false]], want: false },
    {
      label: 'one to lists alone',
      silent: [
        [[0], true],
        [[1], false],
      ],
      want: false,
    },
  ]
  for (const { label, silent, want } of cases) {
    const host = new TestHost()
    const [one, other] = [host.watch(1, 2), host.watch(1, 2)]
    for (const [servers, isControl] of silent) one.silent(servers, isControl, host.nowMs)
    one.silent([0], false, host.nowMs)
    t.equal(await isOutage(other), want, label)
    t.equal(host.log.length, want ? 1 : 0, `${label}: said once`)
    t.equal(await isOutage(host.watch(1, 2, 3)), false, `${label}: who has one server more is in none`)
    if (want) t.match(host.log[0], '192.0.2.1:53 192.0.2.2:53', label)
  }
})

t.test('the end of an outage: for all, and said once, by whoever hears of it', async t => {
  const host = new TestHost()
  const [one, other] = [host.watch(1, 2), host.watch(1, 2)]
  one.silent([0, 1], true, host.nowMs)
  t.equal(await isOutage(other), true)
  host.nowMs += 74_000
  other.heard(1)
  one.heard(0)
  t.equal(await isOutage(one), false)
  t.equal(host.log.length, 2)
  t.match(host.log[1], /^name server 192\.0\.2\.2:53 answers again, after 74 s /)
})

t.test('what others have asked before it was back is no new outage', async t => {
  const host = new TestHost()
  const [one, other] = [host.watch(1, 2), host.watch(1, 2)]
  one.silent([0, 1], true, host.nowMs)
  host.nowMs += 5000
  t.equal(await isOutage(other), true)
  const askedMs = host.nowMs
  host.nowMs += 500
  one.heard(0)
  one.heard(1)
  host.nowMs += 1500
  other.silent([0, 1], true, askedMs)
  t.equal(await isOutage(other), false)
  t.equal(host.log.length, 2, 'one beginning, one end')
  host.nowMs += 2000
  other.silent([0, 1], true, askedMs + 501)
  t.equal(await isOutage(one), true, 'but what was asked since is')
})

t.test('the mail that asks hears the reply that ends an outage', async t => {
  const host = new TestHost()
  const watch = host.watch(1, 2)
  watch.silent([0, 1], true, host.nowMs)
  host.nowMs += 1000
  const prober = new TestProber()
  const looking = watch.isOutage(prober)
  t.same(prober.servers, [0, 1, 0, 1], 'who learns of it, and who waits')
  t.same(
    prober.asked.map(({ deadlineMs }) => deadlineMs - host.nowMs),
    [2500, 2500, 30, 30],
  )
  watch.heard(1)
  t.same(
    prober.asked.map(({ turn }) => turn),
    [0, 1, 0, 1],
    'both by one packet each',
  )
  t.equal(await looking, false, 'while the other one is silent')
  t.ok(watch.isProbing)
  prober.settle()
  t.notOk(watch.isProbing)
})

t.test('many mails that wait at once are all told', async t => {
  const host = new TestHost()
  const watch = host.watch(1)
  watch.silent([0], true, host.nowMs)
  const probers = Array.from({ length: 5 }, () => new TestProber())
  const looking = probers.map(prober => {
    host.nowMs += 1000
    return watch.isOutage(prober)
  })
  const resting = watch.rest(new TestProber())
  watch.heard(0)
  t.same(await Promise.all(looking), [false, false, false, false, false])
  for (const prober of probers) prober.settle()
  await resting
})

t.test('who has nothing to do waits for what is on its way, and not if he has a request', async t => {
  const host = new TestHost()
  const watch = host.watch(1, 2)
  watch.silent([0], true, host.nowMs)
  host.nowMs += 1000
  const prober = new TestProber()
  t.equal(await watch.isOutage(prober), false)
  await watch.rest(prober, 0)
  t.ok(watch.isProbing)
  let isOver = false
  const resting = watch.rest(prober).then(() => {
    isOver = true
  })
  await Promise.resolve()
  t.notOk(isOver)
  t.same(
    prober.asked.map(({ deadlineMs }) => deadlineMs - host.nowMs),
    [2500, 100],
    'whoever is about to end does not wait for long',
  )
  prober.settle()
  await resting
})

t.test('where nobody waits to the end, a process does now and then before it ends', async t => {
  const host = new TestHost()
  const patient: number[] = []
  host.watch(1).silent([0], true, host.nowMs)
  for (let probe = 1; probe <= 100; probe++) {
    host.nowMs += 1000
    // A process of its own, which ends before the reply comes.
    const watch = host.watch(1)
    const prober = new TestProber()
    const looking = watch.isOutage(prober)
    const resting = watch.rest(prober)
    const waitMs = (prober.asked.at(-1)?.deadlineMs ?? 0) - host.nowMs
    if (waitMs === 2500) patient.push(probe)
    else t.equal(waitMs, 100)
    prober.settle()
    t.equal(await looking, true, 'no mail waits')
    await resting
    if (probe === 50) watch.silent([0], true, host.nowMs)
  }
  t.same(patient, [20, 40, 70, 90])
})

t.test('the clock of the host begins anew: what is known is no reason to stand still', async t => {
  const host = new TestHost()
  const watch = host.watch(1)
  watch.silent([0], true, host.nowMs)
  host.nowMs = 5000
  t.equal(await isOutage(watch), false, 'it is forgotten')
  t.same(host.tables.hasSilentServers, false)
})

t.test('without the lock a process knows what it knew', async t => {
  const host = new TestHost()
  const watch = host.watch(1)
  watch.silent([0], true, host.nowMs)
  host.hasLock = false
  t.equal(await isOutage(watch), true)
  watch.heard(0)
  t.equal(await isOutage(watch), false)
  watch.silent([0], true, host.nowMs)
  t.equal(await isOutage(watch), false, 'and nothing new')
})
