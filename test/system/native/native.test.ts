import { spawn } from 'node:child_process'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addonFile } from '../../../scripts/build-addon.ts'
import { loadNative, type Native, type NativeSources, SET_EGID, SET_UID } from '../../../src/system/native/native.ts'
import { sumOf } from '../../../src/system/sum.ts'
import { testNative } from '../../../testkit/native.ts'
import { randomFrom } from '../../support/random.ts'

const ADDON = readFileSync(addonFile(process.arch))

const sources = (changed: Partial<NativeSources> = {}): NativeSources => ({
  platform: process.platform,
  arch: process.arch,
  loaded: undefined,
  embedded: arch => (arch === process.arch ? ADDON : undefined),
  directories: ['/dev/shm', '/tmp'],
  ...changed,
})

const thrownCode = (call: () => unknown): unknown => {
  try {
    call()
    return 'nothing'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

t.test('where the native part comes from, and why there is none', t => {
  const folder = t.testdir({})
  const cases: { label: string; from: Partial<NativeSources>; want: string | RegExp }[] = [
    { label: 'from inside of the executable', from: {}, want: 'native' },
    { label: 'that loader.ts has loaded', from: { loaded: {}, embedded: () => undefined }, want: 'native' },
    { label: 'not inside either', from: { embedded: () => undefined }, want: /without the native part/ },
    { label: 'the second directory serves', from: { directories: [join(folder, 'none'), '/tmp'] }, want: 'native' },
    {
      label: 'no directory serves',
      from: { directories: ['/proc', join(folder, 'none')] },
      want: /\/proc: .*none: ENOENT/,
    },
    { label: 'another processor', from: { arch: 'riscv64' }, want: /without the native part for linux riscv64/ },
    { label: 'another system', from: { platform: 'darwin' }, want: /no native part for darwin/ },
  ]
  for (const { label, from, want } of cases) {
    const loaded = loadNative(sources(from))
    if (typeof want === 'string') t.equal(loaded.kind, want, label)
    else t.match(loaded, { kind: 'unavailable', why: want }, label)
  }
  t.match(loadNative(sources({ embedded: () => undefined })), { isNotInside: true })
  t.match(loadNative(sources({ directories: [] })), { isNotInside: undefined })
  t.equal(loadNative().kind, 'unavailable', 'a test runner carries none')
  t.end()
})

t.test('an addon that is damaged', t => {
  // dlopen(3) knows what it has loaded by its name, here the number of a descriptor: it must be a new one.
  const held = openSync('/dev/null', 'r')
  t.match(loadNative(sources({ embedded: () => new Uint8Array(3) })), {
    kind: 'unavailable',
    why: /cannot be loaded: \/dev\/shm: .*; \/tmp: /,
  })
  closeSync(held)
  t.end()
})

t.test('no descriptor is left open', t => {
  const openDescriptors = (): number => readdirSync('/proc/self/fd').length
  loadNative(sources())
  const before = openDescriptors()
  loadNative(sources())
  loadNative(sources({ embedded: () => new Uint8Array(3) }))
  t.equal(openDescriptors(), before)
  t.end()
})

t.test('errno comes as a code', t => {
  const native = testNative()
  const path = join(t.testdir({ file: '' }), 'file')
  const readOnly = openSync(path, 'r')
  const cases: { label: string; call: () => unknown; want: string }[] = [
    { label: 'locking no file', call: () => native.lock(-1, 0), want: 'EBADF' },
    { label: 'unlocking no file', call: () => native.unlock(-1), want: 'EBADF' },
    { label: 'mapping no file', call: () => native.map(-1, 4096), want: 'EBADF' },
    { label: 'mapping what may not be written', call: () => native.map(readOnly, 4096), want: 'EACCES' },
    { label: 'mapping nothing', call: () => native.map(readOnly, 0), want: 'EINVAL' },
    { label: 'mapping less than nothing', call: () => native.map(readOnly, -1), want: 'EINVAL' },
    { label: 'a name is no address', call: () => native.openUdp('localhost', 53), want: 'EINVAL' },
    { label: 'no port', call: () => native.openUdp('127.0.0.1', 0), want: 'EINVAL' },
    { label: 'more than a port', call: () => native.openUdp('127.0.0.1', 65_536 + 53), want: 'EINVAL' },
    { label: 'an interface that is not there', call: () => native.openUdp('fe80::1%nowhere0', 53), want: 'EINVAL' },
    { label: 'a scope of IPv4', call: () => native.openUdp('127.0.0.1%lo', 53), want: 'EINVAL' },
    { label: 'sending to no socket', call: () => native.send(-1, new Uint8Array(1)), want: 'EBADF' },
    { label: 'sending to a file', call: () => native.send(readOnly, new Uint8Array(1)), want: 'ENOTSOCK' },
    { label: 'receiving from no socket', call: () => native.receive(-1, new Uint8Array(1)), want: 'EBADF' },
    { label: 'waiting backwards', call: () => native.poll(new Int32Array(1), -1), want: 'EINVAL' },
    { label: 'more sockets than there are', call: () => native.poll(new Int32Array(1025), 0), want: 'EINVAL' },
    {
      label: 'bytes that are something else',
      call: () => native.receive(readOnly, new Int32Array(1) as unknown as Uint8Array),
      want: 'EINVAL',
    },
    { label: 'neither a priority nor a facility', call: () => native.writeLog(0x400, 'x', 'x'), want: 'EINVAL' },
  ]
  for (const { label, call, want } of cases) t.equal(thrownCode(call), want, label)
  closeSync(readOnly)
  t.end()
})

t.test('wrong arguments are errors, never crashes', t => {
  const native = testNative()
  const wrong: readonly unknown[][] = [
    [],
    [1],
    ['1', '2'],
    [{}, []],
    [1, 2, 3, 4],
    [undefined, null],
    [1n, 2n],
    [Symbol('x')],
  ]
  for (const name of [
    'map',
    'lock',
    'unlock',
    'writeLog',
    'notify',
    'openUdp',
    'send',
    'poll',
    'receive',
    'sum',
  ] satisfies (keyof Native)[]) {
    const call = native[name] as (...values: unknown[]) => unknown
    for (const values of wrong) {
      // One number is what unlock takes; descriptor 1 may be unlocked.
      if (name === 'unlock' && values.length === 1 && values[0] === 1) continue
      if (values.length === 2 && values[0] === 1) continue
      t.equal(
        thrownCode(() => call(...values)),
        'EINVAL',
        `${name}(${values.map(String)})`,
      )
    }
  }
  t.end()
})

t.test('a checksum is that of sum.ts, whatever the length', t => {
  const native = testNative()
  const random = randomFrom(21)
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, () => random(256))
    t.equal(native.sum(bytes), sumOf(bytes), `${length} bytes`)
    for (let i = 0; i < length; i++) {
      const changed = Uint8Array.from(bytes)
      changed[i] = (changed[i] as number) ^ (1 << random(8))
      if (sumOf(changed) === sumOf(bytes)) t.fail(`byte ${i} of ${length} may be another one`)
    }
  }
  t.equal(native.sum(new Uint8Array(4096)) === native.sum(new Uint8Array(4092)), false, 'zeros are counted')
  t.end()
})

