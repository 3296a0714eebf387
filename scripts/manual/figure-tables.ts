/**
 * The tables of recorded figures in docs/verdicts.md.
 *
 *   excerpts.ts: `figures engines given` → test/quality/figures.json, the corpus → table
 *
 *   engines PART   a row for each engine
 *   groups PART    wrong verdicts by group, a column for each engine
 *   worth PART     what each parameter of the profile modern is worth
 *
 * Failure: another word, or a part that is not recorded, is an error.
 */
import { type Part, readCorpus } from '../quality/corpus.ts'
import { readRecorded, readWorth } from '../quality/recorded.ts'
import { renderMarkdown } from '../../testkit/markdown.ts'
import { engineTable, groupSizes, groupTable, type Table } from '../quality/tables.ts'

/** `['engines', 'given']` → a table of Markdown. */
export function renderFigures([what = '', part = '']: readonly string[]): string {
  const recorded = readRecorded()
  if (!Object.hasOwn(recorded, part)) throw new Error(`there is no part ${part}`)
  const rows = Object.entries(recorded[part as Part]).map(([key, { title, ...figures }]) => ({ key, title, figures }))
  if (what === 'engines')
    return render(engineTable(rows.map(row => ({ ...row, title: `${row.title} (\`${row.key}\`)` }))))
  if (what === 'groups') return render(groupTable(rows, groupSizes(readCorpus(part as Part))))
  if (what === 'worth') return render(readWorth()[part as Part])
  throw new Error(`there are no figures ${what}`)
}

/** Numbers stand to the right. */
function render(table: Table): string {
  return renderMarkdown(table, column => (column === 0 ? '---' : '--:'))
}
