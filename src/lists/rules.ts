/**
 * The rules for a list's host: the words of the longest zone that the host is, or is under.
 *
 *   zone-rules.ts, `@zone_codes` → words → questions.ts, classify.ts
 *
 * Of two rows for one zone the configured one counts, alone. What the words are: zone.ts.
 *
 * Pure, total.
 * Source: docs/behaviour/dns-and-lists.md#what-is-known-of-lists.
 */
import type { ConfiguredZone } from './zone.ts'
import { ZONE_RULES } from './zone-rules.ts'

/** The words for a host in lower case: `'KEY.zen.dq.spamhaus.net'` → `'ipv4 ipv6'`; `''`: nothing is known. */
export function rulesOf(host: string, configured: readonly ConfiguredZone[]): string {
  for (let zone = host; ; ) {
    const words = configured.find(row => row.zone === zone)?.words ?? builtinWords(zone)
    if (words !== undefined) return words
    const dot = zone.indexOf('.')
    if (dot < 0) return ''
    zone = zone.slice(dot + 1)
  }
}

/** The words of the built-in row of this very zone; undefined: there is none. */
function builtinWords(zone: string): string | undefined {
  const row = `\n${zone} `
  const at = ZONE_RULES.indexOf(row)
  if (at < 0) return undefined
  const start = at + row.length
  return ZONE_RULES.slice(start, ZONE_RULES.indexOf('\n', start))
}
