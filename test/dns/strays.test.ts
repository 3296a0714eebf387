import dnsPacket, { type Answer } from 'dns-packet'
import t from 'tap'
import { CONTROL, type Question } from '../../src/dns/outcome.ts'
import { Strays } from '../../src/dns/strays.ts'
import { type FakeClock, withFakeClock } from '../support/fake-clock.ts'
import { ANSWER, FOUND, Network, QUESTION, replyTo, type Sent } from '../support/fake-network.ts'

const NOW = 1_000_000
const FORGED: Answer = { type: 'A', name: 'example.org', data: '203.0.113.6' }
const failed = (reason: string) => ({ kind: 'failed', reason })

/** A reply under an id, to whatever. */
function reply(id: number, { isReply = true } = {}): Buffer {
  return dnsPacket.encode({ id, type: isReply ? 'response' : 'query', questions: [{ type: 'A', name: 'example.org' }] })
}

/** How many datagrams it takes until somebody is found guessing; undefined: he is not. */
function guessesUntilFound(strays: Strays, datagrams: Buffer[], server = 0): number | undefined {
  const at = datagrams.findIndex(datagram => strays.isGuessing(server, datagram, NOW))
  return at < 0 ? undefined : at + 1
}

t.test('whoever sends replies to nothing is guessing', t => {
  const ids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n)
  const cases: { label: string; datagrams: Buffer[]; expected?: number[]; want: number | undefined }[] = [
    { label: 'few', datagrams: ids(63).map(id => reply(id)), want: undefined },
    { label: 'many', datagrams: ids(1000).map(id => reply(id)), want: 64 },
    { label: 'of one id', datagrams: ids(1000).map(() => reply(7)), want: 64 },
    {
      label: 'late replies are expected',
      datagrams: ids(1000).map(id => reply(id)),
      expected: ids(1000),
      want: undefined,
    },
    { label: 'once each', datagrams: [...ids(40), ...ids(80)].map(id => reply(id)), expected: ids(40), want: 104 },
    { label: 'queries', datagrams: ids(1000).map(id => reply(id, { isReply: false })), want: undefined },
    { label: 'garbage', datagrams: ids(1000).map(() => Buffer.alloc(11, 0xff)), want: undefined },
  ]
  for (const { label, datagrams, expected = [], want } of cases) {
    const strays = new Strays()
    for (const id of expected) strays.expect(id, NOW)
    t.equal(guessesUntilFound(strays, datagrams), want, label)
  }
  t.end()
})

t.test('guesses count by server, and as long as a port lives', t => {
  const strays = new Strays()
  for (let n = 0; n < 63; n++) t.notOk(strays.isGuessing(0, reply(n), NOW))
  t.notOk(strays.isGuessing(1, reply(99), NOW))
  t.notOk(strays.isGuessing(0, reply(99), NOW + 10_000), 'begun anew')
  for (let n = 0; n < 62; n++) t.notOk(strays.isGuessing(0, reply(n), NOW + 10_000))
  t.ok(strays.isGuessing(0, reply(7), NOW + 10_000))
  t.notOk(strays.isGuessing(0, reply(8), NOW + 10_000), 'said once')
  strays.expect(500, NOW + 15_000)
  t.notOk(strays.isGuessing(0, reply(500), NOW + 34_000), 'a reply may be late by more than a span')
  t.end()
})

/** Ids that no query under way has. */
function wrongIds(network: Network, count: number): number[] {
  const used = new Set(network.sent.map(({ id }) => id))
  return Array.from({ length: 65_536 }, (_, id) => id)
    .filter(id => !used.has(id))
    .slice(0, count)
}

function last(network: Network): Sent {
  const sent = network.sent.at(-1)
  if (!sent) throw new Error('nothing was sent')
  return sent
}

/** Forges replies to what was sent last, with all that belongs to one but the id. */
function forge(network: Network, count: number, server = 0): void {
  const forged = replyTo(last(network), 0, [FORGED])
  for (const id of wrongIds(network, count)) {
    forged.writeUInt16BE(id, 0)
    network.receive(server, forged)
  }
}