t.test('a mapped file is memory that is shared', t => {
  const native = testNative()
  const path = join(t.testdir({ file: '' }), 'file')
  const descriptor = openSync(path, 'r+')
  ftruncateSync(descriptor, 8192)
  const one = new Uint8Array(native.map(descriptor, 8192))
  const other = new Uint8Array(native.map(descriptor, 8192))
  closeSync(descriptor)
  one[5000] = 7
  t.equal(other[5000], 7)
  t.equal(readFileSync(path)[5000], 7)
  writeFileSync(path, Buffer.alloc(8192, 9), { flag: 'r+' })
  t.equal(one[0], 9)
  t.end()
})

t.test('one holder at a time, by open file and not by process', t => {
  const native = testNative()
  const path = join(t.testdir({ file: '' }), 'file')
  const one = openSync(path, 'r+')
  const other = openSync(path, 'r+')
  t.ok(native.lock(one, 0))
  t.ok(native.lock(one, 0), 'who has it has it')
  t.notOk(native.lock(other, 0), 'tried once')
  t.notOk(native.lock(other, 20), 'waited for')
  native.unlock(one)
  t.ok(native.lock(other, 0))
  closeSync(other)
  t.ok(native.lock(one, 0), 'closing gives it back')
  closeSync(one)
  t.end()
})

