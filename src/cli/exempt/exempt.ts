/**
 * `policyd-weight exempt`: adds an exception, takes one away, or lists them.
 *
 *   handlers.ts: configuration, what was given → exempt → edit-exceptions.ts, rewrite-exceptions.ts | exceptions-report.ts → what
 *   to print, and the exit status
 *
 * What is not understood is refused before the file is touched. Nothing has to be restarted.
 *
 * Failure: a value: 64 wrong usage, 69 there is no such exception or no file is named, 73 it cannot be written, 77 we may not.
 * Source: docs/exceptions.md.
 */
import { join } from 'node:path'
import type { ExceptionUse } from '../../cache/entries.ts'
import { limitsOf } from '../../cache/cache.ts'
import { readStore } from '../../cache/store.ts'
import type { LoadedConfig } from '../../config/loaded.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { endMs, type Exception, type Who } from '../../exceptions/exception.ts'
import { isDay, readAction } from '../../exceptions/exception-line.ts'
import { ownersBeside, readExceptionsFile } from '../../exceptions/exceptions-file.ts'
import { readExceptions } from '../../exceptions/read-exceptions.ts'
import { CACHE_FILE_NAME } from '../../serve.ts'
import { EXIT_CANNOT_CREATE, EXIT_OK, EXIT_UNAVAILABLE, EXIT_USAGE } from '../../system/exit-status.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { maskText } from '../../text/mask.ts'
import { type Edited, removeLines, renderLine, setLine } from './edit-exceptions.ts'
import { describeException } from './describe-exception.ts'
import { renderExceptionsJson, renderExceptionsTable } from './exceptions-report.ts'
import { rewriteExceptions } from './rewrite-exceptions.ts'
import { readTypedWho } from './typed-who.ts'

/** What was given on the command line. */
export interface ExemptOptions {
  readonly who?: string | undefined
  readonly action?: string | undefined
  readonly until?: string | undefined
  readonly note?: string | undefined
  readonly remove?: string | undefined
  readonly json?: boolean | undefined
}

/** What came of it, with a line feed behind it. */
export interface Exempted {
  readonly text: string
  readonly status: number
}

/** What it works with. */
export interface ExemptSurroundings {
  readonly loaded: Pick<LoadedConfig, 'config' | 'path'>
  readonly native: Native | NativeUnavailable
  readonly nowMs: number
  /** Characters of a line; undefined: 80. */
  readonly width?: number | undefined
}

const DAY_MS = 86_400_000
const MOST_DAYS = 36_500
const MOST_NOTE_CHARACTERS = 200

export function exempt(options: ExemptOptions, surroundings: ExemptSurroundings): Exempted {
  const { config, path: configuration } = surroundings.loaded
  const path = config.EXCEPTIONS
  if (path === '') return told('$EXCEPTIONS is empty: there are no exceptions', EXIT_UNAVAILABLE)
  const owners = ownersBeside(configuration)
  const { who: named, action, until, note, remove } = options
  const isUse = named !== undefined || remove !== undefined
  if (!isUse) {
    if (until !== undefined || note !== undefined) return told('--until and --note need a WHO', EXIT_USAGE)
    return list(options, surroundings, owners)
  }
  const who = readTypedWho(named ?? remove ?? '', configuration)
  if (typeof who === 'string') return told(who, EXIT_USAGE)
  if (remove !== undefined) {
    if (named !== undefined || until !== undefined || note !== undefined)
      return told('--remove WHO stands alone', EXIT_USAGE)
    return takeAway(who, path, owners, surroundings)
  }
  const exception = exceptionOf(who, { action, until, note }, surroundings.nowMs)
  if (typeof exception === 'string') return told(exception, EXIT_USAGE)
  return add(exception, path, owners, surroundings)
}

