/**
 * The tables in pages that people write, docs/behaviour/ and docs/verdicts.md.
 *
 *   manual.ts: page → fillMarks, with the table of parameters or recorded figures → page
 *
 * What stands between a mark and its end is written anew:
 *
 *   <!-- parameters NTTL NTIME --> … <!-- /parameters -->   these parameters and their defaults
 *   <!-- lists dnsbl_score --> … <!-- /lists -->            the entries that one has by default
 *   <!-- figures engines given --> … <!-- /figures -->      recorded figures (figure-tables.ts)
 *
 * Failure: a mark that names nothing, or that does not end, is an error that quotes it.
 */
import { renderDefault } from '../../src/cli/defaults.ts'
import type { Parameter } from '../../src/config/parameters/parameter.ts'
import type { Profile } from '../../src/config/profile.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import { renderFigures } from './figure-tables.ts'
import { code, nameOf, renderEntries } from './parameter-table.ts'

const BEGIN = /<!-- (?:parameters|lists|figures) /g
const MARK = /(<!-- (parameters|lists|figures) ([\w ]+) -->)(?:(?!<!-- )[\s\S])*(<!-- \/\2 -->)/g

/** A page, its tables as they are to be. */
export function fillMarks(page: string): string {
  const begun = page.match(BEGIN)?.length ?? 0
  const whole = page.match(MARK)?.length ?? 0
  if (begun !== whole) throw new Error(`${begun} marks begin, ${whole} of them end`)
  return page.replace(MARK, (_, begin: string, what: string, names: string, end: string) => {
    return `${begin}\n\n${renderTables(what, names.split(' '), begin)}\n${end}`
  })
}

function renderTables(what: string, names: readonly string[], mark: string): string {
  if (what === 'figures') return renderFigures(names, mark)
  const parameters = names.map(name => findParameter(name, mark))
  return what === 'lists' ? parameters.map(renderList).join('\n') : renderDefaults(parameters)
}

function findParameter(name: string, mark: string): Parameter {
  for (const { parameters } of PARAMETER_TOPICS)
    for (const parameter of parameters) if (parameter.name === name) return parameter
  throw new Error(`there is no parameter ${name}: ${mark}`)
}

function renderDefaults(parameters: readonly Parameter[]): string {
  const cells = (profile: Profile): string[] => parameters.map(parameter => code(renderDefault(parameter, profile)))
  const [classic, modern] = [cells('classic'), cells('modern')]
  const isOne = classic.join() === modern.join()
  const rows = parameters.map((parameter, index) => {
    const values = isOne ? [classic[index]] : [classic[index], modern[index]]
    return `| ${code(nameOf(parameter))} | ${values.join(' | ')} |\n`
  })
  const head = isOne ? '| parameter | default |\n|---|---|\n' : '| parameter | classic | modern |\n|---|---|---|\n'
  return `${head}${rows.join('')}`
}

function renderList(parameter: Parameter): string {
  if (parameter.kind !== 'lists') throw new Error(`${parameter.name} has no lists`)
  return renderEntries(parameter)
}
