/**
 * Tables of Markdown. Pure.
 */

/** The heads of a table, then its rows: `[["", "ms"], ["ours", "1"]]` → `"|  | ms |\n|---|---|\n| ours | 1 |\n"`. */
export function renderMarkdown(
  [heads = [], ...rows]: readonly (readonly string[])[],
  alignment: (column: number) => string = () => '---',
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return `${line(heads)}|${heads.map((_, column) => alignment(column)).join('|')}|\n${rows.map(line).join('')}`
}
