/**
 * The results of a run: tables for people, figures for scripts.
 *
 *   measure.ts → Results → bench/results.json → report.ts → bench/RESULTS.md
 *                                            → quote.ts → README.md, docs/scale.md
 *
 * A figure has a path-like name, `cold/0/good/ours-20`, in milliseconds unless its table says otherwise; what could not
 * be measured has none.
 */
import type { TableName } from './plan.ts'

export interface Table {
  readonly name: TableName
  readonly title: string
  /** What is measured, and how; a paragraph or two. */
  readonly note: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export type Figures = Record<string, number>

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly kernel: string
  readonly distribution: string
}

export interface Results {
  readonly date: string
  readonly commit: string
  readonly minutes: number
  readonly rounds: number
  readonly machine: Machine
  /** Names of contenders and what exactly ran. */
  readonly versions: Readonly<Record<string, string>>
  readonly tables: readonly Table[]
  readonly figures: Figures
}

/** What a table's module hands over. */
export interface Measured {
  readonly tables: readonly Table[]
  readonly figures: Figures
}
