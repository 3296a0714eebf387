/**
 * Fails when a start has become heavier than budgets/limits.ts allows (`npm run check:budgets`).
 *
 *   dist/ → sizes; start-watch.ts → modules, system calls, DNS queries, times → limits.ts → a line each
 *
 * Takes half a minute, and strace, which it installs where it is root and there is none. Of times and system calls, the
 * best of three tries counts: a start that is really heavier is so each time, while a trace may lack a few lines of bare
 * Node's. Exit status 1: a budget is exceeded, with figure and limit.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { quantile } from './bench/side-by-side/samples.ts'
import { type Figures, findExceeded, LIMITS } from './budgets/limits.ts'
import { type Asked, HIT, MISS, NO_DNS, type Started, StartWatch } from './budgets/start-watch.ts'
import { countCalls } from './budgets/trace.ts'
import { DEMO_MAILS } from '../testkit/demo-mails.ts'

const ROUNDS = 30
const TRIES = 3

function provideStrace(): void {
  if (spawnSync('strace', ['-V']).status === 0) return
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'strace'],
  ])
    if (spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0)
      throw new Error('strace is not here and cannot be installed')
}

/** Bytes of the executable that V8 reads as code: all but the comment that holds the parts. */
function codeBytes(executable: string): number {
  return executable.replace(/\(\)=>\{\/\*.*?\*\/\}/s, '').length
}

function bytesOf({ programs }: Started): number {
  return programs.reduce((sum, { bytes }) => sum + bytes, 0)
}

async function callsBeyond(watch: StartWatch, asked: Asked): Promise<{ opens: number; own: number }> {
  let [opens, own] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [bare, ours] = (await watch.traces(asked)).map(countCalls)
    if (!bare || !ours) throw new Error('no trace')
    opens = Math.min(opens, ours.opens - bare.opens)
    own = Math.min(own, ours.own - bare.own)
  }
  return { opens, own }
}

async function timeRatio(watch: StartWatch, asked: Asked, most: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < TRIES && best > most; attempt++) {
    const { bareMs, ownMs } = await watch.times(asked, ROUNDS)
    best = Math.min(best, quantile(ownMs, 0.5) / quantile(bareMs, 0.5))
  }
  return best
}

function limitOf(name: keyof Figures): number {
  return LIMITS.find(limit => limit.name === name)?.most ?? 0
}

async function measure(watch: StartWatch): Promise<Figures> {
  const folder = dirname(watch.executable)
  const cacheFile = readdirSync(folder).find(name => name.endsWith('.cache')) ?? 'no code cache'
  const [noDns, hit, miss] = [await watch.started(NO_DNS), await watch.started(HIT), await watch.started(MISS)]
  const [noDnsCalls, hitCalls, missCalls] = [
    await callsBeyond(watch, NO_DNS),
    await callsBeyond(watch, HIT),
    await callsBeyond(watch, MISS),
  ]
  const queries: number[] = []
  for (const mail of DEMO_MAILS) queries.push(await watch.queries(mail))
  return {
    executable: statSync(watch.executable).size,
    'start-code': codeBytes(readFileSync(watch.executable, 'utf8')),
    'core-program': bytesOf(noDns),
    'hit-programs': bytesOf(hit),
    'miss-programs': bytesOf(miss),
    'code-cache': statSync(join(folder, cacheFile)).size,
    'uncached-programs': miss.programs.filter(({ isCached }) => !isCached).length,
    'no-dns-modules': noDns.modules.length,
    'hit-modules': hit.modules.length,
    'miss-modules': miss.modules.length,
    'no-dns-opens': noDnsCalls.opens,
    'hit-opens': hitCalls.opens,
    'miss-opens': missCalls.opens,
    'no-dns-calls': noDnsCalls.own,
    'hit-calls': hitCalls.own,
    'miss-calls': missCalls.own,
    'demo-queries': queries.reduce((sum, count) => sum + count, 0),
    'demo-most-queries': Math.max(...queries),
    'no-dns-ratio': await timeRatio(watch, NO_DNS, limitOf('no-dns-ratio')),
    'hit-ratio': await timeRatio(watch, HIT, limitOf('hit-ratio')),
  }
}

async function main(): Promise<number> {
  provideStrace()
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-budgets-'))
  const watch = await StartWatch.open(folder)
  try {
    const figures = await measure(watch)
    const exceeded = new Set(findExceeded(LIMITS, figures).map(({ name }) => name))
    const text = (figure: number): string => (Number.isInteger(figure) ? String(figure) : figure.toFixed(2))
    for (const { name, title, most, today } of LIMITS) {
      const cells = [figures[name], most, today].map(figure => text(figure).padStart(8)).join('')
      console.log(`${exceeded.has(name) ? 'EXCEEDED' : 'ok'.padEnd(8)}${cells}  ${title}`)
    }
    console.log(`${''.padEnd(8)}${'measured'.padStart(8)}${'at most'.padStart(8)}${'was'.padStart(8)}`)
    for (const { name, title, most, why } of findExceeded(LIMITS, figures))
      console.log(
        `${title}: ${text(figures[name as keyof Figures])}, at most ${most} (${why}); see scripts/budgets/limits.ts`,
      )
    return exceeded.size === 0 ? 0 : 1
  } finally {
    await watch.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main()