t.test('a log line is text, whatever is in it', t => {
  const native = testNative()
  t.type(native.writeLog((2 << 3) + 7, 'policyd-weight-test', '%s%n%x %'), 'boolean')
  t.type(native.writeLog((2 << 3) + 7, 'policyd-weight-test', 'x'.repeat(100_000)), 'boolean', 'cut')
  t.end()
})

t.test('datagrams', async t => {
  const native = testNative()
  const server = createSocket('udp6')
  server.bind(0, '::1')
  await once(server, 'listening')
  const socket = native.openUdp('0000:0000:0000:0000:0000:0000:0000:0001%lo', server.address().port)
  t.teardown(() => closeSync(socket))
  const sockets = Int32Array.of(socket)
  const buffer = new Uint8Array(10)
  t.equal(native.receive(socket, buffer), -1, 'nothing there: not waited for')
  t.equal(native.poll(sockets, 1), false)
  t.equal(native.poll(new Int32Array(0), 1), false, 'no sockets: time passes')
  t.equal(native.send(socket, Buffer.from('query')), true)
  const [query, from] = (await once(server, 'message')) as [Buffer, RemoteInfo]
  t.equal(String(query), 'query')
  for (const reply of ['', 'reply', 'longer than that'])
    await new Promise(sent => server.send(reply, from.port, from.address, sent))
  t.equal(native.poll(sockets, 30_000), true)
  t.equal(native.receive(socket, buffer), 0)
  t.equal(native.receive(socket, buffer), 5)
  t.equal(Buffer.from(buffer).toString('latin1', 0, 5), 'reply')
  t.equal(native.receive(socket, buffer), 10, 'the rest is gone')
  t.equal(native.receive(socket, buffer), -1)

  await new Promise<void>(resolve => server.close(() => resolve()))
  t.equal(native.send(socket, buffer), true, 'nobody is there, which is found out later')
  t.equal(native.poll(sockets, 30_000), true)
  t.equal(
    thrownCode(() => native.receive(socket, buffer)),
    'ECONNREFUSED',
  )
  t.equal(native.poll(sockets, 0), false, 'told once')
  t.equal(native.send(socket, buffer), true)
  t.equal(native.send(socket, buffer), true, 'sent, though it is told of the one before')
})

t.test('users, groups, and rights that nobody has', t => {
  const native = testNative()
  t.equal(native.idOf('root', false), 0)
  t.equal(native.idOf('root', true), 0)
  t.equal(native.idOf('nobody', false), 65_534)
  t.equal(native.idOf('no-such-user', false), -1)
  t.equal(native.idOf('no-such-group', true), -1)
  t.equal(
    thrownCode(() => native.setId(SET_UID, 'x' as never)),
    'EINVAL',
  )
  const own = process.getegid?.() ?? 0
  native.setId(SET_EGID, own)
  t.equal(process.getegid?.(), own)
  t.end()
})

t.test('sockets of another process', async t => {
  const native = testNative()
  const folder = mkdtempSync('/tmp/polw-')
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const script = `const net = require('node:net')
    const servers = ['127.0.0.1', '::1', process.argv[1]].map(at => net.createServer().listen(at.includes('/') ? at : { host: at, port: 0 }))
    let left = servers.length
    for (const server of servers) server.once('listening', () => --left || process.send(servers.map(each => [each._handle.fd, each.address().port])))`
  const child = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [sockets] = (await once(child, 'message')) as [[number, number | undefined][]]
  const names = sockets.map(([descriptor]) => {
    const taken = native.takeSocket(child.pid ?? 0, descriptor)
    const name = native.listeningOn(taken)
    closeSync(taken)
    return name
  })
  t.same(names, [`127.0.0.1:${sockets[0]?.[1]}`, `[::1]:${sockets[1]?.[1]}`, path])
  t.equal(
    thrownCode(() => native.takeSocket(child.pid ?? 0, 999)),
    'EBADF',
  )
  t.equal(
    thrownCode(() => native.listeningOn(openSync('/dev/null', 'r'))),
    'ENOTSOCK',
  )
  const socket = native.openUdp('127.0.0.1', 9)
  t.equal(native.listeningOn(socket), '', 'it only sends')
  closeSync(socket)
  const ended = once(child, 'exit')
  child.kill()
  await ended
  t.equal(
    thrownCode(() => native.takeSocket(child.pid ?? 0, 3)),
    'ESRCH',
  )
})