function add(
  exception: Exception,
  path: string,
  owners: readonly number[],
  { loaded, native }: ExemptSurroundings,
): Exempted {
  let edited: Edited | undefined
  const failed = rewriteExceptions(path, owners, native, text => {
    edited = setLine(text, exception)
    return edited.text
  })
  if (failed) return told(failed.text, failed.status)
  const before = edited?.replaced.at(-1)
  const line = renderLine(exception)
  const what = before === undefined ? '' : before.trim() === line ? ' (as before)' : ` in place of "${before.trim()}"`
  const meaning = describeException(exception.who, exception.action, loaded.path).map(each => `\n  ${maskText(each)}`)
  return { text: `${maskText(`${path}: ${line}${what}`)}${meaning.join('')}\n`, status: EXIT_OK }
}

function takeAway(who: Who, path: string, owners: readonly number[], { native }: ExemptSurroundings): Exempted {
  const missing = told(`there is no exception for ${who.text} in ${path}`, EXIT_UNAVAILABLE)
  // Where there is no file none is made.
  if (readExceptionsFile(path, owners) === undefined) return missing
  let edited: Edited | undefined
  const failed = rewriteExceptions(path, owners, native, text => {
    edited = removeLines(text, who)
    return edited.text
  })
  if (failed) return told(failed.text, failed.status)
  if (!edited || edited.replaced.length === 0) return missing
  return told(`${path}: removed "${edited.replaced.at(-1)?.trim()}"`, EXIT_OK)
}

function list(
  { json }: ExemptOptions,
  { loaded, nowMs, width }: ExemptSurroundings,
  owners: readonly number[],
): Exempted {
  const { EXCEPTIONS: file } = loaded.config
  const read = readExceptionsFile(file, owners)
  if (read?.kind === 'refused') return told(`${file}: ${read.message}`, EXIT_CANNOT_CREATE)
  const { exceptions, findings } = readExceptions(read?.text ?? '', file)
  const faults = findings.filter(({ code }) => code === 'bad-exception').length
  const inOrder = exceptions.toSorted((a, b) => a.line - b.line)
  const report = { file, path: loaded.path, exceptions: inOrder, uses: usesOf(loaded.config), faults, nowMs }
  return { text: json ? renderExceptionsJson(report) : renderExceptionsTable(report, width), status: EXIT_OK }
}

function usesOf(config: Config): ReadonlyMap<string, ExceptionUse> | undefined {
  const store = readStore(join(config.LOCKPATH, CACHE_FILE_NAME), limitsOf(config))
  return store.kind === 'tables' ? new Map(store.tables.exceptions.entries()) : undefined
}

/** What is to stand in the file, or what is wrong with what was given. */
function exceptionOf(
  who: Who,
  { action: word = 'ACCEPT', until: given, note: text = '' }: Pick<ExemptOptions, 'action' | 'until' | 'note'>,
  nowMs: number,
): Exception | string {
  const action = readAction(word)
  if (!action) return `"${word}" is no action: ACCEPT, SKIP or DRY`
  const until = given === undefined ? undefined : dayOf(given, nowMs)
  if (given !== undefined && until === undefined)
    return `--until "${given}": a day like 2027-01-31, or a span like 30d or 4w`
  if (/[\x00-\x1f\x7f]/.test(text) || text.length > MOST_NOTE_CHARACTERS)
    return `--note is one line of at most ${MOST_NOTE_CHARACTERS} characters`
  const exception = { who, action, until, note: text.trim() }
  return nowMs < endMs(exception) ? exception : `--until ${until} is over`
}

/** `'30d'` → the day in thirty days, UTC: `'2026-12-29'`. */
function dayOf(given: string, nowMs: number): string | undefined {
  const [, count, unit] = /^(\d{1,5})([dw])$/.exec(given) ?? []
  if (count === undefined) return isDay(given) ? given : undefined
  const days = Number(count) * (unit === 'w' ? 7 : 1)
  return days > MOST_DAYS ? undefined : new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10)
}

function told(text: string, status: number): Exempted {
  return { text: `${maskText(text)}\n`, status }
}
