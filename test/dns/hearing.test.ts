import t from 'tap'
import type { ServerHealth } from '../../src/dns/hearing.ts'
import { CONTROL, type Question } from '../../src/dns/outcome.ts'
import { type FakeClock, withFakeClock } from '../support/fake-clock.ts'
import { ANSWER, Network } from '../support/fake-network.ts'

const SERVFAIL = 2
const LIST: Question = { type: 'A', name: 'example.org', ofList: true, counts: true }
const UNFAIR: Question = { ...LIST, counts: false }
const OF_CLIENT: Question = { type: 'A', name: 'example.org' }

/** What a resolver has told of its servers: `'0 silent'`, `'1 silent to the control question'`, `'1 heard'`. */
class Noted implements ServerHealth {
  order: readonly number[]
  readonly noted: string[] = []

  constructor(order: readonly number[]) {
    this.order = order
  }

  heard(server: number): void {
    this.noted.push(`${server} heard`)
  }

  silent(servers: readonly number[], isControl: boolean): void {
    for (const server of servers) this.noted.push(`${server} silent${isControl ? ' to the control question' : ''}`)
  }

  get silences(): string[] {
    return this.noted.filter(text => !text.endsWith('heard'))
  }
}

interface Scene {
  readonly network: Network
  readonly health: Noted
  readonly clock: FakeClock
}

interface Case {
  readonly label: string
  readonly servers?: number
  readonly tries?: number
  readonly order?: readonly number[]
  readonly play: (scene: Scene) => void
  readonly want: readonly string[]
}

const CASES: Case[] = [
  {
    label: 'a list that another server answered',
    play: ({ network, clock }) => {
      network.ask(undefined, LIST)
      clock.advance(2000)
      network.reply(1, 0, [ANSWER])
    },
    want: ['0 silent'],
  },
  {
    label: 'in whatever order they were asked',
    order: [1, 0],
    play: ({ network, clock }) => {
      network.ask(undefined, LIST)
      clock.advance(2000)
      network.reply(1, 0, [ANSWER])
    },
    want: ['1 silent'],
  },
  {
    label: 'a list that nobody answers is dead itself',
    play: ({ network, clock }) => {
      network.ask(undefined, LIST)
      clock.advance(6000)
    },
    want: [],
  },
  {
    label: 'a failure of another server is no answer: it may have waited no longer for the list',
    play: ({ network, clock }) => {
      network.ask(undefined, LIST)
      clock.advance(2000)
      network.reply(1, SERVFAIL)
    },
    want: [],
  },
  {
    label: 'a name that the client chose, and answers as it likes',
    play: ({ network, clock }) => {
      network.ask(undefined, OF_CLIENT)
      clock.advance(2000)
      network.reply(1, 0, [ANSWER])
    },
    want: [],
  },
  {
    label: 'a question to a list that the client has spoilt',
    play: ({ network, clock }) => {
      network.ask(undefined, UNFAIR)
      clock.advance(2000)
      network.reply(1, 0, [ANSWER])
    },
    want: [],
  },
  {
    label: 'a question to a list that a client had asked before: it is the same question',
    play: ({ network, clock }) => {
      network.ask(undefined, OF_CLIENT)
      network.ask(undefined, LIST)
      clock.advance(2000)
      network.reply(1, 0, [ANSWER])
    },
    want: ['0 silent'],
  },
  {
    label: 'a server that has answered something else meanwhile',
    play: ({ network, clock }) => {
      network.ask(undefined, LIST)
      network.ask(undefined, { type: 'MX', name: 'example.org' })
      clock.advance(1000)
      network.reply(1, SERVFAIL)
      network.reply(2, SERVFAIL)
      clock.advance(1000)
      network.reply(3, 0, [ANSWER])
    },
    want: [],
  },
  {
    label: 'a server that is late',
    play: ({ network, clock }) => {
      network.ask(undefined, LIST)
      clock.advance(2000)
      network.reply(0, 0, [ANSWER])
    },
    want: [],
  },
  {
    label: 'a server that is not there costs no time',
    play: ({ network }) => {
      network.ask(undefined, LIST)
      network.refuse(0)
      network.reply(1, 0, [ANSWER])
    },
    want: [],
  },
  {
    label: 'a question that is given up says nothing',
    play: ({ network, clock }) => {
      const asking = network.resolver.ask([CONTROL], clock.now() + 60_000, { settled() {} })
      clock.advance(5999)
      asking.cancel()
      clock.advance(10_000)
    },
    want: [],
  },
  {
    label: 'nor does one that a deadline ends',
    play: ({ network, clock }) => {
      network.ask(clock.now() + 1000, CONTROL)
      clock.advance(10_000)
    },
    want: [],
  },
  {
    label: 'nor one that is closed',
    play: ({ network, clock }) => {
      network.ask(undefined, CONTROL)
      clock.advance(3000)
      network.resolver.close()
    },
    want: [],
  },
  {
    label: 'the control question, unanswered: all that were asked it',
    play: ({ network, clock }) => {
      network.ask(undefined, CONTROL)
      clock.advance(6000)
    },
    want: ['0 silent to the control question', '1 silent to the control question'],
  },
  {
    label: 'and no others',
    servers: 3,
    tries: 2,
    play: ({ network, clock }) => {
      network.ask(undefined, CONTROL)
      clock.advance(4000)
    },
    want: ['0 silent to the control question', '1 silent to the control question'],
  },
  {
    label: 'the control question, answered by another',
    play: ({ network, clock }) => {
      network.ask(undefined, CONTROL)
      clock.advance(2000)
      network.reply(1, SERVFAIL)
    },
    want: ['0 silent to the control question'],
  },
  {
    label: 'the control question, refused for as long as a try',
    servers: 1,
    tries: 2,
    play: ({ network, clock }) => {
      network.ask(undefined, CONTROL)
      network.refuse(0)
      clock.advance(2000)
      network.refuse(0)
    },
    want: ['0 silent to the control question'],
  },
  {
    label: 'refused at once: that may be a restart',
    servers: 1,
    tries: 1,
    play: ({ network }) => {
      network.ask(undefined, CONTROL)
      network.refuse(0)
    },
    want: [],
  },
  {
    label: 'one server by itself: it alone is asked',
    play: ({ network, clock }) => {
      network.resolver.probe(1, 0, clock.now() + 60_000, { settled() {} })
      network.ask(undefined, CONTROL)
      clock.advance(1000)
      network.reply(1, 0)
      clock.advance(1000)
    },
    want: ['1 silent to the control question'],
  },
]

