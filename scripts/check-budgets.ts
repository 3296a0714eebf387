/**
 * Fails when a start has become heavier than budgets/limits.ts allows (`npm run check:budgets`).
 *
 *   dist/ → sizes; a bench of it beside bare Node (bench/bench.ts) → modules, system calls, DNS queries, times → limits.ts →
 *   a line each
 *
 * Takes half a minute, and strace, which it installs where it is root and there is none. Of times and system calls, the
 * best of three tries counts: a start that is really heavier is so each time, while a trace may lack a few lines of bare
 * Node's. Exit status 1: a budget is exceeded, with figure and limit.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DEMO_MAILS } from '../testkit/demo-mails.ts'
import { arrange, type Bench, contenderOf, entrantsOf, onOwnBench, ROOT, race } from './bench/bench.ts'
import type { Go } from './bench/clock.ts'
import { type Case, caseOf, GOOD_CASE, HAM_HIT, templateOf } from './bench/requests.ts'
import { median } from './bench/samples.ts'
import { countQueries, outputOf, straceTo } from './bench/tables/counts.ts'
import { type Figures, findExceeded, LIMITS } from './budgets/limits.ts'
import { countCalls } from './budgets/trace.ts'
import { installPackages } from './debian-packages.ts'

const ROUNDS = 30
const TRIES = 3
/** Where the cache is open to count what was answered. */
const NO_DNS: Case = { ...caseOf('no-dns'), cached: true }
const WATCH = join(ROOT, 'scripts', 'budgets', 'watch-start.cjs')

/** What watch-start.cjs notes of a start. */
interface Started {
  readonly modules: readonly string[]
  readonly programs: readonly { readonly name: string; readonly bytes: number; readonly isCached: boolean }[]
}

/** Bytes of the executable that V8 reads as code: all but the comment that holds the parts. */
function codeBytes(executable: string): number {
  return executable.replace(/\(\)=>\{\/\*.*?\*\/\}/s, '').length
}

/** What the executable and bare Node are to do for a case. */
async function pairFor(bench: Bench, kase: Case): Promise<{ bare: Go; own: Go }> {
  return {
    bare: await arrange(bench, contenderOf(bench, 'bare'), kase),
    own: await arrange(bench, contenderOf(bench, 'ours'), kase),
  }
}

/** What a start loads and compiles, modules beyond bare Node. */
async function watchStart(bench: Bench, kase: Case): Promise<{ modules: number; bytes: number; uncached: number }> {
  const note = join(bench.plan.folder, 'started.json')
  const started = async (go: Go): Promise<Started> => {
    const [node = '', ...args] = go.command
    const command = ['/usr/bin/env', `STARTED_JSON=${note}`, node, '--require', WATCH, ...args]
    await bench.clock.run({ ...go, command })
    const noted: Started = JSON.parse(readFileSync(note, 'utf8'))
    rmSync(note)
    return noted
  }
  const { bare, own } = await pairFor(bench, kase)
  const { modules: ofNode } = await started(bare)
  const { modules, programs } = await started(own)
  return {
    modules: modules.filter(module => !ofNode.includes(module)).length,
    bytes: programs.reduce((total, { bytes }) => total + bytes, 0),
    uncached: programs.filter(({ isCached }) => !isCached).length,
  }
}

async function callsBeyond(bench: Bench, kase: Case): Promise<{ opens: number; own: number }> {
  const pair = await pairFor(bench, kase)
  let [opens, own] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const bare = countCalls(await outputOf(bench, pair.bare, straceTo))
    const ours = countCalls(await outputOf(bench, pair.own, straceTo))
    opens = Math.min(opens, ours.opens - bare.opens)
    own = Math.min(own, ours.own - bare.own)
  }
  return { opens, own }
}

async function timeRatio(bench: Bench, kase: Case, name: keyof Figures): Promise<number> {
  const most = LIMITS.find(limit => limit.name === name)?.most ?? 0
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < TRIES && best > most; attempt++) {
    const [bare = [], own = []] = Object.values(await race(bench, kase, 0, entrantsOf(bench.contenders)))
    best = Math.min(best, median(own) / median(bare))
  }
  return best
}

/** DNS queries that the verdict about each mail of the demo takes, with nothing remembered. */
async function queriesOfDemo(bench: Bench): Promise<number[]> {
  const go = await arrange(bench, contenderOf(bench, 'ours'), GOOD_CASE)
  const queries: number[] = []
  for (const mail of DEMO_MAILS)
    queries.push(await countQueries(bench, { ...go, template: templateOf(mail), expected: '' }))
  return queries
}

async function measure(bench: Bench): Promise<Figures> {
  const [, executable = ''] = contenderOf(bench, 'ours').command('')
  const folder = dirname(executable)
  const cacheFile = readdirSync(folder).find(name => name.endsWith('.cache')) ?? 'no code cache'
  const noDns = { ...(await watchStart(bench, NO_DNS)), ...(await callsBeyond(bench, NO_DNS)) }
  const hit = { ...(await watchStart(bench, HAM_HIT)), ...(await callsBeyond(bench, HAM_HIT)) }
  const miss = { ...(await watchStart(bench, GOOD_CASE)), ...(await callsBeyond(bench, GOOD_CASE)) }
  const queries = await queriesOfDemo(bench)
  return {
    executable: statSync(executable).size,
    'start-code': codeBytes(readFileSync(executable, 'utf8')),
    'core-program': noDns.bytes,
    'hit-programs': hit.bytes,
    'miss-programs': miss.bytes,
    'code-cache': statSync(join(folder, cacheFile)).size,
    'uncached-programs': miss.uncached,
    'no-dns-modules': noDns.modules,
    'hit-modules': hit.modules,
    'miss-modules': miss.modules,
    'no-dns-opens': noDns.opens,
    'hit-opens': hit.opens,
    'miss-opens': miss.opens,
    'no-dns-calls': noDns.own,
    'hit-calls': hit.own,
    'miss-calls': miss.own,
    'demo-queries': queries.reduce((sum, count) => sum + count, 0),
    'demo-most-queries': Math.max(...queries),
    'no-dns-ratio': await timeRatio(bench, NO_DNS, 'no-dns-ratio'),
    'hit-ratio': await timeRatio(bench, HAM_HIT, 'hit-ratio'),
  }
}

if (spawnSync('strace', ['-V']).status !== 0) installPackages(['strace'])
const figures = await onOwnBench(ROUNDS, join(ROOT, 'dist'), measure)
const exceeded = findExceeded(LIMITS, figures)
const text = (figure: number): string => (Number.isInteger(figure) ? String(figure) : figure.toFixed(2))
for (const limit of LIMITS) {
  const { name, title, most, today } = limit
  const cells = [figures[name], most, today].map(figure => text(figure).padStart(8)).join('')
  console.log(`${exceeded.includes(limit) ? 'EXCEEDED' : 'ok'.padEnd(8)}${cells}  ${title}`)
}
console.log(`${''.padEnd(8)}${'measured'.padStart(8)}${'at most'.padStart(8)}${'was'.padStart(8)}`)
for (const { name, title, most, why } of exceeded)
  console.log(
    `${title}: ${text(figures[name as keyof Figures])}, at most ${most} (${why}); see scripts/budgets/limits.ts`,
  )
process.exitCode = exceeded.length === 0 ? 0 : 1
