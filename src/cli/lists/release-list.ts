/**
 * `policyd-weight lists --release HOST`: ends the quarantine of a list by hand.
 *
 *   handlers.ts, as $USER: path of the cache, host → releaseQuarantine → what was done, and the exit status
 *
 * For all processes at once. The next probe that shows the list guilty puts it back.
 *
 * Failure: a value: 64 it is no list of the configuration, 69 there is no cache or no quarantine, 73 the cache cannot be changed.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import { join } from 'node:path'
import { limitsOf } from '../../cache/cache.ts'
import { releaseList } from '../../cache/probes.ts'
import { readStore } from '../../cache/store.ts'
import { nearestName } from '../../config/language/nearest-name.ts'
import type { ConfiguredList } from '../../config/parameters/parameter.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { EXIT_CANNOT_CREATE, EXIT_OK, EXIT_UNAVAILABLE, EXIT_USAGE } from '../../system/exit-status.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { maskText } from '../../text/mask.ts'
import { type CachePlace, changeCache } from '../cache/change-cache.ts'
import { ownCommand } from '../../config/own-command.ts'
import { shownAs } from './lists-in-use.ts'

/** What came of it, a sentence with a line feed behind it, and the exit status. */
export interface Released {
  readonly text: string
  readonly status: number
}

/** `wanted`: a list as it is shown, or its host, with or without a final dot. `path`: of the configuration. */
export function releaseQuarantine(
  wanted: string,
  config: Config,
  place: CachePlace,
  native: Native | NativeUnavailable,
  path?: string,
): Released {
  const name = withoutDot(wanted.toLowerCase())
  const entries = [...config.dnsbl_score, ...config.dnswl_score, ...config.rhsbl_score]
  const hosts = new Set(entries.map(({ host }) => host).filter(host => host === name || shownAs(host, config) === name))
  if (hosts.size === 0) {
    const nearest = nearestList(name, entries, config)
    const remedy = nearest === undefined ? 'which there are' : `if ${nearest} is meant`
    const command = ownCommand(path, nearest === undefined ? ['lists'] : ['lists', '--release', nearest])
    return told(`${maskText(wanted)} is no list of this configuration; ${remedy}: ${command}`, EXIT_USAGE)
  }
  const seen = readStore(join(place.directory, place.fileName), limitsOf(config))
  if (seen.kind === 'unavailable') {
    const what = seen.code === 'missing' ? 'no list is in quarantine' : 'what is in quarantine cannot be looked at'
    return told(`${what}: ${seen.why}`, EXIT_UNAVAILABLE)
  }
  const changed = changeCache(place, config, native, ({ probes }) =>
    [...hosts].filter(host => releaseList(probes, host)),
  )
  if (changed.kind === 'not') return told(changed.why, EXIT_CANNOT_CREATE)
  const released = changed.value
  if (released.length === 0) return told(`${maskText(wanted)} is not in quarantine`, EXIT_UNAVAILABLE)
  return told(`${shownAs(released[0] ?? '', config)} is asked again`, EXIT_OK)
}

/** Whoever names an entry with its filter, or its label, means its list; and a host may be mistyped. */
function nearestList(name: string, entries: readonly ConfiguredList[], config: Config): string | undefined {
  const [front = ''] = name.split('=', 1)
  const ofLabel = entries.find(({ label }) => label.toLowerCase() === name)
  if (ofLabel) return shownAs(ofLabel.host, config)
  return nearestName(
    withoutDot(front),
    entries.map(({ host }) => shownAs(host, config)),
  )
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}

function told(text: string, status: number): Released {
  return { text: `${text}\n`, status }
}
