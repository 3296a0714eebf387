/**
 * Lists that are broken are left alone for a while, by all instances.
 *
 *   recall.ts: hosts → those to skip; remember.ts: how each list answered → counted → what changed → list-remarks.ts, the log
 *
 * After more than $BL_ERROR_SKIP errors in a row a list is skipped $BL_SKIP_RELEASE times, then asked once more: an
 * answer forgets everything, another error skips it again. What is kept of a list that answers is nothing at all, so
 * nearly always the table is empty, and no list has to be looked for. Counted is only what the client can have no hand in
 * (lists/questions.ts).
 *
 * Pure over the table; the caller holds the lock.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-are-skipped.
 */
import type { Config } from '../config/parameters/parameters.ts'
import type { ListTrouble } from '../lists/classify.ts'
import type { ListRecord } from './entries.ts'
import type { Table } from './entry-table.ts'

const NONE: ReadonlySet<string> = new Set()

/** The lists this request does not ask; each of them is skipped once less. */
export function listsToSkip(table: Table<ListRecord>, config: Config, nowSeconds: number): ReadonlySet<string> {
  if (table.isEmpty()) return NONE
  let skipped: Set<string> | undefined
  for (const { host } of [...config.dnsbl_score, ...config.rhsbl_score]) {
    if (skipped?.has(host)) continue
    const entry = table.get(host)
    if (!entry || entry.skipsLeft <= 0) continue
    table.set(host, { ...entry, skipsLeft: entry.skipsLeft - 1, seenSeconds: nowSeconds })
    skipped ??= new Set()
    skipped.add(host)
  }
  return skipped ?? NONE
}

/** A list that is skipped from now on, for `trouble`, the last of `errorsInRow`; or, without trouble, no longer. */
export interface ListChange {
  readonly host: string
  readonly trouble: ListTrouble | undefined
  readonly errorsInRow: number
}

/** Counts how lists answered; returns those whose state changed, for the log. */
export function noteListAnswers(
  table: Table<ListRecord>,
  answers: ReadonlyMap<string, 'answered' | ListTrouble>,
  config: Config,
  nowSeconds: number,
): ListChange[] {
  const changes: ListChange[] = []
  const nothingKnown = table.isEmpty()
  for (const [host, answer] of answers) {
    if (nothingKnown && answer === 'answered') continue
    const errors = table.get(host)?.errorsInRow ?? 0
    if (answer === 'answered') {
      if (errors === 0) continue
      table.delete(host)
      if (errors > config.BL_ERROR_SKIP) changes.push({ host, trouble: undefined, errorsInRow: 0 })
      continue
    }
    const errorsInRow = errors + 1
    const isSkipped = errorsInRow > config.BL_ERROR_SKIP && config.BL_SKIP_RELEASE > 0
    table.set(host, { errorsInRow, skipsLeft: isSkipped ? config.BL_SKIP_RELEASE : 0, seenSeconds: nowSeconds })
    if (isSkipped && errorsInRow === config.BL_ERROR_SKIP + 1) changes.push({ host, trouble: answer, errorsInRow })
  }
  return changes
}
