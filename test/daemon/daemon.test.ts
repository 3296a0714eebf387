import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { bindListeners } from '../../src/daemon/listeners.ts'
import { startLoad } from '../support/client-load.ts'
import {
  connectTo,
  type DaemonProcess,
  type DaemonStart,
  socketFolder,
  startDaemon,
} from '../../testkit/daemon-process.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { startNotifyReceiver } from '../support/notify-receiver.ts'
import { type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

// Whatever is still running when the tests are over would keep them from ending.
const started = new Set<DaemonProcess>()
t.teardown(() => {
  for (const { child } of started) child.kill('SIGKILL')
})

async function daemonFor(t: Test, parameters: Parameters = {}, start: DaemonStart = {}): Promise<DaemonProcess> {
  const daemon = await startDaemon(join(socketFolder(t), 'd'), parameters, start)
  started.add(daemon)
  t.teardown(() => daemon.stop())
  return daemon
}

const SHORT_CUT = requestBytes(attributesOf({ sender: '' }))
const SHORT_CUT_ANSWER = 'action=DUNNO NULL (<>) Sender\n\n'
/** What a mail is answered with whose lists are the only thing looked at. */
const LISTS_ONLY = { dnsbl_checks_only: 1, LOG_BAD_RBL_ONLY: 0, CACHESIZE: 0, POSCACHESIZE: 0 }

t.test('answers, logs, and stops', async t => {
  const daemon = await daemonFor(t)
  const client = await connectTo(daemon.socketPath)
  t.equal(await client.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
  const pid = readFileSync(join(daemon.folder, 'pid'), 'latin1')
  t.match(pid, new RegExp(`^${daemon.pid}\\nstart=\\d+\\n$`))
  await waitFor('the log', () => daemon.log().some(line => line.startsWith('decided action=DUNNO NULL')))
  t.equal(await daemon.stop(), 0)
  await client.closed
  t.notOk(existsSync(join(daemon.folder, 'pid')), 'the pid file is gone')
  t.notOk(existsSync(daemon.socketPath), 'and the socket')
  t.match(daemon.log(), [/^daemon started, listening on /, /^decided /, /^daemon stopped$/])
})

t.test('a request piped in, with nothing behind it, is answered', async t => {
  const daemon = await daemonFor(t)
  const client = await connectTo(daemon.socketPath)
  client.socket.end(SHORT_CUT)
  await client.closed
  t.equal(client.received(), SHORT_CUT_ANSWER)
})

t.test('many requests at once get each their own verdict', async t => {
  const LISTED = 20
  const zone = Object.fromEntries(
    Array.from(
      { length: 400 },
      (_, i) => [`${i % 200}.${Math.floor(i / 200)}.51.198.l.test`, { A: ['127.0.0.2'] }] as const,
    ).filter((_, i) => i % LISTED === 0),
  )
  const dns = await startDnsServer(zone, { receiveBufferBytes: 1024 * 1024 })
  t.teardown(() => dns.close())
  const daemon = await daemonFor(t, { ...LISTS_ONLY, NS: `127.0.0.1:${dns.port}`, dnsbl_score: ['l.test', 5, -1, 'L'] })
  const answers = await Promise.all(
    Array.from({ length: 400 }, async (_, i) => {
      const client = await connectTo(daemon.socketPath)
      const client_address = `198.51.${Math.floor(i / 200)}.${i % 200}`
      const answer = await client.ask(requestBytes(attributesOf({ client_address, instance: `i${i}` })), 1)
      client.socket.destroy()
      return answer
    }),
  )
  const wrong = answers.filter((answer, i) => answer.includes(i % LISTED === 0 ? ' NOT_IN_L=' : ' IN_L='))
  t.same(wrong, [])
  t.equal(answers.filter(answer => answer.includes(' IN_L=5')).length, 400 / LISTED)
  t.equal(answers.filter(answer => answer.includes(' NOT_IN_L=-1')).length, 400 - 400 / LISTED)
})

t.test('a worker that is killed costs its clients one connection each, and no answer', async t => {
  const CLIENTS = 16
  const daemon = await daemonFor(t)
  const load = startLoad(daemon.socketPath, CLIENTS)
  await waitFor('the load', () => load.open() === CLIENTS && load.answers() > 1000)
  const [victim] = daemon.workers()
  process.kill(victim as number, 'SIGKILL')
  await waitFor('another worker', () => {
    const workers = daemon.workers()
    return !workers.includes(victim as number) && workers.length === 2
  })
  const before = load.answers()
  await waitFor('all clients to be served again', () => load.open() === CLIENTS && load.answers() > before + 1000)
  const { closed, wrong } = await load.stop()
  t.same(wrong, [], 'no wrong answer')
  t.ok(Math.max(...closed) <= 1, `connections closed, by client: ${closed.join(' ')}`)
  t.ok(daemon.log().some(line => line.startsWith('warning: a worker has died (SIGKILL)')))
})

t.test('reloads under load lose nothing', async t => {
  const RELOADS = 100
  const daemon = await daemonFor(t)
  const load = startLoad(daemon.socketPath, 8)
  await waitFor('the load', () => load.answers() > 100)
  const reloads = (): number => daemon.log().filter(line => line.startsWith('configuration read again')).length
  for (let i = 0; i < RELOADS; i++) {
    daemon.configure({ DNS_RETRIES: i % 5 })
    daemon.child.kill('SIGHUP')
    const before = load.answers()
    await waitFor('answers', () => load.answers() > before + 10)
  }
  await waitFor('reloads', () => reloads() > RELOADS / 10)
  const { answers, closed, wrong } = await load.stop()
  t.same(wrong, [])
  t.equal(Math.max(...closed), 0, 'no connection was closed')
  await waitFor(
    'the log of every answer',
    () => daemon.log().filter(line => line.startsWith('decided ')).length === answers,
  )
})

t.test('a changed file is found out, a faulty one is logged and not used', async t => {
  const daemon = await daemonFor(t, { MAINTENANCE_LEVEL: 1, MAXIDLECACHE: 0, DEFAULT_RESPONSE: 'DUNNO first' })
  const client = await connectTo(daemon.socketPath)
  let asked = 0
  const askUntil = (what: string, condition: () => boolean): Promise<void> =>
    waitFor(what, async () => {
      await client.ask(SHORT_CUT, ++asked)
      return condition()
    })
  const logged = (start: string): boolean => daemon.log().some(line => line.startsWith(start))
  const verbose = (): boolean => daemon.log().at(-2)?.startsWith('attribute: ') ?? false

  writeFileSync(daemon.configuration, '$REJECTLEVEL = ;\n')
  await askUntil('the faulty file', () => logged('warning: the new configuration is faulty'))
  t.ok(logged('conf-err: '), 'where it is faulty')
  t.notOk(verbose())

  daemon.configure({ VERBOSE: 1, PIDFILE: '/elsewhere' })
  await askUntil('the new file', verbose)
  t.ok(logged('warning: changed, takes effect when the daemon is restarted: $PIDFILE'))
})

t.test('a file is looked at after idle seconds', async t => {
  const daemon = await daemonFor(t, { MAINTENANCE_LEVEL: 0, MAXIDLECACHE: 0.2 })
  daemon.configure({ VERBOSE: 1 })
  await waitFor('the new file', () => daemon.log().some(line => line.startsWith('configuration read again')))
  t.pass('read again without a request')
})

t.test('a request is decided under the configuration it began with', async t => {
  const dns = await startDnsServer({ '10.2.0.192.l.test': { drop: true } })
  t.teardown(() => dns.close())
  const parameters = { ...LISTS_ONLY, NS: `127.0.0.1:${dns.port}`, DNS_RETRIES: 0, DNS_RETRY_IVAL: 2 }
  const daemon = await daemonFor(t, { ...parameters, dnsbl_score: ['l.test', 5, -1, 'OLD'] })
  const client = await connectTo(daemon.socketPath)
  client.socket.write(requestBytes(attributesOf()))
  await waitFor('the question', () => dns.queries.length > 0)
  daemon.configure({ dnsbl_score: ['m.test', 5, -1, 'NEW'] })
  daemon.child.kill('SIGHUP')
  await waitFor('the new file', () => daemon.log().some(line => line.startsWith('configuration read again')))
  t.match(await client.ask('', 1), / OLD=ERR\(-1\)/)
  t.match(await client.ask(requestBytes(attributesOf({ instance: 'i2' })), 2), / NOT_IN_NEW=-1/)
})

t.test('stopping answers what was asked, and accepts nothing more', async t => {
  const dns = await startDnsServer({ '10.2.0.192.l.test': { A: ['127.0.0.2'], delay: 1000 } })
  t.teardown(() => dns.close())
  const daemon = await daemonFor(t, { ...LISTS_ONLY, NS: `127.0.0.1:${dns.port}`, dnsbl_score: ['l.test', 5, -1, 'L'] })
  const [busy, idle, half] = [
    await connectTo(daemon.socketPath),
    await connectTo(daemon.socketPath),
    await connectTo(daemon.socketPath),
  ]
  half.socket.write('request=smtpd_access_policy\n')
  busy.socket.write(requestBytes(attributesOf()))
  await waitFor('the question', () => dns.queries.length > 0)
  const stopped = daemon.stop()
  await Promise.all([idle.closed, half.closed])
  t.equal(busy.received(), '', 'the others do not wait')
  await busy.closed
  t.match(busy.received(), /^action=PREPEND X-policyd-weight: {2}IN_L=5/)
  t.equal(await stopped, 0)
  const late = await connectTo(daemon.socketPath)
  await late.closed
  t.equal(late.received(), '')
})

t.test('a request that takes longer than stopping may is not waited for', async t => {
  const dns = await startDnsServer({ '10.2.0.192.l.test': { drop: true } })
  t.teardown(() => dns.close())
  const parameters = { ...LISTS_ONLY, NS: `127.0.0.1:${dns.port}`, DNS_RETRIES: 0, DNS_RETRY_IVAL: 60 }
  const daemon = await daemonFor(t, { ...parameters, dnsbl_score: ['l.test', 5, -1, 'L'] })
  const client = await connectTo(daemon.socketPath)
  client.socket.write(requestBytes(attributesOf()))
  await waitFor('the question', () => dns.queries.length > 0)
  t.equal(await daemon.stop(), 0)
  await client.closed
  t.equal(client.received(), '', 'no answer: Postfix asks again')
})

t.test('connections beyond $SOMAXCONN are closed, with one warning', async t => {
  const daemon = await daemonFor(t, { SOMAXCONN: 3 })
  const clients = []
  for (let i = 0; i < 3; i++) {
    const client = await connectTo(daemon.socketPath)
    t.equal(await client.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
    clients.push(client)
  }
  for (let i = 0; i < 5; i++) await (await connectTo(daemon.socketPath)).closed
  await waitFor('the warning', () =>
    daemon.log().some(line => /^warning: \d connections closed: there were 3/.test(line)),
  )
  for (const client of clients) t.equal(await client.ask(SHORT_CUT, 2), SHORT_CUT_ANSWER.repeat(2), 'the others go on')
  clients[0]?.socket.destroy()
  await waitFor('room for another', async () => {
    const client = await connectTo(daemon.socketPath)
    return client.ask(SHORT_CUT, 1).then(
      () => true,
      () => false,
    )
  })
})

t.test('the supervisor is killed: its workers end', async t => {
  const daemon = await daemonFor(t)
  const workers = daemon.workers()
  daemon.child.kill('SIGKILL')
  await waitFor('the workers to end', () => workers.every(pid => !existsSync(`/proc/${pid}`)))
  const again = await startDaemon(daemon.folder)
  const client = await connectTo(again.socketPath)
  t.equal(await client.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER, 'its pid file and socket are in nobody’s way')
  t.equal(await again.stop(), 0)
})

t.test('a service manager hands over the socket and is told how it goes', async t => {
  const folder = socketFolder(t)
  const path = join(folder, 'handed')
  const handed = await bindListeners(
    builtinConfig({ TCP_PORT: 0, SOCKET: path, SOCKET_MODE: '0666' }),
    undefined,
    () => {},
  )
  const manager = await startNotifyReceiver(folder, join(folder, 'notify'))
  t.teardown(() => manager.stop())
  // Its id has to be known to the process itself, so a shell sets it and becomes the daemon.
  const daemon = await startDaemon(
    join(folder, 'd'),
    // Under a service manager a pid file is not needed.
    { SOCKET: '', TCP_PORT: 0, PIDFILE: '/proc/nowhere/pid' },
    {
      environment: { NOTIFY_SOCKET: join(folder, 'notify'), LISTEN_FDS: '1', WATCHDOG_USEC: '200000' },
      command: file => [
        '/bin/sh',
        '-c',
        'LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$0" "$@"',
        process.execPath,
        EXECUTABLE,
        '-f',
        file,
        '-D',
        'start',
      ],
      handedOver: handed.descriptors[0] as number,
    },
  )
  const client = await connectTo(path)
  t.equal(await client.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
  for (const pid of daemon.workers())
    t.notMatch(readFileSync(`/proc/${pid}/environ`, 'latin1'), /NOTIFY|LISTEN|WATCHDOG/, 'that is none of a worker’s')
  await waitFor('a sign of life', () => manager.received().includes('WATCHDOG=1'))
  daemon.child.kill('SIGHUP')
  await waitFor(
    'the reload to be told',
    () => manager.received().filter(text => text.startsWith('READY=1')).length === 2,
  )
  t.equal(await daemon.stop(), 0)
  for (const handle of handed.handles) (handle as { close(): void }).close()
  await waitFor('the stop to be told', () => manager.received().includes('STOPPING=1'))
  const told = manager.received().filter(text => text !== 'WATCHDOG=1')
  t.match(told, [/^READY=1 STATUS=listening on /, /^RELOADING=1 MONOTONIC_USEC=\d+$/, /^READY=1$/, /^STOPPING=1$/])
  t.equal(told.length, 4)
})

t.test('a service manager has started it as somebody else than $USER: it serves as that user, and says so', async t => {
  const folder = socketFolder(t)
  const manager = await startNotifyReceiver(folder, join(folder, 'notify'))
  t.teardown(() => manager.stop())
  const environment = { NOTIFY_SOCKET: join(folder, 'notify') }
  const daemon = await startDaemon(join(folder, 'd'), { USER: 'no-such-user' }, { environment })
  const client = await connectTo(daemon.socketPath)
  t.equal(await client.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
  const said = /^warning: \$USER is "no-such-user", but the service manager has started this as user \d+: so it stays$/
  t.ok(
    daemon.log().some(line => said.test(line)),
    daemon.log().join('\n'),
  )
  t.equal(await daemon.stop(), 0)
})
