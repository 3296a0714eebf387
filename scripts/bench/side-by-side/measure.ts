/**
 * Measures, inside of the sandbox: run.ts's plan → tables, one after the other → bench/results.json, bench/RESULTS.md.
 *
 * A run that is not whole (--quick, --table, --rounds) prints its tables and leaves the files alone. Failure: what cannot
 * be measured ends the run with an error and leaves the files alone, too.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import { Clock } from './clock.ts'
import { makeContenders, userOf } from './contenders.ts'
import { startFixture } from './fixture.ts'
import type { Plan, TableName } from './plan.ts'
import { renderResults, renderTable } from './report.ts'
import type { Figures, Machine, Measured, Results, Table } from './results.ts'
import { measureCold, measureDelays } from './tables/cold.ts'
import { measureCalls, measureQueries } from './tables/counts.ts'
import { measureDaemons } from './tables/daemon.ts'
import { measureLists, measureProcesses } from './tables/growth.ts'
import { measureMemory } from './tables/memory.ts'
import { measureStart } from './tables/start.ts'
import { measureWarm } from './tables/warm.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

const MEASURES: Readonly<Record<TableName, (bench: Bench) => Promise<Measured>>> = {
  cold: measureCold,
  delays: measureDelays,
  warm: measureWarm,
  daemon: measureDaemons,
  lists: measureLists,
  processes: measureProcesses,
  memory: measureMemory,
  queries: measureQueries,
  calls: measureCalls,
  start: measureStart,
}

function describeMachine(): Machine {
  const [cpu] = cpus()
  return {
    cpu: `${cpu?.model.trim()}`,
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    distribution: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
  }
}

/** The commit that is measured; `-dirty` with changes on top. */
function describeCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'safe.directory=*', '-C', root, ...args])
      .toString()
      .trim()
  const changes = git('status', '--porcelain', '--', 'src', 'scripts', 'package-lock.json')
  return `${git('rev-parse', '--short=12', 'HEAD')}${changes === '' ? '' : '-dirty'}`
}

async function main(planFile: string): Promise<void> {
  const startMs = performance.now()
  const plan = JSON.parse(readFileSync(planFile, 'utf8')) as Plan
  const user = userOf('polw')
  const say = (text: string): void => {
    process.stderr.write(`${String(Math.round((performance.now() - startMs) / 1000)).padStart(5)} s  ${text}\n`)
  }
  const fixture = await startFixture(plan)
  const bench: Bench = { plan, user, say, fixture, contenders: makeContenders(plan), clock: new Clock(plan, user) }
  const tables: Table[] = []
  const figures: Figures = {}
  for (const name of plan.tables) {
    const measured = await MEASURES[name](bench)
    tables.push(...measured.tables)
    Object.assign(figures, measured.figures)
    if (!plan.isWhole) for (const table of measured.tables) process.stdout.write(`${renderTable(table)}\n`)
  }
  if (!plan.isWhole) return
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    minutes: Math.round((performance.now() - startMs) / 60_000),
    rounds: plan.rounds,
    machine: describeMachine(),
    versions: { Node: plan.nodes.map(({ version }) => version.slice(1)).join(', '), ...plan.packages },
    tables,
    figures,
  }
  const folder = join(root, 'bench')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, undefined, 1)}\n`)
  writeFileSync(join(folder, 'RESULTS.md'), renderResults(results))
  say('bench/results.json and bench/RESULTS.md written')
}

await main(process.argv[2] ?? '')
// The DNS server and the log run on until the sandbox ends.
process.exit()
