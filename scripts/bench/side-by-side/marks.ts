/**
 * The marks of quote.ts in a text: found, and what stands in them written anew. Pure.
 *
 *   fillMarks('<!-- bench a/b 1 -->?<!-- /bench -->', { figures: { 'a/b': 2.04 }, … }) → '<!-- bench a/b 1 -->2.0<!-- /bench -->'
 *
 * Failure: an error that names the document and the mark.
 */
import { deriveFigures } from './derived.ts'
import { renderGrid, withThousands } from './report.ts'
import type { Results } from './results.ts'
import { renderSummary } from './summary.ts'

const BEGIN = /<!-- bench ([^>]*?) -->/g
const MARK = /(<!-- bench ([^>]*?) -->)((?:(?!<!-- bench )[\s\S])*?)(<!-- \/bench -->)/g

export function fillMarks(text: string, results: Results, document: string): string {
  const begun = [...text.matchAll(BEGIN)].length
  const whole = [...text.matchAll(MARK)].length
  if (begun !== whole) throw new Error(`${document}: ${begun} marks begin, ${whole} of them end`)
  const figures = { ...results.figures, ...deriveFigures(results.figures) }
  return text.replace(MARK, (_, begin: string, what: string, __, end: string) => {
    const [name = '', detail = ''] = what.split(' ')
    if (what === 'summary') return `${begin}\n\n${renderSummary(results)}\n${end}`
    if (name === 'table') {
      const table = results.tables.find(each => each.name === detail)
      if (!table) throw new Error(`${document}: there is no table ${detail}`)
      return `${begin}\n\n${renderGrid(table)}\n${end}`
    }
    const figure = figures[name]
    if (figure === undefined || !/^\d$/.test(detail)) throw new Error(`${document}: there is no figure "${what}"`)
    return `${begin}${withThousands(figure.toFixed(Number(detail)))}${end}`
  })
}
