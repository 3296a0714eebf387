/**
 * docs/parameters.md: every parameter with its default and its meaning.
 *
 *   the table of parameters → Markdown: a table for each topic; lists get one of their own below
 *
 * Pure, no errors.
 */
import { explainParameter, renderDefault } from '../../src/cli/defaults.ts'
import { renderHost } from '../../src/config/values/list-entry.ts'
import { type ConfiguredList, type Parameter, sigilOf } from '../../src/config/parameters/parameter.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import { renderMarkdown } from '../../testkit/markdown.ts'

/** The whole page. */
export function renderParameterTable(): string {
  const topics = PARAMETER_TOPICS.map(({ title, parameters }) => renderTopic(title, parameters))
  return `# Parameters

Everything that \`/etc/policyd-weight.conf\` may set. What is not set keeps its default; \`policyd-weight defaults\`
prints all of this as a file, \`man policyd-weight.conf\` as a manual page. This page is made from the program's own table.

Where two defaults stand, the first is that of the profile \`classic\`, which serves unless the file says
\`$PROFILE = 'modern';\`.

${topics.join('\n')}`
}

function renderTopic(title: string, parameters: readonly Parameter[]): string {
  const rows = parameters.map(parameter => {
    return [code(nameOf(parameter)), valuesOf(parameter), explainParameter(parameter).replace(/[*<>]/g, '\\$&')]
  })
  const table = renderMarkdown([['parameter', 'default', 'meaning'], ...rows])
  return `## ${title}\n\n${table}${parameters.map(renderLists).join('')}`
}

function renderLists(parameter: Parameter): string {
  return parameter.kind === 'lists' ? `\n${code(nameOf(parameter))}:\n\n${renderEntries(parameter)}` : ''
}

/** `1`, or `0`; modern: `1`. */
function valuesOf(parameter: Parameter): string {
  if (parameter.kind === 'lists') return 'see below'
  const classic = code(renderDefault(parameter, 'classic'))
  return parameter.modern === undefined ? classic : `${classic}; modern: ${code(renderDefault(parameter, 'modern'))}`
}

/** The built-in entries of a list of lists, for each profile if they are not the same. */
export function renderEntries(parameter: Extract<Parameter, { kind: 'lists' }>): string {
  const { default: classic, modern } = parameter
  if (!modern) return classic.length > 0 ? entriesTable(classic) : 'None.\n'
  return `classic:${classic.length > 0 ? `\n\n${entriesTable(classic)}` : ' none.\n'}\nmodern:\n\n${entriesTable(modern)}`
}

function entriesTable(entries: readonly ConfiguredList[]): string {
  const rows = entries.map(entry => [code(renderHost(entry)), entry.hit, entry.miss, code(entry.label)].map(String))
  return renderMarkdown([['list', 'listed', 'not listed', 'label'], ...rows])
}

export function nameOf({ kind, name }: Parameter): string {
  return `${sigilOf(kind)}${name}`
}

export function code(text: string): string {
  return `\`${text}\``
}
