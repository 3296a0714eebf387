/**
 * A word that somebody asks `why` about, as a list of the configuration.
 *
 *   why.ts: word, configuration → listOf → WantedList → wanted.ts, which finds the decisions in which it counted
 *
 * A word may be a name of a client as well, and then is looked for as both. Pure, total.
 */
import type { Config, ConfiguredList } from '../../config/parameters/parameters.ts'
import { shownHost } from '../../lists/shown-host.ts'
import type { WantedList } from './wanted.ts'

const OF_DOMAINS = ['IN_', 'HELO_IN_', 'CLIENT_IN_']

/** `'zen.spamhaus.org'`, `'zen.spamhaus.org=127.0.0.4'`, `'SBL_XBL_SPAMHAUS'`; undefined: no list is called that. */
export function listOf(
  word: string,
  { dnsbl_score, dnswl_score, rhsbl_score, zone_codes }: Config,
): WantedList | undefined {
  const label = word.toLowerCase()
  const host = label.replace(/=.*$/, '').replace(/\.$/, '')
  const isMeant = (entry: ConfiguredList): boolean =>
    [entry.host, shownHost(entry.host, zone_codes)].includes(host) || entry.label.toLowerCase() === label
  const found = [
    ...[...dnsbl_score, ...dnswl_score].filter(isMeant).map(entry => ({ entry, prefixes: ['IN_'] })),
    ...rhsbl_score.filter(isMeant).map(entry => ({ entry, prefixes: OF_DOMAINS })),
  ]
  if (found.length === 0) return undefined
  return {
    shown: new Set(found.map(({ entry }) => shownHost(entry.host, zone_codes))),
    rules: new Set(found.flatMap(({ entry, prefixes }) => prefixes.map(prefix => prefix + entry.label))),
  }
}
