/**
 * The marks of quote.ts in a page, and what stands in them. Pure.
 *
 *   quoteFigures('<!-- bench a/b 1 -->?<!-- /bench -->', { figures: { 'a/b': 2.04 }, … }) → '<!-- bench a/b 1 -->2.0<!-- /bench -->'
 *
 * Failure: an error that names the mark.
 */
import { fillMarks } from '../manual/pages.ts'
import { deriveFigures } from './derived.ts'
import { type Results, renderGrid, withThousands } from './results.ts'
import { renderSummary } from './summary.ts'

export function quoteFigures(text: string, results: Results): string {
  const figures = { ...results.figures, ...deriveFigures(results.figures) }
  return fillMarks(text, ['bench'], (_, what) => {
    const [name = '', detail = ''] = what.split(' ')
    if (what === 'summary') return `\n\n${renderSummary(results)}\n`
    if (name === 'table') {
      const table = results.tables.find(each => each.name === detail)
      if (!table) throw new Error(`there is no table ${detail}`)
      return `\n\n${renderGrid(table)}\n`
    }
    const figure = figures[name]
    if (figure === undefined || !/^\d$/.test(detail)) throw new Error(`there is no figure "${what}"`)
    return withThousands(figure.toFixed(Number(detail)))
  })
}
