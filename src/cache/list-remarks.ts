/**
 * What the log says of a list whose state changed: why it is left alone, and what helps.
 *
 *   list-health.ts → consult.ts → sentence → log
 *
 * Loaded only when there is such a change. A subscriber's key is left out.
 *
 * Pure, total.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-are-skipped.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { explainTrouble } from '../lists/refusals.ts'
import { shownHost } from '../lists/shown-host.ts'
import type { ListChange } from './list-health.ts'

/**
 * `list zen.spamhaus.org refused 3 times in a row (127.255.255.254: public or cloud resolver; use a resolver of your own or a
 * free DQS key) and is skipped 10 times`.
 */
export function describeListChange({ host, trouble, errorsInRow }: ListChange, config: Config): string {
  const { zone_codes, BL_SKIP_RELEASE } = config
  const list = `list ${shownHost(host, zone_codes)}`
  if (!trouble) return `${list} answers again`
  const { what, meaning, remedy } = explainTrouble(host, trouble, zone_codes)
  const why = [what, ...(meaning === undefined ? [] : [`: ${meaning}; ${remedy}`])].join('')
  const verb = trouble.kind === 'blocked' ? 'refused' : 'failed'
  return `${list} ${verb} ${times(errorsInRow)} in a row (${why}) and is skipped ${times(BL_SKIP_RELEASE)}`
}

function times(count: number): string {
  return `${count} ${count === 1 ? 'time' : 'times'}`
}
