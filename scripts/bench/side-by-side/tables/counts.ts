/**
 * Tables "queries" and "calls": what is counted rather than timed, so one run of each is enough.
 *
 * System calls and opened files are strace(1)'s, of the process and all its threads; instructions valgrind's, which runs
 * the threads one after the other. perf(1) counts instructions where the machine lets it.
 */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type CallCounts, countCalls } from '../../../budgets/trace.ts'
import { arrange, type Bench, contenderOf } from '../bench.ts'
import { callgrindTo } from '../callgrind.ts'
import type { Contender } from '../contenders.ts'
import { CASES, HAM_HIT } from '../requests.ts'
import type { Figures, Measured } from '../results.ts'

export async function measureQueries(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const names = [`ours-${bench.contenders[0]?.node}`, 'original']
  for (const kase of CASES)
    for (const name of names) {
      bench.say(`queries: ${kase.title}, ${name}`)
      const command = await arrange(bench, contenderOf(bench, name), kase, { delayMs: 0 })
      const before = bench.fixture.queries()
      const { template, expected } = kase
      await bench.clock.run({ command, template, requests: 1, expected })
      figures[`queries/${kase.name}/${name}`] = Number(bench.fixture.queries() - before)
    }
  return {
    figures,
    tables: [
      {
        name: 'queries',
        title: 'DNS queries sent for a verdict',
        note: 'Four client lists, one list of domains. They are counted where they arrive; no resolver in between remembers any.',
        columns: ['', ...CASES.map(({ title }) => title)],
        rows: names.map(name => [
          contenderOf(bench, name).title,
          ...CASES.map(kase => String(figures[`queries/${kase.name}/${name}`])),
        ]),
      },
    ],
  }
}

/** Of one process that answers one request out of the cache; bare Node only starts and ends. */
export async function measureCalls(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const rows: string[][] = []
  for (const contender of bench.contenders) {
    bench.say(`calls: ${contender.name}`)
    const command = await arrange(bench, contender, HAM_HIT, { delayMs: 0 })
    const path = `calls/${contender.name}`
    const calls = await traceCalls(bench, contender, command)
    figures[`${path}/calls`] = calls.all
    figures[`${path}/opens`] = calls.opens
    const instructions = await countInstructions(bench, contender, command)
    if (instructions !== undefined) figures[`${path}/instructions`] = instructions
    const perf = await perfInstructions(bench, contender, command)
    if (perf !== undefined) figures[`${path}/perf-instructions`] = perf
    const millions = (count: number | undefined): string =>
      count === undefined ? 'not counted here' : (count / 1e6).toFixed(1)
    rows.push([contender.title, String(calls.all), String(calls.opens), millions(instructions), millions(perf)])
  }
  return {
    figures,
    tables: [
      {
        name: 'calls',
        title: 'System calls and instructions of a HAM hit',
        note:
          'One process, one answer out of the cache. Calls and opened files by strace -f, instructions in millions by ' +
          'valgrind --tool=callgrind (user space, machine code that V8 makes included) and by perf stat.',
        columns: ['', 'system calls', 'files opened', 'instructions, valgrind', 'instructions, perf'],
        rows,
      },
    ],
  }
}

async function runUnder(
  bench: Bench,
  tool: readonly string[],
  contender: Contender,
  command: readonly string[],
): Promise<void> {
  const requests = contender.kind === 'bare' ? 0 : 1
  const { template, expected } = HAM_HIT
  await bench.clock.run({ command: [...tool, ...command], template, requests, expected })
}

async function traceCalls(bench: Bench, contender: Contender, command: readonly string[]): Promise<CallCounts> {
  const output = join('/dev/shm', `strace-${contender.name}`)
  await runUnder(bench, ['/usr/bin/strace', '-f', '-qq', '-o', output], contender, command)
  return countCalls(readFileSync(output, 'latin1'))
}

async function countInstructions(
  bench: Bench,
  contender: Contender,
  command: readonly string[],
): Promise<number | undefined> {
  const output = join('/dev/shm', `callgrind-${contender.name}`)
  try {
    await runUnder(bench, callgrindTo(output), contender, command)
    return Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(output, 'latin1'))?.[1])
  } catch (error) {
    bench.say(`valgrind: ${contender.name}: ${String(error).slice(0, 200)}`)
    return undefined
  } finally {
    rmSync(output, { force: true })
  }
}

async function perfInstructions(
  bench: Bench,
  contender: Contender,
  command: readonly string[],
): Promise<number | undefined> {
  const output = join('/dev/shm', `perf-${contender.name}`)
  try {
    await promisify(execFile)('perf', ['stat', '-e', 'instructions:u', 'true'])
    await runUnder(bench, ['/usr/bin/perf', 'stat', '-x,', '-e', 'instructions:u', '-o', output], contender, command)
    const count = Number(/^(\d+),.*instructions/m.exec(readFileSync(output, 'latin1'))?.[1])
    return Number.isFinite(count) ? count : undefined
  } catch {
    return undefined
  } finally {
    rmSync(output, { force: true })
  }
}
