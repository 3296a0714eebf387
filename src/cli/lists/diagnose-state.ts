/**
 * What `lists` says of a list that is not asked, and what helps.
 *
 *   lists-in-use.ts: ListInUse → diagnoseState → diagnoses → lists-report.ts
 *
 * Total. Source: docs/lists-in-use.md.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { formatTimestamp } from '../../log/timestamp.ts'
import { warnOfQuarantine } from '../doctor/check-quarantine.ts'
import { type Diagnosis, warning } from '../doctor/diagnosis.ts'
import { ownCommand } from '../../config/own-command.ts'
import { warnOfKey } from './check-key.ts'
import type { ListInUse } from './lists-in-use.ts'

/** What is to be said of a list that is left alone, or cannot be asked. `path`: of the configuration. */
export function diagnoseState(
  { list, state, sinceSeconds = 0, why }: ListInUse,
  config: Config,
  path: string | undefined,
): Diagnosis[] {
  const when = formatTimestamp(sinceSeconds * 1000)
  switch (state) {
    case 'quarantined':
      return [warnOfQuarantine({ list, sinceSeconds, why }, path)]
    case 'skipped':
      return [
        warning(
          'list-skipped',
          list,
          `is left alone for a while, the latest of ${why} at ${when}; what it answers now:`,
          ownCommand(path, ['lists', '--test']),
        ),
      ]
    case 'no-key':
      return [warnOfKey(list, config, path)]
    default:
      return []
  }
}
