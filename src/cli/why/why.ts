/**
 * `policyd-weight why WORD…`: looks a decision up and explains it.
 *
 *   why-commands.ts: words, options → runWhy → find-decisions.ts over the journal or the mail log → page or JSON
 *
 * With a journal there is all to say; a mail log has the answer and the rules, and that much is said, and what is missing. Without a
 * word the last refusals are listed, and what would have been one.
 *
 * Failure: a value. Status 0 found, 64 wrong usage, 69 nothing found, or no such log, 77 it may not be read.
 * Source: docs/journal.md.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import type { DecisionRecord } from '../../journal/decision-record.ts'
import { hideAddress, readKey } from '../../journal/hidden-addresses.ts'
import { readJournal } from '../../journal/read-journal.ts'
import { readReference } from '../../policy/reference.ts'
import { codeOf, messageOf } from '../../system/errno.ts'
import { EXIT_NO_PERMISSION, EXIT_OK, EXIT_UNAVAILABLE, EXIT_USAGE } from '../../system/exit-status.ts'
import { normalizeClientAddress } from '../../text/address.ts'
import { maskText } from '../../text/mask.ts'
import { attempt } from '../rights/look-files.ts'
import { checkRecord } from './checked-record.ts'
import { ownCommand } from '../../config/own-command.ts'
import { explainDecision, type ExplainedDecision, fateOfRecord } from './explanation.ts'
import { type FoundDecisions, findDecisions, type OpenRecords } from './find-decisions.ts'
import { findLog, type LogLines, type LogPlaces, LogUnreadable } from './log-lines.ts'
import { LoggedDecisions } from './mail-log.ts'
import { noteException } from './present-exception.ts'
import { matches, parseWords, type Wanted } from './wanted.ts'
import { listOf } from './wanted-list.ts'
import { localTime, parseSince } from './since.ts'
import { Page } from './layout.ts'
import { type PageForm, renderDecisions, renderPage } from './why-page.ts'
import { whyJson } from './why-json.ts'

const DEFAULT_SINCE = '2d'
/** Of a reference, which is one decision. */
const DEFAULT_SINCE_OF_REFERENCE = '14d'
const EVER = '1970-01-02'
/** Lines of the table. */
const MOST_ROWS = 20

export interface WhyOptions {
  readonly words: readonly string[]
  readonly since: string | undefined
  /** Of `--log`. */
  readonly log: string | undefined
  readonly isJson: boolean
  readonly config: Config
  /** The configuration that was read. */
  readonly path: string | undefined
  readonly form: PageForm
  readonly nowMs: number
  /** Where logs are; for tests. */
  readonly places?: Pick<LogPlaces, 'searchPath' | 'usualFiles'>
}

/** What to print, and the exit status. */
export interface Told {
  readonly text: string
  readonly status: number
  /** It is no answer, but why there is none. */
  readonly isFault?: true
}

export async function runWhy(options: WhyOptions): Promise<Told> {
  const { words, log, config, nowMs, isJson } = options
  const wanted = wantedOf(options)
  if (typeof wanted === 'string') return fault(wanted, EXIT_USAGE)
  const isReference = wanted.some(({ id }) => id !== undefined)
  // Whoever names a log has chosen how far back it reaches.
  const usual = log === undefined ? (isReference ? DEFAULT_SINCE_OF_REFERENCE : DEFAULT_SINCE) : EVER
  const { since = usual } = options
  const sinceMs = parseSince(since, nowMs)
  if (sinceMs === undefined)
    return fault(`--since ${since}: neither a span such as 90m, 12h, 2d nor a day such as 2026-01-31`, EXIT_USAGE)
  try {
    const source = await openSource(options, sinceMs)
    const fateOf = (record: DecisionRecord): ExplainedDecision['fate'] => fateOfRecord(record, record, config)
    const isWanted = (record: DecisionRecord): boolean =>
      wanted.length > 0 ? matches(record, wanted) : record.would !== undefined || fateOf(record) !== 'accepted'
    const found = await findDecisions(source.open, isWanted, sinceMs)
    const chosen = found.decisions.find(record => fateOf(record) !== 'accepted') ?? found.decisions[0]
    const original = chosen?.repeats === undefined ? undefined : found.originals.get(chosen.repeats)
    const told =
      chosen && (await explainDecision(chosen, original, { config, path: options.path, source: source.kind }))
    const isKeptOut = told && told.fate !== 'accepted' && told.record.exempt === undefined
    const place = { config, path: options.path, nowMs: () => nowMs }
    const notes = isKeptOut ? await noteException(told.record.request, place) : []
    const explained = told && { ...told, notes: [...told.notes, ...notes] }
    const status = chosen ? EXIT_OK : EXIT_UNAVAILABLE
    if (isJson) {
      const at = new Date(sinceMs).toISOString()
      const { decisions, isCut } = found
      return { text: whyJson({ words, since: at, source: source.kind, decisions, fateOf, isCut, explained }), status }
    }
    const { where } = source
    if (!explained) return { text: nothing(options, found, source, sinceMs), status }
    const table = found.decisions.length > 1 || wanted.length === 0 ? renderTable(found, fateOf, options.form) : ''
    if (wanted.length === 0) return { text: `${table}${invitation(found, options)}`, status }
    const page = renderPage(explained, options.form)
    return { text: `${table}${page}${source.kind === 'log' ? ofLog(where) : ''}`, status }
  } catch (error) {
    const why = error instanceof LogUnreadable ? error.message : unreadable(error)
    if (why === undefined) throw error
    const isMissing = error instanceof LogUnreadable && error.isMissing
    return fault(why, isMissing ? EXIT_UNAVAILABLE : EXIT_NO_PERMISSION)
  }
}