t.test('what speaks against a server', t => {
  for (const { label, servers = 2, tries = 3, order, play, want } of CASES)
    withFakeClock(clock => {
      const health = new Noted(order ?? Array.from({ length: servers }, (_, server) => server))
      const network = new Network(clock, { servers, tries, health })
      play({ network, health, clock })
      t.same(health.silences, want, label)
      t.equal(network.resolver.pending, 0, `${label}: nothing is left`)
    })
  t.end()
})

t.test('a server is heard by any reply to what it was asked, and by nothing else', t => {
  withFakeClock(clock => {
    const health = new Noted([0, 1])
    const network = new Network(clock, { servers: 2, health })
    network.ask()
    const [sent] = network.sent
    if (!sent) throw new Error('nothing was sent')
    const forged = Buffer.from(sent.packet)
    forged.writeUInt16BE((sent.id + 1) & 0xffff, 0)
    network.receive(0, forged)
    network.receive(0, Buffer.alloc(12))
    network.receive(0, sent.packet)
    network.reply(0, 0, [ANSWER], 1)
    t.same(health.noted, [], 'another id, no reply, a server that was not asked')
    network.reply(0, SERVFAIL)
    t.same(health.noted, ['0 heard'])
    network.reply(1, 0, [ANSWER])
    network.reply(1, 0, [ANSWER])
    t.same(health.noted, ['0 heard', '1 heard'], 'what is late is a reply to nothing')
  })
  t.end()
})

t.test('a query goes round the servers in the order that held when it began', t => {
  withFakeClock(clock => {
    const health = new Noted([2, 0, 1])
    const network = new Network(clock, { servers: 3, tries: 4, health })
    network.ask()
    health.order = [0, 1, 2]
    clock.advance(6000)
    t.same(network.servers, [2, 0, 1, 2])
    network.resolver.ask([{ type: 'MX', name: 'example.org' }], clock.now() + 60_000, { settled() {} })
    t.equal(network.servers.at(-1), 0)
  })
  t.end()
})

t.test('who is asked by itself is asked once, and by all who want to know together', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 3 })
    const outcomes: string[] = []
    const probe = (deadlineMs: number, turn = 0) =>
      network.resolver.probe(2, turn, clock.now() + deadlineMs, {
        settled: (_, outcome) => outcomes.push(outcome.kind === 'failed' ? outcome.reason : outcome.kind),
      })
    probe(60_000)
    probe(30)
    t.same(network.servers, [2])
    t.equal(network.sent[0]?.edns, false, 'in the way that everybody understands')
    clock.advance(30)
    t.same(outcomes, ['timeout'], 'each by its own deadline')
    network.reply(0, 0)
    t.same(outcomes, ['timeout', 'nodata'])
    clock.advance(10_000)
    t.same(network.servers, [2])
    probe(60_000)
    clock.advance(1000)
    probe(60_000, 1)
    t.same(network.servers, [2, 2, 2], 'but anew in each turn')
    clock.advance(2000)
    t.same(network.servers, [2, 2, 2])
    t.equal(network.resolver.pending, 0)
  })
  t.end()
})
