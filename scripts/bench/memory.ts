/**
 * What waiting takes of memory (`npm run bench:memory [-- --instances 50 --connections 1000 --strict]`).
 *
 *   instances     Postfix keeps a process for each smtpd(8) that asks, so a busy server has many, and nearly all of them
 *                 wait. Each here has answered one request out of the shared cache, which one before it has filled
 *   connections   the daemon, with so many connections open and no request; all of its processes together
 *
 * Figures are those of the kernel (/proc/PID/smaps_rollup): what only a process has, and its proportional share, in which a
 * page that many have counts by its part; so the more instances, the less each takes.
 *
 * Prints a table. A target that is missed is shown, and with --strict it is exit status 1. Whatever was started is ended
 * again, one way or the other. Linux only.
 */
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type DaemonProcess, startDaemon } from '../../testkit/daemon-process.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { fullConfigurationText, keepConfiguration } from './full-configuration.ts'
import { readSizes, type Sizes, startInstance, type WaitingInstance } from './waiting-instance.ts'

/** Megabytes of proportional set size: the mean of all instances, and all of the daemon. */
const INSTANCE_TARGET = 12
const DAEMON_TARGET = 100
const CACHED_ANSWER = 'action=DUNNO multirecipient-mail - already accepted by previous query\n\n'

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** The sizes of so many instances that wait. */
async function measureInstances(configuration: string, instances: number): Promise<readonly Sizes[]> {
  const command = [process.execPath, 'dist/policyd-weight', '-f', configuration]
  await (await startInstance(command)).end()
  const waiting: WaitingInstance[] = []
  try {
    for (let i = 0; i < instances; i++) {
      const started = await startInstance(command)
      waiting.push(started)
      if (started.answer !== CACHED_ANSWER) throw new Error(`not answered out of the cache: ${started.answer}`)
    }
    const sizes = waiting.map(({ pid }) => readSizes(pid))
    await Promise.all(waiting.map(instance => instance.end()))
    return sizes
  } finally {
    for (const instance of waiting) instance.kill()
  }
}

/** The sizes of a daemon's processes, with so many connections open. */
async function measureDaemon(daemon: DaemonProcess, connections: number): Promise<readonly Sizes[]> {
  const sockets: Socket[] = []
  try {
    for (let i = 0; i < connections; i++) {
      const socket = connect(daemon.socketPath)
      sockets.push(socket)
      await once(socket, 'connect')
    }
    const workers = daemon.workers()
    // Each is accepted when the workers have as many descriptors.
    await waitFor('all connections are accepted', () => {
      return sum(workers.map(pid => readdirSync(`/proc/${pid}/fd`).length)) >= connections
    })
    return [daemon.pid, ...workers].map(readSizes)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

async function main(instances: number, connections: number, strict: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
  const dns = await startDnsServer(DEMO_ZONE)
  // The daemon may be another user.
  chmodSync(folder, 0o755)
  let daemon: DaemonProcess | undefined
  let missed = 0
  const show = (title: string, megabytes: number, target?: number): void => {
    const isMissed = target !== undefined && megabytes > target
    if (isMissed) missed++
    const judged = target === undefined ? '' : `  ${isMissed ? 'MISS' : 'ok  '} at most ${target}`
    console.log(`${title.padEnd(40)}${megabytes.toFixed(1).padStart(7)}${judged}`)
  }
  try {
    const parameters = { NS: `127.0.0.1:${dns.port}`, LOCKPATH: `${folder}/`, LOGFILE: join(folder, 'log') }
    const configuration = join(folder, 'policyd-weight.conf')
    writeFileSync(configuration, fullConfigurationText(parameters))
    await keepConfiguration([process.execPath, 'dist/policyd-weight', '-f', configuration])
    console.log(`Node ${process.version}, megabytes\n`)
    const sizes = await measureInstances(configuration, instances)
    const of = `${instances} instances that wait, each`
    show(`${of}: proportional`, mean(sizes.map(({ proportional }) => proportional)), INSTANCE_TARGET)
    show(`${of}: private`, mean(sizes.map(size => size.private)))
    daemon = await startDaemon(join(folder, 'daemon'), { NS: parameters.NS })
    const idle = await measureDaemon(daemon, connections)
    show(`daemon, ${connections} idle connections`, sum(idle.map(({ proportional }) => proportional)), DAEMON_TARGET)
    return strict && missed > 0 ? 1 : 0
  } finally {
    await daemon?.stop()
    await dns.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '50' },
    connections: { type: 'string', default: '1000' },
    strict: { type: 'boolean', default: false },
  },
})
process.exitCode = await main(Number(values.instances), Number(values.connections), values.strict)
