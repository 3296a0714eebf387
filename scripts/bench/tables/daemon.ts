/**
 * Table "daemon": many connections, each with one request under way (load.c).
 *
 * Every round starts each daemon anew and takes its measurements one after the other; the figures are medians over the
 * rounds, quantiles those of thousands of requests in each.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Bench } from '../bench.ts'
import { DAEMONS, type Daemon, type RunningDaemon, startDaemon } from '../daemons.ts'
import { HAM_HIT, STRANGER_TEMPLATE } from '../requests.ts'
import { type Figures, type Measured, show } from '../results.ts'
import { median, sum } from '../samples.ts'

const CONNECTIONS = [1, 16, 64, 256] as const
const KINDS = ['hit', 'miss'] as const
const MEMORY_AT = 64
const GROWS_FROM = 64
/** Rounds and seconds of each measurement; --quick takes one round and less than half of the time. */
const ROUNDS = 3
const SECONDS = { prime: 2.5, grow: 2.5, warmUp: 0.5, measured: 1.5 }

type Kind = (typeof KINDS)[number]

/** What load.c has measured. */
export interface Load {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly unexpected: number
  /** One that was not expected, if there was any. */
  readonly sample: string
  readonly closed: number
  /** Of the load itself, processors. */
  readonly cpu: number
}

/** What postfwd and mtpolicyd do is to be set beside lists alone. */
function kindsOf({ name }: Daemon): readonly Kind[] {
  return name.endsWith('-lists') ? ['miss'] : KINDS
}

export async function measureDaemons(bench: Bench): Promise<Measured> {
  const loads = new Map<string, Load[]>()
  const memory = new Map<string, number[]>()
  const absent = new Map<string, string>()
  const templates = { hit: join(bench.plan.folder, 'hit'), miss: join(bench.plan.folder, 'miss') }
  writeFileSync(templates.hit, HAM_HIT.template)
  writeFileSync(templates.miss, STRANGER_TEMPLATE)
  const rounds = bench.plan.isQuick ? 1 : ROUNDS
  const scale = bench.plan.isQuick ? 0.4 : 1
  let asked = 0
  const load = async (
    daemon: Daemon,
    kind: Kind,
    connections: number,
    warmUp: number,
    seconds: number,
  ): Promise<Load> => {
    const expected = kind === 'hit' ? daemon.expectedHit : daemon.expectedMiss
    // Another million of instances each time; strangers come again after so many others that nobody knows them.
    const args = [daemon.port, connections, warmUp, seconds, ++asked * 1_000_003, templates[kind], expected]
    const { stdout } = await promisify(execFile)(bench.plan.programs.load, args.map(String))
    return readLoad(stdout, warmUp, seconds)
  }
  const measure = async (daemon: Daemon, running: RunningDaemon): Promise<void> => {
    if (kindsOf(daemon).includes('hit')) await load(daemon, 'hit', 1, SECONDS.prime, 0.1)
    for (const connections of CONNECTIONS)
      for (const kind of kindsOf(daemon)) {
        const key = `${kind}/${connections}/${daemon.name}`
        // A daemon that starts a process for each connection is given the time to.
        const grows = connections >= GROWS_FROM && kind === kindsOf(daemon)[0]
        const warmUp = grows ? SECONDS.grow : SECONDS.warmUp
        const got = await load(daemon, kind, connections, warmUp * scale, SECONDS.measured * scale)
        loads.set(key, [...(loads.get(key) ?? []), got])
        bench.say(
          `daemon: ${key} ${got.perSecond.toFixed(0)}/s${got.unexpected > 0 ? `, not expected: ${got.sample}` : ''}`,
        )
        if (connections === MEMORY_AT && kind === 'miss')
          memory.set(daemon.name, [...(memory.get(daemon.name) ?? []), running.megabytes()])
      }
  }
  for (let round = 0; round < rounds; round++)
    for (const daemon of round % 2 === 0 ? DAEMONS : DAEMONS.toReversed()) {
      if (absent.has(daemon.name)) continue
      let running: RunningDaemon | undefined
      try {
        running = await startDaemon(bench, daemon)
        await measure(daemon, running)
      } catch (error) {
        absent.set(daemon.name, String(error))
        bench.say(`daemon: ${daemon.name}: ${error}`)
      } finally {
        await running?.stop()
      }
    }
  return report(loads, memory, absent, rounds)
}

