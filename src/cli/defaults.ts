/**
 * `policyd-weight defaults`: a complete configuration with its defaults, and what each parameter means.
 *
 * The table of parameters → text that is a valid configuration file, with the values of the table. What follows
 * another parameter is written so that it still does. The manual takes the values and sentences from here as well.
 *
 * Pure, no errors.
 * Source: specification, chapter "Configuration".
 */
import { derivedDefault, type ListEntry, type Parameter, sigilOf } from '../config/parameter.ts'
import { PARAMETER_TOPICS } from '../config/topics.ts'
import type { AnswerFilter } from '../lists/filter.ts'
import { formatNumber } from '../score/number.ts'

const LINE_LENGTH = 100
const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
] as const

/** The whole file. */
export function renderDefaults(): string {
  const parts = [
    comment(
      'policyd-weight: every parameter with its default. Copy what is to be changed to /etc/policyd-weight.conf; what is not set there keeps its default. The file is read as data: assignments of numbers, quoted texts, references and lists, nothing else. "policyd-weight check" tells whether it is in order.',
    ),
  ]
  for (const { title, parameters } of PARAMETER_TOPICS) {
    parts.push(`# ${'='.repeat(LINE_LENGTH - 2)}\n# ${title}\n# ${'='.repeat(LINE_LENGTH - 2)}\n`)
    for (const parameter of parameters)
      parts.push(`${comment(explainParameter(parameter))}${renderAssignment(parameter)}\n`)
  }
  return `${parts.join('\n')}\n1;\n`
}

/** `$REJECTLEVEL = 1;`; lists take several lines. */
function renderAssignment(parameter: Parameter): string {
  return `${sigilOf(parameter.kind)}${parameter.name} = ${renderDefault(parameter)};`
}

/** The value as a file has it: `1`, `'3h'`, `$REJECTMSG . ' [cached]'`; lists take several lines. */
export function renderDefault(parameter: Parameter): string {
  const derived = derivedDefault(parameter)
  if (derived) return derived.append === '' ? `$${derived.from}` : `$${derived.from} . ${quote(derived.append)}`
  switch (parameter.kind) {
    case 'switch':
      return parameter.default ? '1' : '0'
    case 'duration':
      return renderDuration(parameter.default)
    case 'words':
      return quote(parameter.default.join(' '))
    case 'score-pair':
      return `(${parameter.default.map(formatNumber).join(', ')})`
    case 'patterns':
      return `(${parameter.default
        .map(String)
        .map(pattern => `qr${pattern}`)
        .join(', ')})`
    case 'lists':
      return renderLists(parameter.default)
    case 'zones':
      return '()'
    default:
      return typeof parameter.default === 'number' ? formatNumber(parameter.default) : quote(String(parameter.default))
  }
}

function renderLists(entries: readonly ListEntry[]): string {
  const cells = entries.map(entry => [
    quote(renderHost(entry)),
    formatNumber(entry.hit),
    formatNumber(entry.miss),
    quote(entry.label),
  ])
  const widths = [0, 1, 2].map(column => Math.max(0, ...cells.map(row => row[column]?.length ?? 0)))
  const lines = cells.map(row => row.map((cell, column) => `${cell},`.padEnd((widths[column] ?? 0) + 1)).join(' '))
  return `(\n${lines.map(line => `  ${line}\n`).join('')})`
}

/** The host as a file has it, with its filter: `bl.example.org=127.0.0.[2;10..12]`. */
export function renderHost({ host, filter }: ListEntry): string {
  return filter ? `${host}=${renderFilter(filter)}` : host
}

function renderFilter({ octets }: AnswerFilter): string {
  return octets
    .map(ranges => {
      const members = ranges.map(({ first, last }) => (first === last ? String(first) : `${first}..${last}`))
      const isNumber = ranges.length === 1 && ranges[0]?.first === ranges[0]?.last
      return isNumber ? members[0] : `[${members.join(';')}]`
    })
    .join('.')
}

function renderDuration(seconds: number): string {
  const unit = UNITS.find(([size]) => seconds > 0 && seconds % size === 0)
  return unit ? quote(`${seconds / unit[0]}${unit[1]}`) : String(seconds)
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

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
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
