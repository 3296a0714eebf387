/**
 * Tables "cold" and "delays": a process for one request, from before it is started until it has ended.
 */
import { arrange, type Bench, contenderOf } from '../bench.ts'
import { DELAYS_MS, type DelayMs } from '../fixture.ts'
import { CASES, type Case, UNKNOWN_MAILS } from '../requests.ts'
import type { Figures, Measured } from '../results.ts'
import { summarize, type Task, takeTurns } from '../samples.ts'

/** At this delay good mail is enough: what it takes beside the original. */
const RATIO_ONLY_MS = 50
const TIMES_TITLE = 'Perl ÷ policyd-weight on the lowest Node'

/** Figures are `PREFIX/DELAY/CASE/CONTENDER`, …`/p90`, …`/ratio` (to bare Node), …`/times` (the original to ours). */
async function measureCase(bench: Bench, kase: Case, delayMs: DelayMs, prefix: string): Promise<Figures> {
  const tasks: Record<string, Task> = {}
  for (const contender of bench.contenders) {
    if (delayMs > 0 && contender.name.endsWith('-raw')) continue
    const command = await arrange(bench, contender, kase, { delayMs })
    const requests = contender.kind === 'bare' ? 0 : 1
    const { template, expected } = kase
    const go = { command, template, requests, expected, mayFail: contender.kind === 'original' }
    tasks[contender.name] = async () => (await bench.clock.run(go)).elapsedMs
  }
  bench.say(`${prefix}: ${kase.title}, ${delayMs} ms a reply`)
  const figures: Figures = {}
  const samples = await takeTurns(bench.plan.rounds, tasks)
  const medianOf = (name: string): number => summarize(samples[name] ?? []).median
  const lowest = bench.contenders[0]?.node ?? 20
  for (const [name, values] of Object.entries(samples)) {
    const { median, p90 } = summarize(values)
    const path = `${prefix}/${delayMs}/${kase.name}/${name}`
    figures[path] = median
    figures[`${path}/p90`] = p90
    figures[`${path}/ratio`] = median / medianOf(`bare-${contenderOf(bench, name).node ?? lowest}`)
  }
  figures[`${prefix}/${delayMs}/${kase.name}/original/times`] = medianOf('original') / medianOf(`ours-${lowest}`)
  return figures
}

/** `40.2 (44.1) ×1.10`: median, p90, ratio to bare Node. */
function cell(figures: Figures, path: string): string {
  const of = (suffix: string): number => figures[`${path}${suffix}`] ?? Number.NaN
  return `${of('').toFixed(1)} (${of('/p90').toFixed(1)}) ×${of('/ratio').toFixed(2)}`
}

export async function measureCold(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  for (const kase of CASES) Object.assign(figures, await measureCase(bench, kase, 0, 'cold'))
  const rows = bench.contenders.map(({ title, name }) => [
    title,
    ...CASES.map(kase => cell(figures, `cold/0/${kase.name}/${name}`)),
  ])
  rows.push(timesRow(figures, CASES, 'cold/0'))
  return {
    figures,
    tables: [
      {
        name: 'cold',
        title: 'Cold spawn: a process for one request',
        note:
          'Milliseconds from before the process is started until it has ended, with the request on a socket as spawn(8) has ' +
          'it: median (p90) and × bare Node of the same version in the same turns. DNS answers at once.',
        columns: ['', ...CASES.map(({ title }) => title)],
        rows,
      },
    ],
  }
}

function timesRow(figures: Figures, cases: readonly Case[], prefix: string): string[] {
  const times = cases.map(({ name }) => `${(figures[`${prefix}/${name}/original/times`] ?? Number.NaN).toFixed(2)} ×`)
  return [TIMES_TITLE, ...times]
}

export async function measureDelays(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const columns = DELAYS_MS.filter(delayMs => delayMs > 0).flatMap(delayMs =>
    UNKNOWN_MAILS.filter(({ name }) => delayMs !== RATIO_ONLY_MS || name === 'good').map(kase => ({ delayMs, kase })),
  )
  for (const { delayMs, kase } of columns) Object.assign(figures, await measureCase(bench, kase, delayMs, 'delays'))
  const rows = bench.contenders
    .filter(({ kind, name }) => kind !== 'bare' && !name.endsWith('-raw'))
    .map(({ title, name, node }) => [
      title,
      ...columns.map(({ delayMs, kase }) => {
        const path = `delays/${delayMs}/${kase.name}/`
        const median = figures[path + name] ?? Number.NaN
        const p90 = figures[`${path}${name}/p90`] ?? Number.NaN
        const beyondMs = median - (figures[`${path}bare-${node}`] ?? Number.NaN)
        const trips = Math.max(0, Math.floor(beyondMs / delayMs))
        const rest = `${trips} × ${delayMs} + ${(beyondMs - trips * delayMs).toFixed(0)}`
        return `${median.toFixed(0)} (${p90.toFixed(0)})${node === undefined ? '' : `: ${rest}`}`
      }),
    ])
  const times = columns.map(({ delayMs, kase }) => figures[`delays/${delayMs}/${kase.name}/original/times`])
  rows.push([TIMES_TITLE, ...times.map(ratio => `${ratio?.toFixed(2)} ×`)])
  return {
    figures,
    tables: [
      {
        name: 'delays',
        title: 'Cold spawn with DNS that takes its time',
        note:
          'The same, each DNS reply so many milliseconds late. Behind the colon: what is beyond bare Node, as round trips ' +
          'and the rest in milliseconds.',
        columns: ['', ...columns.map(({ delayMs, kase }) => `${kase.title}, ${delayMs} ms`)],
        rows,
      },
    ],
  }
}
