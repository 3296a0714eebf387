/**
 * What one run of the benchmark is to do, handed by run.ts to measure.ts, which runs in a sandbox.
 */
import type { NodeBinary } from './install.ts'

/** The tables, in the order of the report. */
export const TABLE_NAMES = [
  'cold',
  'delays',
  'warm',
  'daemon',
  'lists',
  'processes',
  'memory',
  'queries',
  'calls',
  'start',
] as const

export type TableName = (typeof TABLE_NAMES)[number]

export interface Plan {
  /** Debian packages and their versions. */
  readonly packages: Readonly<Record<string, string>>
  /** The folder of the executable that is measured. */
  readonly dist: string
  readonly nodes: readonly NodeBinary[]
  /** The compiled C programs, by name. */
  readonly programs: Readonly<Record<'policy-clock' | 'load' | 'dns-server' | 'log-sink', string>>
  /** A folder on a tmpfs, readable by everybody; empty at first. */
  readonly folder: string
  readonly rounds: number
  readonly isQuick: boolean
  readonly tables: readonly TableName[]
  /** Every table with all rounds: only such a run is written to bench/. */
  readonly isWhole: boolean
}
