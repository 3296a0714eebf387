/**
 * Tables "cold" and "delays": a process for one request, from before it is started until it has ended. And table "spawn", of
 * this project alone, with what is aimed at.
 */
import { type Bench, entrantsOf, race } from '../bench.ts'
import { DELAYS_MS, type DelayMs } from '../fixture.ts'
import { CASES, type Case, caseOf, UNKNOWN_MAILS } from '../requests.ts'
import { type Figures, type Measured, note, show } from '../results.ts'
import { median } from '../samples.ts'

const TIMES_TITLE = 'Perl ÷ policyd-weight on the lowest Node'

/** Figures are `PREFIX/DELAY/CASE/CONTENDER`, …`/p90`, …`/ratio` (to bare Node), …`/times` (the original to ours). */
async function measureCase(bench: Bench, kase: Case, delayMs: DelayMs, prefix: string): Promise<Figures> {
  const contenders = bench.contenders.filter(({ name }) => delayMs === 0 || !name.endsWith('-raw'))
  const samples = await race(bench, kase, delayMs, entrantsOf(contenders))
  const figures: Figures = {}
  const lowest = bench.plan.nodes[0]?.major
  const medianOf = (name: string): number => median(samples[name] ?? [])
  for (const { name, node = lowest } of contenders) {
    const path = `${prefix}/${delayMs}/${kase.name}/${name}`
    note(figures, path, samples[name] ?? [])
    figures[`${path}/ratio`] = medianOf(name) / medianOf(`bare-${node}`)
  }
  if (bench.plan.isSandbox)
    figures[`${prefix}/${delayMs}/${kase.name}/original/times`] = medianOf('original') / medianOf(`ours-${lowest}`)
  return figures
}

/** `40.2 (44.1) ×1.10`: median, p90, ratio to bare Node. */
export function cell(figures: Figures, path: string): string {
  return `${show(figures, path, 1)} (${show(figures, `${path}/p90`, 1)}) ×${show(figures, `${path}/ratio`, 2)}`
}

export async function measureCold(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  for (const kase of CASES) Object.assign(figures, await measureCase(bench, kase, 0, 'cold'))
  const row = (title: string, cellOf: (path: string) => string): string[] => [
    title,
    ...CASES.map(({ name }) => cellOf(`cold/0/${name}`)),
  ]
  return {
    figures,
    title: 'Cold spawn: a process for one request',
    note:
      'Milliseconds from before the process is started until it has ended, with the request on a socket as spawn(8) has ' +
      'it: median (p90) and × bare Node of the same version in the same turns. DNS answers at once.',
    columns: row('', path => CASES.find(({ name }) => path.endsWith(`/${name}`))?.title ?? ''),
    rows: [
      ...bench.contenders.map(({ title, name }) => row(title, path => cell(figures, `${path}/${name}`))),
      row(TIMES_TITLE, path => `${show(figures, `${path}/original/times`, 2)} ×`),
    ],
  }
}

export async function measureDelays(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const columns = DELAYS_MS.filter(delayMs => delayMs > 0).flatMap(delayMs =>
    // At 50 ms good mail is enough: what it takes beside the original.
    UNKNOWN_MAILS.filter(({ name }) => delayMs !== 50 || name === 'good').map(kase => ({
      delayMs,
      title: `${kase.title}, ${delayMs} ms`,
      path: `delays/${delayMs}/${kase.name}`,
      kase,
    })),
  )
  for (const { delayMs, kase } of columns) Object.assign(figures, await measureCase(bench, kase, delayMs, 'delays'))
  const rows = bench.contenders
    .filter(({ kind, name }) => kind !== 'bare' && !name.endsWith('-raw'))
    .map(({ title, name, node }) => [
      title,
      ...columns.map(({ delayMs, path }) => {
        const times = `${show(figures, `${path}/${name}`, 0)} (${show(figures, `${path}/${name}/p90`, 0)})`
        if (node === undefined) return times
        const beyondMs = (figures[`${path}/${name}`] ?? Number.NaN) - (figures[`${path}/bare-${node}`] ?? Number.NaN)
        const trips = Math.max(0, Math.floor(beyondMs / delayMs))
        return `${times}: ${trips} × ${delayMs} + ${(beyondMs - trips * delayMs).toFixed(0)}`
      }),
    ])
  rows.push([TIMES_TITLE, ...columns.map(({ path }) => `${show(figures, `${path}/original/times`, 2)} ×`)])
  return {
    figures,
    title: 'Cold spawn with DNS that takes its time',
    note:
      'The same, each DNS reply so many milliseconds late. Behind the colon: what is beyond bare Node, as round trips ' +
      'and the rest in milliseconds.',
    columns: ['', ...columns.map(({ title }) => title)],
    rows,
  }
}

/** What a process may take: so many times bare Node, or so many milliseconds beyond it. Good mail is two round trips, forged mail five at most. */
const TARGETS = [
  { kase: caseOf('no-dns'), delayMs: 0, times: 1.1, beyondMs: 0 },
  { kase: caseOf('ham-hit'), delayMs: 0, times: 1.15, beyondMs: 0 },
  { kase: caseOf('spam-hit'), delayMs: 0, times: 1.15, beyondMs: 0 },
  { kase: caseOf('good'), delayMs: 0, times: 1.28, beyondMs: 0 },
  { kase: caseOf('good'), delayMs: 50, times: 1, beyondMs: 2 * 50 + 20 },
  { kase: caseOf('forged'), delayMs: 50, times: 1, beyondMs: 5 * 50 + 25 },
] as const

export async function measureSpawn(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const targets: Record<string, boolean> = {}
  const rows: string[][] = []
  for (const { kase, delayMs, times, beyondMs } of TARGETS) {
    Object.assign(figures, await measureCase(bench, kase, delayMs, 'spawn'))
    const [bare = '', ours = ''] = bench.contenders.map(({ name }) => `spawn/${delayMs}/${kase.name}/${name}`)
    const title = `${kase.title}, DNS after ${delayMs} ms`
    const mostMs = times * (figures[bare] ?? Number.NaN) + beyondMs
    rows.push([title, cell(figures, bare), cell(figures, ours), mostMs.toFixed(1)])
    targets[`${title}: at most ${times} × node + ${beyondMs} ms`] = (figures[ours] ?? Number.NaN) <= mostMs
  }
  return {
    figures,
    targets,
    title: 'A process for one request, beside bare Node',
    note: 'Milliseconds from before the process is started until it has ended: median (p90) and × bare Node.',
    columns: ['', ...bench.contenders.map(({ title }) => title), 'at most'],
    rows,
  }
}
