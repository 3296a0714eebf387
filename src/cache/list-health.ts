/**
 * Lists that are broken are left alone for a while, by all instances.
 *
 *   recall.ts: hosts → those to skip; decide.ts: how each list answered → counted → remarks for the log
 *
 * After more than $BL_ERROR_SKIP errors in a row a list is skipped $BL_SKIP_RELEASE times, then asked once more: an
 * answer forgets everything, another error skips it again. What is kept of a list that answers is nothing at all, so
 * nearly always the table is empty, and no list has to be looked for.
 *
 * Pure over the table; the caller holds the lock.
 * Source: specification, chapters "DNS and lists" Answer classes, "Cache" Limits.
 */
import type { Config } from '../config/parameters.ts'
import type { ListEntry } from './entries.ts'
import type { Table } from './table.ts'

const NONE: ReadonlySet<string> = new Set()

/** The lists this request does not ask; each of them is skipped once less. */
export function listsToSkip(table: Table<ListEntry>, config: Config, nowSeconds: number): ReadonlySet<string> {
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

/** Counts how lists answered; returns a sentence for the log for each whose state changed. */
export function noteListAnswers(
  table: Table<ListEntry>,
  answers: ReadonlyMap<string, 'answered' | 'failed'>,
  config: Config,
  nowSeconds: number,
): string[] {
  const remarks: string[] = []
  const nothingKnown = table.isEmpty()
  for (const [host, answer] of answers) {
    if (nothingKnown && answer === 'answered') continue
    const errors = table.get(host)?.errorsInRow ?? 0
    if (answer === 'answered') {
      if (errors === 0) continue
      table.delete(host)
      if (errors > config.BL_ERROR_SKIP) remarks.push(`list ${host} answers again`)
      continue
    }
    const errorsInRow = errors + 1
    const isSkipped = errorsInRow > config.BL_ERROR_SKIP && config.BL_SKIP_RELEASE > 0
    table.set(host, { errorsInRow, skipsLeft: isSkipped ? config.BL_SKIP_RELEASE : 0, seenSeconds: nowSeconds })
    if (isSkipped && errorsInRow === config.BL_ERROR_SKIP + 1)
      remarks.push(`list ${host} failed ${errorsInRow} times in a row and is skipped ${config.BL_SKIP_RELEASE} times`)
  }
  return remarks
}
