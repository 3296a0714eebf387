/**
 * The daemon under load, beside the original's if that is installed (`npm run bench:daemon [-- --seconds 4 --strict]`).
 *
 *   cached     a client that was rejected a moment ago: nothing is looked up
 *   uncached   both caches off, a good mail: two round trips of lookups for ours
 *   idle       1,000 connections without a request: proportional set size of all its processes (smaps_rollup)
 *
 * Both daemons get the same configuration, name server and log, one after the other, on the machine that also makes the load
 * and serves the DNS: what they take, the daemon does not get. As root, with Debian's package policyd-weight, it runs
 * in namespaces of its own (perl-daemon.ts); otherwise only ours is measured.
 *
 * `--alone` leaves the original out. Prints a table. A target that is missed is shown, and with --strict it is exit status 1.
 */
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { configurationText, type Parameters } from '../../test/support/policy-process.ts'
import { FORGED_MAIL, GOOD_MAIL } from '../demo/mails.ts'
import { type LoadResult, runLoad } from './load.ts'
import { isPerlDaemonInstalled, prepareNamespace, startPerlDaemon } from './perl-daemon.ts'

/** Whatever the original leaves running ends with them. */
const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
const CONNECTIONS = [1, 16, 64, 256]
const PORT = 12525
/** In a mount namespace of its own. */
const PERL_LOCK_PATH = '/mnt/polw/'
const WARM_UP_MS = 1000
const IDLE_CONNECTIONS = 1000

const CACHED_TARGET = 15_000
const FACTOR_TARGET = 5
const MEMORY_TARGET_MEGABYTES = 100

/** Read alike by both; the lists have no filters, which the original does not know. */
const COMMON: Parameters = {
  TCP_PORT: PORT,
  NTIME: 3600,
  dnsbl_score: [
    ...['pbl.spamhaus.org', 3.25, 0, 'DYN_PBL_SPAMHAUS', 'sbl-xbl.spamhaus.org', 4.35, -1.5, 'SBL_XBL_SPAMHAUS'],
    ...['bl.spamcop.net', 3.75, -1.5, 'SPAMCOP', 'ix.dnsbl.manitu.net', 4.35, 0, 'IX_MANITU'],
  ],
  rhsbl_score: ['multi.surbl.org', 4, 0, 'SURBL'],
}

const KINDS = [
  { title: 'cached', mail: FORGED_MAIL, parameters: {}, wantPrefix: 'action=550 Mail appeared' },
  {
    title: 'uncached',
    mail: GOOD_MAIL,
    parameters: { CACHESIZE: 0, POSCACHESIZE: 0 },
    wantPrefix: 'action=PREPEND X-policyd-weight: ',
  },
] as const

interface Daemon {
  stop(): Promise<void> | void
}

