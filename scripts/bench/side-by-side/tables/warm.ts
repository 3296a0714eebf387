/**
 * Table "warm": many requests on one connection, as of one smtpd(8); the first, which pays for the start, is left out.
 */
import { arrange, type Bench } from '../bench.ts'
import type { Contender } from '../contenders.ts'
import type { DelayMs } from '../fixture.ts'
import { CASES, type Case } from '../requests.ts'
import type { Figures, Measured } from '../results.ts'
import { quantile, type Task, takeTurns } from '../samples.ts'

/** Requests of a process; what needs DNS is slower by far. */
const REQUESTS = { local: 200, remote: 20, late: 3 }

const SITUATIONS = [
  { delayMs: 0, cases: CASES },
  { delayMs: 20, cases: CASES.filter(({ name }) => name === 'good' || name === 'forged') },
] as const

export async function measureWarm(bench: Bench): Promise<Measured> {
  const contenders = bench.contenders.filter(({ kind, name }) => kind !== 'bare' && !name.endsWith('-raw'))
  const figures: Figures = {}
  for (const { delayMs, cases } of SITUATIONS)
    for (const kase of cases) {
      const tasks: Record<string, Task> = {}
      for (const contender of contenders) tasks[contender.name] = await taskOf(bench, contender, kase, delayMs)
      bench.say(`warm: ${kase.title}, ${delayMs} ms a reply`)
      for (const [name, values] of Object.entries(await takeTurns(bench.plan.rounds, tasks))) {
        figures[`warm/${delayMs}/${kase.name}/${name}`] = quantile(values, 0.5)
        figures[`warm/${delayMs}/${kase.name}/${name}/p90`] = quantile(values, 0.9)
        figures[`warm/${delayMs}/${kase.name}/${name}/p99`] = quantile(values, 0.99)
      }
    }
  const columns = SITUATIONS.flatMap(({ delayMs, cases }) => cases.map(kase => ({ delayMs, kase })))
  return {
    figures,
    tables: [
      {
        name: 'warm',
        title: 'Warm connection: one request behind the other',
        note:
          `Milliseconds from sending a request until its answer is complete: p50 / p90 / p99 of ${bench.plan.rounds} ` +
          `processes with ${REQUESTS.local} requests each (good and forged mail: ${REQUESTS.remote} and ${REQUESTS.late}), without the first of each.`,
        columns: [
          '',
          ...columns.map(({ delayMs, kase }) => kase.title + (delayMs > 0 ? `, ${delayMs} ms a reply` : '')),
        ],
        rows: contenders.map(({ title, name }) => [
          title,
          ...columns.map(({ delayMs, kase }) =>
            ['', '/p90', '/p99']
              .map(suffix => (figures[`warm/${delayMs}/${kase.name}/${name}${suffix}`] ?? Number.NaN).toFixed(3))
              .join(' / '),
          ),
        ]),
      },
    ],
  }
}

async function taskOf(bench: Bench, contender: Contender, kase: Case, delayMs: DelayMs): Promise<Task> {
  const command = await arrange(bench, contender, kase, { delayMs })
  const { template, expected, name } = kase
  const isRemote = name === 'good' || name === 'forged'
  const requests = delayMs > 0 ? REQUESTS.late : isRemote ? REQUESTS.remote : REQUESTS.local
  const go = { command, template, requests, expected, mayFail: contender.kind === 'original' }
  return async () => (await bench.clock.run(go)).latenciesMs.slice(1)
}
