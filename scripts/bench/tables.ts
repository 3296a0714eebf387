/**
 * The tables there are: side by side with the peers, in the order of the report, and those of this project alone, each of which
 * has a command.
 */
import { type Bench, onOwnBench } from './bench.ts'
import type { Measured } from './results.ts'
import { measureCold, measureDelays, measureSpawn } from './tables/cold.ts'
import { measureCalls, measureQueries, measureStart } from './tables/counts.ts'
import { measureDaemons } from './tables/daemon.ts'
import { measureExceptions } from './tables/exceptions.ts'
import { measureLists, measureProcesses } from './tables/growth.ts'
import { measureJournal } from './tables/journal.ts'
import { measureMemory, measureOwnMemory } from './tables/memory.ts'
import { measureProfiles } from './tables/profiles.ts'
import { measurePostfix } from './tables/postfix.ts'
import { measureSilence } from './tables/silence.ts'
import { measureWarm } from './tables/warm.ts'

export const SIDE_BY_SIDE = {
  cold: measureCold,
  delays: measureDelays,
  warm: measureWarm,
  daemon: measureDaemons,
  lists: measureLists,
  processes: measureProcesses,
  memory: measureMemory,
  queries: measureQueries,
  calls: measureCalls,
  start: measureStart,
} as const satisfies Readonly<Record<string, (bench: Bench) => Promise<Measured>>>

export type TableName = keyof typeof SIDE_BY_SIDE

export const TABLE_NAMES = Object.keys(SIDE_BY_SIDE) as TableName[]

/** With the options of its command, as run.ts has them. */
type OwnMeasure = (options: {
  readonly rounds: number | undefined
  readonly dist: string
  readonly mails: number
  readonly maxUse: string | undefined
}) => Promise<Measured>

export const OWN: ReadonlyMap<string, OwnMeasure> = new Map<string, OwnMeasure>([
  ['spawn', ({ rounds = 40, dist }) => onOwnBench(rounds, dist, measureSpawn)],
  ['profiles', ({ rounds = 40, dist }) => onOwnBench(rounds, dist, measureProfiles)],
  ['journal', ({ rounds = 40, dist }) => onOwnBench(rounds, dist, measureJournal)],
  ['exceptions', ({ rounds = 40, dist }) => onOwnBench(rounds, dist, measureExceptions)],
  ['memory', ({ dist }) => onOwnBench(1, dist, measureOwnMemory)],
  ['silence', ({ rounds = 5, dist }) => onOwnBench(rounds, dist, measureSilence)],
  ['postfix', ({ rounds = 11, mails, maxUse }) => measurePostfix(rounds, mails, maxUse)],
])
