/**
 * What `lists` says, as a table for people or as JSON for programs.
 *
 *   show-lists.ts: lists, diagnoses → renderListsTable or renderListsJson → standard output
 *
 * The table has as many columns as fit; the others stand below the list, indented, so nothing is lost on a small terminal. The
 * names in the JSON are stable; docs/lists-in-use.md explains them. What is not known is null there, and `-` in the table.
 *
 * Pure, total.
 */
import type { ListCounts } from '../../cache/ledger-format.ts'
import { maskText } from '../../text/mask.ts'
import { describeSpan } from '../cache/cache-report.ts'
import { wrap } from '../cache/wrap.ts'
import { grouped, percent } from '../doctor/check-ledger.ts'
import type { Diagnosis } from '../doctor/diagnosis.ts'
import { ownCommand } from '../../config/own-command.ts'
import type { ListInUse } from './lists-in-use.ts'

export interface ListsReport {
  readonly lists: readonly ListInUse[]
  readonly diagnoses: readonly Diagnosis[]
  /** Whether lists were asked now. */
  readonly isTested: boolean
  /** Where counts come from; undefined: there are none. */
  readonly ledger: string | undefined
  readonly nowMs: number
  /** The configuration file; undefined: there is none. */
  readonly path: string | undefined
}

interface Column {
  readonly title: string
  readonly cell: (list: ListInUse) => string
}

const GAP = 2
const INDENT = 4
const NARROW = 40

/** The exit status: as doctor's. */
export function statusOf(diagnoses: readonly Diagnosis[]): 0 | 1 | 2 {
  if (diagnoses.some(({ level }) => level === 'error')) return 2
  return diagnoses.some(({ level }) => level === 'warning') ? 1 : 0
}

/** `width`: of the terminal; undefined: standard output is none, and lines are as long as they have to be. */
export function renderListsTable(report: ListsReport, width = Number.POSITIVE_INFINITY): string {
  const { lists, diagnoses, ledger, isTested, path } = report
  const columns = columnsOf(report).map(({ title, cell }) => {
    const cells = lists.map(list => maskText(cell(list)))
    return { title, cells, width: Math.max(title.length, ...cells.map(({ length }) => length)) }
  })
  let shown = 1
  for (let taken = columns[0]?.width ?? 0; shown < columns.length; shown++) {
    taken += GAP + (columns[shown]?.width ?? 0)
    if (taken > width) break
  }
  const row = (cellOf: (column: (typeof columns)[number]) => string): string =>
    columns
      .slice(0, shown)
      .map(column => cellOf(column).padEnd(column.width + GAP))
      .join('')
      .trimEnd()
  const lines = [row(({ title }) => title)]
  lists.forEach((_, index) => {
    lines.push(row(({ cells }) => cells[index] ?? ''))
    const others = columns.slice(shown).map(({ title, cells }) => `${title} ${cells[index]}`)
    lines.push(...wrapped(others, width))
  })
  const told = diagnoses.filter(({ level }) => level !== 'ok')
  if (told.length > 0) lines.push('')
  for (const { level, about, text, remedy } of told)
    lines.push(
      ...wrap(`${level} ${maskText(about)}: ${maskText(text)}`, width, 2),
      // Not in pieces: it is to be pasted, and a terminal joins what it has broken itself.
      ...remedy.map(each => `${' '.repeat(INDENT)}${maskText(each)}`),
    )
  const test = isTested ? undefined : ownCommand(path, ['lists', '--test'])
  lines.push('', ...wrap(summary(lists.length, diagnoses, ledger), width, 2))
  if (test !== undefined) lines.push(`what they answer now: ${maskText(test)}`)
  return lines.map(line => `${line}\n`).join('')
}

