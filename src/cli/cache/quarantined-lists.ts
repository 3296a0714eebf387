/**
 * Which lists the host has in quarantine, for who asks by hand.
 *
 *   configuration, cache file → readQuarantine → status
 *
 * Failure: where the cache may not be read, or is not there, undefined: nobody knows.
 */
import { limitsOf } from '../../cache/cache.ts'
import { readStore } from '../../cache/store.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { shownHost } from '../../lists/shown-host.ts'

/** `{ list: 'bl.example.org', sinceSeconds: 1760000000, why: '127.83.12.9 is listed' }`; since the epoch. */
export interface QuarantinedList {
  /** Without a subscriber's key. */
  readonly list: string
  readonly sinceSeconds: number
  readonly why: string
}

/** Those in the cache file at a path. Who probes no list heeds no quarantine: then there is none. */
export function readQuarantine(config: Config, path: string): readonly QuarantinedList[] | undefined {
  if (config.BL_PROBE_INTERVAL === 0) return []
  const store = readStore(path, limitsOf(config))
  if (store.kind === 'unavailable') return undefined
  return [...store.tables.probes.entries()].flatMap(([host, { quarantinedSeconds, why }]) =>
    quarantinedSeconds > 0 ? [{ list: shownHost(host, config.zone_codes), sinceSeconds: quarantinedSeconds, why }] : [],
  )
}
