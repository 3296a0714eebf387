/**
 * The results of a run: tables for people, figures for scripts, and both as text.
 *
 *   tables.ts → Measured → measure.ts → Results → bench/results.json, renderResults → bench/RESULTS.md
 *                                               → quote.ts → README.md, docs/scale.md
 *   tables.ts → Measured → run.ts, of this project alone: renderTable, and which targets are met
 *
 * A figure has a path-like name, `cold/0/good/ours-20`, in milliseconds unless its table says otherwise; what could not
 * be measured has none. Rendering is pure.
 */
import { renderMarkdown } from '../../testkit/markdown.ts'
import { quantile } from './samples.ts'

export interface Table {
  readonly title: string
  /** What is measured, and how; a paragraph or two. */
  readonly note: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export type Figures = Record<string, number>

/** What a table's module hands over. */
export interface Measured extends Table {
  readonly figures: Figures
  /** What is to hold, in words, and whether it does. */
  readonly targets?: Readonly<Record<string, boolean>>
}

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
  readonly tables: readonly (Table & { readonly name: string })[]
  readonly figures: Figures
}

/** Notes what was measured: the median as `path`, other quantiles as `path/p90`. */
export function note(
  figures: Figures,
  path: string,
  values: readonly number[],
  others: readonly number[] = [90],
): void {
  figures[path] = quantile(values, 0.5)
  for (const percent of others) figures[`${path}/p${percent}`] = quantile(values, percent / 100)
}

/** A figure as text; `NaN` if there is none. */
export function show(figures: Figures, path: string, digits: number): string {
  return (figures[path] ?? Number.NaN).toFixed(digits)
}

/** A table with its title and note, as Markdown. */
export function renderTable(table: Table): string {
  return `## ${table.title}\n\n${wrap(table.note)}\n\n${renderGrid(table)}`
}

/** The table alone. */
export function renderGrid({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  return renderMarkdown([columns, ...rows])
}

export function renderResults({ date, commit, minutes, rounds, machine, versions, tables }: Results): string {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const head = `# Side by side

Written by \`npm run bench\`, which measures all of this again (${minutes} minutes, as root, Debian). Do not edit.

* ${date}, commit ${commit}
* ${machine.cpu}, ${machine.cores} processors, ${machine.memoryGigabytes} GB; Linux ${machine.kernel}, ${machine.distribution}
* ${names.join('; ')}

${wrap(
  `Contenders take turns within each table, ${rounds} rounds unless it says otherwise, so whatever else the machine does ` +
    'meets all of them. All run as users of their own with an empty environment, on a network of nothing but loopback, with ' +
    'the cache on a tmpfs and a log that forgets. This project and the original read the same configuration: four ' +
    'client lists, one list of domains.',
)}
`
  return [head, ...tables.map(renderTable)].join('\n')
}

/** Lines of at most 120 characters. */
function wrap(text: string): string {
  return text.replace(/(?=\S)(.{1,120})(?:\s+|$)/g, '$1\n').trimEnd()
}

/** `'12345.6'` → `'12,345.6'`. */
export function withThousands(figure: string): string {
  return figure.replace(/\d(?=(?:\d{3})+(?:\.|$))/g, digit => `${digit},`)
}
