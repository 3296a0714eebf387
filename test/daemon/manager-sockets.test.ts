import { once } from 'node:events'
import { chmodSync, closeSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { giveBack, type ManagerSockets, managerSockets, socketsByName } from '../../src/daemon/manager-sockets.ts'
import { takeSockets } from '../../src/daemon/takeover.ts'
import { connectTo, type DaemonProcess, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { freePort } from '../../testkit/free-port.ts'
import { testNative } from '../../testkit/native.ts'
import { startNotifyReceiver } from '../support/notify-receiver.ts'
import { type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

/** What the manager calls what it keeps. */
const KEPT = 'bound-by-policyd-weight'
const SHORT_CUT = requestBytes(attributesOf({ sender: '' }))
const SHORT_CUT_ANSWER = 'action=DUNNO NULL (<>) Sender\n\n'

t.test('sockets are for the process they are meant for', async t => {
  const none = { passed: [], kept: [] }
  const cases: readonly [environment: NodeJS.ProcessEnv, want: ManagerSockets][] = [
    [{}, none],
    [
      { LISTEN_PID: '7', LISTEN_FDS: '2' },
      { passed: [3, 4], kept: [] },
    ],
    [
      { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: `x.socket:${KEPT}:${KEPT}` },
      { passed: [3], kept: [4, 5] },
    ],
    [
      { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: KEPT },
      { passed: [4], kept: [3] },
    ],
    [{ LISTEN_PID: '8', LISTEN_FDS: '2' }, none],
    [{ LISTEN_PID: '7' }, none],
    [{ LISTEN_PID: '7', LISTEN_FDS: '0' }, none],
    [{ LISTEN_PID: '7', LISTEN_FDS: 'x' }, none],
  ]
  for (const [environment, want] of cases) {
    const title = JSON.stringify(environment)
    t.same(managerSockets(environment, 7), want, title)
    t.same(environment, {}, `${title}: forgotten`)
  }
  t.throws(() => managerSockets({ LISTEN_PID: '7', LISTEN_FDS: '99' }, 7), { name: 'DaemonError', status: 78 })
})

/** A server that listens, and its descriptor. */
async function listening(t: Test, at: { path: string } | { port: number; host: string }) {
  const server = net.createServer().listen(at)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { server, descriptor: (server as unknown as { _handle: { fd: number } })._handle.fd }
}

t.test('a kept socket counts by where it listens, and a unix socket by its rights', async t => {
  const path = join(socketFolder(t), 'socket')
  const tcp = await listening(t, { port: 0, host: '127.0.0.1' })
  const unix = await listening(t, { path })
  const udp = testNative().openUdp('127.0.0.1', 9)
  const { port } = tcp.server.address() as net.AddressInfo
  const all = [tcp.descriptor, unix.descriptor, udp]
  const names = (mode: number, gid?: number): string[] => [...socketsByName(all, testNative(), mode, gid).keys()]
  chmodSync(path, 0o660)
  t.same(names(0o660), [`127.0.0.1:${port}`, path, `descriptor ${udp}`])
  t.same(names(0o666)[1], `descriptor ${unix.descriptor}`, '$SOCKET_MODE is another one')
  t.same(names(0o660, 12_345)[1], `descriptor ${unix.descriptor}`, '$GROUP is another one')
  t.same(
    [...socketsByName(all, { kind: 'unavailable', why: '' }, 0o660, undefined).keys()],
    all.map(each => `descriptor ${each}`),
    'without the native part none can be told',
  )
  const told: string[] = []
  giveBack(udp, testNative(), { tell: state => void told.push(state) })
  t.same(told, [`FDSTOREREMOVE=1\nFDNAME=${KEPT}`])
})

/** Daemons in a folder that a manager starts, one behind the other, which keeps sockets. */
async function managed(t: Test) {
  const folder = socketFolder(t)
  const manager = await startNotifyReceiver(folder, join(folder, 'notify'))
  t.teardown(() => manager.stop())
  return {
    received: () => manager.received(),
    /** Starts one; `kept` is what it is handed as kept. */
    async start(parameters: Parameters, kept?: number): Promise<DaemonProcess> {
      const daemon = await startDaemon(join(folder, 'd'), parameters, {
        environment: { NOTIFY_SOCKET: join(folder, 'notify'), FDSTORE: '8' },
        // Its id has to be known to the process itself, so a shell sets it and becomes the daemon.
        command: file => [
          '/bin/sh',
          '-c',
          `${kept === undefined ? '' : `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=${KEPT}`} exec "$0" "$@"`,
          ...[process.execPath, EXECUTABLE, '-f', file, '-D', 'start'],
        ],
        ...(kept !== undefined && { handedOver: kept }),
      })
      t.teardown(() => void daemon.child.kill('SIGKILL'))
      return daemon
    },
    /** Stops one, and keeps its only socket. */
    async stop(daemon: DaemonProcess): Promise<number> {
      const [socket = -1] = takeSockets(daemon.pid, testNative())?.values() ?? []
      t.teardown(() => closeSync(socket))
      t.equal(await daemon.stop(), 0)
      return socket
    },
  }
}

async function connectionError(target: net.NetConnectOpts): Promise<unknown> {
  const socket = net.connect(target)
  const [error] = await once(socket, 'error')
  return error.code
}

t.test('what has connected while there is no process is answered by the next one', async t => {
  const manager = await managed(t)
  const first = await manager.start({})
  await waitFor('the manager to be told', () => manager.received().some(text => text.startsWith('READY=1')))
  t.same(manager.received()[0], `FDSTORE=1 FDNAME=${KEPT} with a socket that listens`)
  const socket = await manager.stop(first)
  const client = await connectTo(first.socketPath)
  const answered = client.ask(SHORT_CUT, 1)
  const second = await manager.start({}, socket)
  t.equal(await answered, SHORT_CUT_ANSWER)
  t.equal(manager.received().filter(text => text.startsWith('FDSTORE=1')).length, 2)
  t.equal(manager.received().filter(text => text.startsWith('FDSTOREREMOVE')).length, 0)
  t.equal(await second.stop(), 0)
})

t.test(
  'a kept socket that is not wanted any more closes, though the manager has it open, and its address is free',
  async t => {
    const manager = await managed(t)
    const port = await freePort()
    const first = await manager.start({ SOCKET: '', TCP_PORT: port })
    const socket = await manager.stop(first)
    const client = await connectTo(port)
    const second = await manager.start({ SOCKET: '', TCP_PORT: port, BIND_ADDRESS: '0.0.0.0' }, socket)
    await client.closed
    t.equal(await (await connectTo(port)).ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
    t.equal(manager.received().filter(text => text === `FDSTOREREMOVE=1 FDNAME=${KEPT}`).length, 1)
    const third = await manager.start({}, await manager.stop(second))
    t.equal(await connectionError({ port, host: '127.0.0.1' }), 'ECONNREFUSED')
    t.equal(await (await connectTo(third.socketPath)).ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
    t.equal(await third.stop(), 0)
  },
)

t.test('a manager that keeps nothing is handed nothing', async t => {
  const folder = socketFolder(t)
  const receiver = await startNotifyReceiver(folder, join(folder, 'notify'))
  t.teardown(() => receiver.stop())
  const daemon = await startDaemon(join(folder, 'd'), {}, { environment: { NOTIFY_SOCKET: join(folder, 'notify') } })
  await waitFor('the manager to be told', () => receiver.received().length > 0)
  t.match(receiver.received()[0], /^READY=1/)
  t.equal(await daemon.stop(), 0)
  t.equal(await connectionError({ path: daemon.socketPath }), 'ENOENT')
})
