import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import type { NameServer } from '../../src/dns/resolv-conf.ts'
import { openUdpSocket } from '../../src/dns/udp-socket.ts'
import { startDnsServer } from '../support/dns-server.ts'

/** Sends through a socket to an echo on loopback. */
async function echo(t: Test, open: typeof openUdpSocket, address: '127.0.0.1' | '::1'): Promise<string> {
  const server = createSocket(address === '::1' ? 'udp6' : 'udp4')
  server.on('message', (datagram, from) => server.send(datagram, from.port, from.address))
  server.bind(0, address)
  await once(server, 'listening')
  const socket = open({ address, port: server.address().port, family: address === '::1' ? 6 : 4 })
  t.teardown(() => {
    socket.close()
    server.close()
  })
  t.equal(socket.remoteAddress().address, address, 'is connected at once')
  socket.send('hello')
  const [datagram] = (await once(socket, 'message')) as [Buffer]
  return String(datagram)
}

t.test('a socket of each family', async t => {
  t.equal(await echo(t, openUdpSocket, '127.0.0.1'), 'hello')
  t.equal(await echo(t, openUdpSocket, '::1'), 'hello')
})

t.test('a Node without the short cut', async t => {
  const { getOwnPropertySymbols } = Object
  const open = (symbols: (object: object) => symbol[]) => (server: NameServer) => {
    Object.getOwnPropertySymbols = symbols
    try {
      return openUdpSocket(server)
    } finally {
      Object.getOwnPropertySymbols = getOwnPropertySymbols
    }
  }
  t.equal(
    await echo(
      t,
      open(() => []),
      '127.0.0.1',
    ),
    'hello',
    'no state',
  )
  const other = open(object => getOwnPropertySymbols(object).map(key => Object(key) as symbol))
  t.equal(await echo(t, other, '127.0.0.1'), 'hello', 'state under another key')
})

t.test('a process that asks loads nothing it does not need', async t => {
  const server = await startDnsServer({ 'example.org': { A: ['192.0.2.1'] } })
  t.teardown(() => server.close())
  const dir = t.testdir({})
  const program = `
    import { monotonicMs } from './clock.ts'
    import { FanOut } from './fan-out.ts'
    import { Resolver } from './resolver.ts'
    const servers = [{ address: '127.0.0.1', port: ${server.port}, family: 4 }] as const
    const fanOut = new FanOut(new Resolver({ servers, tries: 1, tryMs: 60000 }), monotonicMs() + 60000)
    const question = { type: 'A', name: 'example.org' } as const
    fanOut.start([question])
    void fanOut.arrived().then(() => {
      const loaded = process.moduleLoadList
      console.log(JSON.stringify({ outcome: fanOut.answers.get(question), loaded }))
    })`
  await build({
    stdin: { contents: program, loader: 'ts', resolveDir: join(import.meta.dirname, '../../src/dns') },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: join(dir, 'program.cjs'),
  })
  // env(1), because tap adds its loaders to the environment of whatever is started here.
  const { stdout } = await promisify(execFile)('env', ['-i', process.execPath, join(dir, 'program.cjs')])
  const { outcome, loaded } = JSON.parse(stdout)
  t.same(outcome, { kind: 'found', values: ['192.0.2.1'] })
  const modules = ['dns', 'net', 'cluster', 'child_process', 'perf_hooks', 'internal/crypto/webcrypto']
  t.same(
    modules.filter(module => loaded.includes(`NativeModule ${module}`)),
    [],
    'not loaded',
  )
  t.ok(loaded.includes('NativeModule dgram'), 'modules are named as expected')
})
