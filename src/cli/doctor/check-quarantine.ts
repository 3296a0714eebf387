/**
 * Lists that the host has in quarantine, as diagnoses.
 *
 *   cli/cache/quarantined-lists.ts → checkQuarantine → doctor; lists/lists-in-use.ts → warnOfQuarantine → `lists`
 *
 * Pure, total.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import { formatTimestamp } from '../../log/timestamp.ts'
import { ownCommand } from '../../config/own-command.ts'
import type { QuarantinedList } from '../cache/quarantined-lists.ts'
import { type Diagnosis, warning } from './diagnosis.ts'

/** `undefined`: nobody knows. `path`: of the configuration. */
export function checkQuarantine(lists: readonly QuarantinedList[] | undefined, path: string | undefined): Diagnosis[] {
  return (lists ?? []).map(list => warnOfQuarantine(list, path))
}

export function warnOfQuarantine({ list, sinceSeconds, why }: QuarantinedList, path: string | undefined): Diagnosis {
  const when = formatTimestamp(sinceSeconds * 1000)
  return warning(
    'list-quarantined',
    list,
    `is in quarantine since ${when} (${why}): it scores nobody until its probes are clean again, or, if it is in order, until it is released`,
    ownCommand(path, ['lists', '--release', list]),
  )
}
