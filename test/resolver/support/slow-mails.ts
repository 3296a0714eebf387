/**
 * The promise to other people while somebody's mails are slow, tried on a service: before there is any, then with the slow
 * mails from one address, then from 200.
 *
 * The parts follow at once, so the resolver still works on what the one before has left. unbound works on a question
 * for 35 s and more after its client has given up, and drops questions of an address that waits for 1000 answers: so each
 * part lasts long enough for such questions to pile up.
 *
 * Each part prints a table: mails by verdict, and what unbound counted meanwhile.
 */
import type { Test } from 'tap'
import { type OtherMails, SlowMails, sendOthers, type Tally, VERDICTS } from './attack.ts'
import type { Origin } from './mails.ts'
import type { Service } from './service.ts'
import type { Site } from './site.ts'

/** Processes or connections that are ready before it begins: one for each slow mail, and some for the others. */
const READY = 220

/** What is sent meanwhile, and how many good mails are among it. */
interface Part {
  readonly title: string
  /** Undefined: no slow mails yet. */
  readonly origin: Origin | undefined
  readonly others: OtherMails
  readonly wantGood: number
}

const PARTS: readonly Part[] = [
  { title: 'no slow mails', origin: undefined, others: { first: 200, listed: 10, overMs: 500 }, wantGood: 2 },
  {
    title: 'slow mails from one address',
    origin: 'one address',
    others: { first: 0, listed: 100, overMs: 27_000 },
    wantGood: 20,
  },
  {
    title: 'slow mails from 200 addresses',
    origin: '200 addresses',
    others: { first: 100, listed: 100, overMs: 27_000 },
    wantGood: 20,
  },
]

/** unbound's counters, in the order they are printed. Those of a part are the difference between its ends. */
const COUNTERS = {
  questions: 'total.num.queries',
  dropped: 'total.requestlist.exceeded',
  'jostled out': 'total.requestlist.overwritten',
}

/** Tries all parts; the service is stopped with the test. `name` stands in front of the tables. */
export async function trySlowMails(t: Test, name: string, { unbound }: Site, service: Service): Promise<void> {
  const slow = new SlowMails(service)
  t.teardown(async () => {
    slow.stop()
    await service.stop()
  })
  await service.open(READY)
  for (const { title, origin, others, wantGood } of PARTS) {
    if (origin) slow.comeFrom(origin)
    const [statistics, answered] = [unbound.statistics(), { ...slow.answered }]
    const { listed, good, surprises, longestMs } = await sendOthers(service, others)
    const slowAnswered = { ...slow.answered }
    for (const verdict of VERDICTS) slowAnswered[verdict] -= answered[verdict]
    t.comment(
      [
        ...tableOf(`${name}, ${title}`, { listed, good, slow: slowAnswered }),
        `  the longest wait of listed and good mails: ${(longestMs / 1000).toFixed(1)} s`,
        `  ${counted(statistics, unbound.statistics())}`,
      ].join('\n'),
    )
    t.equal(listed.unscored, 0, `${title}: no listed mail passes unscored`)
    t.equal(listed.accepted + listed.none, 0, `${title}: none is accepted or without an answer`)
    t.ok(listed.rejected >= 0.9 * others.listed, `${title}: nearly every one is rejected at once`)
    t.equal(good.rejected + good.unscored + good.none, 0, `${title}: no good mail is refused or without an answer`)
    // A busy machine alone keeps unbound from answering some.
    t.ok(good.accepted >= 0.75 * wantGood, `${title}: good mails are accepted, as scored`)
    if (surprises.length > 0) t.comment(`  other answers: ${surprises.join(' | ')}`)
  }
}

function tableOf(title: string, tallies: Readonly<Record<string, Tally>>): string[] {
  const row = (first: string, cells: readonly (string | number)[]): string =>
    first.padEnd(48) + cells.map(cell => String(cell).padStart(10)).join('')
  return [
    row(title, VERDICTS),
    ...Object.entries(tallies).map(([kind, tally]) =>
      row(
        `  ${kind}`,
        VERDICTS.map(verdict => tally[verdict]),
      ),
    ),
  ]
}

function counted(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): string {
  const counts = Object.entries(COUNTERS).map(
    ([what, counter]) => `${(after[counter] ?? 0) - (before[counter] ?? 0)} ${what}`,
  )
  const { 'total.requestlist.current.user': waiting = 0, 'total.requestlist.max': most = 0 } = after
  return `unbound: ${counts.join(', ')}; ${waiting} answers waited for in the end, at most ${most} questions at once`
}
