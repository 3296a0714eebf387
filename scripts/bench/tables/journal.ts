/**
 * Table "journal", of this project alone: what it costs that every decision can be looked up and excepted, with what is aimed at.
 *
 * A journal, references, expanded texts and a file of exceptions, beside none of them, by turns: a process for one mail, known or
 * looked up, from its start to its answer, for which the mail waits, and to its end; and answers of the daemon to a client that is
 * known.
 */
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startDaemon } from '../../../testkit/daemon-process.ts'
import { freePort } from '../../../testkit/free-port.ts'
import { type Parameters, requestBytes, runPolicyProcess } from '../../../testkit/policy-process.ts'
import { attributesOf, GOOD_MAIL } from '../../../testkit/demo-mails.ts'
import { waitFor } from '../../../testkit/wait-for.ts'
import { type Bench, contenderOf } from '../bench.ts'
import type { Go } from '../clock.ts'
import { keepConfiguration, writeConfiguration } from '../configurations.ts'
import { type Case, caseOf, HAM_HIT } from '../requests.ts'
import { type Figures, type Measured, note, show } from '../results.ts'
import { median, takeTurns, type Task } from '../samples.ts'
import { readLoad } from './daemon.ts'

const SETS = ['none', 'all'] as const
const CASES = ['ham-hit', 'good'] as const
const CONNECTIONS = 64
const ROUNDS = 5
const SECONDS = { warmUp: 1, measured: 1.5 }
/** Of an answer with all of it, and of the daemon's rate, beside none. */
const MOST_OF_ANSWER = 1.03
const LEAST_OF_RATE = 0.75

export async function measureJournal(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const targets: Record<string, boolean> = {}
  for (const name of CASES) {
    const tasks: Record<string, Task> = {}
    const lives: Record<string, number[]> = { none: [], all: [] }
    for (const set of SETS) {
      const go = await arrange(bench, set, caseOf(name))
      tasks[set] = async () => {
        const { elapsedMs, latenciesMs } = await bench.clock.run(go)
        lives[set]?.push(...elapsedMs)
        return latenciesMs
      }
    }
    bench.say(`${name}: without and with all of it`)
    const answers = await takeTurns(bench.plan.rounds, tasks)
    for (const [what, samples] of [
      ['answer', answers],
      ['life', lives],
    ] as const) {
      for (const set of SETS) note(figures, `journal/${name}/${what}/${set}`, samples[set] ?? [])
      figures[`journal/${name}/${what}/ratio`] = median(samples.all ?? []) / median(samples.none ?? [])
    }
    const ratio = figures[`journal/${name}/answer/ratio`] ?? Number.NaN
    targets[`a process to its answer, ${name}: at most ${MOST_OF_ANSWER} ×`] = ratio <= MOST_OF_ANSWER
  }
  const rates = await measureRates(bench)
  for (const set of SETS) figures[`journal/daemon/${set}`] = median(rates.get(set) ?? [])
  const share = (figures['journal/daemon/all'] ?? Number.NaN) / (figures['journal/daemon/none'] ?? Number.NaN)
  figures['journal/daemon/share'] = share
  targets[`the daemon, a known client: at least ${LEAST_OF_RATE} ×`] = share >= LEAST_OF_RATE
  return {
    figures,
    targets,
    title: 'What journal, references, texts and exceptions cost',
    note: `Milliseconds of a process for one mail, from its start to its answer and to its end, medians, and answers of the daemon a second to a known client, at ${CONNECTIONS} connections.`,
    columns: ['', ...CASES.flatMap(name => [`${name}, answer`, 'end']), 'daemon'],
    rows: [
      ...SETS.map(set => [set, ...shown(figures, `/${set}`, 1), show(figures, `journal/daemon/${set}`, 0)]),
      ['all / none', ...shown(figures, '/ratio', 3), share.toFixed(2)],
    ],
  }
}

function shown(figures: Figures, path: string, digits: number): string[] {
  return CASES.flatMap(name => ['answer', 'life'].map(what => show(figures, `journal/${name}/${what}${path}`, digits)))
}

/** The parameters of a set, over files in a folder of the service's. */
function parametersOf(folder: string, set: (typeof SETS)[number]): Parameters {
  if (set === 'none') return { EXCEPTIONS: join(folder, 'no-exceptions') }
  const exceptions = join(folder, 'exceptions')
  writeFileSync(exceptions, '192.0.2.128/25 SKIP\n.partner.example ACCEPT\nsender:.partner.example ACCEPT\n')
  return { JOURNAL: join(folder, 'journal'), ADD_REFERENCE: 1, EXPAND_TEXTS: 1, EXCEPTIONS: exceptions }
}

async function arrange(
  bench: Bench,
  set: (typeof SETS)[number],
  { name, cached, template, expected }: Case,
): Promise<Go> {
  const { plan, fixture, clock, user } = bench
  const folder = join(plan.folder, `journal-${name}-${set}`)
  const own = join(folder, 'own')
  mkdirSync(own, { recursive: true, mode: 0o755 })
  if (user) chownSync(own, user.uid, user.gid)
  const file = writeConfiguration(folder, user, {
    nameServer: fixture.nameServer(0),
    cached,
    lists: 4,
    isFull: true,
    more: { LOGFILE: join(plan.folder, 'log'), ...parametersOf(own, set) },
  })
  const go = { command: contenderOf(bench, 'ours').command(file), template, requests: 1, expected }
  await keepConfiguration(go.command)
  // What is made of the exceptions is kept behind the first mail for which they are looked at.
  await runPolicyProcess(go.command, requestBytes({ ...attributesOf(GOOD_MAIL), client_address: '192.0.2.200' }))
  await waitFor(`${set} knows`, async () => {
    const { answers } = await clock.run({ ...go, expected: 'action=' })
    return answers[0]?.includes(expected) === true
  })
  return go
}

/** Answers a second, by set. */
async function measureRates(bench: Bench): Promise<ReadonlyMap<string, number[]>> {
  chmodSync(bench.plan.folder, 0o755)
  const template = join(bench.plan.folder, 'known')
  writeFileSync(template, HAM_HIT.template)
  const rates = new Map<string, number[]>()
  let asked = 0
  for (let round = 0; round < ROUNDS; round++)
    for (const set of round % 2 === 0 ? SETS : SETS.toReversed()) {
      const port = await freePort()
      const folder = mkdtempSync(join(bench.plan.folder, `daemon-${set}-`))
      const daemon = await startDaemon(folder, {
        NS: bench.fixture.nameServer(0),
        TCP_PORT: port,
        SOMAXCONN: 2048,
        TEMP_PTIME: 0,
        PTTL: 1_000_000,
        ...parametersOf(folder, set),
      })
      const load = async (expected: string, warmUp: number, measured: number) => {
        const args = [port, CONNECTIONS, warmUp, measured, ++asked * 1_000_003, template, expected]
        const { stdout } = await promisify(execFile)(bench.plan.programs.load, args.map(String))
        return readLoad(stdout, warmUp, measured)
      }
      try {
        // Known from the next second on.
        await load('action=', 1.2, 0.1)
        const { perSecond, unexpected, sample } = await load(HAM_HIT.expected, SECONDS.warmUp, SECONDS.measured)
        if (unexpected > 0) throw new Error(`${set}: ${unexpected} other answers: ${sample}`)
        rates.set(set, [...(rates.get(set) ?? []), perSecond])
        bench.say(`daemon, ${set}: ${perSecond.toFixed(0)} answers a second`)
      } finally {
        await daemon.stop()
      }
    }
  return rates
}
