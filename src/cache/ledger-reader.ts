/**
 * Reads the ledger: what lists were asked, on each of the last days.
 *
 *   file → readLedger → counts by day and list → cli/lists/
 *
 * Takes no lock: looking never holds up a mail, and a slot is written at once.
 *
 * Failure: a value that says why there is nothing to read.
 * Source: ledger-format.ts.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { readPart } from '../system/bytes.ts'
import { codeOf } from '../system/errno.ts'
import { AREA_BYTES, LEDGER_DAYS, LedgerArea, type ListCounts } from './ledger-format.ts'

/** `days`: by day since 1970 (UTC), then by list as it is shown. */
export type ReadLedger =
  | { readonly kind: 'ledger'; readonly days: ReadonlyMap<number, ReadonlyMap<string, ListCounts>> }
  | { readonly kind: 'no-ledger'; readonly code: string }

export function readLedger(path: string): ReadLedger {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY)
    if ((fstatSync(descriptor).mode & constants.S_IFMT) !== constants.S_IFREG)
      return { kind: 'no-ledger', code: 'no regular file' }
    const days = new Map<number, ReadonlyMap<string, ListCounts>>()
    for (let index = 0; index < LEDGER_DAYS; index++) {
      const area = new LedgerArea(readPart(descriptor, index * AREA_BYTES, AREA_BYTES))
      if (area.day !== undefined && area.day % LEDGER_DAYS === index) days.set(area.day, area.read())
    }
    return { kind: 'ledger', days }
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    return { kind: 'no-ledger', code }
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
