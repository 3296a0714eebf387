/**
 * `policyd-weight exempt`: adds an exception, takes one away, or lists them.
 *
 *   handlers.ts: configuration, what was given → exempt → change-exception.ts, edit-exceptions.ts, rewrite-exceptions.ts |
 *   exceptions-report.ts → what to print, and the exit status
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
import type { Exception, Who } from '../../exceptions/exception.ts'
import { ownersBeside, readExceptionsFile } from '../../exceptions/exceptions-file.ts'
import { readExceptions } from '../../exceptions/read-exceptions.ts'
import { CACHE_FILE_NAME } from '../../serve.ts'
import { EXIT_CANNOT_CREATE, EXIT_OK, EXIT_UNAVAILABLE, EXIT_USAGE } from '../../system/exit-status.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { maskText } from '../../text/mask.ts'
import { applyChange, describeChange, type ExceptionChange, readChange } from './change-exception.ts'
import { exceptionsFor, type Removed, removeLines, renderLine, setLine } from './edit-exceptions.ts'
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

/** What is said, and nothing else, where a line stays as it was. */
const AS_BEFORE = 'as before'

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
  const change = readChange({ action, until, note }, surroundings.nowMs)
  if (typeof change === 'string') return told(change, EXIT_USAGE)
  return set(who, change, path, owners, surroundings)
}

function set(
  who: Who,
  change: ExceptionChange,
  path: string,
  owners: readonly number[],
  { loaded, native, nowMs }: ExemptSurroundings,
): Exempted {
  let done = told(`${path} was not changed`, EXIT_CANNOT_CREATE)
  const failed = rewriteExceptions(path, owners, native, text => {
    const before = exceptionsFor(text, who)
    const after = applyChange(who, change, before.at(-1), nowMs)
    if (typeof after === 'string') {
      done = told(after, EXIT_USAGE)
      return undefined
    }
    const replaced = describeReplaced(before, after)
    const lines = [`${path}: ${renderLine(after)}`, ...replaced, ...describeException(who, after.action, loaded.path)]
    done = { text: `${lines.map(maskText).join('\n  ')}\n`, status: EXIT_OK }
    return replaced.length === 1 && replaced[0] === AS_BEFORE ? undefined : setLine(text, after)
  })
  return failed ? told(failed.text, failed.status) : done
}

/** What became of the lines that were there for the same WHO, of which the last one counted. */
function describeReplaced(before: readonly Exception[], after: Exception): readonly string[] {
  const last = before.at(-1)
  if (last === undefined) return []
  const changes = describeChange(last, after)
  const idle = before.slice(0, -1).map(renderLine)
  return [
    changes.length === 0 ? AS_BEFORE : `changed: ${changes.join('; ')}`,
    ...idle.map(line => `removed, for it did not count: ${line}`),
  ]
}

function takeAway(who: Who, path: string, owners: readonly number[], { native }: ExemptSurroundings): Exempted {
  const missing = told(`there is no exception for ${who.text} in ${path}`, EXIT_UNAVAILABLE)
  // Where there is no file none is made.
  if (readExceptionsFile(path, owners) === undefined) return missing
  let edited: Removed | undefined
  const failed = rewriteExceptions(path, owners, native, text => {
    edited = removeLines(text, who)
    return edited.text
  })
  if (failed) return told(failed.text, failed.status)
  if (!edited || edited.removed.length === 0) return missing
  return told(`${path}: removed "${edited.removed.at(-1)?.trim()}"`, EXIT_OK)
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

function told(text: string, status: number): Exempted {
  return { text: `${maskText(text)}\n`, status }
}
