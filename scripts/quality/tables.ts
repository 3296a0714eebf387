/**
 * Figures as tables: for a terminal, and for a page.
 *
 *   Figures → rows of text → renderText (columns) → quality.ts, testkit/markdown.ts → manual/figure-tables.ts
 *
 * Pure, total.
 */
import { type Case, type Figures, groupOf, isWrong, type Measured } from './corpus.ts'

/** A table: its heads, then its rows. The first column is text, the others are aligned to the right if they are numbers. */
export type Table = readonly (readonly string[])[]

/** A row for each engine. */
export function engineTable(rows: readonly { readonly title: string; readonly figures: Figures }[]): Table {
  const { good = 0, spam = 0, dark = 0 } = rows[0]?.figures ?? {}
  return [
    [
      '',
      `good mail stopped, of ${good}`,
      'refused',
      'deferred',
      `spam accepted, of ${spam}`,
      `dark spam caught, of ${dark}`,
    ],
    ...rows.map(({ title, figures: { refused, deferred, accepted, caught } }) =>
      [title, refused + deferred, refused, deferred, accepted, caught].map(String),
    ),
  ]
}

/** Wrong verdicts by group, a column for each engine; groups that every engine gets right are left out. */
export function groupTable(
  rows: readonly { readonly key: string; readonly figures: Figures }[],
  sizes: ReadonlyMap<string, number>,
): Table {
  const groups = [...sizes].filter(([group]) => rows.some(({ figures }) => figures.wrong[group]))
  return [
    ['wrong verdicts', 'mails', ...rows.map(({ key }) => key)],
    ...groups.map(([group, size]) => [
      group,
      String(size),
      ...rows.map(({ figures }) => String(figures.wrong[group] ?? 0)),
    ]),
  ]
}

/** How many mails each group has that some verdict on would be wrong. */
export function groupSizes(mails: readonly Case[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const mail of mails) if (mail.want !== 'any') sizes.set(groupOf(mail), (sizes.get(groupOf(mail)) ?? 0) + 1)
  return sizes
}

/**
 * The words that decide wrong verdicts: of good mail those that speak against it, of spam those that speak for it; how often,
 * and the points they gave in all. The most expensive ones first.
 */
export function wordTable(measured: readonly Measured[]): Table {
  const sums = new Map<string, { side: string; times: number; points: number }>()
  for (const { mail, result } of measured.filter(isWrong)) {
    const isGood = mail.class === 'ham'
    for (const { word, points } of result.words) {
      if (points === 0 || points > 0 !== isGood) continue
      const side = isGood ? 'good mail stopped' : 'spam accepted'
      const sum = sums.get(`${side} ${word}`) ?? { side, times: 0, points: 0 }
      sums.set(`${side} ${word}`, { side, times: sum.times + 1, points: sum.points + points })
    }
  }
  const sorted = [...sums].sort(
    ([, a], [, b]) => a.side.localeCompare(b.side) || Math.abs(b.points) - Math.abs(a.points),
  )
  return [
    ['word', 'in', 'times', 'points'],
    ...sorted.map(([key, { side, times, points }]) => [
      key.slice(side.length + 1),
      side,
      String(times),
      points.toFixed(2),
    ]),
  ]
}

/** Columns with blanks between them. */
export function renderText(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map(row => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return table.map(row => `${line(row).trimEnd()}\n`).join('')
}
