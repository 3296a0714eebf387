/**
 * Makes counts of what lists were sent and answered, and adds them to the ledger.
 *
 *   list-accounts.ts: packets, lookups → counts of each list → ledger.ts
 *
 * A program of its own, loaded behind the first answer that took lookups.
 *
 * A lookup counts as what it says of the list, whatever the filters of its entries make of it: `listed` is any listing. One that
 * was given up when the mail was decided counts as nothing.
 *
 * Failure: ledger.ts. Source: docs/lists-in-use.md#the-ledger.
 */
import type { Config } from '../config/parameters/parameters.ts'
import type { LookupRecord } from '../dns/fan-out.ts'
import type { classifyAnswer, ListAnswer } from '../lists/classify.ts'
import { shownHost } from '../lists/shown-host.ts'
import type { Native } from '../system/native/native.ts'
import { addToLedger } from './ledger.ts'
import { addCounts, type ListCounts, noCounts } from './ledger-format.ts'

/** What is to be counted; `left`: what could not be written before. */
export interface Unaccounted {
  /** Packets by the list's host. */
  readonly sent: ReadonlyMap<string, number>
  readonly lookups: readonly (readonly LookupRecord[])[]
  readonly left: ReadonlyMap<string, ListCounts> | undefined
}

const COUNTED_AS = {
  listed: 'listed',
  clean: 'clean',
  misasked: 'clean',
  blocked: 'refused',
  broken: 'failed',
  timeout: 'silent',
} as const satisfies Record<ListAnswer['kind'], keyof ListCounts>

/** Adds to the ledger; returns what could not be written yet. */
export function account(
  { sent, lookups, left }: Unaccounted,
  classify: typeof classifyAnswer,
  { LEDGER, zone_codes }: Config,
  native: Native,
): Map<string, ListCounts> | undefined {
  const counts = new Map<string, ListCounts>()
  const of = (list: string): ListCounts => {
    const found = counts.get(list) ?? noCounts()
    counts.set(list, found)
    return found
  }
  for (const [list, more] of left ?? []) addCounts(of(list), more)
  for (const [host, packets] of sent) of(shownHost(host, zone_codes)).sent += packets
  for (const { question, outcome, latencyMs } of lookups.flat()) {
    const { list } = question
    if (list === undefined || outcome === undefined || latencyMs === undefined) continue
    const { kind } = classify({ host: list, filter: undefined }, outcome, zone_codes)
    const counted = of(shownHost(list, zone_codes))
    counted[COUNTED_AS[kind]]++
    if (kind !== 'timeout') counted.milliseconds += Math.round(latencyMs)
  }
  return addToLedger(LEDGER, counts, native, Date.now()) === 'busy' ? counts : undefined
}
