/**
 * How often each exception of `$EXCEPTIONS` was used, and when last.
 *
 *   recall.ts, consult.ts: whom it is for → noteUse → a slot; cli/exempt/ reads a copy
 *
 * Counted with the transaction that a mail takes anyway, or behind the answer. Of more exceptions than there are slots, those that
 * were used least lately are forgotten; so are all with the cache.
 *
 * Total: who is longer than a slot takes is not counted. The caller holds the lock.
 * Source: docs/exceptions.md#how-often-each-is-used.
 */
import type { ExceptionUse } from './entries.ts'
import type { Table } from './entry-table.ts'

/** Counts uses of an exception. */
export function noteUse(table: Table<ExceptionUse>, who: string, nowSeconds: number, times = 1): void {
  table.set(who, { count: (table.get(who)?.count ?? 0) + times, seenSeconds: nowSeconds })
}
