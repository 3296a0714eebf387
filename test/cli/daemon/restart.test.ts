import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { unitIn } from '../../../src/cli/daemon/systemd-unit.ts'
import { findProcess } from '../../../src/daemon/process-table.ts'
import { startLoad } from '../../support/client-load.ts'
import { runCommand } from '../../../testkit/executable.ts'
import { freePort } from '../../../testkit/free-port.ts'
import { connectTo, DAEMON_USER, socketFolder } from '../../../testkit/daemon-process.ts'
import { configurationText, type Ended, type Parameters } from '../../../testkit/policy-process.ts'
import { waitFor } from '../../../testkit/wait-for.ts'

const IS_ROOT = process.geteuid?.() === 0
/** Whoever is not root may have no right to a daemon's sockets, which depends on the system. */
const REPLACED = IS_ROOT ? /^policyd-weight: started, .*in place of process \d+$/m : /started, /

const run = (configuration: string, ...args: string[]): Promise<Ended> => runCommand(configuration, args)

/** A daemon that whoever runs the tests has started. `isRoots`: its pid file lies where only root writes, not $USER. */
async function start(t: Test, isRoots: boolean) {
  const folder = join(socketFolder(t), 'd')
  const own = join(folder, 'own')
  for (const path of [folder, own]) mkdirSync(path, { mode: 0o755 })
  const { uid, gid } = { uid: -1, gid: -1, ...DAEMON_USER.options }
  if (uid >= 0) chownSync(own, uid, gid)
  const configuration = join(folder, 'conf')
  const socket = join(own, 'socket')
  const pidFile = join(isRoots ? folder : own, 'pid')
  const configure = (parameters: Parameters = {}): void =>
    writeFileSync(
      configuration,
      configurationText({
        TCP_PORT: 0,
        SOCKET: socket,
        PIDFILE: pidFile,
        LOGFILE: join(own, 'log'),
        LOCKPATH: `${join(own, 'cache')}/`,
        USER: DAEMON_USER.name,
        GROUP: 'nogroup',
        MAX_PROC: 2,
        ...parameters,
      }),
    )
  configure()
  t.teardown(() => run(configuration, 'stop'))
  t.match(await run(configuration, 'start'), { status: 0 })
  const pid = (): number => Number(readFileSync(pidFile, 'latin1').split('\n', 1)[0])
  return { configuration, configure, socket, pidFile, pid, log: join(own, 'log') }
}

for (const isRoots of [true, false])
  t.test(`somebody answers all the time, the pid file being ${isRoots ? "root's" : "$USER's"}`, async t => {
    const daemon = await start(t, isRoots)
    const pids = [daemon.pid()]
    const load = startLoad(daemon.socket, 4)
    for (let round = 1; round <= 2; round++) {
      t.match(await run(daemon.configuration, 'restart'), { status: 0, stdout: REPLACED })
      pids.push(daemon.pid())
    }
    const { answers, closed, wrong } = await load.stop()
    t.equal(new Set(pids).size, 3)
    t.equal(findProcess(pids[0] ?? 0), undefined, 'the first one has ended')
    t.ok(answers > 0)
    t.same(wrong, [])
    t.ok(
      closed.every(count => count <= 2),
      `each connection was closed once a restart at most: ${closed}`,
    )
    t.match(await run(daemon.configuration, 'status'), { status: 0, stdout: new RegExp(`process ${pids[2]},`) })
    t.match(await run(daemon.configuration, 'stop'), { status: 0 })
    t.notOk(existsSync(daemon.pidFile))
    t.notOk(existsSync(daemon.socket))
  })

/** The daemons that have written to a log, and run. */
const daemonsOf = (log: string): number[] =>
  [...readFileSync(log, 'latin1').matchAll(/\[(\d+)\]: daemon started, /g)]
    .map(([, pid]) => Number(pid))
    .filter(pid => findProcess(pid) !== undefined)

for (const isRoots of [true, false])
  t.test(`several commands at once leave one daemon, the pid file being ${isRoots ? "root's" : "$USER's"}`, async t => {
    const daemon = await start(t, isRoots)
    const together = (command: string): Promise<Ended[]> =>
      Promise.all([1, 2, 3, 4].map(() => run(daemon.configuration, command)))
    const restarted = await together('restart')
    t.ok(
      restarted.some(({ status }) => status === 0),
      'one at least does it',
    )
    await waitFor('the others to end theirs', () => daemonsOf(daemon.log).length <= 1)
    t.same(daemonsOf(daemon.log), [daemon.pid()], 'the one that the pid file names runs')
    t.match(await run(daemon.configuration, 'stop'), { status: 0 })
    const started = await together('start')
    t.equal(started.filter(({ status }) => status === 0).length, 1, 'one starts')
    for (const { status, stderr } of started)
      if (status !== 0) t.match(stderr, /^policyd-weight: (?:already running, process \d+ |cannot listen on )/)
    t.same(daemonsOf(daemon.log), [daemon.pid()])
  })

