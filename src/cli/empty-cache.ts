/**
 * `-k`: empties the cache.
 *
 *   main.ts: path of the file → emptyCache → what was done, and the exit status
 *
 * The file is removed; the next mail makes a new one. Running instances notice within a second (store.ts); what they
 * write to the old file until then is forgotten with it, and no instance ever sees half of anything.
 *
 * Rejected: emptying the file in place (that needs the lock and the native part, and a damaged file could not be
 * emptied), and putting an empty file in its place: made by root, it would be refused by the user of the service.
 *
 * Failure: a value: 69 there is none, 77 we may not, 73 it cannot be removed; with what to do.
 * Source: specification, chapter "Cache".
 */
import { unlinkSync } from 'node:fs'
import { readStore } from '../cache/store.ts'
import type { Limits, Tables } from '../cache/tables.ts'
import { codeOf } from '../cache/unavailable.ts'
import { EXIT_CANNOT_CREATE, EXIT_NO_PERMISSION, EXIT_OK, EXIT_UNAVAILABLE } from '../exit-status.ts'

/** What came of it, a sentence with a line feed behind it, and the exit status. */
export interface Emptied {
  readonly text: string
  readonly status: number
}

/** Removes the cache file at `path`; throws only on an error that is no system call's. */
export function emptyCache(path: string, limits: Limits): Emptied {
  const store = readStore(path, limits)
  try {
    unlinkSync(path)
  } catch (error) {
    return explainFailure(path, error)
  }
  const what = store.kind === 'tables' ? `forgotten: ${countEntries(store.tables)}` : `it was no cache: ${store.why}`
  return { text: `${path}: removed (${what}). Running instances begin a new one within a second.\n`, status: EXIT_OK }
}

function explainFailure(path: string, error: unknown): Emptied {
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
        text: `${path} cannot be removed (${code}); see what it is: ls -ld ${path}\n`,
        status: EXIT_CANNOT_CREATE,
      }
  }
}

function countEntries({ spam, ham, messages, lists }: Tables): string {
  const count = (entries: Iterable<unknown>): number => [...entries].length
  return (
    `${count(spam.entries())} rejected, ${count(ham.entries())} accepted, ` +
    `${count(messages.entries())} mails, ${count(lists.entries())} lists, all counters`
  )
}
