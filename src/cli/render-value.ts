/**
 * Values of parameters as a configuration file has them.
 *
 *   row of the table, value → `1`, `'3h'`, `(1.5, -2)`, `(qr/^mail/i)` → defaults.ts, show-config.ts, the manual
 *
 * Invariant: read again, a text gives the value it was made of (the tests hold the two against each other).
 *
 * Pure, no errors.
 */
import { nameKeys } from '../config/findings/key-marks.ts'
import { renderHost } from '../config/values/list-entry.ts'
import { type ConfiguredList, type Parameter, type ScorePair, sigilOf } from '../config/parameters/parameter.ts'
import type { Pattern } from '../patterns/pattern.ts'
import type { ConfiguredZone } from '../lists/zone.ts'
import { formatNumber } from '../text/number.ts'

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
] as const
const DELIMITERS = ['/', '!', ',', '%', '~', '"', ';', ':']

/** `$REJECTLEVEL = 1;`; lists take several lines. */
export function renderAssignment(parameter: Parameter, value: string): string {
  return `${sigilOf(parameter.kind)}${parameter.name} = ${value};`
}

/** The value as a file has it. `value` is of the parameter's kind. */
export function renderValue({ kind }: Parameter, value: unknown): string {
  switch (kind) {
    case 'switch':
      return value ? '1' : '0'
    case 'duration':
      return renderDuration(value as number)
    case 'words':
      return quote((value as readonly string[]).join(' '))
    case 'score-pair':
      return `(${renderNumber((value as ScorePair).bad)}, ${renderNumber((value as ScorePair).good)})`
    case 'patterns':
      return `(${(value as readonly Pattern[]).map(renderPattern).join(', ')})`
    case 'labels':
    case 'names':
      return `(${(value as readonly string[]).map(quote).join(', ')})`
    case 'zones':
      return renderZones(value as readonly ConfiguredZone[])
    case 'lists':
      return renderLists(value as readonly ConfiguredList[])
    default:
      return typeof value === 'number' ? renderNumber(value) : quote(String(value))
  }
}

/** A text in single quotes, or in double ones where it has a key or characters that are not printed. */
export function quote(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `'${text.replace(/[\\']/g, '\\$&')}'`
  const escaped = nameKeys(text.replace(/[\\"$@]/g, '\\$&')).replace(/[^\x20-\x7e]/gu, each => {
    return `\\x{${(each.codePointAt(0) as number).toString(16)}}`
  })
  return `"${escaped}"`
}

/** As the program writes numbers, unless that is another one. */
function renderNumber(value: number): string {
  const text = formatNumber(value)
  return Number(text) === value ? text : String(value)
}

function renderDuration(seconds: number): string {
  const unit = UNITS.find(([size]) => seconds > 0 && seconds % size === 0)
  return unit ? quote(`${seconds / unit[0]}${unit[1]}`) : String(seconds)
}

function renderZones(rows: readonly ConfiguredZone[]): string {
  if (rows.length === 0) return '()'
  return `(\n${rows.map(({ zone, words }) => `  ${quote(zone)}, ${quote(words)},\n`).join('')})`
}

/** Between delimiters that it does not have; what Perl would replace in it is safe between `'` only. */
function renderPattern({ source, flags, engine }: Pattern): string {
  // An empty entry matches nobody, qr// everybody.
  if (source === '' && engine === 'none') return "''"
  if (/[^\x20-\x7e]/.test(source)) return `qr'${asciiOf(source)}'${flags}`
  const isReplaced = /\$[A-Za-z_{]|@[A-Za-z_]|\\[QULEul]/.test(source)
  const delimiter = isReplaced ? undefined : DELIMITERS.find(each => !source.includes(each))
  return delimiter === undefined ? `qr'${asciiOf(source)}'${flags}` : `qr${delimiter}${source}${delimiter}${flags}`
}

/** What means the same, without the quote that ends it and without characters that are not printed. */
function asciiOf(source: string): string {
  return source.replace(/\\?(['\x80-\uffff]|[\x00-\x1f\x7f])/g, (_, character: string) => {
    return `\\x{${character.charCodeAt(0).toString(16)}}`
  })
}

function renderLists(entries: readonly ConfiguredList[]): string {
  if (entries.length === 0) return '()'
  const cells = entries.map(entry => [
    quote(renderHost(entry)),
    renderNumber(entry.hit),
    renderNumber(entry.miss),
    quote(entry.label),
  ])
  const widths = [0, 1, 2].map(column => Math.max(0, ...cells.map(row => row[column]?.length ?? 0)))
  const lines = cells.map(row => row.map((cell, column) => `${cell},`.padEnd((widths[column] ?? 0) + 1)).join(' '))
  return `(\n${lines.map(line => `  ${line}\n`).join('')})`
}
