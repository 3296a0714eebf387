import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import dnsPacket from 'dns-packet'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { addonFile } from '../../scripts/build-addon.ts'
import { monotonicMs } from '../../src/system/clock.ts'
import { serverAt } from '../../src/dns/transport.ts'
import { type NativeSockets, waitingTransport } from '../../src/dns/waiting-transport.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { local, refusingServer } from '../support/name-servers.ts'
import { testNative } from '../../testkit/native.ts'

const native = testNative()
const QUERY = Buffer.from('query')

/** A transport to three servers over made-up sockets: none of it reaches the system. */
function openFake(sockets: Partial<NativeSockets>) {
  const events: string[] = []
  const waits: number[] = []
  let opened = 100
  const transport = waitingTransport({
    openUdp: () => opened++,
    send: () => true,
    poll: (_, waitMs) => {
      waits.push(waitMs)
      return true
    },
    receive: () => -1,
    ...sockets,
  })(
    [1, 2, 3].map(port => local({ port })),
    {
      received: (server, datagram) => events.push(`${server} ${Buffer.from(datagram)}`),
      unreachable: server => events.push(`${server} unreachable`),
      timeUp: () => events.push('time up'),
    },
  )
  return { transport, events, waits }
}

function thrownErrno(code: string): () => never {
  return () => {
    throw Object.assign(new Error(code), { code })
  }
}

const noTime = (): void => {
  t.fail('no time was set')
}

t.test('what cannot be opened or sent to is reported by the next rest, which is short', async t => {
  const { transport, events, waits } = openFake({
    openUdp: (_, port) => (port === 1 ? thrownErrno('EMFILE')() : port),
    send: socket => socket !== 2,
  })
  for (const server of [0, 1, 2, 1]) transport.send(server, QUERY, 0, true)
  t.same(events, [])
  await transport.rest(() => events.length > 0)
  t.same(events, ['0 unreachable', '1 unreachable'], 'once each')
  await transport.rest(() => waits.length > 1)
  t.equal(events.length, 2)
  t.same(waits, [0, 250])
})

t.test('it stands still until it is over, and no longer than the resolver lets it', async t => {
  const { transport, events, waits } = openFake({})
  await transport.rest(() => true)
  t.same(waits, [0], 'what lies ready')
  transport.wakeAt(monotonicMs() + 60_000)
  await transport.rest(() => waits.length === 4)
  t.same(waits.splice(0), [0, 250, 250, 250])
  t.same(events, [])
  transport.wakeAt(monotonicMs() + 60_000)
  transport.wakeAt(monotonicMs() - 1)
  await transport.rest(() => events.length > 0)
  t.same(events.splice(0), ['time up'])
  await transport.rest(() => waits.length === 2)
  t.same(waits.splice(0), [0, 250], 'then it may again')
  transport.wakeAt(monotonicMs() - 1)
  transport.wakeAt(Number.POSITIVE_INFINITY)
  await transport.rest(() => waits.length === 1)
  transport.wakeAt(monotonicMs() - 1)
  transport.close()
  await transport.rest(() => waits.length === 2)
  t.same(waits, [250, 250])
  t.same(events, [], 'once, and not if nothing is waited for')
})

t.test('time is up only when what lies ready was read', async t => {
  let left = 1
  const { transport, events } = openFake({ receive: () => (left-- > 0 ? 0 : -1) })
  transport.send(0, QUERY, 0, true)
  transport.wakeAt(monotonicMs() - 1)
  await transport.rest(() => events.length > 0)
  t.same(events, ['0 ', 'time up'])
})

t.test('it stands still until there is input, and polls for it together with the sockets', async t => {
  const polled: number[][] = []
  let idle = 3
  const { transport, events } = openFake({
    poll: (descriptors, waitMs) => {
      polled.push([...descriptors, waitMs])
      return descriptors.includes(7) && idle-- <= 0
    },
  })
  transport.send(0, QUERY, 0, true)
  await transport.rest(() => false, { input: 7 })
  t.same(polled, [
    [100, 7, 250],
    [7, 0],
    [100, 7, 250],
    [7, 0],
  ])
  t.same(events, [])
})

t.test('timers go off while nothing comes', async t => {
  let hasGoneOff = false
  const { transport } = openFake({ poll: () => false })
  setTimeout(() => {
    hasGoneOff = true
  }, 0)
  await transport.rest(() => hasGoneOff)
  t.ok(hasGoneOff)
})

t.test('a flood of datagrams does not keep it from returning', async t => {
  let received = 0
  const { transport } = openFake({ receive: () => Math.min(0, received++) })
  transport.send(0, QUERY, 0, true)
  transport.send(1, QUERY, 0, true)
  await transport.rest(() => true)
  t.ok(received > 64 && received <= 1000, `${received} were read`)
})

t.test('errors of sockets', async t => {
  const { transport, events } = openFake({ receive: thrownErrno('ECONNREFUSED') })
  transport.send(1, QUERY, 0, true)
  await transport.rest(() => true)
  t.same(events, ['1 unreachable'])
  const broken = openFake({ receive: thrownErrno('EBADF') })
  broken.transport.send(1, QUERY, 0, true)
  const resting = broken.transport.rest(() => true)
  await t.rejects(resting, { code: 'EBADF' }, 'a socket that is none is no network: never waited for')
  t.same(broken.events, [])
})

