/**
 * The contenders that run as daemons, each configured alike as far as it can be: the same four client lists, a score from
 * which a mail is rejected, verdicts remembered, and room for every connection.
 *
 *   startDaemon(bench, daemon) → { port, megabytes(), stop() }
 *
 * `full`: everything this project and the original look at; `lists`: client lists alone, which is all that postfwd and
 * mtpolicyd are told to look at. mtpolicyd remembers no verdicts. Each runs in a process namespace of its own and is ended
 * by the kernel with all its children. Failure: a daemon that does not listen within half a minute is an error.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { waitFor } from '../../testkit/wait-for.ts'
import { type Bench, contenderOf } from './bench.ts'
import { CLIENT_LISTS, REJECT_LEVEL, writeConfiguration } from './configurations.ts'
import { readSizes } from './tables/memory.ts'

/** More than there are connections: the others have a process for each. */
const MOST_PROCESSES = 300
const CACHE_SECONDS = 3600

export interface Daemon {
  readonly name: string
  readonly title: string
  readonly port: number
  /** What is in the answer to a known good client, and to a stranger. */
  readonly expectedHit: string
  readonly expectedMiss: string
  /** Writes what it needs into a folder of its own; returns the command. */
  prepare(bench: Bench, folder: string, port: number): readonly string[]
}

export interface RunningDaemon {
  /** Proportional set size of all its processes. */
  megabytes(): number
  stop(): Promise<void>
}

const FULL = { expectedHit: 'rate:hard', expectedMiss: '550 Mail appeared to be SPAM' }
const LISTS_ALONE = { expectedHit: 'rate:hard', expectedMiss: 'NOT_IN_SPAMCOP' }
const PERL = 'policyd-weight 0.1.15 (Perl)'

export const DAEMONS: readonly Daemon[] = [
  { name: 'ours', title: 'policyd-weight', ...FULL, prepare: policydWeight('ours', 0) },
  { name: 'original', title: PERL, ...FULL, prepare: policydWeight('original', 0) },
  { name: 'ours-lists', title: 'policyd-weight, lists alone', ...LISTS_ALONE, prepare: policydWeight('ours', 1) },
  { name: 'original-lists', title: `${PERL}, lists alone`, ...LISTS_ALONE, prepare: policydWeight('original', 1) },
  { name: 'postfwd', title: 'postfwd', expectedHit: 'DUNNO', expectedMiss: 'DUNNO', prepare: postfwd },
  { name: 'mtpolicyd', title: 'mtpolicyd', expectedHit: 'dunno', expectedMiss: 'dunno', prepare: mtpolicyd },
].map((daemon, index) => ({ ...daemon, port: 12_601 + index }))

function policydWeight(kind: 'ours' | 'original', listsAlone: 0 | 1): Daemon['prepare'] {
  return (bench, folder, port) => {
    const file = writeConfiguration(folder, bench.user, {
      isFull: kind === 'ours',
      nameServer: bench.fixture.nameServer(0),
      cached: true,
      lists: CLIENT_LISTS.length,
      more: { TCP_PORT: port, MAX_PROC: MOST_PROCESSES, SOMAXCONN: 2048, dnsbl_checks_only: listsAlone },
    })
    return [...contenderOf(bench, kind).command(file), '-D', 'start']
  }
}

function postfwd(_: Bench, folder: string, port: number): readonly string[] {
  const rules = CLIENT_LISTS.map(([host, hit], index) => `id=L${index}; rbl=${host}; action=score(+${hit})\n`)
  const file = join(folder, 'postfwd.cf')
  writeFileSync(file, rules.join(''))
  // Without these items a request's instance would make each one unknown.
  const cache = `--cache ${CACHE_SECONDS} --cacheid client_address,helo_name,sender`
  const most = `--max_spare_servers ${MOST_PROCESSES - 1} --max_servers ${MOST_PROCESSES}`
  const options = `-i 127.0.0.1 -p ${port} -u postfw -g postfw --pidfile /dev/shm/postfwd.pid ${cache} --min_servers 5 --min_spare_servers 5 ${most}`
  return ['/usr/sbin/postfwd2', '-f', file, '--scores', `${REJECT_LEVEL}=550 listed`, ...options.split(' ')]
}

function mtpolicyd(_: Bench, folder: string, port: number): readonly string[] {
  const plugins = CLIENT_LISTS.map(
    ([host, hit], index) =>
      `<Plugin l${index}>\nmodule = "RBL"\nmode = "passive"\ndomain = "${host}"\nscore = ${hit}\n</Plugin>\n`,
  )
  const file = join(folder, 'mtpolicyd.conf')
  writeFileSync(
    file,
    `user=mtpolicyd
group=mtpolicyd
log_level=2
host=127.0.0.1
port="127.0.0.1:${port}"
min_servers=4
min_spare_servers=4
max_spare_servers=${MOST_PROCESSES - 1}
max_servers=${MOST_PROCESSES}
max_requests=1000000
keepalive_timeout=0
max_keepalive=0
request_timeout=20
<VirtualHost ${port}>
name="bench"
${plugins.join('')}<Plugin reject>
module = "ScoreAction"
threshold = ${REJECT_LEVEL}
action = "550 listed (%SCORE%)"
</Plugin>
</VirtualHost>
`,
  )
  return ['/usr/bin/mtpolicyd', '-c', file]
}

/** Starts a daemon and waits until it accepts connections. */
export async function startDaemon(bench: Bench, daemon: Daemon): Promise<RunningDaemon> {
  // A new folder each time: what a daemon that was killed leaves behind keeps the original from starting again.
  const folder = mkdtempSync(join(bench.plan.folder, `daemon-${daemon.name}-`))
  chmodSync(folder, 0o755)
  const command = daemon.prepare(bench, folder, daemon.port)
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  // The shell stays when the daemon goes into the background, and with it the namespace.
  const shell = ['sh', '-c', '"$@"; exec sleep 86400', 'sh']
  const child = spawn('unshare', [...namespaces, ...shell, ...command], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    cwd: '/',
    stdio: 'ignore',
  })
  try {
    await waitFor(`${daemon.name} listens`, () => isListening(daemon.port))
  } catch (error) {
    await stop(child, daemon.port)
    throw error
  }
  return { megabytes: () => megabytesOf(Number(child.pid)), stop: () => stop(child, daemon.port) }
}

async function stop(child: ChildProcess, port: number): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  await waitFor('the port is free again', async () => !(await isListening(port)))
}

function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Of a process and all its descendants. One that ends meanwhile counts nothing. */
function megabytesOf(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
    const { proportional } = readSizes(pid)
    return children.reduce((sum, child) => sum + megabytesOf(Number(child)), proportional)
  } catch {
    return 0
  }
}
