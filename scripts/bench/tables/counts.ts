/**
 * Tables "queries", "calls" and "start": what is counted rather than timed, so one run of each is enough, or three.
 *
 * System calls and opened files are strace(1)'s, of the process and all its threads; instructions valgrind's, which runs
 * the threads one after the other. perf(1) counts instructions where the machine lets it. Times of a start scatter by more than
 * what can still be gained there; instructions hardly do.
 */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { countCalls } from '../../budgets/trace.ts'
import { arrange, type Bench, contenderOf } from '../bench.ts'
import { callgrindTo, PROFILE_ROWS, type Profile, readProfile } from '../callgrind.ts'
import type { Go } from '../clock.ts'
import { CASES, type Case, HAM_HIT } from '../requests.ts'
import type { Figures, Measured } from '../results.ts'
import { median } from '../samples.ts'

const STARTS = 3

export async function measureQueries(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const contenders = [contenderOf(bench, 'ours'), contenderOf(bench, 'original')]
  for (const kase of CASES)
    for (const contender of contenders) {
      bench.say(`queries: ${kase.title}, ${contender.name}`)
      const go = await arrange(bench, contender, kase)
      figures[`queries/${kase.name}/${contender.name}`] = await countQueries(bench, go)
    }
  return {
    figures,
    title: 'DNS queries sent for a verdict',
    note: 'Four client lists, one list of domains. They are counted where they arrive; no resolver in between remembers any.',
    columns: ['', ...CASES.map(({ title }) => title)],
    rows: contenders.map(({ title, name }) => [
      title,
      ...CASES.map(kase => String(figures[`queries/${kase.name}/${name}`])),
    ]),
  }
}

export async function countQueries({ fixture, clock }: Bench, go: Go): Promise<number> {
  const before = fixture.queries()
  await clock.run(go)
  return fixture.queries() - before
}

/** Of one process that answers one request out of the cache; bare Node only starts and ends. */
export async function measureCalls(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const rows: string[][] = []
  for (const contender of bench.contenders) {
    bench.say(`calls: ${contender.name}`)
    const go = await arrange(bench, contender, HAM_HIT)
    const path = `calls/${contender.name}`
    const calls = countCalls(await outputOf(bench, go, straceTo))
    figures[`${path}/calls`] = calls.all
    figures[`${path}/opens`] = calls.opens
    const counts = [
      await countInstructions(bench, go, callgrindTo, /^(?:summary|totals): (\d+)/m),
      await countInstructions(bench, go, perfTo, /^(\d+),.*instructions/m),
    ] as const
    ;['instructions', 'perf-instructions'].forEach((name, i) => {
      if (counts[i] !== undefined) figures[`${path}/${name}`] = counts[i]
    })
    const millions = counts.map(count => (count === undefined ? 'not counted here' : (count / 1e6).toFixed(1)))
    rows.push([contender.title, String(calls.all), String(calls.opens), ...millions])
  }
  return {
    figures,
    title: 'System calls and instructions of a HAM hit',
    note:
      'One process, one answer out of the cache. Calls and opened files by strace -f, instructions in millions by ' +
      'valgrind --tool=callgrind (user space, machine code that V8 makes included) and by perf stat.',
    columns: ['', 'system calls', 'files opened', 'instructions, valgrind', 'instructions, perf'],
    rows,
  }
}

/** What stands in front of a command for a tool to write into a file. */
type Tool = (output: string) => readonly string[]

export const straceTo: Tool = output => ['/usr/bin/strace', '-f', '-qq', '-o', output]
const perfTo: Tool = output => ['/usr/bin/perf', 'stat', '-x,', '-e', 'instructions:u', '-o', output]

/** What a tool writes of a run. */
export async function outputOf({ clock, plan }: Bench, go: Go, tool: Tool): Promise<string> {
  // Whoever runs it may write there.
  const output = join('/dev/shm', `${plan.folder.replaceAll('/', '-')}-output`)
  try {
    await clock.run({ ...go, command: [...tool(output), ...go.command], mayFail: false })
    return readFileSync(output, 'latin1')
  } finally {
    rmSync(output, { force: true })
  }
}

/** Undefined where the tool does not work: not every machine lets perf(1) count, nor valgrind(1) run every Node. */
async function countInstructions(bench: Bench, go: Go, tool: Tool, pattern: RegExp): Promise<number | undefined> {
  try {
    if (tool === perfTo) await promisify(execFile)('perf', ['stat', '-e', 'instructions:u', 'true'])
    const count = Number(pattern.exec(await outputOf(bench, go, tool))?.[1])
    return Number.isFinite(count) ? count : undefined
  } catch (error) {
    bench.say(`not counted: ${String(error).slice(0, 200)}`)
    return undefined
  }
}

export async function measureStart(bench: Bench): Promise<Measured> {
  const ours = contenderOf(bench, 'ours')
  const bare = await profile(bench, await arrange(bench, contenderOf(bench, 'bare'), HAM_HIT))
  const cases = CASES.filter(({ name }) => ['no-dns', 'ham-hit', 'good'].includes(name))
  const beyond = new Map<Case, (row: string) => number>()
  for (const kase of cases) {
    bench.say(`start: ${kase.title}`)
    const own = await profile(bench, await arrange(bench, ours, kase))
    beyond.set(kase, row => own(row) - bare(row))
  }
  const millions = (count: number): string => (count / 1e6).toFixed(1)
  return {
    figures: {
      'start/bare': bare('all'),
      ...Object.fromEntries([...beyond].map(([{ name }, of]) => [`start/${name}`, of('all')])),
    },
    title: 'What a start consists of',
    note:
      `Million instructions by valgrind --tool=callgrind, Node ${ours.node}, medians of ${STARTS} runs: bare Node, and what one ` +
      'answer takes beyond it. Left out is a search for prime numbers at the start of V8, whose length is chance. Most ' +
      "of what is compiled are functions of Node's own, which Node keeps as text.",
    columns: ['', 'node empty.js', ...cases.map(({ title }) => `+ ${title}`)],
    rows: PROFILE_ROWS.map(row => [row, millions(bare(row)), ...[...beyond.values()].map(of => millions(of(row)))]),
  }
}

/** Instructions of each part, medians of a few runs. */
async function profile(bench: Bench, go: Go): Promise<(row: string) => number> {
  const profiles: Profile[] = []
  for (let run = 0; run < STARTS; run++) profiles.push(readProfile(await outputOf(bench, go, callgrindTo)))
  return row => median(profiles.map(of => of.get(row) ?? 0))
}
