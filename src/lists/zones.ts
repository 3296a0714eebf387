/**
 * What is known about lists: a dated table.
 *
 *   host of a list entry → its row → doctor, check, the manual; zone-rules.ts takes from it what a verdict needs
 *
 * The table never filters: a code without a name is a listing like any other, and a list without a row is a list that
 * works. Nor does it overrule a configuration: a dead list that is configured is asked, and a row of `@zone_codes` takes the
 * place of the one here.
 *
 * Not loaded where mail is answered. Pure, total.
 * Sources: those named in the rows (zones/); docs/behaviour/dns-and-lists.md#what-is-known-of-lists.
 */
import { codesOf, says } from './words.ts'
import type { ConfiguredZone, Refusal, Zone } from './zone.ts'
import { DEAD_ZONES } from './zones/dead.ts'
import { OTHER_ZONES } from './zones/others.ts'
import { SPAMHAUS_ZONES } from './zones/spamhaus.ts'

/** All rows; the order has no meaning. */
export const ZONES: readonly Zone[] = [...SPAMHAUS_ZONES, ...OTHER_ZONES, ...DEAD_ZONES]

/** The row of a list's host, in any case: `'zen.spamhaus.org'`; `'rhsbl.ahbl.org'` → the row of ahbl.org. */
export function findZone(host: string, configured: readonly ConfiguredZone[] = []): Zone | undefined {
  for (let name = host.toLowerCase(); ; name = name.slice(name.indexOf('.') + 1)) {
    const own = configured.find(({ zone }) => zone === name)
    if (own) return asZone(own)
    const row = ZONES.find(({ zone }) => zone === name)
    if (row) return row
    if (!name.includes('.')) return undefined
  }
}

function asZone({ zone, words }: ConfiguredZone): Zone {
  const lists = (['ipv4', 'ipv6', 'domain'] as const).filter(listed => says(words, listed))
  const refusals: Refusal[] = codesOf(words, 'refused').map(code => ({
    code,
    meaning: 'a refusal, by @zone_codes',
    remedy: 'ask the operator of the list',
  }))
  return {
    zone,
    operator: 'the configuration',
    ...(lists.length > 0 && { lists }),
    meaning: 'block',
    refusals,
    misasked: codesOf(words, 'misasked'),
    strong: codesOf(words, 'strong'),
    ...testsOf(words),
    state: 'alive',
    verified: '',
    source: '@zone_codes',
  }
}

function testsOf(words: string): Pick<Zone, 'tests'> {
  const [listed] = codesOf(words, 'test')
  if (listed !== undefined) return { tests: { listed } }
  return says(words, 'untested') ? { tests: 'none' } : {}
}
