/**
 * Lines of a report in the width of a terminal.
 *
 *   cache-report.ts, lists/lists-report.ts: line → wrap → lines
 *
 * Pure, total: what has no blank in it is cut where the line ends.
 */

/** Characters that the last column of a table has at least where lines are wrapped. */
const MIN_COLUMN = 20

/** A line in pieces of a width, those behind the first indented; at blanks, where there are any. */
export function wrap(line: string, width = Number.POSITIVE_INFINITY, indent: number): string[] {
  const pieces: string[] = []
  // A column that begins near the edge leaves no room: then from the left.
  const margin = width - indent < MIN_COLUMN ? 2 : indent
  const bound = Math.max(width, margin + 1)
  let rest = line
  while (rest.length > bound) {
    const blank = rest.lastIndexOf(' ', bound)
    const end = blank > indent ? blank : bound
    pieces.push(rest.slice(0, end))
    rest = `${' '.repeat(margin)}${rest.slice(end).trimStart()}`
  }
  return [...pieces, rest]
}
