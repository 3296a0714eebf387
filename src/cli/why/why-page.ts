/**
 * A decision as a page for people, and several as a table.
 *
 *   ExplainedDecision → renderPage; decisions → renderDecisions → standard output
 *
 * A page of 80 columns, or of the terminal's. Its parts, in this order: who, what was answered; why; which clue decided; where it
 * can be taken off a list, and what would let it in; what was asked and answered; each rule. What is read first stands first.
 *
 * Pure, total. Everything is masked (layout.ts).
 */
import type { DecisionRecord, LookupOfRecord } from '../../journal/decision-record.ts'
import type { Fate } from '../../score/fate.ts'
import { formatNumber } from '../../text/number.ts'
import { describeClues } from './clue-words.ts'
import type { ExplainedDecision } from './explanation.ts'
import { Page, shown, type Style } from './layout.ts'
import { localTime } from './since.ts'

export interface PageForm {
  /** Characters of a line. */
  readonly width: number
  readonly isColoured: boolean
}

const FATES: Readonly<Record<Fate, readonly [word: string, style: Style]>> = {
  accepted: ['accepted', 'good'],
  deferred: ['deferred', 'later'],
  rejected: ['refused', 'bad'],
}
type Tense = 'past' | 'forecast'

const LABEL_WIDTH = 13
const POINTS_WIDTH = 21
const LOOKUP_WIDTH = 8

/** `forecast`: of a mail that has not come yet. */
export function renderPage(explanation: ExplainedDecision, form: PageForm, tense: Tense = 'past'): string {
  const page = new Page(form)
  head(page, explanation, tense)
  why(page, explanation)
  remedies(page, explanation)
  lookups(page, explanation)
  rules(page, explanation)
  return page.text
}

function head(page: Page, { record, fate, scoredFate, notes }: ExplainedDecision, tense: Tense): void {
  const { id, time, action, ms } = record
  const request: Readonly<Record<string, string>> = record.request
  const [word, style] = FATES[fate]
  const butFor = record.exempt ? ` by an exception, and ${FATES[scoredFate][0]} without it` : ''
  page.heading(
    tense === 'forecast' ? `This mail would be ${word}${butFor}` : `${id === '' ? 'Mail' : `Mail ${id}`}: ${word}`,
    style,
  )
  const of = (name: string): string => request[name] ?? ''
  if (tense === 'past')
    page.labelled('when', `${localTime(time)}${ms > 0 ? `, answered in ${Math.round(ms)} ms` : ''}`, LABEL_WIDTH)
  page.labelled('client', `${of('client_address')}, ${of('client_name') || 'name not known'}`, LABEL_WIDTH)
  page.labelled('HELO', of('helo_name') || '(none)', LABEL_WIDTH)
  page.labelled('sender', of('sender') || '<> (a bounce)', LABEL_WIDTH)
  page.labelled('recipient', of('recipient') || '(none)', LABEL_WIDTH)
  page.labelled('answered', action, LABEL_WIDTH)
  for (const note of notes) page.labelled('note', note, LABEL_WIDTH)
}

function why(page: Page, explanation: ExplainedDecision): void {
  page.heading('Why')
  page.sentence(`${explanation.verdict}.`)
  for (const sentence of describeClues(explanation)) page.sentence(sentence)
}

function remedies(page: Page, { delist, remedies }: ExplainedDecision): void {
  if (delist.length > 0) page.heading('Where the sender can be taken off')
  for (const { list, page: address } of delist)
    page.labelled(list, address, 2 + longest(delist.map(each => each.list)) + 2)
  if (remedies.length > 0) page.heading('To let it in')
  for (const { command, does } of remedies) {
    page.verbatim(command)
    page.sentence(`  ${does}`)
  }
}

function lookups(page: Page, { lookups, notAwaited }: ExplainedDecision): void {
  if (lookups.length + notAwaited.length === 0) return
  const servers = new Set(lookups.flatMap(({ server }) => server ?? []))
  const [only] = servers
  page.heading(`Asked in DNS${servers.size === 1 ? `, all by ${only}` : ''}`)
  for (const lookup of lookups) {
    const { type, name, ms, server } = lookup
    const how = [
      ms === undefined ? '' : `${Math.round(ms)} ms`,
      server === undefined || servers.size === 1 ? '' : `by ${server}`,
    ]
    const behind = how.filter(each => each !== '').join(' ')
    page.labelled(type, `${shown(name)}: ${answerOf(lookup)}${behind === '' ? '' : ` (${behind})`}`, LOOKUP_WIDTH)
  }
  for (const lookup of notAwaited)
    page.labelled(lookup.type, `${shown(lookup.name)}: ${answerOf(lookup)}`, LOOKUP_WIDTH)
}

function answerOf({ answer, list }: LookupOfRecord): string {
  switch (answer?.kind) {
    case undefined:
      return 'not awaited'
    case 'found':
      return answer.values.map(value => (value === '' ? '.' : shown(value))).join(' ')
    case 'failed':
      return answer.reason === 'timeout' ? 'silent' : `failed (${answer.reason})`
    case 'nodata':
      return list === undefined ? 'no such record' : 'not listed'
    case 'nxdomain':
      return list === undefined ? 'no such name' : 'not listed'
  }
}

function rules(page: Page, { rules }: ExplainedDecision): void {
  if (rules.length === 0) return
  page.heading('Rules, in their order: points, sum')
  for (const { rule, score, rate, text, parameters } of rules) {
    const front = `${signed(score).padStart(8)} ${formatNumber(round(rate)).padStart(8)}`
    const from = parameters.length === 0 ? '' : ` (${parameters.join(', ')})`
    page.labelled(front, `${rule}${text === undefined ? '' : `: ${text}`}${from}`, POINTS_WIDTH)
  }
}

/** Several decisions, a line each; the terminal's columns hold as much of it as there is room for. */
export function renderDecisions(
  decisions: readonly DecisionRecord[],
  fateOf: (record: DecisionRecord) => Fate,
  form: PageForm,
): string {
  const page = new Page(form)
  page.heading(`${decisions.length} decision${decisions.length === 1 ? '' : 's'}`)
  for (const record of decisions) {
    const { id, time } = record
    const request: Readonly<Record<string, string>> = record.request
    const of = (name: string): string => request[name] ?? ''
    const { would, ...others } = record
    const otherwise = would === undefined ? '' : ` (else ${FATES[fateOf({ ...others, action: would })][0]})`
    const parties = `${of('client_address')} <${of('sender')}> to <${of('recipient')}>`
    page.labelled(
      `${localTime(time).slice(0, 19)}  ${id === '' ? '' : `${id}  `}`,
      `${FATES[fateOf(record)][0]}${otherwise}  ${parties}`,
      id === '' ? 23 : 35,
    )
  }
  return page.text
}

/** `+4.35`, `-1.5`, `0`. */
function signed(value: number): string {
  const text = formatNumber(round(value))
  return value > 0 ? `+${text}` : text
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0)
}
