/**
 * What probes have shown of lists, for all instances of the host: who may ask next, what a listing is worth, who is in
 * quarantine.
 *
 *   recall.ts: hosts → those in quarantine, those whose probe is due; vouch.ts: claim → (asked-probe.ts) → note → what the log is told
 *
 * A probe asks a list for what it must not list (list-probe.ts). A list that lists it, or answers with what is no listing at
 * all, is left alone by everybody until RELEASE_CLEAN probes in a row were clean. Whoever is about to refuse a mail on the
 * word of a list needs a clean probe that was asked no earlier than the listing came; of one list the host asks one a second
 * at most, and none while one is under way, so the others wait for it.
 *
 * Invariants: only what probes were answered changes a record, nothing that a client has sent; a probe that is claimed and
 * never noted keeps nobody from claiming the next one for more than PROBE_MS, and one that is given up counts as one. A clock that is set back makes the next probe due.
 * Pure over the table; the caller holds the lock.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import { probedHosts } from '../config/probed-lists.ts'
import type { Config } from '../config/parameters/parameters.ts'
import type { ProbeResult, ProbeRecord } from './entries.ts'
import type { Table } from './entry-table.ts'
import { roomForText } from './format.ts'
import { maskText } from '../text/mask.ts'

/** Probes of one list, on the host; and for how long one may take, until which nobody else asks. */
export const PROBE_SPACING_MS = 1000
export const PROBE_MS = 3000
/** So many clean probes in a row, `$BL_PROBE_INTERVAL` apart, end a quarantine: an hour, by default, which is as long as resolvers keep what a list has said. */
export const RELEASE_CLEAN = 6
/** Lists that one mail probes because it is time to. */
const MOST_DUE = 2
/** When a probe that nobody has noted the answer of is due again, in parts of the interval. */
const SOONER = 10

const NEVER_PROBED: ProbeRecord = {
  askedMs: 0,
  isUnderWay: false,
  overMs: 0,
  result: 'not-asked',
  quarantinedSeconds: 0,
  cleanInRow: 0,
  testSeenSeconds: 0,
  seenSeconds: 0,
  why: '',
}

/** A list whose quarantine begins or ends. */
export interface QuarantineChange {
  readonly host: string
  /** What it listed or answered; undefined: it is over. */
  readonly why: string | undefined
}

/** What the probe of a list was answered. */
export interface ProbeAnswer {
  readonly result: ProbeResult
  /** What it listed, or answered; for a guilty one. */
  readonly why: string
  readonly isTestListed: boolean
}

/** Of each configuration: each mail asks for them. */
const hostsKnown = new WeakMap<Config, readonly string[]>()

/** The lists of a configuration that are probed. */
function hostsOf(config: Config): readonly string[] {
  const known = hostsKnown.get(config)
  if (known) return known
  const hosts = probedHosts(config)
  hostsKnown.set(config, hosts)
  return hosts
}

/** The lists in quarantine, and those that whoever asks is to probe now: nobody else will. */
export function lookAtProbes(
  table: Table<ProbeRecord>,
  config: Config,
  nowMs: number,
): { readonly quarantined: readonly string[]; readonly due: readonly string[] } {
  const quarantined: string[] = []
  const late: { readonly host: string; readonly isQuarantined: boolean; readonly askedMs: number }[] = []
  for (const host of hostsOf(config)) {
    const record = table.get(host)
    if (!record) {
      // Its first probe is due an interval from now: a process that shares nothing has nobody to find out for.
      const askedMs = nowMs - PROBE_SPACING_MS
      table.set(host, { ...NEVER_PROBED, askedMs, overMs: askedMs, seenSeconds: Math.floor(askedMs / 1000) })
      continue
    }
    const isQuarantined = record.quarantinedSeconds > 0
    if (isQuarantined) quarantined.push(host)
    const isOver = record.overMs === record.askedMs
    const dueMs = (config.BL_PROBE_INTERVAL * 1000) / (isOver ? 1 : SOONER)
    if (Math.abs(nowMs - record.askedMs) >= dueMs) late.push({ host, isQuarantined, askedMs: record.askedMs })
  }
  // Else the lists that stand in front would be all that a host with little mail ever probes.
  late.sort((one, other) => Number(other.isQuarantined) - Number(one.isQuarantined) || one.askedMs - other.askedMs)
  const due: string[] = []
  for (const { host } of late) if (due.length < MOST_DUE && claimProbe(table, host, nowMs)) due.push(host)
  return { quarantined, due }
}

