/**
 * The lists of a configuration: what each is for, how it fares, and what it was asked today.
 *
 *   configuration, a copy of the cache, ledger → ListInUse, a list each → diagnose-state.ts, lists-report.ts
 *
 * Pure, total. Sources: cache/list-health.ts, probes.ts, ledger-format.ts; docs/lists-in-use.md.
 */
import type { ProbeRecord } from '../../cache/entries.ts'
import { addCounts, dayOf, type ListCounts, noCounts } from '../../cache/ledger-format.ts'
import type { ReadLedger } from '../../cache/ledger-reader.ts'
import type { Tables } from '../../cache/tables.ts'
import { probedHosts } from '../../config/probed-lists.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { isWithoutKey, withoutNoKey } from '../../config/values/keyed-lists.ts'
import { shownHost } from '../../lists/shown-host.ts'
import { findZone } from '../../lists/zones.ts'
import { operatorOf, queriesByOperator } from '../doctor/check-ledger.ts'

/** What a list is asked about: clients, to block or to allow them, or domains. */
export type ListKind = 'clients' | 'allow' | 'domains'
/** `asked`: left alone by nobody; `unknown`: the cache, which has it, cannot be looked at. */
export type ListState = 'asked' | 'in-trouble' | 'skipped' | 'quarantined' | 'no-key' | 'unknown'
/** What the host knows of lists: `none`, nothing, for there is no cache; `unseen`: it cannot be looked at. */
export type KnownOfLists = Pick<Tables, 'lists' | 'probes'> | 'none' | 'unseen'

export interface ListInUse {
  /** Without a subscriber's key. */
  readonly list: string
  readonly kinds: readonly ListKind[]
  readonly labels: readonly string[]
  readonly operator: string
  readonly state: ListState
  /** Since when it is in quarantine, or when its latest error was; seconds since the epoch. */
  readonly sinceSeconds: number | undefined
  readonly why: string
  /** When the latest probe was asked, and what it was answered. Undefined: it is not probed, or nobody knows. */
  readonly probe: { readonly atSeconds: number | undefined; readonly result: ProbeRecord['result'] } | undefined
  /** Undefined: there is no ledger. */
  readonly today: ListCounts | undefined
  /** What all lists of the operator that have a limit were sent, together, and the limit. */
  readonly limit: { readonly today: number | undefined; readonly perDay: number } | undefined
  /** When what is known of it was last held against its source; undefined: nothing is known. */
  readonly verified: string | undefined
}

const PARAMETERS = [
  ['dnsbl_score', 'clients'],
  ['dnswl_score', 'allow'],
  ['rhsbl_score', 'domains'],
] as const

/** Each list once, in the order of the configuration. */
export function listsInUse(config: Config, known: KnownOfLists, ledger: ReadLedger, nowMs: number): ListInUse[] {
  const uses = new Map<string, { kinds: Set<ListKind>; labels: Set<string> }>()
  for (const [name, kind] of PARAMETERS)
    for (const { host, label } of config[name]) {
      const use = uses.get(host) ?? { kinds: new Set(), labels: new Set() }
      use.kinds.add(kind)
      use.labels.add(label)
      uses.set(host, use)
    }
  const isProbing = config.BL_PROBE_INTERVAL > 0
  const probed = new Set(isProbing ? probedHosts(config) : [])
  const isCounted = ledger.kind === 'ledger'
  const today = isCounted ? ledger.days.get(dayOf(nowMs)) : undefined
  const operators = new Map(queriesByOperator(ledger, config, nowMs).map(each => [each.operator, each]))
  return [...uses].map(([host, { kinds, labels }]) => {
    const list = shownAs(host, config)
    const zone = findZone(withoutNoKey(host), config.zone_codes)
    const operator = operatorOf(list, zone)
    const counts = noCounts()
    const asked = today?.get(list)
    if (asked) addCounts(counts, asked)
    const ofOperator = operators.get(operator)?.limited?.today ?? 0
    const perDay = zone?.queriesPerDay
    return {
      list,
      kinds: [...kinds],
      labels: [...labels],
      operator,
      ...stateOf(host, known, isProbing),
      probe: probed.has(host) ? probeOf(host, known) : undefined,
      today: isCounted ? counts : undefined,
      limit: perDay === undefined ? undefined : { today: isCounted ? ofOperator : undefined, perDay },
      verified: zone?.verified || undefined,
    }
  })
}

/** A list as it is shown: without a subscriber's key, be it there or not. */
export function shownAs(host: string, { zone_codes }: Config): string {
  return isWithoutKey(host) ? withoutNoKey(host) : shownHost(host, zone_codes)
}

function stateOf(
  host: string,
  known: KnownOfLists,
  isProbing: boolean,
): Pick<ListInUse, 'state' | 'sinceSeconds' | 'why'> {
  if (isWithoutKey(host)) return { state: 'no-key', sinceSeconds: undefined, why: 'its key cannot be read' }
  if (known === 'unseen') return { state: 'unknown', sinceSeconds: undefined, why: 'the cache cannot be looked at' }
  const tables = known === 'none' ? undefined : known
  const probe = tables?.probes.get(host)
  // Where no list is probed nobody heeds what others have found.
  if (isProbing && probe && probe.quarantinedSeconds > 0)
    return { state: 'quarantined', sinceSeconds: probe.quarantinedSeconds, why: probe.why }
  const trouble = tables?.lists.get(host)
  if (!trouble) return { state: 'asked', sinceSeconds: undefined, why: '' }
  const why = `${trouble.errorsInRow} errors in a row`
  return { state: trouble.skipsLeft > 0 ? 'skipped' : 'in-trouble', sinceSeconds: trouble.seenSeconds, why }
}

function probeOf(host: string, known: KnownOfLists): ListInUse['probe'] {
  if (known === 'unseen') return undefined
  const record = known === 'none' ? undefined : known.probes.get(host)
  const { askedMs = 0, overMs = 0, result = 'not-asked' } = record ?? {}
  if (result !== 'not-asked') return { atSeconds: overMs / 1000, result }
  // Seen for the first time, or asked, and nothing came of it yet.
  return askedMs === overMs ? { atSeconds: undefined, result } : { atSeconds: askedMs / 1000, result: 'unanswered' }
}
