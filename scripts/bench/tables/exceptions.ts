/**
 * Table "exceptions", of this project alone: what a file of ten thousand exceptions costs a mail that is none of them, with what is
 * aimed at.
 *
 * A client that is known as good: a process for one mail, from its start to its end, and the answers of a process that lives on. With and
 * without the file they take turns. What was compiled of the file is kept, as behind the first answer. Each kind of WHO is among them, so
 * that everything is looked for; the client is in none of the networks.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from '../../../testkit/wait-for.ts'
import { type Bench, contenderOf } from '../bench.ts'
import { keepConfiguration, writeConfiguration } from '../configurations.ts'
import { HAM_HIT } from '../requests.ts'
import { type Figures, type Measured, note } from '../results.ts'
import { median, quantile, takeTurns, type Task } from '../samples.ts'

const LINES = 10_000
const FILES = ['none', 'all'] as const
/** Mails of a process that lives on. */
const REQUESTS = 400
/** Milliseconds. */
const START_MAY_COST = 0.5
const ANSWER_MAY_COST = 0.02

export async function measureExceptions(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const starts: Record<string, Task> = {}
  const answers: Record<string, Task> = {}
  for (const file of FILES) {
    const go = await arrange(bench, file)
    starts[file] = async () => (await bench.clock.run({ ...go, requests: 1 })).elapsedMs
    // The second half, when what is often called is compiled.
    answers[file] = async () => (await bench.clock.run({ ...go, requests: REQUESTS })).latenciesMs.slice(REQUESTS / 2)
  }
  bench.say(`a start and an answer, without exceptions and with ${LINES}`)
  const [start, answer] = [await takeTurns(bench.plan.rounds, starts), await takeTurns(bench.plan.rounds, answers)]
  for (const file of FILES) {
    note(figures, `exceptions/start/${file}`, start[file] ?? [])
    note(figures, `exceptions/answer/${file}`, answer[file] ?? [])
  }
  // Of starts the quickest tenth: a machine that does other work makes them take twice as long, now and then.
  const startOf = (file: string): number => quantile(start[file] ?? [], 0.1)
  const answerOf = (file: string): number => median(answer[file] ?? [])
  const moreOfStart = startOf('all') - startOf('none')
  const moreOfAnswer = answerOf('all') - answerOf('none')
  return {
    figures,
    targets: {
      [`a start: at most ${START_MAY_COST} ms more`]: moreOfStart <= START_MAY_COST,
      [`an answer: at most ${1000 * ANSWER_MAY_COST} µs more`]: moreOfAnswer <= ANSWER_MAY_COST,
    },
    title: `${LINES} exceptions`,
    note: 'Milliseconds, of a client that is known as good: a process for one mail (10th percentile), and an answer of a process that lives on (median). Ratios within one run.',
    columns: ['exceptions', 'a process', 'an answer'],
    rows: [
      ...FILES.map(file => [file, startOf(file).toFixed(2), answerOf(file).toFixed(3)]),
      ['more', moreOfStart.toFixed(2), moreOfAnswer.toFixed(3)],
    ],
  }
}

async function arrange(bench: Bench, file: (typeof FILES)[number]) {
  const { plan, fixture, clock, user } = bench
  const folder = join(plan.folder, `exceptions-${file}`)
  const exceptions = join(plan.folder, `exceptions-${file}.list`)
  const path = writeConfiguration(folder, user, {
    nameServer: fixture.nameServer(0),
    cached: true,
    lists: 4,
    isFull: true,
    more: { EXCEPTIONS: exceptions, LOGFILE: join(plan.folder, 'log') },
  })
  if (file === 'all') writeFileSync(exceptions, textOf(LINES), { mode: 0o644 })
  const { template, expected } = HAM_HIT
  const go = { command: contenderOf(bench, 'ours').command(path), template, requests: 1, expected }
  await keepConfiguration(go.command)
  await waitFor(`${file}: ${HAM_HIT.title}`, async () => {
    const { answers } = await clock.run({ ...go, expected: 'action=' })
    return answers[0]?.includes(expected) === true
  })
  return go
}

/** So many lines: networks of both kinds, and names of all. */
function textOf(count: number): string {
  const lineOf = (index: number): string => {
    const [high, low] = [index >> 8, index & 255]
    const kinds = [
      `10.${high}.${low}.0/24 ACCEPT # ticket ${index}`,
      `172.${16 + (high & 15)}.${low}.${(index * 8) & 248}/29 ACCEPT`,
      `2001:db8:${index.toString(16)}::/48 ACCEPT until=9999-12-31`,
      `mail${index}.example.com ACCEPT`,
      `.domain${index}.example ACCEPT # a domain`,
      `helo:friend${index}.example.com ACCEPT`,
      `recipient:user${index}@example.com DRY`,
      `recipient:.department${index}.example.com DRY`,
      `sender:user${index}@partner.example ACCEPT`,
      `sender:.partner${index}.example ACCEPT`,
    ]
    return kinds[index % kinds.length] as string
  }
  return `${Array.from({ length: count }, (_, index) => lineOf(index)).join('\n')}\n`
}