/**
 * Whether the caller is to ask, at `nowMs`; false: another one does, or did less than a second ago. Of a list whose name does
 * not fit into a slot nothing can be shared, so everybody asks for himself.
 */
export function claimProbe(table: Table<ProbeRecord>, host: string, nowMs: number): boolean {
  const record = table.get(host) ?? NEVER_PROBED
  const freeMs = record.isUnderWay ? PROBE_MS : PROBE_SPACING_MS
  if (Math.abs(nowMs - record.askedMs) < freeMs) return false
  table.set(host, { ...record, askedMs: nowMs, isUnderWay: true, seenSeconds: Math.floor(nowMs / 1000) })
  return true
}

/**
 * What the host knows at `nowMs` of a listing that came at `listedMs`: `asked`, nothing yet. A probe of the future is one from
 * before the clock was set back.
 */
export function wordOf(
  table: Table<ProbeRecord>,
  host: string,
  listedMs: number,
  nowMs: number,
): ProbeResult | 'asked' {
  const { overMs, result, quarantinedSeconds } = table.get(host) ?? NEVER_PROBED
  if (quarantinedSeconds > 0) return 'guilty'
  if (result === 'not-asked') return 'asked'
  // Whoever waited for the lock may see what was asked since he looked at the clock.
  return overMs >= listedMs && overMs - nowMs < PROBE_SPACING_MS ? result : 'asked'
}

/** Notes what the probe that was claimed at `askedMs` was answered; returns what that changes. */
export function noteProbe(
  table: Table<ProbeRecord>,
  host: string,
  askedMs: number,
  { result, why, isTestListed }: ProbeAnswer,
): QuarantineChange | undefined {
  const seenSeconds = Math.floor(askedMs / 1000)
  const record = table.get(host) ?? { ...NEVER_PROBED, askedMs, seenSeconds }
  const isLatest = record.askedMs === askedMs
  const { quarantinedSeconds } = record
  const noted = {
    ...record,
    isUnderWay: record.isUnderWay && !isLatest,
    testSeenSeconds: isTestListed ? seenSeconds : record.testSeenSeconds,
  }
  // One that was asked later knows better.
  const isNews = isLatest || askedMs > record.overMs
  if (result === 'guilty') {
    const sinceSeconds = quarantinedSeconds || seenSeconds
    const fitting = maskText(why).slice(0, roomForText('probes', host))
    const overMs = isNews ? askedMs : record.overMs
    table.set(host, { ...noted, overMs, result, why: fitting, cleanInRow: 0, quarantinedSeconds: sinceSeconds })
    return quarantinedSeconds > 0 ? undefined : { host, why }
  }
  if (!isNews) return undefined
  const cleanInRow = result === 'clean' && quarantinedSeconds > 0 ? record.cleanInRow + 1 : 0
  const isReleased = cleanInRow >= RELEASE_CLEAN
  table.set(host, {
    ...noted,
    overMs: askedMs,
    result,
    ...(isReleased ? { quarantinedSeconds: 0, cleanInRow: 0, why: '' } : { cleanInRow }),
  })
  return isReleased ? { host, why: undefined } : undefined
}

/** A probe that whoever claimed it could not wait for: another mail asks, before long. */
export function giveProbeUp(table: Table<ProbeRecord>, host: string, askedMs: number): void {
  const record = table.get(host)
  if (record?.askedMs === askedMs) table.set(host, { ...record, isUnderWay: false })
}

/** Ends a quarantine by hand; false: there was none. */
export function releaseList(table: Table<ProbeRecord>, host: string): boolean {
  if ((table.get(host)?.quarantinedSeconds ?? 0) === 0) return false
  return table.delete(host)
}
