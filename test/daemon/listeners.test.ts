import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { bindListeners } from '../../src/daemon/listeners.ts'
import { connectTo, socketFolder } from '../../testkit/daemon-process.ts'
import { freePort } from '../../testkit/free-port.ts'

const bind = (overrides: Partial<Config>, warn = (text: string): void => void t.fail(text)) =>
  bindListeners(builtinConfig(overrides), undefined, warn)

/** Accepts on a descriptor, as a worker does. */
async function acceptOn(descriptor: number): Promise<net.Server> {
  const server = net.createServer(socket => socket.on('error', () => {}).end('hello')).listen({ fd: descriptor })
  await once(server, 'listening')
  return server
}

t.test('what is bound can be accepted from', async t => {
  const port = await freePort()
  const path = join(socketFolder(t), 'socket')
  const listeners = await bind({ TCP_PORT: port, SOCKET: path, SOCKET_MODE: '0640' })
  t.equal(listeners.text, `127.0.0.1:${port}, ${path}`)
  t.equal(statSync(path).mode & 0o777, 0o640, 'with the permissions asked for')
  for (const [index, address] of [port, path].entries()) {
    const server = await acceptOn(listeners.descriptors[index] as number)
    const client = await connectTo(address)
    await client.closed
    t.equal(client.received(), 'hello')
    server.close()
  }
})

t.test('"all" is every address of both versions', async t => {
  const port = await freePort()
  const warnings: string[] = []
  const { text } = await bind({ TCP_PORT: port, BIND_ADDRESS: 'all' }, warning => warnings.push(warning))
  t.ok(text.startsWith(`0.0.0.0:${port}`))
  t.equal(text.includes(`[::]:${port}`), warnings.length === 0, 'a machine without IPv6 is told so')
})

t.test('a socket that was left behind is replaced, one in use is not, nor is anything else', async t => {
  const folder = socketFolder(t)
  const path = join(folder, 'socket')
  const first = await bind({ TCP_PORT: 0, SOCKET: path })
  for (const handle of first.handles) (handle as { close(): void }).close()
  writeFileSync(join(folder, 'file'), 'precious')
  const again = await bind({ TCP_PORT: 0, SOCKET: path })
  const server = await acceptOn(again.descriptors[0] as number)
  await t.rejects(bind({ TCP_PORT: 0, SOCKET: path }), { name: 'DaemonError', status: 69, message: /EADDRINUSE/ })
  await t.rejects(bind({ TCP_PORT: 0, SOCKET: join(folder, 'file') }), {
    name: 'DaemonError',
    status: 69,
    message: /is no socket, and is left alone; name another path$/,
  })
  server.close()
})

t.test('what cannot be listened on says why', async t => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const cases: readonly [overrides: Partial<Config>, status: number, message: RegExp][] = [
    [
      { TCP_PORT: port },
      69,
      new RegExp(`EADDRINUSE.*no answer within 2 s; process ${process.pid} .*: kill ${process.pid}$`),
    ],
    [{ BIND_ADDRESS: '192.0.2.1' }, 69, /EADDRNOTAVAIL/],
    [{ BIND_ADDRESS: 'nonsense' }, 78, /expected an IPv4 or IPv6 address/],
    [{ TCP_PORT: 0 }, 78, /nowhere to listen/],
    [{ TCP_PORT: 0, SOCKET: '/none/socket' }, 69, /\(ENOENT\): there is no directory \/none; make it$/],
    [{ TCP_PORT: 0, SOCKET: `/tmp/${'x'.repeat(120)}` }, 78, /more than 107 bytes/],
  ]
  for (const [overrides, status, message] of cases)
    await t.rejects(bind(overrides), { name: 'DaemonError', status, message }, JSON.stringify(overrides))
  server.close()
})

t.test('sockets that are there already', async t => {
  const [port, other] = [await freePort(), await freePort()]
  const path = join(socketFolder(t), 'socket')
  writeFileSync(path, '')
  const names = { tcp: `127.0.0.1:${port}`, other: `127.0.0.1:${other}`, path }
  const cases: readonly {
    label: string
    overrides: Partial<Config>
    wantUsed: readonly number[]
    wantDiscarded: readonly number[]
    wantError?: RegExp
  }[] = [
    { label: 'at the right place', overrides: { TCP_PORT: port }, wantUsed: [101], wantDiscarded: [102, 103] },
    {
      label: 'at no place of ours',
      overrides: { BIND_ADDRESS: '192.0.2.1', TCP_PORT: port },
      wantUsed: [],
      wantDiscarded: [101, 102, 103],
      wantError: /EADDRNOTAVAIL/,
    },
    {
      label: 'its name is that of something else by now',
      overrides: { TCP_PORT: port, SOCKET: path },
      wantUsed: [],
      wantDiscarded: [102, 103, 101],
      wantError: /EADDRINUSE/,
    },
    {
      label: 'nothing is asked for',
      overrides: { TCP_PORT: 0 },
      wantUsed: [],
      wantDiscarded: [101, 102, 103],
      wantError: /nowhere to listen/,
    },
    {
      label: 'nonsense is asked for',
      overrides: { BIND_ADDRESS: 'nonsense' },
      wantUsed: [],
      wantDiscarded: [101, 102, 103],
      wantError: /expected an IPv4/,
    },
  ]
  for (const { label, overrides, wantUsed, wantDiscarded, wantError } of cases) {
    const taken = new Map([
      [names.tcp, 101],
      [names.other, 102],
      [names.path, 103],
    ])
    const discarded: number[] = []
    const bound = bindListeners(
      builtinConfig(overrides),
      undefined,
      () => {},
      taken,
      descriptor => void discarded.push(descriptor),
    )
    if (wantError) await t.rejects(bound, { name: 'DaemonError', message: wantError }, label)
    else t.same((await bound).descriptors, wantUsed, label)
    t.same(discarded, wantDiscarded, `${label}: discarded`)
    t.same([...taken.values()], wantUsed, `${label}: left for the next try`)
  }
})
