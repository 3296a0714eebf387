import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { foreignDescriptors, neededEnvironment } from '../../src/daemon/inheritance.ts'
import { childrenOf } from '../../src/daemon/process-table.ts'
import { connectTo, DAEMON_USER, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { configurationText, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

t.test('what of an environment is needed', async t => {
  const environment = {
    PATH: '/usr/bin',
    TZ: 'Europe/Berlin',
    LANG: 'C',
    LC_ALL: 'de_DE.UTF-8',
    NODE_OPTIONS: '--inspect',
    NODE_EXTRA_CA_CERTS: '/root/ca.pem',
    NODE_V8_COVERAGE: '/tmp',
    LD_PRELOAD: '/tmp/x.so',
    LD_LIBRARY_PATH: '/tmp',
    SSH_AUTH_SOCK: '/tmp/agent',
    HOME: '/root',
    NOTIFY_SOCKET: '/run/systemd/notify',
    WATCHDOG_USEC: '30000000',
    WATCHDOG_PID: '1',
    LISTEN_FDS: '1',
  }
  const needed = { PATH: '/usr/bin', TZ: 'Europe/Berlin', LANG: 'C', LC_ALL: 'de_DE.UTF-8' }
  t.strictSame(neededEnvironment(environment), needed)
  t.strictSame(neededEnvironment(environment, 'NOTIFY_SOCKET'), { ...needed, NOTIFY_SOCKET: '/run/systemd/notify' })
})

t.test('which descriptors are foreign', async t => {
  const cases: { label: string; link: string; kept?: readonly number[]; wantForeign: boolean }[] = [
    { label: 'a file of the starter', link: '/var/lock/x', wantForeign: true },
    { label: 'a directory', link: '/root', wantForeign: true },
    { label: 'a socket', link: 'socket:[4711]', wantForeign: true },
    { label: 'a socket of the service manager', link: 'socket:[4711]', kept: [9], wantForeign: false },
    { label: 'one end of a pipe', link: 'pipe:[4711]', wantForeign: true },
    { label: 'a pipe of which both ends are here', link: 'pipe:[100]', wantForeign: false },
    { label: 'another terminal', link: '/dev/pts/2', wantForeign: true },
    { label: 'the terminal it was started from, opened anew', link: '/dev/pts/1', wantForeign: false },
    { label: 'a file without a name', link: '/dev/shm/#12 (deleted)', wantForeign: true },
    { label: 'a process', link: 'anon_inode:[pidfd]', wantForeign: true },
    { label: 'an event queue', link: 'anon_inode:[eventpoll]', wantForeign: false },
    { label: 'an event', link: 'anon_inode:[eventfd]', wantForeign: false },
    { label: 'a ring', link: 'anon_inode:[io_uring]', wantForeign: false },
    { label: 'what libuv keeps for bad times', link: '/dev/null', wantForeign: false },
    {
      label: 'what is prepared',
      link: `/usr/lib/policyd-weight/policyd-weight.${process.versions.v8}.${process.arch}.cache`,
      wantForeign: false,
    },
  ]
  for (const { label, link, kept = [], wantForeign } of cases) {
    const open = new Map([
      [0, '/dev/null'],
      [1, '/dev/pts/1'],
      [2, 'socket:[1]'],
      [3, 'anon_inode:[eventpoll]'],
      [4, 'pipe:[100]'],
      [5, 'pipe:[100]'],
      [9, link],
    ])
    t.strictSame(foreignDescriptors(open, kept), wantForeign ? [9] : [], label)
  }
})

interface Starter {
  /** Descriptors of the starter, at numbers with and without a gap below them. */
  readonly stdio: (number | 'ignore' | 'pipe')[]
  readonly environment: readonly string[]
  readonly file: string
}

/** A starter with files and pipes open, and with an environment for something else. */
function starter(t: Test): Starter {
  const folder = socketFolder(t)
  const file = join(folder, 'of-the-starter')
  writeFileSync(file, '')
  const descriptor = openSync(file, 'r')
  t.teardown(() => closeSync(descriptor))
  const stdio: Starter['stdio'] = Array.from({ length: 100 }, () => 'ignore')
  for (const place of [4, 5, 9, 40, 99]) stdio[place] = descriptor
  stdio[6] = 'pipe'
  stdio[41] = 'pipe'
  return { stdio, file, environment: ['PATH=/usr/bin:/bin', 'TZ=UTC', 'NODE_NO_WARNINGS=1', 'LD_X=1', 'SECRET=1'] }
}

/** What a process has open from 3 on. */
function linksOf(pid: number): string[] {
  const links: string[] = []
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    try {
      if (Number(name) > 2) links.push(readlinkSync(`/proc/${pid}/fd/${name}`))
    } catch {
      // It has closed it meanwhile.
    }
  }
  return links
}

/** Ends of pipes that a process shares with others. */
function halfPipes(links: readonly string[]): string[] {
  return links.filter(link => link.startsWith('pipe:') && links.indexOf(link) === links.lastIndexOf(link))
}

function variablesOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/environ`, 'latin1')
  return text
    .split('\0')
    .filter(Boolean)
    .map(variable => variable.split('=', 1)[0] ?? '')
    .sort()
}

function checkProcess(t: Test, pid: number, { file }: Starter, title: string): void {
  const links = linksOf(pid)
  t.ok(links.length > 0, `${title}: has descriptors`)
  t.strictSame(
    links.filter(link => link === file),
    [],
    `${title}: no file of the starter`,
  )
  t.strictSame(halfPipes(links), [], `${title}: no pipe of the starter`)
  t.match(readFileSync(`/proc/${pid}/status`, 'latin1'), /^Umask:\t0077$/m, `${title}: umask`)
}

const WORKER_VARIABLES = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'PATH', 'TZ']

t.test('a daemon that a script starts has nothing of the script', async t => {
  const folder = join(socketFolder(t), 'd')
  mkdirSync(folder)
  chmodSync(folder, 0o777)
  const path = (name: string): string => join(folder, name)
  const configuration = configurationText({
    TCP_PORT: 0,
    SOCKET: path('socket'),
    SOCKET_MODE: '0660',
    PIDFILE: path('pid'),
    LOGFILE: path('log'),
    LOCKPATH: `${path('cache')}/`,
    USER: DAEMON_USER.name,
    MAX_PROC: 1,
    NS: '127.0.0.1:9',
  })
  writeFileSync(path('conf'), configuration)
  const given = starter(t)
  const command = (name: string): string[] => [
    ...['-i', ...given.environment, '/bin/sh', '-c', 'umask 0; exec "$0" "$@"'],
    ...[process.execPath, EXECUTABLE, '-f', path('conf'), name],
  ]
  const starting = spawn('/usr/bin/env', command('start'), { stdio: given.stdio, ...DAEMON_USER.options })
  t.teardown(async () => {
    await once(spawn('/usr/bin/env', command('stop'), { stdio: 'ignore', ...DAEMON_USER.options }), 'exit')
  })
  t.strictSame(await once(starting, 'exit'), [0, null])
  const pid = Number.parseInt(readFileSync(path('pid'), 'latin1'), 10)
  const [worker = 0] = childrenOf(pid)
  checkProcess(t, pid, given, 'supervisor')
  checkProcess(t, worker, given, 'worker')
  t.strictSame(variablesOf(pid), [...WORKER_VARIABLES, 'UV_USE_IO_URING'])
  t.strictSame(variablesOf(worker), WORKER_VARIABLES)

  const client = await connectTo(path('socket'))
  await client.ask(requestBytes(attributesOf()), 1)
  await waitFor('the cache', () => readdirSync(path('cache')).length > 0)
  const modeOf = (name: string): string => (statSync(path(name)).mode & 0o777).toString(8)
  t.strictSame(
    ['pid', 'socket', 'log', 'cache', 'cache/policyd-weight.cache'].map(name => [name, modeOf(name)]),
    [
      ['pid', '644'],
      ['socket', '660'],
      ['log', '600'],
      ['cache', '700'],
      ['cache/policyd-weight.cache', '600'],
    ],
    'who may what, whatever the umask of the script',
  )
})

t.test('a daemon becomes its user for good, whoever starts it', async t => {
  const folder = join(socketFolder(t), 'd')
  mkdirSync(folder)
  const { uid = process.geteuid?.() ?? 0, gid = process.getegid?.() ?? 0 } = DAEMON_USER.options
  chownSync(folder, uid, gid)
  const [configuration, log] = [join(folder, 'conf'), join(folder, 'log')]
  const parameters = { TCP_PORT: 0, SOCKET: join(folder, 'socket'), PIDFILE: join(folder, 'pid'), LOGFILE: log }
  const places = { LOCKPATH: `${join(folder, 'cache')}/`, USER: DAEMON_USER.name, GROUP: 'nogroup', MAX_PROC: 1 }
  writeFileSync(configuration, configurationText({ ...parameters, ...places }))
  // Not as the user of the other tests, but as whoever runs them: root, as a rule.
  const daemon = spawn(process.execPath, [EXECUTABLE, '-f', configuration, '-D', 'start'], { stdio: 'ignore' })
  t.teardown(async () => {
    const ended = once(daemon, 'exit')
    daemon.kill()
    await ended
  })
  const pid = daemon.pid ?? 0
  // Its other children, which look up the user, are gone by then.
  const hasStarted = (): boolean => readFileSync(log, 'latin1').includes('daemon started')
  await waitFor('a worker', () => existsSync(log) && hasStarted() && childrenOf(pid).length > 0)
  const [worker = 0] = childrenOf(pid)
  for (const [title, id] of [
    ['supervisor', pid],
    ['worker', worker],
  ] as const) {
    const status = readFileSync(`/proc/${id}/status`, 'latin1')
    // Real, effective, saved, and that for files.
    t.match(status, new RegExp(`^Uid:(?:\\t${uid}){4}$`, 'm'), `${title}: user`)
    t.match(status, new RegExp(`^Gid:(?:\\t${gid}){4}$`, 'm'), `${title}: group`)
    t.match(status, /^CapPrm:\t0+$/m, `${title}: no capability that could be taken up`)
  }
})

t.test('nor has one in the foreground', async t => {
  const given = starter(t)
  const daemon = await startDaemon(
    join(socketFolder(t), 'd'),
    { MAX_PROC: 1 },
    { inherited: given.stdio, environment: { TZ: 'UTC', LD_X: '1', NODE_NO_WARNINGS: '1' } },
  )
  t.teardown(() => daemon.stop())
  const [worker = 0] = daemon.workers()
  checkProcess(t, daemon.pid, given, 'supervisor')
  checkProcess(t, worker, given, 'worker')
  t.strictSame(variablesOf(worker), WORKER_VARIABLES)
})
