/**
 * Measures, inside of the sandbox: run.ts's plan → tables, one after the other → bench/results.json, bench/RESULTS.md.
 *
 * A run that is not whole (--quick, --table, --rounds) prints its tables and leaves the files alone. Failure: what cannot
 * be measured ends the run with an error and leaves the files alone, too.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { openBench, type Plan, RESULTS_FILE, ROOT } from './bench.ts'
import { type Machine, type Measured, type Results, renderResults, renderTable } from './results.ts'
import { SIDE_BY_SIDE, type TableName } from './tables.ts'

/** What run.ts hands over. */
export interface SandboxPlan extends Plan {
  /** Debian packages and their versions. */
  readonly packages: Readonly<Record<string, string>>
  readonly tables: readonly TableName[]
  /** Every table with all rounds: only such a run is written to bench/. */
  readonly isWhole: boolean
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
    execFileSync('git', ['-c', 'safe.directory=*', '-C', ROOT, ...args])
      .toString()
      .trim()
  const changes = git('status', '--porcelain', '--', 'src', 'scripts', 'package-lock.json')
  return `${git('rev-parse', '--short=12', 'HEAD')}${changes === '' ? '' : '-dirty'}`
}

async function main(plan: SandboxPlan): Promise<void> {
  const startMs = performance.now()
  const bench = await openBench(plan)
  const measured: (Measured & { name: string })[] = []
  for (const name of plan.tables) {
    const table = await SIDE_BY_SIDE[name](bench)
    measured.push({ name, ...table })
    if (!plan.isWhole) process.stdout.write(`${renderTable(table)}\n`)
  }
  bench.fixture.stop()
  if (!plan.isWhole) return
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    minutes: Math.round((performance.now() - startMs) / 60_000),
    rounds: plan.rounds,
    machine: describeMachine(),
    versions: { Node: plan.nodes.map(({ version }) => version.slice(1)).join(', '), ...plan.packages },
    tables: measured.map(({ name, title, note, columns, rows }) => ({ name, title, note, columns, rows })),
    figures: Object.assign({}, ...measured.map(({ figures }) => figures)),
  }
  writeFileSync(RESULTS_FILE, `${JSON.stringify(results, undefined, 1)}\n`)
  writeFileSync(join(ROOT, 'bench', 'RESULTS.md'), renderResults(results))
  bench.say('bench/results.json and bench/RESULTS.md written')
}

await main(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SandboxPlan)