async function startOurs(configuration: string): Promise<Daemon & { readonly child: ChildProcess }> {
  const child = spawn(process.execPath, ['dist/policyd-weight', '-f', configuration, '-D', 'start'], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    child,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Megabytes of a process and its children. */
function proportionalMegabytes(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  const own = Number(/^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024
  return children.reduce((sum, child) => sum + proportionalMegabytes(Number(child)), own)
}

async function measureIdle(daemon: Daemon & { readonly child: ChildProcess }): Promise<number> {
  const sockets: Socket[] = []
  for (let i = 0; i < IDLE_CONNECTIONS; i++) {
    const socket = connect(PORT, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
  }
  // Each is accepted when the daemon has as many descriptors.
  const pid = daemon.child.pid ?? 0
  const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  const descriptors = (): number => workers.reduce((sum, each) => sum + readdirSync(`/proc/${each}/fd`).length, 0)
  while (descriptors() < IDLE_CONNECTIONS) await new Promise(resolve => setTimeout(resolve, 20))
  const megabytes = proportionalMegabytes(pid)
  for (const socket of sockets) socket.destroy()
  return megabytes
}

function row(...[title = '', ...cells]: readonly string[]): string {
  return title.padEnd(24) + cells.map(cell => cell.padStart(11)).join('')
}

function show(title: string, { requestsPerSecond, p50Ms, p99Ms }: LoadResult, factor = ''): void {
  console.log(row(title, requestsPerSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2), factor))
}

async function main(seconds: number, strict: boolean, withPerl: boolean): Promise<number> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'policyd-weight-bench-'))
  chmodSync(folder, 0o755)
  const logReader = withPerl ? await prepareNamespace() : undefined
  const dns = fork(join(dirname(fileURLToPath(import.meta.url)), 'caching-dns-process.ts'), [withPerl ? '53' : '0'])
  const [dnsPort] = await once(dns, 'message')
  let missed = 0
  const judge = (ok: boolean, text: string): void => {
    if (!ok) missed++
    console.log(`${ok ? 'ok  ' : 'MISS'} ${text}`)
  }
  const results = new Map<string, LoadResult>()
  const measure = async (who: string, kind: (typeof KINDS)[number]): Promise<void> => {
    for (const connections of CONNECTIONS) {
      const { mail, wantPrefix } = kind
      const result = await runLoad({
        port: PORT,
        mail,
        connections,
        warmUpMs: WARM_UP_MS,
        durationMs: seconds * 1000,
        wantPrefix,
      })
      const original = results.get(`original ${kind.title} ${connections}`)
      results.set(`${who} ${kind.title} ${connections}`, result)
      const factor = original ? (result.requestsPerSecond / original.requestsPerSecond).toFixed(1) : ''
      show(`${who}, ${kind.title}, ${connections}`, result, who === 'ours' ? factor : '')
    }
  }
  const write = (name: string, parameters: Parameters): string => {
    const path = join(folder, name)
    writeFileSync(path, configurationText({ ...COMMON, ...parameters }))
    return path
  }
  try {
    console.log(`Node ${process.version}; connections with one request out each, ${seconds} s\n`)
    console.log(row('', 'answers/s', 'p50 ms', 'p99 ms', 'x original'))
    for (const kind of KINDS) {
      const name = `${kind.title}.conf`
      const own = { ...kind.parameters, LOCKPATH: `${folder}/ours/`, PIDFILE: join(folder, 'ours.pid') }
      if (withPerl) {
        const perl = { ...kind.parameters, LOCKPATH: PERL_LOCK_PATH, PIDFILE: join(folder, 'perl.pid') }
        const daemon = await startPerlDaemon(write(`perl-${name}`, { ...perl, NS: '127.0.0.1' }), perl, PORT)
        await measure('original', kind)
        await daemon.stop()
      }
      const log = withPerl ? {} : { LOGFILE: join(folder, 'log') }
      const ours = await startOurs(write(name, { ...own, ...log, NS: `127.0.0.1:${dnsPort}` }))
      await measure('ours', kind)
      await ours.stop()
    }
    const own = { LOCKPATH: `${folder}/ours/`, PIDFILE: join(folder, 'ours.pid'), LOGFILE: join(folder, 'log') }
    const idle = await startOurs(write('idle.conf', { ...own, NS: `127.0.0.1:${dnsPort}` }))
    const megabytes = await measureIdle(idle)
    await idle.stop()
    console.log()
    const cached = results.get('ours cached 64')?.requestsPerSecond ?? 0
    judge(cached >= CACHED_TARGET, `cached, 64 connections: ${cached.toFixed(0)}/s, at least ${CACHED_TARGET}`)
    for (const { title } of withPerl ? KINDS : []) {
      const [ours = 0, original = 0] = ['ours', 'original'].map(
        who => results.get(`${who} ${title} 64`)?.requestsPerSecond ?? Number.NaN,
      )
      const factor = ours / original
      judge(
        factor >= FACTOR_TARGET,
        `${title}, 64 connections: ${factor.toFixed(1)} x original, at least ${FACTOR_TARGET}`,
      )
    }
    judge(
      megabytes < MEMORY_TARGET_MEGABYTES,
      `${IDLE_CONNECTIONS} idle connections: ${megabytes.toFixed(0)} MB, less than ${MEMORY_TARGET_MEGABYTES}`,
    )
  } finally {
    dns.disconnect()
    logReader?.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return strict && missed > 0 ? 1 : 0
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    strict: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
    inside: { type: 'boolean', default: false },
  },
})
if (isPerlDaemonInstalled() && !values.alone && !values.inside) {
  const again = ['--import', 'tsx', fileURLToPath(import.meta.url), '--inside', ...process.argv.slice(2)]
  const { status } = spawnSync('unshare', [...NAMESPACES, process.execPath, ...again], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} else process.exitCode = await main(Number(values.seconds), values.strict, values.inside)
