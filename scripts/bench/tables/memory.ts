/**
 * Table "memory": instances that have answered and wait, as one smtpd(8) each keeps one. And table "memory" of this project
 * alone: the same, and the daemon with connections that wait, with what is aimed at.
 *
 * Sizes are the kernel's (/proc/PID/smaps_rollup): private, what only this process has, and proportional, in which a page
 * that many have counts by its part; so the more instances, the less each takes.
 */
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { startDaemon } from '../../../testkit/daemon-process.ts'
import { PolicyConversation } from '../../../testkit/policy-conversation.ts'
import { waitFor } from '../../../testkit/wait-for.ts'
import { arrange, type Bench } from '../bench.ts'
import type { Go } from '../clock.ts'
import { HAM_HIT } from '../requests.ts'
import { type Figures, type Measured, show } from '../results.ts'
import { sum } from '../samples.ts'

const INSTANCES = [1, 10, 50] as const
const CONNECTIONS = 1000
/** Megabytes of proportional set size: the mean of fifty instances, and all of the daemon. */
const INSTANCE_TARGET = 12
const DAEMON_TARGET = 100

/** Megabytes. */
interface Sizes {
  readonly proportional: number
  readonly private: number
}

export async function measureMemory(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const contenders = bench.contenders.filter(({ kind }) => kind !== 'bare')
  for (const contender of contenders) {
    const go = await arrange(bench, contender, HAM_HIT)
    for (const instances of INSTANCES) {
      bench.say(`memory: ${contender.name}, ${instances}`)
      const sizes = await sizesOfWaiting(bench, go, instances)
      for (const key of ['proportional', 'private'] as const)
        figures[`memory/${instances}/${contender.name}/${key}`] = sum(sizes.map(size => size[key])) / instances
    }
  }
  return {
    figures,
    title: 'Memory of instances that wait',
    note: 'Megabytes of each, proportional / private, after one answer out of the cache. So many at the same time.',
    columns: ['', ...INSTANCES.map(instances => `${instances} ${instances === 1 ? 'instance' : 'instances'}`)],
    rows: contenders.map(({ title, name }) => [
      title,
      ...INSTANCES.map(instances =>
        ['proportional', 'private'].map(key => show(figures, `memory/${instances}/${name}/${key}`, 1)).join(' / '),
      ),
    ]),
  }
}

async function sizesOfWaiting(
  { user }: Bench,
  { command, template, expected }: Go,
  instances: number,
): Promise<Sizes[]> {
  const waiting: PolicyConversation[] = []
  try {
    for (let i = 0; i < instances; i++) {
      const policy = new PolicyConversation(command, {}, user)
      waiting.push(policy)
      const answer = await policy.ask(Buffer.from(template.replace('{n}', `memory.${instances}.${i}`), 'latin1'))
      if (!answer.includes(expected)) throw new Error(`not answered out of the cache: ${answer}`)
    }
    return waiting.map(({ pid }) => readSizes(pid))
  } finally {
    await Promise.all(waiting.map(policy => policy.end()))
  }
}

/** What a process takes. */
export function readSizes(pid: number): Sizes {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024
  return { proportional: megabytes('Pss'), private: megabytes('Private_Clean') + megabytes('Private_Dirty') }
}

export async function measureOwnMemory(bench: Bench): Promise<Measured> {
  const measured = await measureMemory(bench)
  bench.say(`memory: daemon, ${CONNECTIONS} connections`)
  const daemon = await megabytesOfDaemon(bench)
  const each = measured.figures[`memory/50/${bench.contenders[1]?.name}/proportional`] ?? Number.NaN
  return {
    ...measured,
    rows: [...measured.rows, [`daemon, ${CONNECTIONS} idle connections`, daemon.toFixed(1), '', '']],
    targets: {
      [`each of 50 instances takes at most ${INSTANCE_TARGET}`]: each <= INSTANCE_TARGET,
      [`the daemon takes at most ${DAEMON_TARGET}`]: daemon <= DAEMON_TARGET,
    },
  }
}

/** Of all processes of a daemon, with connections and no request. */
async function megabytesOfDaemon({ plan, fixture }: Bench): Promise<number> {
  // It may be another user.
  chmodSync(plan.folder, 0o755)
  const daemon = await startDaemon(join(plan.folder, 'daemon'), { NS: fixture.nameServer(0) })
  const sockets: Socket[] = []
  try {
    for (let i = 0; i < CONNECTIONS; i++) {
      const socket = connect(daemon.socketPath)
      sockets.push(socket)
      await once(socket, 'connect')
    }
    const workers = daemon.workers()
    // Each is accepted when the workers have as many descriptors.
    await waitFor('all connections are accepted', () => {
      return sum(workers.map(pid => readdirSync(`/proc/${pid}/fd`).length)) >= CONNECTIONS
    })
    return sum([daemon.pid, ...workers].map(pid => readSizes(pid).proportional))
  } finally {
    for (const socket of sockets) socket.destroy()
    await daemon.stop()
  }
}