t.test('guesses: the question is sent again from another port under another id, and no deadline moves', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 2 })
    network.ask()
    const [first] = network.sent as [Sent]
    clock.advance(1500)
    forge(network, 63)
    t.same([network.sent.length, network.renewed], [1, []], 'not for a few')
    forge(network, 1)
    t.same([network.sent.length, network.renewed], [2, [0]])
    t.not(last(network).id, first.id)
    network.receive(0, replyTo(first, 0, [ANSWER]))
    t.same(network.outcomes, [], 'what was asked before counts no more')
    clock.advance(499)
    t.equal(network.sent.length, 2)
    clock.advance(1)
    t.equal(network.sent.length, 3, 'the next try, when it was due')
    clock.advance(2000)
    t.same(network.outcomes, [failed('timeout')], 'and the end')
  })
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask()
    forge(network, 64)
    network.reply(1, 0, [ANSWER])
    t.same(network.outcomes, [FOUND], 'the true reply')
    t.equal(clock.timers, 0)
  })
  t.end()
})

t.test('whoever finds each new port as well keeps a try from its reply, and no more', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    for (let round = 0; round < 100; round++) forge(network, 64)
    t.equal(network.sent.length, 5, 'a few times')
    network.reply(4, 0, [FORGED])
    t.same(network.outcomes, [], 'then nobody is believed')
    clock.advance(2000)
    t.equal(last(network).server, 1)
    network.reply(5, 0, [ANSWER])
    t.same(network.outcomes, [FOUND], 'until the next try')
  })
  t.end()
})

t.test('a server that is guessed at concerns its own queries', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    network.ask(undefined, { type: 'MX', name: 'example.org' })
    network.refuse(0)
    t.same(network.servers, [0, 0, 1, 1])
    network.ask(undefined, { type: 'AAAA', name: 'example.org' })
    forge(network, 64, 0)
    t.same(network.servers, [0, 0, 1, 1, 0, 0], 'the one that waits for it')
    network.reply(2, 0, [ANSWER])
    t.same(network.outcomes, [FOUND])
  })
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask()
    network.reply(0, dnsPacket.TRUNCATED_RESPONSE)
    forge(network, 64)
    t.equal(network.sent.length, 1, 'what is asked over TCP is not asked again')
    network.exchanges[0]?.done(replyTo(network.exchanges[0], 0, [ANSWER]))
    t.same(network.outcomes, [FOUND])
  })
  t.end()
})

t.test('replies of questions that are over are no guesses', t => {
  withFakeClock(clock => {
    const network = new Network(clock)
    const names = Array.from({ length: 200 }, (_, n): Question => ({ type: 'A', name: `n${n}.example` }))
    network.resolver.ask(names, clock.now() + 60_000, { settled() {} }).cancel()
    network.ask()
    for (const sent of network.sent.slice(0, 200)) network.receive(0, replyTo(sent, 0, []))
    t.same(network.renewed, [])
    for (const sent of network.sent.slice(0, 64)) network.receive(0, replyTo(sent, 0, []))
    t.same(network.renewed, [0], 'but not a second time')
  })
  t.end()
})

/** Everybody who asks the same at other times, so that the query goes on. */
function askInTurns(network: Network, clock: FakeClock, question: Question): void {
  network.ask(undefined, question)
  clock.advance(3000)
  network.ask(undefined, question)
  clock.advance(3000)
}

t.test('a shared question has another id for each round of tries', t => {
  for (const question of [QUESTION, CONTROL])
    withFakeClock(clock => {
      const network = new Network(clock, { tries: 3 })
      askInTurns(network, clock, question)
      const ids = network.sent.map(({ id }) => id)
      t.equal(network.sent.length, 4)
      t.equal(new Set(ids.slice(0, 3)).size, 1)
      t.not(ids[3], ids[0])
      network.reply(0, 0, [ANSWER])
      t.same(network.outcomes, [failed('timeout')], 'a reply under the first one is late')
      network.reply(3, 0, [ANSWER])
      t.equal(network.outcomes.length, 2)
      t.equal(network.resolver.pending, 0)
      t.same(network.renewed, [])
    })
  t.end()
})
