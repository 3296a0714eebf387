/**
 * Who speaks against a mail: operators of lists, and whether a listing is about this very client or domain.
 *
 *   chapters 3 and 10: listing → noteListing → Witnesses, one for each scoring; the verdict asks whether one of them is enough
 *
 * Lists of one operator are one witness, however many of them there are: they are fed by the same traps. An operator is known by
 * the label under which its zones are registered, so zen.spamhaus.org and KEY.dbl.dq.spamhaus.net have the same one.
 *
 * Pure over its argument, total.
 * Source: docs/behaviour/scoring.md#witnesses.
 */
import type { Config, ConfiguredList } from '../config/parameters/parameters.ts'
import { isAmong, mayPass } from '../lists/codes.ts'
import { rulesOf } from '../lists/rules.ts'
import { codesOf } from '../lists/words.ts'
import { organisationOf } from '../text/organisation.ts'

export interface Witnesses {
  readonly operators: Set<string>
  /** Lists whose listing counts against the mail, by host, also where it adds nothing (config/probed-lists.ts). */
  readonly hosts: Set<string>
  /** What their listings have added to the rate. */
  points: number
  /** One of the listings is strong. */
  isStrong: boolean
}

export function noWitnesses(): Witnesses {
  return { operators: new Set(), hosts: new Set(), points: 0, isStrong: false }
}

/** Notes a listing that speaks against a mail, by the addresses that a list has answered with. */
export function noteListing(
  witnesses: Witnesses,
  entry: ConfiguredList,
  addresses: readonly string[],
  points: number,
  config: Config,
): void {
  witnesses.operators.add(operatorOf(entry.host))
  witnesses.hosts.add(entry.host)
  witnesses.points += points
  witnesses.isStrong ||= isStrong(entry, addresses, config)
}

/** Whether a listing is about this very client or domain, by what is known of the zone or `@strong_lists`. */
export function isStrong(
  { host, label }: ConfiguredList,
  addresses: readonly string[],
  { strong_lists, zone_codes }: Config,
): boolean {
  if (strong_lists.includes(label)) return true
  const codes = codesOf(rulesOf(host, zone_codes), 'strong')
  return addresses.some(address => isAmong(codes, address))
}

/** Whether a listing of an entry, of which nothing more is known, may be strong. */
export function mayBeStrong({ host, label, filter }: ConfiguredList, { strong_lists, zone_codes }: Config): boolean {
  if (strong_lists.includes(label)) return true
  const codes = codesOf(rulesOf(host, zone_codes), 'strong')
  return codes.some(code => !filter || mayPass(code, filter))
}

/** `zen.spamhaus.org` → `spamhaus`. */
export function operatorOf(host: string): string {
  const organisation = organisationOf(host)
  return organisation === '' ? host : organisation.slice(0, organisation.indexOf('.'))
}
