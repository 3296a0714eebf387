import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { connectTo, DAEMON_USER, socketFolder } from '../../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE, runCommand } from '../../testkit/executable.ts'
import { type Ended, configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

/** Runs a command as the user of the daemon. */
const run = (configuration: string, ...args: string[]): Promise<Ended> =>
  runCommand(configuration, args, DAEMON_USER.options)

/** A folder of the daemon's user with a configuration in it. */
function prepare(t: Test, parameters: Parameters = {}): { readonly folder: string; readonly configuration: string } {
  const folder = join(socketFolder(t), 'd')
  mkdirSync(folder)
  const { uid, gid } = { uid: -1, gid: -1, ...DAEMON_USER.options }
  if (uid >= 0) chownSync(folder, uid, gid)
  const configuration = join(folder, 'conf')
  const own: Parameters = {
    TCP_PORT: 0,
    SOCKET: join(folder, 'socket'),
    PIDFILE: join(folder, 'pid'),
    LOGFILE: join(folder, 'log'),
    LOCKPATH: `${join(folder, 'cache')}/`,
    USER: DAEMON_USER.name,
    MAX_PROC: 1,
  }
  writeFileSync(configuration, configurationText({ ...own, ...parameters }))
  return { folder, configuration }
}

t.test('start, status, reload, restart, stop', async t => {
  const { folder, configuration } = prepare(t)
  t.teardown(() => run(configuration, 'stop'))
  const pidOf = (): string => readFileSync(join(folder, 'pid'), 'latin1').split('\n', 1)[0] ?? ''

  t.match(await run(configuration, 'status'), { status: 69, stdout: /^not running/ })
  const none = await run(configuration, 'status', '--json')
  t.match(none, { status: 69, stderr: '' })
  t.match(JSON.parse(none.stdout), { running: false, pid: null, addresses: [{ answers: false }], counters: null })
  t.match(await run(configuration, 'stop'), { status: 69, stderr: /not running/ })
  const started = await run(configuration, 'start')
  t.match(started, { status: 0, stdout: /started, process \d+, listening on /, stderr: '' })
  const pid = pidOf()
  t.ok(started.stdout.includes(`process ${pid},`))
  t.match(await run(configuration, 'start'), { status: 69, stderr: new RegExp(`already running, process ${pid} `) })
  t.match(await run(configuration, 'status'), {
    status: 0,
    stdout: /^running, process \d+, for .*, 1 workers\n.*: answers, /,
  })
  const client = await connectTo(join(folder, 'socket'))
  await client.ask(requestBytes(attributesOf({ sender: '' })), 1)
  client.socket.destroy()
  await waitFor('the answer to be counted', async () =>
    /\nanswers, with those of spawned processes: null senders 1\n$/.test((await run(configuration, 'status')).stdout),
  )
  const said = await run(configuration, 'status', '--json')
  t.match(said, { status: 0, stderr: '' })
  t.match(JSON.parse(said.stdout), {
    running: true,
    pidFile: join(folder, 'pid'),
    pid: Number(pid),
    workers: 1,
    addresses: [{ address: join(folder, 'socket'), answers: true, version: /^\d/ }],
    counters: { requests: 1, nullSenders: 1, accepted: 0 },
  })
  t.match(await run(configuration, 'reload'), { status: 0, stdout: /reads its configuration again/ })
  await waitFor('the reload', () => readFileSync(join(folder, 'log'), 'latin1').includes('configuration read again'))
  t.match(await run(configuration, 'restart'), { status: 0, stdout: /started, process / })
  t.not(pidOf(), pid)
  t.match(await run(configuration, 'stop'), { status: 0, stdout: /stopped, process / })
  t.notOk(existsSync(join(folder, 'pid')))
  t.notOk(existsSync(join(folder, 'socket')))
})

t.test('what keeps it from starting is said by whoever started it', async t => {
  const { folder, configuration } = prepare(t, { SOCKET: '/none/socket' })
  t.match(await run(configuration, 'start'), {
    status: 69,
    stderr: /^policyd-weight: cannot listen on \$SOCKET \/none/,
  })
  const linked = prepare(t)
  writeFileSync(join(folder, 'victim'), 'precious')
  symlinkSync(join(folder, 'victim'), join(linked.folder, 'pid'))
  t.match(await run(linked.configuration, 'start'), { status: 69, stderr: /is a symbolic link.*rm / })
  t.equal(readFileSync(join(folder, 'victim'), 'latin1'), 'precious')
})

t.test('a faulty configuration is not handed to a daemon', async t => {
  const { configuration } = prepare(t)
  writeFileSync(configuration, '$REJECTLEVEL = ;')
  t.match(await run(configuration, 'reload'), {
    status: 78,
    stderr: /conf:1:.*error: .*\n.*goes on with the one it has/,
  })
})

t.test('a configuration with an error starts a daemon, but stops none', async t => {
  const { folder, configuration } = prepare(t)
  t.teardown(() => run(configuration, 'stop'))
  const good = readFileSync(configuration, 'latin1')
  writeFileSync(configuration, `${good}$NTTL = 'x';\n`)
  t.match(await run(configuration, 'start'), { status: 0, stderr: /: error: \$NTTL: / })
  const pid = readFileSync(join(folder, 'pid'), 'latin1')
  t.match(readFileSync(join(folder, 'log'), 'latin1'), /conf-err: .*conf:\d+:\d+: \$NTTL: /)
  for (const command of ['restart', 'reload'])
    t.match(
      await run(configuration, command),
      { status: 78, stderr: /: error: .*\n.*the configuration is faulty; / },
      command,
    )
  t.equal(readFileSync(join(folder, 'pid'), 'latin1'), pid, 'the same daemon')
  t.match(await run(configuration, 'status'), { status: 0 })
  writeFileSync(configuration, good)
  t.match(await run(configuration, 'restart'), { status: 0 })
  t.match(await run(configuration, 'stop'), { status: 0 })
})

t.test('others need -d, and get a daemon of their own', async t => {
  const { folder, configuration } = prepare(t, { USER: 'somebody-else' })
  for (const command of ['start', 'stop', 'restart', 'reload'])
    t.match(
      await run(configuration, command),
      { status: 77, stderr: /only root may, and somebody-else; with -d/ },
      command,
    )
  const child = spawn(
    '/usr/bin/env',
    ['-i', 'PATH=/usr/bin:/bin', process.execPath, EXECUTABLE, '-f', configuration, '-d', 'start'],
    { stdio: ['ignore', 'pipe', 'inherit'], ...DAEMON_USER.options },
  )
  let output = ''
  child.stdout.setEncoding('latin1').on('data', (part: string) => {
    output += part
  })
  await waitFor('the daemon to listen', () => output.includes('listening on'))
  t.ok(existsSync(join(folder, 'pid.debug')))
  t.match(await run(configuration, '-d', 'status'), { status: 0, stdout: /answers/ })
  await waitFor('the explanation', () => output.includes('answered by a short cut'))
  const ended = once(child, 'exit')
  t.match(await run(configuration, '-d', 'stop'), { status: 0 })
  t.same(await ended, [0, null])
})

t.test('-d start has a pid file and a cache of its own, and leaves neither behind', async t => {
  const uid = { uid: process.geteuid?.(), ...DAEMON_USER.options }.uid
  const cases = [
    { label: 'anybody', user: DAEMON_USER.options, parameters: { USER: 'no-such-user', LOCKPATH: '/none/cache/' } },
    { label: 'who runs the tests', user: {}, parameters: { GROUP: 'nogroup' } },
  ]
  for (const { label, user, parameters } of cases)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const name = `polw-test-${process.pid}.pid`
      const { folder, configuration } = prepare(t, { PIDFILE: `/none/${name}`, ...parameters })
      const command = ['-i', 'PATH=/usr/bin:/bin', process.execPath, EXECUTABLE, '-f', configuration, '-d', 'start']
      const child = spawn('/usr/bin/env', command, { stdio: ['ignore', 'pipe', 'inherit'], ...user })
      t.teardown(() => child.kill('SIGKILL'))
      let output = ''
      child.stdout.setEncoding('latin1').on('data', (part: string) => {
        output += part
      })
      await waitFor('the daemon to listen', () => output.includes('listening on'))
      const pidFile = `/tmp/${name}.${uid}.debug`
      t.match(readFileSync(pidFile, 'latin1'), new RegExp(`^${child.pid}\nstart=`), `${label}: its pid file`)
      const status = await runCommand(configuration, ['-d', 'status', '--json'], user)
      t.match(JSON.parse(status.stdout), { pid: child.pid, pidFile, addresses: [{ answers: true }] }, label)
      const client = await connectTo(join(folder, 'socket'))
      await client.ask(requestBytes(attributesOf({ sender: '' })), 1)
      client.socket.destroy()
      const [worker] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'latin1').split(' ')
      let cache: string | undefined
      await waitFor('its cache', () => {
        cache = / (\/\S+\/policyd-weight\.cache\.debug)$/m.exec(readFileSync(`/proc/${worker}/maps`, 'latin1'))?.[1]
        return cache !== undefined
      })
      const ended = once(child, 'exit')
      child.kill(signal)
      t.same(await ended, [0, null], `${label}: ${signal}`)
      t.notOk(existsSync(pidFile), 'the pid file is gone')
      t.equal(existsSync(cache ?? ''), label !== 'anybody', 'and a cache of its own')
    }
})

t.test('root starts it where Node changes no user', async t => {
  const { folder, configuration } = prepare(t, { GROUP: 'nogroup' })
  const isRoot = process.geteuid?.() === 0
  const refusing = join(import.meta.dirname, '..', 'support', 'refusing-node.cjs')
  const command = ['-i', 'PATH=/usr/bin:/bin', process.execPath, '-r', refusing, EXECUTABLE, '-f', configuration]
  const child = spawn('/usr/bin/env', [...command, 'start'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  t.match(await text(child.stdout), /started, process \d+, listening on /)
  t.same(await closed, [0, null])
  const pid = readFileSync(join(folder, 'pid'), 'latin1').split('\n', 1)[0] ?? ''
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const { uid, gid } = isRoot ? { uid: -1, gid: -1, ...DAEMON_USER.options } : userInfo()
  t.match(status, new RegExp(`^Uid:(?:\\t${uid}){4}$`, 'm'))
  t.match(status, new RegExp(`^Gid:(?:\\t${gid}){4}$`, 'm'))
  t.notMatch(status, /^Groups:.*\b0\b/m)
  t.match(await run(configuration, 'stop'), { status: 0 })
})
