/**
 * `policyd-weight lists --release HOST`: ends the quarantine of a list by hand.
 *
 *   command-line.ts, as $USER: path of the cache, host → releaseQuarantine → what was done, and the exit status
 *
 * For all processes at once. The next probe that shows the list guilty puts it back.
 *
 * Failure: a value: 64 it is no list of the configuration, 69 there is no cache or no quarantine, 73 the cache cannot be changed.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import { limitsOf } from '../../cache/cache.ts'
import { releaseList } from '../../cache/probes.ts'
import { openStore, readStore } from '../../cache/store.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { verdictHash } from '../../config/verdict-hash.ts'
import { shownHost } from '../../lists/shown-host.ts'
import { EXIT_CANNOT_CREATE, EXIT_OK, EXIT_UNAVAILABLE, EXIT_USAGE } from '../../system/exit-status.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { maskText } from '../../text/mask.ts'

/** What came of it, a sentence with a line feed behind it, and the exit status. */
export interface Released {
  readonly text: string
  readonly status: number
}

/** `wanted`: a list as it is shown, or its host. */
export function releaseQuarantine(
  wanted: string,
  config: Config,
  { directory, fileName }: { readonly directory: string; readonly fileName: string },
  native: Native | NativeUnavailable,
): Released {
  const name = wanted.toLowerCase()
  const entries = [...config.dnsbl_score, ...config.dnswl_score, ...config.rhsbl_score]
  const hosts = new Set(entries.map(({ host }) => host).filter(host => isMeant(host, name, config)))
  if (hosts.size === 0) return told(`${maskText(wanted)} is no list of this configuration`, EXIT_USAGE)
  const seen = readStore(`${directory}/${fileName}`, limitsOf(config))
  if (seen.kind === 'unavailable') {
    const what = seen.code === 'missing' ? 'no list is in quarantine' : 'what is in quarantine cannot be looked at'
    return told(`${what}: ${seen.why}`, EXIT_UNAVAILABLE)
  }
  if (native.kind === 'unavailable') return told(native.why, EXIT_CANNOT_CREATE)
  const store = openStore({
    directory,
    fileName,
    limits: limitsOf(config),
    configuration: verdictHash(config),
    native,
    nowMs: Date.now,
    warn: () => {},
  })
  if (store.kind === 'unavailable') return told(store.why, EXIT_CANNOT_CREATE)
  const released = store.transact(({ probes }) => [...hosts].filter(host => releaseList(probes, host)))
  store.close()
  if (!released) return told('the cache is busy; try again', EXIT_CANNOT_CREATE)
  if (released.length === 0) return told(`${maskText(wanted)} is not in quarantine`, EXIT_UNAVAILABLE)
  return told(`${shownHost(released[0] ?? '', config.zone_codes)} is asked again`, EXIT_OK)
}

function isMeant(host: string, name: string, { zone_codes }: Config): boolean {
  return host === name || shownHost(host, zone_codes) === name
}

function told(text: string, status: number): Released {
  return { text: `${text}\n`, status }
}
