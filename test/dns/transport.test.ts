import { createSocket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import dnsPacket from 'dns-packet'
import t, { type Test } from 'tap'
import { openTransport } from '../../src/dns/event-transport.ts'
import type { Outcome, Question } from '../../src/dns/outcome.ts'
import type { NameServer } from '../../src/dns/resolv-conf.ts'
import { Resolver } from '../../src/dns/resolver.ts'
import { type OpenTransport, type Transport, turn } from '../../src/dns/transport.ts'
import { waitingTransport } from '../../src/dns/waiting-transport.ts'
import { type DnsServer, type DnsServerOptions, type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { local, refusingServer } from '../support/name-servers.ts'
import { testNative } from '../../testkit/native.ts'

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

/** Waits for what is reported without standing still: the servers of these tests are in this process. */
async function pumped<T>(transport: Pick<Transport, 'rest'>, awaited: Promise<T>): Promise<T> {
  let isOver = false
  void awaited.then(() => {
    isOver = true
  })
  while (!isOver) {
    await transport.rest(() => true)
    await turn()
  }
  return awaited
}

function ask(resolver: Resolver, question: Question): Promise<Outcome> {
  return pumped(
    resolver,
    new Promise<Outcome>(settled =>
      resolver.ask([question], Number.MAX_SAFE_INTEGER, { settled: (_, outcome) => settled(outcome) }),
    ),
  )
}

function resolve(
  t: Test,
  transport: OpenTransport,
  servers: NameServer[],
  question = QUESTION,
  { tries = 3, tryMs = NEVER_MS } = {},
) {
  const resolver = new Resolver({ servers, tries, tryMs, transport })
  t.teardown(() => resolver.close())
  return ask(resolver, question)
}

const TRANSPORTS: readonly (readonly [title: string, open: OpenTransport])[] = [
  ['the event loop reports', openTransport],
  ['the process stands still', waitingTransport(testNative())],
]

for (const [title, open] of TRANSPORTS)
  t.test(title, async t => {
    t.test('a question over UDP', async t => {
      const server = await serve(t)
      t.same(await resolve(t, open, [local(server)]), FOUND)
      t.match(server.queries, [{ name: 'example.org', type: 'A', edns: true, tcp: false }])
    })

    t.test('an IPv6 name server', async t => {
      const server = await serve(t, { address: '::1' })
      const address = '0000:0000:0000:0000:0000:0000:0000:0001'
      t.same(await resolve(t, open, [{ address, port: server.port, family: 6 }]), FOUND)
      t.same(await resolve(t, open, [{ address, port: server.port, family: 6 }], LONG), LONG_FOUND, 'over TCP')
    })

    t.test('a server that refuses datagrams: the next at once', async t => {
      const server = await serve(t)
      t.same(await resolve(t, open, [await refusingServer(), local(server)]), FOUND)
    })

    t.test('no server is there', async t => {
      t.same(await resolve(t, open, [await refusingServer(), await refusingServer()], QUESTION, { tries: 2 }), {
        kind: 'failed',
        reason: 'unreachable',
      })
    })

    t.test('questions that are asked together, of a server that is not there and one that is', async t => {
      const server = await serve(t)
      const resolver = new Resolver({
        servers: [await refusingServer(), local(server)],
        tries: 2,
        tryMs: NEVER_MS,
        transport: open,
      })
      t.teardown(() => resolver.close())
      const names = Array.from({ length: 12 }, (_, n) => `n${n}.example`)
      server.zone = Object.fromEntries(names.map(name => [name, { A: ['192.0.2.1'] }]))
      const questions = names.map((name): Question => ({ type: 'A', name }))
      const outcomes: Outcome[] = []
      await pumped(
        resolver,
        new Promise<void>(done =>
          resolver.ask(questions, Number.MAX_SAFE_INTEGER, {
            settled: (index, outcome) => {
              outcomes[index] = outcome
              if (Object.keys(outcomes).length === questions.length) done()
            },
          }),
        ),
      )
      t.same(
        outcomes,
        questions.map(() => FOUND),
      )
    })

    t.test('an address nothing can be sent to', async t => {
      const server = await serve(t)
      const nowhere: NameServer = { address: 'fe80::1%nowhere0', port: 53, family: 6 }
      t.same(await resolve(t, open, [nowhere, local(server)]), FOUND)
      const resolver = new Resolver({ servers: [nowhere], tries: 1, tryMs: NEVER_MS, transport: open })
      t.teardown(() => resolver.close())
      for (let round = 0; round < 2; round++) {
        const outcome = await ask(resolver, QUESTION)
        t.same(outcome, { kind: 'failed', reason: 'unreachable' }, 'each time')
      }
    })

    t.test('a silent server: the next when its time is over', async t => {
      const silent = await serve(t, { tamper: () => [] })
      const server = await serve(t)
      t.same(await resolve(t, open, [local(silent), local(server)], QUESTION, { tryMs: 1 }), FOUND)
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
      t.same(await resolve(t, open, [local(server)]), FOUND)
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
      const transport = open([local(server.address())], {
        received(index, datagram) {
          received.push(`${index} ${Buffer.from(datagram)}`)
          arrivals.emit('arrival')
        },
        unreachable: () => t.fail('it is there'),
        timeUp: () => t.fail('no time was set'),
      })
      t.teardown(() => {
        transport.close()
        server.close()
        stranger.close()
      })
      transport.send(0, Buffer.from('query'), 0, true)
      await pumped(transport, once(arrivals, 'arrival'))
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
      t.same(await resolve(t, open, [local(server)]), FOUND)
      t.same(
        server.queries.map(query => query.edns),
        [true, false],
      )
    })

    t.test('a truncated reply leads to TCP', async t => {
      const server = await serve(t)
      t.same(await resolve(t, open, [local(server)], LONG), LONG_FOUND)
      t.same(
        server.queries.map(query => query.tcp),
        [false, true],
      )
    })

    t.test('TCP in pieces', async t => {
      const server = await serve(t, {
        tamper: (reply, query) => (query.tcp ? [...reply].map(byte => Buffer.from([byte])) : undefined),
      })
      t.same(await resolve(t, open, [local(server)], LONG), LONG_FOUND)
    })

    t.test('TCP that is cut: the next server at once', async t => {
      const cut = await serve(t, { tamper: (reply, query) => (query.tcp ? [reply.subarray(0, -1)] : undefined) })
      const server = await serve(t)
      t.same(await resolve(t, open, [local(cut), local(server)], LONG), LONG_FOUND)
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
      t.same(await resolve(t, open, [local(liar), local(server)], LONG), LONG_FOUND)
    })

    t.test('TCP that is silent: given up when the try is over', async t => {
      const silent = await serve(t, { tamper: (_reply, query) => (query.tcp ? [] : undefined) })
      const resolver = new Resolver({ servers: [local(silent)], tries: 1, tryMs: 200, transport: open })
      t.teardown(() => resolver.close())
      const outcome = await ask(resolver, LONG)
      t.same(outcome, { kind: 'failed', reason: 'malformed' })
    })

    t.test('an exchange that is given up reports nothing', async t => {
      const server = await serve(t)
      const transport: Transport = open([local(server), await refusingServer()], {
        received: () => t.fail('nothing was sent over UDP'),
        unreachable: () => t.fail('nothing was sent over UDP'),
        timeUp: () => t.fail('no time was set'),
      })
      const query = dnsPacket.encode({ id: 7, questions: [QUESTION] })
      const ask = (index: number) => pumped(transport, new Promise(done => transport.exchange(index, query, done)))
      transport.exchange(0, query, () => t.fail('given up before the connection'))()
      transport.exchange(1, query, () => t.fail('given up before the connection'))()
      t.ok(Buffer.isBuffer(await ask(0)), 'one that is not is answered')
      t.equal(await ask(1), undefined, 'refused')
      t.equal(server.queries.length, 1)
      transport.exchange(0, query, () => t.fail('closed'))
      transport.close()
      await turn()
    })

    t.test('a port that is given up is another at once, and what comes to the old one is not read', async t => {
      const server = createSocket('udp4')
      const arrivals = new EventEmitter()
      const asked: { port: number; number: number }[] = []
      const replies: number[] = []
      server.on('message', (query, { port }) => {
        asked.push({ port, number: query[0] ?? -1 })
        arrivals.emit('query')
      })
      server.on('error', () => {})
      server.bind(0, '127.0.0.1')
      await once(server, 'listening')
      const transport = open([local(server.address())], {
        received(_index, datagram) {
          replies.push(datagram[0] ?? -1)
          arrivals.emit('reply')
        },
        unreachable: () => t.fail('it is there'),
        timeUp: () => t.fail('no time was set'),
      })
      t.teardown(() => {
        transport.close()
        server.close()
      })
      for (const number of [0, 1]) {
        transport.send(0, Buffer.from([number]), 0, true)
        await pumped(transport, once(arrivals, 'query'))
        if (number === 0) transport.renew(0)
      }
      t.not(asked[1]?.port, asked[0]?.port)
      for (const { port, number } of asked) server.send(Buffer.from([number]), port, '127.0.0.1')
      await pumped(transport, once(arrivals, 'reply'))
      t.same(replies, [1])
      transport.renew(0)
      transport.renew(0)
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
      const transport = open([local(server.address())], {
        received(_index, datagram) {
          replies.push(datagram[0] ?? -1)
          arrivals.emit('reply')
        },
        unreachable: () => t.fail('it is there'),
        timeUp: () => t.fail('no time was set'),
      })
      t.teardown(() => {
        transport.close()
        server.close()
      })
      for (const [number, sentMs] of [0, 9_999, 10_000].entries()) {
        transport.send(0, Buffer.from([number]), sentMs, true)
        await pumped(transport, once(arrivals, 'query'))
      }
      t.equal(ports[1], ports[0], 'one port for ten seconds')
      t.not(ports[2], ports[1], 'then another')
      for (const reply of held) {
        reply()
        await pumped(transport, once(arrivals, 'reply'))
      }
      t.same(replies, [0, 1, 2])
    })
  })