function summary(count: number, diagnoses: readonly Diagnosis[], ledger: string | undefined): string {
  const number = (level: Diagnosis['level']): number => diagnoses.filter(each => each.level === level).length
  const parts = [
    counted(count, 'list'),
    counted(number('warning'), 'warning'),
    counted(number('error'), 'error'),
    ledger === undefined ? 'no count of today' : 'counts are of today, UTC',
  ]
  return parts.join('; ')
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function columnsOf({ diagnoses, isTested, nowMs }: ListsReport): Column[] {
  const ago = (seconds: number): string => `${describeSpan(Math.max(0, nowMs / 1000 - seconds))} ago`
  const tested: Column = {
    title: 'NOW',
    cell: ({ list }) => diagnoses.findLast(({ about, code }) => about === list && isOfTest(code))?.level ?? '-',
  }
  return [
    { title: 'LIST', cell: ({ list }) => list },
    { title: 'KIND', cell: ({ kinds }) => kinds.join(',') },
    {
      title: 'STATE',
      cell: ({ state, sinceSeconds }) => (sinceSeconds === undefined ? state : `${state}, ${ago(sinceSeconds)}`),
    },
    ...(isTested ? [tested] : []),
    { title: 'SENT', cell: ({ today }) => (today ? grouped(today.sent) : '-') },
    ...(['listed', 'clean', 'refused', 'failed', 'silent'] as const).map(
      (name): Column => ({ title: name.toUpperCase(), cell: ({ today }) => shareOf(today, name) }),
    ),
    { title: 'LATENCY', cell: ({ today }) => (latencyOf(today) === undefined ? '-' : `${latencyOf(today)} ms`) },
    {
      title: 'LIMIT',
      cell: ({ limit }) => (limit ? `${usedOf(limit)}${grouped(limit.perDay)}` : '-'),
    },
    { title: 'PROBE', cell: ({ probe }) => (probe ? probeText(probe, ago) : '-') },
    { title: 'OPERATOR', cell: ({ operator }) => operator },
    { title: 'FACTS', cell: ({ verified = '-' }) => verified },
  ]
}

/** `clean, 3 min ago`, `not asked yet`. */
function probeText({ atSeconds, result }: NonNullable<ListInUse['probe']>, ago: (seconds: number) => string): string {
  return atSeconds === undefined ? 'not asked yet' : `${result}, ${ago(atSeconds)}`
}

/** `3 % of `, or nothing where it is not known. */
function usedOf({ today, perDay }: { readonly today: number | undefined; readonly perDay: number }): string {
  return today === undefined ? '' : `${percent(today, perDay)} of `
}

function isOfTest(code: Diagnosis['code']): boolean {
  return code !== 'list-quarantined' && code !== 'list-skipped' && code !== 'list-limit'
}

function lookupsOf({ listed, clean, refused, failed, silent }: ListCounts): number {
  return listed + clean + refused + failed + silent
}

function shareOf(counts: ListCounts | undefined, name: keyof ListCounts): string {
  const all = counts ? lookupsOf(counts) : 0
  return counts === undefined || all === 0 ? '-' : percent(counts[name], all)
}

/** The mean of those that were answered, in milliseconds. */
function latencyOf(counts: ListCounts | undefined): number | undefined {
  if (!counts) return undefined
  const answered = lookupsOf(counts) - counts.silent
  return answered === 0 ? undefined : Math.round(counts.milliseconds / answered)
}

/** Words in lines of a width, indented. */
function wrapped(words: readonly string[], width: number): string[] {
  const most = Math.max(NARROW, width)
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 2 + word.length <= most) lines[lines.length - 1] = `${last}, ${word}`
    else lines.push(`${' '.repeat(INDENT)}${word}`)
  }
  return lines
}

/** The same as one line of JSON. */
export function renderListsJson({ lists, diagnoses, isTested, ledger, nowMs }: ListsReport): string {
  const plain = ({ level, code, about, text, remedy }: Diagnosis): object => {
    return { level, code: code ?? null, about: maskText(about), text: maskText(text), remedy: remedy.map(maskText) }
  }
  return `${JSON.stringify({
    status: statusOf(diagnoses),
    atSeconds: Math.floor(nowMs / 1000),
    tested: isTested,
    ledger: ledger === undefined ? null : maskText(ledger),
    lists: lists.map(({ list, kinds, labels, operator, state, sinceSeconds, why, probe, today, limit, verified }) => {
      return {
        list: maskText(list),
        kinds,
        labels: labels.map(maskText),
        operator: maskText(operator),
        state,
        sinceSeconds: sinceSeconds ?? null,
        why: maskText(why),
        probe: probe ? { atSeconds: probe.atSeconds ?? null, result: probe.result } : null,
        today: today ? { ...today, milliseconds: undefined, latencyMs: latencyOf(today) ?? null } : null,
        limit: limit ? { today: limit.today ?? null, perDay: limit.perDay } : null,
        verified: verified ?? null,
      }
    }),
    diagnoses: diagnoses.map(plain),
  })}\n`
}
