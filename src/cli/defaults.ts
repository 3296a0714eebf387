/**
 * `policyd-weight defaults`: a complete configuration with its defaults, and what each parameter means.
 *
 * The table of parameters → text that is a valid configuration file, with the values of the table. What follows
 * another parameter is written so that it still does. The manual takes the values and sentences from here as well.
 *
 * Pure, no errors.
 * Source: docs/parameters.md.
 */
import { derivedDefault, type Parameter } from '../config/parameters/parameter.ts'
import { PARAMETER_TOPICS } from '../config/parameters/topics.ts'
import { quote, renderAssignment, renderValue } from './render-value.ts'

const LINE_LENGTH = 100

/** The whole file. */
export function renderDefaults(): string {
  const parts = [
    comment(
      'policyd-weight: every parameter with its default. Copy what is to be changed to /etc/policyd-weight.conf; what is not set there keeps its default. The file is read as data: assignments of numbers, quoted texts, references and lists; code in it is not run. "policyd-weight check" tells whether it is in order.',
    ),
  ]
  for (const { title, parameters } of PARAMETER_TOPICS) {
    parts.push(`# ${'='.repeat(LINE_LENGTH - 2)}\n# ${title}\n# ${'='.repeat(LINE_LENGTH - 2)}\n`)
    for (const parameter of parameters)
      parts.push(`${comment(explainParameter(parameter))}${renderAssignment(parameter, renderDefault(parameter))}\n`)
  }
  return `${parts.join('\n')}\n1;\n`
}

/** The default as a file has it: `1`, `'3h'`, `$REJECTMSG . ' [cached]'`; lists take several lines. */
export function renderDefault(parameter: Parameter): string {
  const derived = derivedDefault(parameter)
  if (derived) return derived.append === '' ? `$${derived.from}` : `$${derived.from} . ${quote(derived.append)}`
  return renderValue(parameter, parameter.default)
}

/** The doc, and what it cannot know: in what the value is counted, and whose parameter it is. */
export function explainParameter(parameter: Parameter): string {
  const sentences = [parameter.doc]
  if (parameter.unit !== undefined) sentences.push(`Value: a number of ${parameter.unit}.`)
  if (parameter.kind === 'seconds') sentences.push('Value: seconds.')
  if (parameter.kind === 'duration') sentences.push("Value: seconds, or with a unit, as '90s', '15m', '3h', '1d'.")
  if (parameter.since !== undefined) sentences.push(`New in ${parameter.since}; the reference does not have it.`)
  return sentences.join(' ')
}

/** A text as comment lines of at most 100 characters. */
function comment(text: string): string {
  const lines: string[] = []
  let line = '#'
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > LINE_LENGTH) {
      lines.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  lines.push(line)
  return lines.map(text => `${text}\n`).join('')
}