/** A sentence that is no answer. */
export function fault(text: string, status: number): Told {
  return { text: `${maskText(text)}\n`, status, isFault: true }
}

/** Why the system does not let us read; undefined: it is an error of our own. */
function unreadable(error: unknown): string | undefined {
  const code = codeOf(error)
  if (code === undefined) return undefined
  return code === 'EACCES' ? `${messageOf(error)}; run this as root or as $USER` : messageOf(error)
}

interface Source {
  readonly kind: 'journal' | 'log'
  readonly open: OpenRecords
  /** For people. */
  readonly where: string
}

/** The journal, unless a log is named or there is none. Throws LogUnreadable, or errors of the system. */
async function openSource({ log, config, places, nowMs }: WhyOptions, sinceMs: number): Promise<Source> {
  const { JOURNAL } = config
  if (log === undefined && JOURNAL !== '' && hasJournal(JOURNAL)) {
    const open = (sinceMs: number): Iterable<DecisionRecord> => checkedRecords(JOURNAL, sinceMs)
    return { kind: 'journal', open, where: JOURNAL }
  }
  const lines = await findLog({ config, file: log, sinceMs, ...places })
  const isJournal = log !== undefined && (await beginsAsJournal(lines))
  return { kind: isJournal ? 'journal' : 'log', open: () => readLog(lines, nowMs), where: lines.where }
}

/** Throws errors of the system. */
function hasJournal(path: string): boolean {
  try {
    readJournal(path, Number.MAX_SAFE_INTEGER / 2).next()
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}

function* checkedRecords(path: string, sinceMs: number): Generator<DecisionRecord> {
  for (const record of readJournal(path, sinceMs)) {
    const checked = checkRecord(record)
    if (checked) yield checked
  }
}

/** Words, with the lists that they are called, and with what a journal has in their place that hides local parts. */
function wantedOf({ words, config }: WhyOptions): readonly Wanted[] | string {
  const { JOURNAL, JOURNAL_PRIVACY } = config
  const parsed = parseWords(words)
  if (typeof parsed === 'string') return parsed
  const wanted = parsed.map((each): Wanted => {
    const list = listOf(each.word, config)
    return list ? { ...each, list } : each
  })
  if (!JOURNAL_PRIVACY || JOURNAL === '') return wanted
  const key = attempt(() => readKey(`${JOURNAL}.key`))
  return wanted.map(each => (each.mailbox ? { ...each, hidden: hideAddress(each.mailbox, key) } : each))
}

/** Whether the first line that is none of nothing is a record: a journal that was copied from somewhere else. */
async function beginsAsJournal({ open }: LogLines): Promise<boolean> {
  for await (const line of open()) if (line !== '') return line.startsWith('{')
  return false
}

async function* readLog({ open }: LogLines, nowMs: number): AsyncIterable<DecisionRecord> {
  const logged = new LoggedDecisions(nowMs)
  for await (const line of open()) {
    const record = logged.read(line)
    if (record) yield record
  }
}

function renderTable(
  { decisions, isCut }: FoundDecisions,
  fateOf: (record: DecisionRecord) => ExplainedDecision['fate'],
  form: PageForm,
): string {
  const rows = decisions.slice(0, MOST_ROWS)
  const more = decisions.length - rows.length
  const table = renderDecisions(rows, fateOf, form)
  const left =
    more > 0 || isCut
      ? `  and ${more}${isCut ? ' or more' : ''} before; a word more, or a shorter --since, leaves some out\n`
      : ''
  return `${table}${left}\n`
}

function invitation({ decisions: [newest] }: FoundDecisions, { path, form }: WhyOptions): string {
  const word = readReference(newest?.id ?? '') ?? normalizeClientAddress(newest?.request.client_address ?? '') ?? 'WORD'
  const page = new Page(form)
  page.heading('To have one explained')
  page.verbatim(ownCommand(path, ['why', word]))
  page.sentence('  or a client, a network, a sender, a recipient or a name in its place')
  return page.text
}

/** What helps depends on what there was to look at. */
function nothing(options: WhyOptions, { seen }: FoundDecisions, { kind, where }: Source, sinceMs: number): string {
  const { words, since, log, form, config } = options
  const asked = words.length === 0 ? 'refused or deferred' : `about ${words.map(maskText).join(' and ')}`
  const back = since === undefined && log !== undefined ? '' : ` since ${localTime(new Date(sinceMs).toISOString())}`
  const page = new Page(form)
  page.sentence(`Nothing ${asked}${back}: looked at ${seen} decision${seen === 1 ? '' : 's'} in ${where}.`)
  if (seen === 0 && kind === 'log' && log === undefined)
    page.sentence('Where the mail log is somewhere else, name it: --log FILE.')
  const further = back === '' ? [] : [`further back: --since 30d`]
  const elsewhere = kind === 'journal' && log === undefined ? ['in the mail log: --log FILE'] : []
  const others = words.length === 0 ? [] : ['for another of client address, sender, recipient, HELO name and list']
  const ways = [...further, ...elsewhere, ...others]
  if (ways.length > 0) page.sentence(`Look ${ways.join('; or ')}.`)
  if (config.JOURNAL_PRIVACY && kind === 'journal' && words.some(word => word.endsWith('@')))
    page.sentence('Local parts are hidden ($JOURNAL_PRIVACY): an address is found as a whole, user@example.org.')
  return page.text
}

function ofLog(where: string): string {
  return `\nFrom ${maskText(where)}, which has no answers of lists and names:\nwith $JOURNAL set, the next refusal can be explained in full.\n`
}