/** Reads what load.c prints. */
export function readLoad(output: string, warmUp: number, seconds: number): Load {
  const of = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(output)?.[1])
  return {
    perSecond: of('requests') / seconds,
    p50Ms: of('p50') / 1000,
    p99Ms: of('p99') / 1000,
    unexpected: of('unexpected'),
    sample: /^sample (.*)$/m.exec(output)?.[1] ?? '',
    closed: of('closed'),
    cpu: of('cpu') / (warmUp + seconds),
  }
}

function report(
  loads: ReadonlyMap<string, readonly Load[]>,
  memory: ReadonlyMap<string, readonly number[]>,
  absent: ReadonlyMap<string, string>,
  rounds: number,
): Measured {
  const figures: Figures = {}
  for (const [key, all] of loads) {
    const samples = all.filter(({ perSecond }) => perSecond > 0)
    if (samples.length === 0) continue
    figures[`daemon/${key}/per-second`] = median(samples.map(({ perSecond }) => perSecond))
    figures[`daemon/${key}/p50`] = median(samples.map(({ p50Ms }) => p50Ms))
    figures[`daemon/${key}/p99`] = median(samples.map(({ p99Ms }) => p99Ms))
  }
  for (const [name, samples] of memory) figures[`daemon/memory/${name}`] = median(samples)
  for (const connections of CONNECTIONS)
    for (const kind of KINDS)
      for (const { name } of DAEMONS.filter(daemon => !daemon.name.startsWith('ours'))) {
        const own = kind === 'hit' || name === 'original' ? 'ours' : 'ours-lists'
        const [ours, theirs] = [own, name].map(each => figures[`daemon/${kind}/${connections}/${each}/per-second`])
        if (ours !== undefined && theirs !== undefined)
          figures[`daemon/${kind}/${connections}/${name}/times`] = ours / theirs
      }
  const cell = (key: string): string => {
    const path = `daemon/${key}`
    const samples = loads.get(key)
    if (figures[`${path}/per-second`] === undefined) return samples ? 'none was answered' : 'did not run'
    const trouble = (what: 'unexpected' | 'closed', words: string): string => {
      const count = sum((samples ?? []).map(sample => sample[what]))
      return count > 0 ? `; ${count} ${words}` : ''
    }
    const times = figures[`${path}/times`] === undefined ? '' : ` (÷ ${show(figures, `${path}/times`, 1)})`
    const latencies = `${show(figures, `${path}/p50`, 2)} / ${show(figures, `${path}/p99`, 2)}`
    const troubles = trouble('unexpected', 'other answers') + trouble('closed', 'connections closed')
    return `${show(figures, `${path}/per-second`, 0)}${times}; ${latencies}${troubles}`
  }
  const reasons = [...absent].map(([name, reason]) => ` ${name} did not run each time: ${reason.slice(0, 150)}.`)
  const cpu = Math.max(0, ...[...loads.values()].flat().map(({ cpu }) => cpu || 0))
  return {
    figures,
    title: 'Daemons under load',
    note:
      'Answers a second; p50 / p99 in milliseconds, at so many connections with one request under way each. In brackets: ' +
      'how many times more policyd-weight answers, of misses by lists alone where the peer looks at nothing else. hit: a ' +
      'good mail of a known client; miss: a stranger with a forged HELO, another one each time. DNS answers at once, and ' +
      'it, the load and the daemon share the processors; the load itself took at most ' +
      `${cpu.toFixed(2)} of one. mtpolicyd remembers no verdicts: its hits are lookups, too. Median of ${rounds} rounds of ` +
      `${SECONDS.measured} s each. Other answers: right, but not what the row is about, as for a known client that is looked ` +
      'up again because the cache was locked for too long. Memory: megabytes, proportional, of all processes at ' +
      `${MEMORY_AT} connections.${reasons.join('')}`,
    columns: ['', '', ...CONNECTIONS.map(count => `${count}`), 'memory'],
    rows: KINDS.flatMap(kind =>
      DAEMONS.filter(daemon => kindsOf(daemon).includes(kind)).map(({ name, title }) => [
        kind,
        title,
        ...CONNECTIONS.map(count => cell(`${kind}/${count}/${name}`)),
        figures[`daemon/memory/${name}`]?.toFixed(0) ?? '',
      ]),
    ),
  }
}
