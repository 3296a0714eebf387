/**
 * Tables "lists" and "processes": what more of either costs.
 */
import { type Bench, contenderOf, entrantsOf, race } from '../bench.ts'
import { GOOD_CASE, HAM_HIT } from '../requests.ts'
import { type Figures, type Measured, note, show } from '../results.ts'
import { median } from '../samples.ts'

const LISTS = [1, 4, 16, 64] as const
const PROCESSES = [1, 4, 16, 64] as const

export async function measureLists(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const rows: string[][] = []
  for (const delayMs of [0, 20] as const)
    for (const contender of [contenderOf(bench, 'ours'), contenderOf(bench, 'original')]) {
      const { name, title } = contender
      const path = (lists: string | number): string => `lists/${delayMs}/${lists}/${name}`
      const entrants = LISTS.map(lists => ({ key: String(lists), contender, lists }))
      for (const [lists, values] of Object.entries(await race(bench, GOOD_CASE, delayMs, entrants)))
        note(figures, path(lists), values)
      const growth = (figures[path(64)] ?? Number.NaN) / (figures[path(4)] ?? Number.NaN)
      figures[path('growth')] = growth
      rows.push([
        `${title}, ${delayMs} ms a reply`,
        ...LISTS.map(lists => `${show(figures, path(lists), 1)} (${show(figures, `${path(lists)}/p90`, 1)})`),
        `${((growth - 1) * 100).toFixed(0)} %`,
      ])
    }
  return {
    figures,
    title: 'More lists',
    note: 'Good mail, cold spawn: milliseconds, median (p90), with so many client lists. Last: what 64 cost beyond 4.',
    columns: ['', ...LISTS.map(lists => `${lists} ${lists === 1 ? 'list' : 'lists'}`), '64 beyond 4'],
    rows,
  }
}

export async function measureProcesses(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const rows: string[][] = []
  const contenders = (['bare', 'ours', 'original'] as const).map(kind => contenderOf(bench, kind))
  for (const { kase, delayMs } of [
    { kase: HAM_HIT, delayMs: 0 },
    { kase: GOOD_CASE, delayMs: 20 },
  ] as const) {
    for (const processes of PROCESSES) {
      const rounds = Math.max(3, Math.ceil(bench.plan.rounds / Math.sqrt(processes)))
      const samples = await race(bench, kase, delayMs, entrantsOf(contenders), { rounds, processes })
      for (const [name, values] of Object.entries(samples)) {
        const path = `processes/${kase.name}/${processes}/${name}`
        note(figures, path, values)
        // All start at once, so the last one's time is that of all.
        const lastOfEach = Array.from({ length: rounds }, (_, round) =>
          Math.max(...values.slice(round * processes, (round + 1) * processes)),
        )
        figures[`${path}/each`] = median(lastOfEach) / processes
      }
    }
    for (const { kind, title, name } of contenders)
      rows.push([
        `${title}${kind === 'bare' ? '' : `: ${kase.title}, ${delayMs} ms a reply`}`,
        ...PROCESSES.map(processes => {
          const of = (suffix: string): string =>
            show(figures, `processes/${kase.name}/${processes}/${name}${suffix}`, 1)
          return `${of('')} (${of('/p90')}), ${of('/each')} each`
        }),
      ])
  }
  return {
    figures,
    title: 'More processes at once',
    note:
      'So many started at the same moment: milliseconds until one has ended, median (p90), and until the last one has ' +
      'ended, divided by their number.',
    columns: ['', ...PROCESSES.map(String)],
    rows,
  }
}
