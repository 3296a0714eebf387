/**
 * Results as a page for people: results.ts → bench/RESULTS.md. Pure.
 */
import type { Results, Table } from './results.ts'

/** A table with its title and note, as Markdown. */
export function renderTable(table: Table): string {
  return `## ${table.title}\n\n${wrap(table.note)}\n\n${renderGrid(table)}`
}

/** The table alone. */
export function renderGrid({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return `${line(columns)}${line(columns.map(() => '---'))}${rows.map(line).join('')}`
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
