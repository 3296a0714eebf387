/**
 * The tables in pages that people write, docs/behaviour/ and docs/verdicts.md.
 *
 *   manual.ts: page → fillExcerpts, with the table of parameters or recorded figures → page
 *
 * What stands between a mark and its end is written anew:
 *
 *   <!-- parameters NTTL NTIME --> … <!-- /parameters -->   these parameters and their defaults
 *   <!-- lists dnsbl_score --> … <!-- /lists -->            the entries that one has by default
 *   <!-- figures engines given --> … <!-- /figures -->      recorded figures (figure-tables.ts)
 *
 * Failure: a mark that names nothing, or that does not end, is an error.
 */
import { renderDefault } from '../../src/cli/defaults.ts'
import type { Parameter } from '../../src/config/parameters/parameter.ts'
import type { Profile } from '../../src/config/profile.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import { renderMarkdown } from '../../testkit/markdown.ts'
import { renderFigures } from './figure-tables.ts'
import { fillMarks } from './pages.ts'
import { code, nameOf, renderEntries } from './parameter-table.ts'

const KINDS = ['parameters', 'lists', 'figures']

/** A page, its tables as they are to be. */
export function fillExcerpts(page: string): string {
  return fillMarks(page, KINDS, (kind, what) => `\n\n${renderTables(kind, what.split(' '))}\n`)
}

function renderTables(what: string, names: readonly string[]): string {
  if (what === 'figures') return renderFigures(names)
  const parameters = names.map(findParameter)
  return what === 'lists' ? parameters.map(renderList).join('\n') : renderDefaults(parameters)
}

function findParameter(name: string): Parameter {
  for (const { parameters } of PARAMETER_TOPICS)
    for (const parameter of parameters) if (parameter.name === name) return parameter
  throw new Error(`there is no parameter ${name}`)
}

function renderDefaults(parameters: readonly Parameter[]): string {
  const cells = (profile: Profile): string[] => parameters.map(parameter => code(renderDefault(parameter, profile)))
  const [classic, modern] = [cells('classic'), cells('modern')]
  const isOne = classic.join() === modern.join()
  return renderMarkdown([
    ['parameter', ...(isOne ? ['default'] : ['classic', 'modern'])],
    ...parameters.map((parameter, index) => [
      code(nameOf(parameter)),
      classic[index] ?? '',
      ...(isOne ? [] : [modern[index] ?? '']),
    ]),
  ])
}

function renderList(parameter: Parameter): string {
  if (parameter.kind !== 'lists') throw new Error(`${parameter.name} has no lists`)
  return renderEntries(parameter)
}
