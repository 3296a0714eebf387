/**
 * Tables "lists" and "processes": what more of either costs.
 */
import { arrange, type Bench, contenderOf } from '../bench.ts'
import type { DelayMs } from '../fixture.ts'
import { type Case, GOOD_CASE, HAM_HIT } from '../requests.ts'
import type { Figures, Measured } from '../results.ts'
import { summarize, type Task, takeTurns } from '../samples.ts'

const LISTS = [1, 4, 16, 64] as const
const PROCESSES = [1, 4, 16, 64] as const
const GROWTH_DELAYS_MS = [0, 20] as const satisfies readonly DelayMs[]

/** The spawned contenders on the Node of this project's lowest version. */
function competitorsOf({ contenders }: Bench): string[] {
  return [`ours-${contenders[0]?.node}`, 'original']
}

export async function measureLists(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const names = competitorsOf(bench)
  for (const delayMs of GROWTH_DELAYS_MS)
    for (const name of names) {
      const tasks: Record<string, Task> = {}
      for (const lists of LISTS) {
        const contender = contenderOf(bench, name)
        const command = await arrange(bench, contender, GOOD_CASE, { delayMs, lists })
        const { template, expected } = GOOD_CASE
        const go = { command, template, requests: 1, expected, mayFail: contender.kind === 'original' }
        tasks[lists] = async () => (await bench.clock.run(go)).elapsedMs
      }
      bench.say(`lists: ${name}, ${delayMs} ms a reply`)
      for (const [lists, values] of Object.entries(await takeTurns(bench.plan.rounds, tasks))) {
        const { median, p90 } = summarize(values)
        figures[`lists/${delayMs}/${lists}/${name}`] = median
        figures[`lists/${delayMs}/${lists}/${name}/p90`] = p90
      }
    }
  const rows = GROWTH_DELAYS_MS.flatMap(delayMs =>
    names.map(name => {
      const of = (lists: number): number => figures[`lists/${delayMs}/${lists}/${name}`] ?? Number.NaN
      const growth = of(64) / of(4)
      figures[`lists/${delayMs}/growth/${name}`] = growth
      return [
        `${contenderOf(bench, name).title}, ${delayMs} ms a reply`,
        ...LISTS.map(
          lists => `${of(lists).toFixed(1)} (${figures[`lists/${delayMs}/${lists}/${name}/p90`]?.toFixed(1)})`,
        ),
        `${((growth - 1) * 100).toFixed(0)} %`,
      ]
    }),
  )
  return {
    figures,
    tables: [
      {
        name: 'lists',
        title: 'More lists',
        note: 'Good mail, cold spawn: milliseconds, median (p90), with so many client lists. Last: what 64 cost beyond 4.',
        columns: ['', ...LISTS.map(lists => `${lists} ${lists === 1 ? 'list' : 'lists'}`), '64 beyond 4'],
        rows,
      },
    ],
  }
}

export async function measureProcesses(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const names = [`bare-${bench.contenders[0]?.node}`, ...competitorsOf(bench)]
  const situations: readonly { readonly kase: Case; readonly delayMs: DelayMs }[] = [
    { kase: HAM_HIT, delayMs: 0 },
    { kase: GOOD_CASE, delayMs: 20 },
  ]
  for (const { kase, delayMs } of situations)
    for (const processes of PROCESSES) {
      const tasks: Record<string, Task> = {}
      for (const name of names) {
        const contender = contenderOf(bench, name)
        const command = await arrange(bench, contender, kase, { delayMs })
        const { template, expected } = kase
        const requests = contender.kind === 'bare' ? 0 : 1
        const go = { command, template, processes, requests, expected, mayFail: contender.kind === 'original' }
        tasks[name] = async () => (await bench.clock.run(go)).elapsedMs
      }
      bench.say(`processes: ${processes} at once, ${kase.title}, ${delayMs} ms a reply`)
      const rounds = Math.max(3, Math.ceil(bench.plan.rounds / Math.sqrt(processes)))
      for (const [name, values] of Object.entries(await takeTurns(rounds, tasks))) {
        const path = `processes/${kase.name}/${processes}/${name}`
        const { median, p90 } = summarize(values)
        figures[path] = median
        figures[`${path}/p90`] = p90
        // All start at once, so the last one's time is that of all.
        const lastOfEach = Array.from({ length: rounds }, (_, round) =>
          Math.max(...values.slice(round * processes, (round + 1) * processes)),
        )
        figures[`${path}/each`] = summarize(lastOfEach).median / processes
      }
    }
  const rows = situations.flatMap(({ kase, delayMs }) =>
    names.map(name => [
      `${contenderOf(bench, name).title}${name.startsWith('bare') ? '' : `: ${kase.title}, ${delayMs} ms a reply`}`,
      ...PROCESSES.map(processes => {
        const path = `processes/${kase.name}/${processes}/${name}`
        const of = (suffix: string): string => (figures[path + suffix] ?? Number.NaN).toFixed(1)
        return `${of('')} (${of('/p90')}), ${of('/each')} each`
      }),
    ]),
  )
  return {
    figures,
    tables: [
      {
        name: 'processes',
        title: 'More processes at once',
        note:
          'So many started at the same moment: milliseconds until one has ended, median (p90), and until the last one has ' +
          'ended, divided by their number.',
        columns: ['', ...PROCESSES.map(String)],
        rows,
      },
    ],
  }
}
