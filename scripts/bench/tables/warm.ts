/**
 * Table "warm": many requests on one connection, as of one smtpd(8); the first, which pays for the start, is left out.
 */
import { type Bench, entrantsOf, race } from '../bench.ts'
import { CASES, UNKNOWN_MAILS } from '../requests.ts'
import { type Figures, type Measured, note, show } from '../results.ts'

/** Requests of a process; what needs DNS is slower by far. */
const REQUESTS = { local: 200, remote: 20, late: 3 }

const SITUATIONS = [
  ...CASES.map(
    kase => ({ kase, delayMs: 0, requests: UNKNOWN_MAILS.includes(kase) ? REQUESTS.remote : REQUESTS.local }) as const,
  ),
  ...UNKNOWN_MAILS.map(kase => ({ kase, delayMs: 20, requests: REQUESTS.late }) as const),
]

export async function measureWarm(bench: Bench): Promise<Measured> {
  const contenders = bench.contenders.filter(({ kind, name }) => kind !== 'bare' && !name.endsWith('-raw'))
  const figures: Figures = {}
  for (const { kase, delayMs, requests } of SITUATIONS) {
    const samples = await race(bench, kase, delayMs, entrantsOf(contenders), { requests, of: 'answers' })
    for (const [name, values] of Object.entries(samples))
      note(figures, `warm/${delayMs}/${kase.name}/${name}`, values, [90, 99])
  }
  return {
    figures,
    title: 'Warm connection: one request behind the other',
    note:
      `Milliseconds from sending a request until its answer is complete: p50 / p90 / p99 of ${bench.plan.rounds} ` +
      `processes with ${REQUESTS.local} requests each (good and forged mail: ${REQUESTS.remote} and ${REQUESTS.late}), without the first of each.`,
    columns: [
      '',
      ...SITUATIONS.map(({ kase, delayMs }) => kase.title + (delayMs > 0 ? `, ${delayMs} ms a reply` : '')),
    ],
    rows: contenders.map(({ title, name }) => [
      title,
      ...SITUATIONS.map(({ kase, delayMs }) =>
        ['', '/p90', '/p99']
          .map(suffix => show(figures, `warm/${delayMs}/${kase.name}/${name}${suffix}`, 3))
          .join(' / '),
      ),
    ]),
  }
}
