/**
 * `-s`: what the cache holds, once or again every second.
 *
 *   show-or-empty.ts: path of the file → lookAtCache → text → standard output
 *
 * Reads a copy of the file, without lock and without the native part: looking never holds up a mail, and works for
 * whoever may read the file. An entry that is being written at that moment is missing from the copy.
 *
 * Failure: a value with the exit status, 69 (there is no cache to show) or 77 (we may not read it), and what to do.
 * Watching goes on through it: a cache that was just emptied is there again with the next mail.
 * Source: docs/behaviour/cache.md.
 */
import { setTimeout } from 'node:timers/promises'
import { readStore } from '../../cache/store.ts'
import type { Limits } from '../../cache/tables.ts'
import type { StoreUnavailable } from '../../cache/unavailable.ts'
import { ownCommand } from '../../config/own-command.ts'
import { EXIT_NO_PERMISSION, EXIT_UNAVAILABLE } from '../../system/exit-status.ts'
import type { ConfiguredZone } from '../../lists/zone.ts'
import { howToMove } from '../rights/look-files.ts'
import { type Frame, renderCacheJson, renderCacheTable } from './cache-report.ts'

/** The screen alone: what was printed before can still be scrolled to. */
const CLEAR_SCREEN = '\x1b[H\x1b[2J'

/** What to look at, and how to print it. */
export interface ShowOptions {
  /** The cache file. */
  readonly path: string
  /** The configuration that was read; absent: there is none. */
  readonly file?: string | undefined
  readonly limits: Limits
  /** Hash of the configuration that serves: entries of others are marked. */
  readonly configuration: number
  /** `@zone_codes`: what is not to be shown of lists. */
  readonly zoneCodes?: readonly ConfiguredZone[]
  readonly json: boolean
  /** Characters of a line of the terminal; absent: standard output is none. */
  readonly width?: number | undefined
  readonly nowMs: () => number
}

/** What one look came to: a report, or why there is none. Both end in a line feed. */
export type Look =
  | { readonly kind: 'report'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string; readonly status: number }

/** Where to print, again and again. */
export interface Screen {
  /** Lines of the terminal; undefined: standard output is none, nothing is cleared or left out. */
  readonly lines: number | undefined
  readonly refreshMs: number
  write(text: string): void
}

/** One look; `lines`: of the screen, if it has to fit there. */
export function lookAtCache(
  { path, file, limits, configuration, zoneCodes, json, width, nowMs }: ShowOptions,
  lines?: Frame['lines'],
): Look {
  const store = readStore(path, limits, configuration)
  if (store.kind === 'unavailable') return explainFailure(path, store, file)
  const nowSeconds = nowMs() / 1000
  const text = json
    ? renderCacheJson(path, store.tables, nowSeconds, zoneCodes)
    : renderCacheTable(path, store.tables, nowSeconds, { width, lines }, zoneCodes)
  return { kind: 'report', text }
}

/** A look at once and every `refreshMs` until `interrupted`; one line of JSON for each, or on a terminal one screen. */
export async function watchCache(options: ShowOptions, screen: Screen, interrupted: AbortSignal): Promise<void> {
  while (!interrupted.aborted) {
    const { lines, refreshMs } = screen
    const look = lookAtCache(options, lines)
    // A program that reads JSON gets nothing else.
    if (look.kind === 'report' || !options.json) screen.write(`${lines === undefined ? '' : CLEAR_SCREEN}${look.text}`)
    await setTimeout(refreshMs, undefined, { signal: interrupted }).catch(() => {})
  }
}

function explainFailure(path: string, { code, why }: StoreUnavailable, file: string | undefined): Look {
  const check = ownCommand(file, ['check'])
  const failed = (text: string, status = EXIT_UNAVAILABLE): Look => ({ kind: 'failed', text: `${text}\n`, status })
  switch (code) {
    case 'missing':
      return failed(`there is no ${path}; the first request that is looked up makes it. If it does not: ${check}`)
    case 'damaged':
    case 'other-version':
      return failed(`${why}; the next instance that starts replaces it`)
    case 'file-refused':
      return failed(`${why}, so it is not used; ${howToMove(path) ?? '-k in place of -s removes it'}`)
    default:
      return isPermission(why)
        ? failed(`${why}; run this as root or as the user of the service`, EXIT_NO_PERMISSION)
        : failed(`${why}; more about it: ${check}`)
  }
}

function isPermission(why: string): boolean {
  return /^E(?:ACCES|PERM)\b/.test(why)
}