t.test('a stop leaves the pid file of a daemon that was started meanwhile', async t => {
  const daemon = await start(t, true)
  const old = daemon.pid()
  process.kill(old, 'SIGSTOP')
  const stopped = run(daemon.configuration, 'stop')
  // A signal that is pending: the command has looked who is to be stopped.
  await waitFor('the signal', () => /^ShdPnd:\t0*[1-9a-f]/m.test(readFileSync(`/proc/${old}/status`, 'latin1')))
  const title = "process.title = 'policyd-weight (another)'; process.stdout.write('.'); setInterval(() => {}, 1000)"
  const another = spawn(process.execPath, ['-e', title], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => another.kill())
  await once(another.stdout, 'data')
  writeFileSync(daemon.pidFile, `${another.pid}\n`)
  process.kill(old, 'SIGCONT')
  t.match(await stopped, { status: 0, stdout: `policyd-weight: stopped, process ${old}\n` })
  t.equal(daemon.pid(), another.pid)
  writeFileSync(daemon.pidFile, '')
})

t.test('what keeps a new daemon from starting leaves the old one as it is', async t => {
  const daemon = await start(t, true)
  const pid = daemon.pid()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const cases: [label: string, parameters: Parameters, wantStatus: number, wantError: RegExp][] = [
    ['an address in use', { TCP_PORT: port }, 69, /EADDRINUSE.*; process \d+ goes on$/m],
    ['an address that is not here', { TCP_PORT: 9, BIND_ADDRESS: '192.0.2.1' }, 69, /EADDRNOTAVAIL.* goes on$/m],
    ['none', { SOCKET: '' }, 78, /nowhere to listen.* goes on$/m],
  ]
  // Others than root may not give commands about a daemon of somebody else.
  if (IS_ROOT) {
    cases.push(['an unknown user', { USER: 'no-such-user' }, 78, /no user "no-such-user".* goes on$/m])
    cases.push(['an unknown group', { GROUP: 'no-such-group' }, 78, /no group "no-such-group".* goes on$/m])
  }
  for (const [label, parameters, wantStatus, wantError] of cases) {
    daemon.configure(parameters)
    t.match(await run(daemon.configuration, 'restart'), { status: wantStatus, stderr: wantError }, label)
    t.equal(daemon.pid(), pid, `${label}: the pid file`)
    const client = await connectTo(daemon.socket)
    t.match(await client.ask('request=smtpd_access_policy\nsender=\n\n', 1), /^action=DUNNO/, `${label}: it answers`)
    client.socket.destroy()
  }
  server.close()
  daemon.configure()
})

t.test('reload is refused where the daemon may not read the file', async t => {
  const daemon = await start(t, true)
  t.match(await run(daemon.configuration, 'reload'), { status: 0 })
  chmodSync(daemon.configuration, IS_ROOT ? 0o600 : 0)
  const want = IS_ROOT ? /the daemon's user cannot read \S+conf: it may not read that file; .* goes on/ : /EACCES/
  t.match(await run(daemon.configuration, 'reload'), { status: 78, stderr: want })
  chmodSync(daemon.configuration, 0o644)
})

t.test('addresses come and go with it', async t => {
  const daemon = await start(t, true)
  const port = await freePort()
  const steps: [label: string, parameters: Parameters, wantPort: boolean][] = [
    ['a port as well', { TCP_PORT: port }, true],
    ['the same again', { TCP_PORT: port }, true],
    ['every address', { TCP_PORT: port, BIND_ADDRESS: 'all' }, true],
    ['without', {}, false],
  ]
  for (const [label, parameters, wantPort] of steps) {
    daemon.configure(parameters)
    t.match(await run(daemon.configuration, 'restart'), { status: 0 }, label)
    const client = await connectTo(port)
    const answer = client.ask('request=smtpd_access_policy\nsender=\n\n', 1)
    if (wantPort) t.match(await answer, /^action=DUNNO/, label)
    else await t.rejects(answer, label)
    client.socket.destroy()
  }
})

t.test('the unit in a control group', async t => {
  t.equal(unitIn('0::/system.slice/policyd-weight.service\n'), 'policyd-weight.service')
  t.equal(unitIn('0::/system.slice/system-polw.slice/polw@a\\x2db.service\n'), 'polw@a\\x2db.service')
  t.equal(unitIn('0::/user.slice/user-0.slice/session-3.scope\n'), undefined)
  t.equal(unitIn('0::/\n'), undefined)
})
