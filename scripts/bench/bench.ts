/**
 * The bench: contenders, what they meet, and a clock; what every table's module is given.
 *
 *   measure.ts, in the sandbox → openBench(plan) → Bench ─┐
 *   run.ts, check-budgets.ts → onOwnBench(…, work) ───────┴→ race(bench, kase, delayMs, entrants) → samples of each
 *
 * Outside of the sandbox there are but bare Node and this project, on the Node that runs this, as the calling user, with name
 * servers on another port than 53 and a log of their own: that takes neither root nor any package but a C compiler.
 *
 * Failure: what cannot be started or does not answer as it has to is an error.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from '../../testkit/wait-for.ts'
import { Clock, type Go } from './clock.ts'
import type { Profile } from '../../src/config/profile.ts'
import { keepConfiguration, type User, writeConfiguration } from './configurations.ts'
import { type Contender, makeContenders, userOf } from './contenders.ts'
import { type DelayMs, type Fixture, startFixture } from './fixture.ts'
import { compilePrograms, type NodeBinary, type Programs } from './install.ts'
import type { Case } from './requests.ts'
import { type Task, takeTurns } from './samples.ts'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
export const RESULTS_FILE = join(ROOT, 'bench', 'results.json')

export interface Plan {
  /** Whether everything is there for the peers, too: packages, root, a network of its own. */
  readonly isSandbox: boolean
  readonly nodes: readonly NodeBinary[]
  readonly programs: Programs
  /** The folder of the executable that is measured. */
  readonly dist: string
  /** A folder on a tmpfs, readable by everybody; empty at first. */
  readonly folder: string
  readonly rounds: number
  readonly isQuick: boolean
}

export interface Bench {
  readonly plan: Plan
  readonly fixture: Fixture
  readonly contenders: readonly Contender[]
  readonly clock: Clock
  /** As whom contenders run; undefined: as who runs this. */
  readonly user: User | undefined
  /** Progress, on standard error. */
  say(text: string): void
}

export async function openBench(plan: Plan): Promise<Bench> {
  const startMs = performance.now()
  const user = plan.isSandbox ? userOf('polw') : undefined
  return {
    plan,
    user,
    fixture: await startFixture(plan),
    contenders: makeContenders(plan),
    clock: new Clock(plan, user),
    say: text => {
      const seconds = Math.round((performance.now() - startMs) / 1000)
      process.stderr.write(`${String(seconds).padStart(5)} s  ${text}\n`)
    },
  }
}

/** Does something with a bench of this project alone; whatever was made for it is removed. */
export async function onOwnBench<T>(rounds: number, dist: string, work: (bench: Bench) => Promise<T>): Promise<T> {
  // What is remembered lies on a tmpfs, as in /run.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'policyd-weight-bench-'))
  let bench: Bench | undefined
  try {
    const own = {
      path: process.execPath,
      version: process.version,
      major: Number.parseInt(process.version.slice(1), 10),
    }
    const plan = {
      isSandbox: false,
      nodes: [own],
      programs: compilePrograms(folder),
      dist,
      folder,
      rounds,
      isQuick: false,
    }
    bench = await openBench(plan)
    return await work(bench)
  } finally {
    bench?.fixture.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Bare Node, this project or the original, on the lowest Node there is: `contenderOf(bench, 'ours')`. */
export function contenderOf({ contenders }: Bench, kind: Contender['kind']): Contender {
  const found = contenders.find(contender => contender.kind === kind)
  if (!found) throw new Error(`${kind} is not among the contenders`)
  return found
}

/**
 * Configures a contender for a case, once for each delay and number of client lists, and lets it learn what the case takes for
 * known. Returns what the clock is to do, once.
 */
export async function arrange(
  { plan, fixture, clock, user }: Bench,
  contender: Contender,
  { name, title, cached, template, expected }: Case,
  delayMs: DelayMs = 0,
  lists = 4,
  profile: Profile = 'classic',
): Promise<Go> {
  const { kind, command } = contender
  if (kind === 'bare') return { command: command(''), template, requests: 0, expected }
  const folder = join(plan.folder, `${contender.name}-${cached ? name : 'unknown'}-${delayMs}-${lists}-${profile}`)
  const isFull = kind === 'ours'
  const more = plan.isSandbox ? {} : { LOGFILE: join(plan.folder, 'log') }
  const file = writeConfiguration(folder, user, {
    nameServer: fixture.nameServer(delayMs),
    cached,
    lists,
    isFull,
    profile,
    more,
  })
  const go = { command: command(file), template, requests: 1, expected, mayFail: kind === 'original' }
  // By root, as `prepare` would.
  if (isFull) await keepConfiguration(go.command)
  // What was learnt counts from the next second on; the original starts a process for its cache here.
  await waitFor(`${contender.name} knows: ${title}`, async () => {
    const { answers } = await clock.run({ ...go, expected: 'action=', mayFail: false })
    return answers[0]?.includes(expected) === true
  })
  return go
}

/** One that takes part in a race, under a name of its own. */
export interface Entrant {
  readonly key: string
  readonly contender: Contender
  readonly lists?: number
  readonly profile?: Profile
}

export interface Race {
  readonly rounds?: number
  /** So many processes at once, so many requests for each. */
  readonly processes?: number
  readonly requests?: number
  /** What is measured: the life of a process, or each answer but the first, which pays for the start. */
  readonly of?: 'life' | 'answers'
}

/** Lets contenders take turns at a case; their milliseconds, by key. */
export async function race(
  bench: Bench,
  kase: Case,
  delayMs: DelayMs,
  entrants: readonly Entrant[],
  { rounds = bench.plan.rounds, of = 'life', ...how }: Race = {},
): Promise<Record<string, number[]>> {
  const tasks: Record<string, Task> = {}
  for (const { key, contender, lists, profile } of entrants) {
    const go = await arrange(bench, contender, kase, delayMs, lists, profile)
    const requests = go.requests === 0 ? 0 : (how.requests ?? 1)
    tasks[key] = async () => {
      const { elapsedMs, latenciesMs } = await bench.clock.run({ ...go, ...how, requests })
      return of === 'life' ? elapsedMs : latenciesMs.slice(1)
    }
  }
  bench.say(`${kase.title}, ${delayMs} ms a reply: ${Object.keys(tasks).join(', ')}`)
  return takeTurns(rounds, tasks)
}

export function entrantsOf(contenders: readonly Contender[]): Entrant[] {
  return contenders.map(contender => ({ key: contender.name, contender }))
}
