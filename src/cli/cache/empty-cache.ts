/**
 * `-k`: empties the cache.
 *
 *   show-or-empty.ts: path of the file → emptyCache → what was done, and the exit status
 *
 * A cache that is in order is emptied in place (cache/empty.ts), at once for all running instances, and its counters go on.
 * Anything else that lies there is removed, and so is a cache whose lock somebody holds for good, or that belongs to somebody
 * else: the next mail makes a new one, whose counters begin anew, and running instances notice within a second (store.ts). No
 * instance ever sees half of anything.
 *
 * Rejected: putting an empty file in its place: made by root, it would be refused by the user of the service.
 *
 * Failure: a value: 69 there is none, 77 we may not, 73 it cannot be removed; with what to do.
 * Source: docs/behaviour/cache.md.
 */
import { unlinkSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { emptyStore } from '../../cache/empty.ts'
import { readStore } from '../../cache/store.ts'
import type { Limits, Tables } from '../../cache/tables.ts'
import { ownCommand } from '../../config/own-command.ts'
import { codeOf } from '../../system/errno.ts'
import { EXIT_CANNOT_CREATE, EXIT_NO_PERMISSION, EXIT_OK, EXIT_UNAVAILABLE } from '../../system/exit-status.ts'
import { howToMove } from '../rights/look-files.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'

/** What came of it, a sentence with a line feed behind it, and the exit status. */
export interface Emptied {
  readonly text: string
  readonly status: number
}

/** Empties the cache file at `path`; `file`: the configuration that was read. Throws only on an error that is no system call's. */
export function emptyCache(path: string, limits: Limits, native: Native | NativeUnavailable, file?: string): Emptied {
  const store = readStore(path, limits)
  const why = store.kind === 'unavailable' ? store.why : emptyInPlace(path, native)
  const what = store.kind === 'tables' ? `forgotten: ${countEntries(store.tables)}` : `it was no cache: ${store.why}`
  if (why === undefined) return { text: `${path}: emptied (${what}). The counters go on.\n`, status: EXIT_OK }
  try {
    unlinkSync(path)
  } catch (error) {
    return explainFailure(path, error, file)
  }
  const counters = store.kind === 'tables' ? `, and all counters, for it cannot be emptied in place: ${why}` : ''
  return {
    text: `${path}: removed (${what}${counters}). Running instances begin a new one within a second.\n`,
    status: EXIT_OK,
  }
}

/** Undefined: it is done. */
function emptyInPlace(path: string, native: Native | NativeUnavailable): string | undefined {
  if (native.kind === 'unavailable') return native.why
  const place = { directory: dirname(path), fileName: basename(path), ownUid: process.geteuid?.() ?? 0 }
  return emptyStore(place, native)?.why
}

function explainFailure(path: string, error: unknown, file: string | undefined): Emptied {
  const code = codeOf(error)
  switch (code) {
    case undefined:
      throw error
    case 'ENOENT':
      return { text: `there is no ${path}: nothing to empty\n`, status: EXIT_UNAVAILABLE }
    case 'EACCES':
    case 'EPERM':
      return {
        text: `${path} cannot be removed (${code}); run this as root or as the user of the service\n`,
        status: EXIT_NO_PERMISSION,
      }
    default:
      return {
        text: `${path} cannot be removed (${code}); ${howToMove(path) ?? `more about it: ${ownCommand(file, ['check'])}`}\n`,
        status: EXIT_CANNOT_CREATE,
      }
  }
}

function countEntries({ spam, ham, messages, lists }: Tables): string {
  const count = (entries: Iterable<unknown>): number => [...entries].length
  return (
    `${count(spam.entries())} rejected, ${count(ham.entries())} accepted, ` +
    `${count(messages.entries())} mails, ${count(lists.entries())} lists`
  )
}
