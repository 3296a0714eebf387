/**
 * What `exempt` shows: each exception, until when it counts, how often it was used and when last; as a table or as JSON.
 *
 *   exempt.ts: exceptions, uses out of a copy of the cache → rows → standard output
 *
 * The names in the JSON are stable: docs/exceptions.md#for-programs.
 *
 * Total; looks which configuration serves where none is named (own-command.ts).
 */
import type { ExceptionUse } from '../../cache/entries.ts'
import { ownCommand } from '../../config/own-command.ts'
import { endMs, type Exception } from '../../exceptions/exception.ts'
import { formatTimestamp } from '../../log/timestamp.ts'
import { maskText } from '../../text/mask.ts'
import { describeSpan } from '../cache/cache-report.ts'
import { wrap } from '../cache/wrap.ts'

export interface ExceptionsReport {
  readonly file: string
  /** Of the configuration. */
  readonly path: string | undefined
  /** In the order of the file, each with its line. */
  readonly exceptions: readonly (Exception & { readonly line: number })[]
  /** Undefined: there is no cache to look at. */
  readonly uses: ReadonlyMap<string, ExceptionUse> | undefined
  /** How many lines are not used. */
  readonly faults: number
  readonly nowMs: number
}

const WIDTH = 80
const TITLES = ['WHO', 'ACTION', 'UNTIL', 'USES', 'LAST USE', 'NOTE']
const GAP = 2
const INDENT = 4
/** In a column. */
const LONGEST_WHO = 24

export function renderExceptionsTable(
  { file, path, exceptions, uses, faults, nowMs }: ExceptionsReport,
  width = WIDTH,
): string {
  const rows = exceptions.map(exception => {
    const { who, action, until = '-', note } = exception
    const use = uses?.get(who.text)
    return [
      who.text,
      action,
      nowMs < endMs(exception) ? until : `${until} over`,
      uses ? String(use?.count ?? 0) : '?',
      use ? `${describeSpan(nowMs / 1000 - use.seenSeconds)} ago` : '-',
      maskText(note),
    ]
  })
  const widths = TITLES.map((title, column) => Math.max(title.length, ...rows.map(row => (row[column] ?? '').length)))
  // What is long stands in a line of its own, so that the columns keep their places.
  const whoWidth = Math.min(widths[0] ?? 0, LONGEST_WHO)
  const line = ([who = '', ...others]: readonly string[]): string[] => {
    const cells = others.slice(0, -1).map((cell, index) => cell.padEnd(widths[index + 1] ?? 0))
    const note = others.at(-1) ?? ''
    const isLong = who.length > whoWidth
    const front = [isLong ? ' '.repeat(whoWidth) : who.padEnd(whoWidth), ...cells].join(' '.repeat(GAP))
    const whole = `${front}${' '.repeat(GAP)}${note}`.trimEnd()
    const below = whole.length > width ? wrap(`${' '.repeat(INDENT)}# ${note}`, width, INDENT + 2) : []
    return [...(isLong ? wrap(who, width, INDENT) : []), below.length > 0 ? front.trimEnd() : whole, ...below]
  }
  const over = exceptions.filter(exception => nowMs >= endMs(exception)).length
  const counts = [`${exceptions.length} ${exceptions.length === 1 ? 'exception' : 'exceptions'}`]
  if (over > 0) counts.push(`${over} over`)
  if (faults > 0) counts.push(`${faults} ${faults === 1 ? 'line' : 'lines'} not used:`)
  const command = faults > 0 ? maskText(ownCommand(path, ['check'])) : ''
  const front = `${maskText(file)}: ${counts.join(', ')}`
  const whole = `${front} ${command}`.trimEnd()
  // A command stays in one line, to be copied from it.
  const summary =
    whole.length > width && command !== '' ? [...wrap(front, width, 2), `  ${command}`] : wrap(whole, width, 2)
  const table = rows.length === 0 ? [] : [TITLES, ...rows].flatMap(line)
  return [...table, ...summary].map(each => `${each}\n`).join('')
}

/** One line. */
export function renderExceptionsJson({ file, exceptions, uses, faults, nowMs }: ExceptionsReport): string {
  const report = {
    file: maskText(file),
    faults,
    exceptions: exceptions.map(exception => {
      const { who, action, until = null, note, line } = exception
      const use = uses?.get(who.text)
      return {
        who: who.text,
        action,
        until,
        over: nowMs >= endMs(exception),
        note: maskText(note),
        line,
        uses: uses ? (use?.count ?? 0) : null,
        lastUse: use ? formatTimestamp(use.seenSeconds * 1000) : null,
      }
    }),
  }
  return `${JSON.stringify(report)}\n`
}