t.test('errors of whoever is told are no errors of sockets', async t => {
  const transport = waitingTransport({ openUdp: () => 100, send: () => true, poll: () => true, receive: () => 1 })(
    [local({ port: 1 })],
    {
      received: () => {
        throw new Error('told')
      },
      unreachable: () => t.fail('it is there'),
      timeUp: noTime,
    },
  )
  transport.send(0, QUERY, 0, true)
  await t.rejects(
    transport.rest(() => true),
    { message: 'told' },
  )
})

t.test('the event loop gets its turns as long as there is an exchange over TCP', async t => {
  const silent = await startDnsServer({}, { tamper: () => [] })
  t.teardown(() => silent.close())
  const waits: number[] = []
  const poll: NativeSockets['poll'] = (sockets, waitMs) => {
    waits.push(waitMs)
    return native.poll(sockets, waitMs)
  }
  const transport = waitingTransport({ ...native, poll })([local(silent), await refusingServer()], {
    received: () => t.fail('nothing was sent over UDP'),
    unreachable: () => t.fail('nothing was sent over UDP'),
    timeUp: noTime,
  })
  t.teardown(() => transport.close())
  await transport.rest(() => waits.length > 0)
  const query = dnsPacket.encode({ id: 7, questions: [{ type: 'A', name: 'example.org' }] })
  const giveUp = transport.exchange(0, query, () => t.fail('it is silent'))
  let isRefused = false
  transport.exchange(1, query, reply => {
    isRefused = reply === undefined
  })
  await transport.rest(() => isRefused)
  t.ok(waits.slice(1).every(waitMs => waitMs === 1))
  giveUp()
  giveUp()
  waits.length = 0
  await transport.rest(() => waits.length > 0)
  t.same(waits, [250], 'the last one is given up')
})

t.test('two sockets a server are open at most, and none once it is closed', async t => {
  const server = createSocket('udp4')
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  let polled: number[] = []
  const poll: NativeSockets['poll'] = (sockets, waitMs) => {
    polled = [...sockets]
    return native.poll(sockets, waitMs)
  }
  const transport = waitingTransport({ ...native, poll })([local(server.address())], {
    received: () => t.fail('it says nothing'),
    unreachable: () => t.fail('it is there'),
    timeUp: noTime,
  })
  const open = new Set<number>()
  for (let round = 0; round < 5; round++) {
    transport.send(0, QUERY, 10_000 * round, true)
    await transport.rest(() => true)
    t.equal(polled.length, Math.min(round + 1, 2))
    for (const socket of polled) open.add(socket)
  }
  transport.close()
  for (const socket of open) t.throws(() => native.receive(socket, new Uint8Array(1)), { code: 'EBADF' })
})

t.test('a server that is not counted', t => {
  t.throws(() => serverAt([], 0), RangeError)
  t.end()
})

t.test('a process that asks stands still for the answer, and loads nothing for it', async t => {
  const server = await startDnsServer({ 'example.org': { A: ['192.0.2.1'] } })
  t.teardown(() => server.close())
  const { outcome, loaded } = await askFromProcess(t, server.port)
  t.same(outcome, { kind: 'found', values: ['192.0.2.1'] })
  const needless = loaded.filter(name => /^NativeModule (?:dgram|net|dns|cluster|child_process|stream|tty)$/.test(name))
  t.same(needless, [])
})

async function askFromProcess(t: Test, port: number): Promise<{ outcome: unknown; loaded: string[] }> {
  const program = `
    import { writeSync } from 'node:fs'
    import { monotonicMs } from '../system/clock.ts'
    import { FanOut } from './fan-out.ts'
    import { Resolver } from './resolver.ts'
    import { waitingTransport } from './waiting-transport.ts'
    const addon = { exports: {} }
    process.dlopen(addon, ${JSON.stringify(addonFile(process.arch))})
    const servers = [{ address: '127.0.0.1', port: ${port}, family: 4 }] as const
    const transport = waitingTransport(addon.exports as never)
    const places = { count: 1, want: () => 1, noteSilence: () => {} }
    const options = { deadlineMs: monotonicMs() + 60000, places, mostFailures: 1, tries: 1 }
    const fanOut = new FanOut(new Resolver({ servers, tries: 1, tryMs: 60000, transport }), options)
    const question = { type: 'A', name: 'example.org' } as const
    fanOut.start([question])
    void fanOut.arrived().then(() => {
      const loaded = process.moduleLoadList
      writeSync(1, JSON.stringify({ outcome: fanOut.answers.get(question), loaded }))
    })`
  const outfile = join(t.testdir({}), 'program.cjs')
  await build({
    stdin: { contents: program, loader: 'ts', resolveDir: join(import.meta.dirname, '../../src/dns') },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
  })
  // env(1), because tap adds its loaders to the environment of whatever is started here.
  const { stdout } = await promisify(execFile)('/usr/bin/env', ['-i', process.execPath, outfile])
  return JSON.parse(stdout)
}
