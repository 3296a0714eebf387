import { createSocket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import dnsPacket from 'dns-packet'
import t, { type Test } from 'tap'
import type { Outcome, Question } from '../../src/dns/outcome.ts'
import type { NameServer } from '../../src/dns/resolv-conf.ts'
import { Resolver } from '../../src/dns/resolver.ts'
import { openTransport, pooledTransport, type Transport } from '../../src/dns/transport.ts'
import { type DnsServer, type DnsServerOptions, type DnsZone, startDnsServer } from '../support/dns-server.ts'
import { waitFor } from '../support/wait-for.ts'

const ZONE: DnsZone = {
  'example.org': { A: ['192.0.2.1'], MX: [[10, 'Mail.example.org']] },
  'long.example': { A: ['192.0.2.1', '192.0.2.2'], tc: true },
}
const QUESTION: Question = { type: 'A', name: 'example.org' }
const FOUND: Outcome = { kind: 'found', values: ['192.0.2.1'] }
const LONG: Question = { type: 'A', name: 'long.example' }
const LONG_FOUND: Outcome = { kind: 'found', values: ['192.0.2.1', '192.0.2.2'] }
/** Longer than any test takes: whoever waits this long has not moved on as it should. */
const NEVER_MS = 60_000

async function serve(t: Test, options: DnsServerOptions = {}): Promise<DnsServer> {
  const server = await startDnsServer(ZONE, options)
  t.teardown(() => server.close())
  return server
}

/** The address of a server that was there: datagrams to it are refused. */
async function refusingServer(): Promise<NameServer> {
  const server = await startDnsServer(ZONE)
  await server.close()
  return local(server)
}

function local({ port }: { port: number }): NameServer {
  return { address: '127.0.0.1', port, family: 4 }
}

function resolve(t: Test, servers: NameServer[], question = QUESTION, { tries = 3, tryMs = NEVER_MS } = {}) {
  const resolver = new Resolver({ servers, tries, tryMs })
  t.teardown(() => resolver.close())
  return new Promise<Outcome>(settled =>
    resolver.ask([question], Number.MAX_SAFE_INTEGER, (_, outcome) => settled(outcome)),
  )
}

t.test('a question over UDP', async t => {
  const server = await serve(t)
  t.same(await resolve(t, [local(server)]), FOUND)
  t.match(server.queries, [{ name: 'example.org', type: 'A', edns: true, tcp: false }])
})

t.test('a pool: packets leave from several ports, and replies to all of them are handed over', async t => {
  const POOL = 4
  const PACKETS = 200
  const server = createSocket('udp4')
  const ports = new Set<number>()
  server.on('message', (query, { port, address }) => {
    ports.add(port)
    server.send(query, port, address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const received = new Set<number>()
  const allReceived = new Promise<void>(resolve => {
    const events = {
      received: (_server: number, datagram: Buffer) => {
        if (received.add(datagram.readUInt16BE(0)).size === PACKETS) resolve()
      },
      unreachable: () => t.fail('it is there'),
    }
    const transport = pooledTransport(POOL)([local(server.address())], events)
    t.teardown(() => transport.close())
    for (let i = 0; i < PACKETS; i++) transport.send(0, Buffer.from([i >> 8, i & 255]), 0, true)
  })
  await allReceived
  // That all of 200 packets take one of four ways happens once in 10^119 runs.
  t.ok(ports.size > 1 && ports.size <= POOL, `${ports.size} ports`)
})

t.test('an IPv6 name server', async t => {
  const server = await serve(t, { address: '::1' })
  const address = '0000:0000:0000:0000:0000:0000:0000:0001'
  t.same(await resolve(t, [{ address, port: server.port, family: 6 }]), FOUND)
  t.same(await resolve(t, [{ address, port: server.port, family: 6 }], LONG), LONG_FOUND, 'over TCP')
})

t.test('a server that refuses datagrams: the next at once', async t => {
  const server = await serve(t)
  t.same(await resolve(t, [await refusingServer(), local(server)]), FOUND)
})

t.test('no server is there', async t => {
  t.same(await resolve(t, [await refusingServer(), await refusingServer()], QUESTION, { tries: 2 }), {
    kind: 'failed',
    reason: 'unreachable',
  })
})

t.test('a server that is not there is noticed, however many packets leave for it together', async t => {
  for (const sockets of [1, 4])
    for (let packets = 1; packets <= 9; packets++) {
      let noticed = 0
      const events = { received: () => t.fail('nobody is there'), unreachable: () => noticed++ }
      const transport = pooledTransport(sockets)([await refusingServer()], events)
      t.teardown(() => transport.close())
      for (let left = packets; left > 0; left--) transport.send(0, Buffer.from('query'), 0, left === 1)
      await waitFor('it is noticed', () => noticed > 0)
      t.pass(`${packets} packets, ${sockets} sockets`)
    }
})

t.test('questions that are asked together, of a server that is not there and one that is', async t => {
  const server = await serve(t)
  const resolver = new Resolver({ servers: [await refusingServer(), local(server)], tries: 2, tryMs: NEVER_MS })
  t.teardown(() => resolver.close())
  const questions = Array.from({ length: 12 }, () => QUESTION)
  const outcomes: Outcome[] = []
  await new Promise<void>(done =>
    resolver.ask(questions, Number.MAX_SAFE_INTEGER, (index, outcome) => {
      outcomes[index] = outcome
      if (Object.keys(outcomes).length === questions.length) done()
    }),
  )
  t.same(
    outcomes,
    questions.map(() => FOUND),
  )
})

t.test('an address nothing can be sent to', async t => {
  const server = await serve(t)
  const nowhere: NameServer = { address: 'fe80::1%nowhere0', port: 53, family: 6 }
  t.same(await resolve(t, [nowhere, local(server)]), FOUND)
  const resolver = new Resolver({ servers: [nowhere], tries: 1, tryMs: NEVER_MS })
  t.teardown(() => resolver.close())
  for (let round = 0; round < 2; round++) {
    const outcome = await new Promise(settled =>
      resolver.ask([QUESTION], Number.MAX_SAFE_INTEGER, (_, outcome) => settled(outcome)),
    )
    t.same(outcome, { kind: 'failed', reason: 'unreachable' }, 'each time')
  }
})

t.test('a silent server: the next when its time is over', async t => {
  const silent = await serve(t, { tamper: () => [] })
  const server = await serve(t)
  t.same(await resolve(t, [local(silent), local(server)], QUESTION, { tryMs: 1 }), FOUND)
  t.equal(silent.queries[0]?.id, server.queries[0]?.id)
})

t.test('lies before the truth are dropped', async t => {
  const server = await serve(t, {
    tamper: reply => {
      const otherId = Buffer.from(reply)
      otherId.writeUInt16BE(reply.readUInt16BE(0) ^ 1, 0)
      const otherName = Buffer.from(reply)
      otherName.write('z', 13)
      return [Buffer.alloc(0), Buffer.from('garbage'), otherId, otherName, reply.subarray(0, 20), reply, otherId]
    },
  })
  t.same(await resolve(t, [local(server)]), FOUND)
})

t.test('a datagram from another address is never seen', async t => {
  const server = createSocket('udp4')
  const stranger = createSocket('udp4')
  const arrivals = new EventEmitter()
  const received: string[] = []
  // The stranger knows the port and is quicker; the honest reply goes out once the stranger's has been sent.
  server.on('message', (_query, from) => {
    stranger.send('lie', from.port, from.address, () => server.send('truth', from.port, from.address))
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const transport = openTransport([local(server.address())], {
    received(index, datagram) {
      received.push(`${index} ${datagram}`)
      arrivals.emit('arrival')
    },
    unreachable: () => t.fail('it is there'),
  })
  t.teardown(() => {
    transport.close()
    server.close()
    stranger.close()
  })
  transport.send(0, Buffer.from('query'), 0, true)
  await once(arrivals, 'arrival')
  t.same(received, ['0 truth'])
})

t.test('EDNS0 that is not understood', async t => {
  const server = await serve(t, {
    tamper: (reply, query) => {
      if (!query.edns) return undefined
      const formerr = Buffer.from(reply)
      formerr.writeUInt16BE(0x8181, 2)
      return [formerr]
    },
  })
  t.same(await resolve(t, [local(server)]), FOUND)
  t.same(
    server.queries.map(query => query.edns),
    [true, false],
  )
})

t.test('a truncated reply leads to TCP', async t => {
  const server = await serve(t)
  t.same(await resolve(t, [local(server)], LONG), LONG_FOUND)
  t.same(
    server.queries.map(query => query.tcp),
    [false, true],
  )
})

t.test('TCP in pieces', async t => {
  const server = await serve(t, {
    tamper: (reply, query) => (query.tcp ? [...reply].map(byte => Buffer.from([byte])) : undefined),
  })
  t.same(await resolve(t, [local(server)], LONG), LONG_FOUND)
})

t.test('TCP that is cut: the next server at once', async t => {
  const cut = await serve(t, { tamper: (reply, query) => (query.tcp ? [reply.subarray(0, -1)] : undefined) })
  const server = await serve(t)
  t.same(await resolve(t, [local(cut), local(server)], LONG), LONG_FOUND)
})

t.test('TCP with another id: the next server at once', async t => {
  const liar = await serve(t, {
    tamper: (reply, query) => {
      if (!query.tcp) return undefined
      const lie = Buffer.from(reply)
      lie.writeUInt16BE(query.id ^ 1, 2)
      return [lie]
    },
  })
  const server = await serve(t)
  t.same(await resolve(t, [local(liar), local(server)], LONG), LONG_FOUND)
})

t.test('TCP that is silent: given up when the try is over', async t => {
  const silent = await serve(t, { tamper: (_reply, query) => (query.tcp ? [] : undefined) })
  const resolver = new Resolver({ servers: [local(silent)], tries: 1, tryMs: 200 })
  t.teardown(() => resolver.close())
  const outcome = await new Promise(settled =>
    resolver.ask([LONG], Number.MAX_SAFE_INTEGER, (_, outcome) => settled(outcome)),
  )
  t.same(outcome, { kind: 'failed', reason: 'timeout' })
})

t.test('an exchange that is given up reports nothing', async t => {
  const server = await serve(t)
  const transport: Transport = openTransport([local(server), await refusingServer()], {
    received: () => t.fail('nothing was sent over UDP'),
    unreachable: () => t.fail('nothing was sent over UDP'),
  })
  const query = dnsPacket.encode({ id: 7, questions: [QUESTION] })
  const ask = (index: number) => new Promise(done => transport.exchange(index, query, done))
  transport.exchange(0, query, () => t.fail('given up before the connection'))()
  transport.exchange(1, query, () => t.fail('given up before the connection'))()
  t.ok(Buffer.isBuffer(await ask(0)), 'one that is not is answered')
  t.equal(await ask(1), undefined, 'refused')
  t.equal(server.queries.length, 1)
  transport.exchange(0, query, () => t.fail('closed'))
  transport.close()
  await new Promise(resolve => setImmediate(resolve))
})

t.test('the port changes with time, and the one before still listens', async t => {
  const server = createSocket('udp4')
  const arrivals = new EventEmitter()
  const ports: number[] = []
  const held: (() => void)[] = []
  const replies: number[] = []
  server.on('message', (query, from) => {
    ports.push(from.port)
    held.push(() => server.send(query, from.port, from.address))
    arrivals.emit('query')
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const transport = openTransport([local(server.address())], {
    received(_index, datagram) {
      replies.push(datagram[0] ?? -1)
      arrivals.emit('reply')
    },
    unreachable: () => t.fail('it is there'),
  })
  t.teardown(() => {
    transport.close()
    server.close()
  })
  for (const [number, sentMs] of [0, 9_999, 10_000].entries()) {
    transport.send(0, Buffer.from([number]), sentMs, true)
    await once(arrivals, 'query')
  }
  t.equal(ports[1], ports[0], 'one port for ten seconds')
  t.not(ports[2], ports[1], 'then another')
  for (const reply of held) {
    reply()
    await once(arrivals, 'reply')
  }
  t.same(replies, [0, 1, 2])
})
