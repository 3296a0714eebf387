/**
 * What `status` says, as a page for people or as JSON for programs.
 *
 *   status.ts: DaemonStatus → renderStatusPage or renderStatusJson → standard output
 *
 * Both say the same. The names in the JSON are stable; docs/daemon.md explains them. What is not known is null there, and
 * missing from the page. Times are seconds, points in time those since the epoch. Lapses of time are never negative.
 *
 * Pure, total.
 */
import { ANSWERS, type Counter } from '../../cache/format.ts'
import type { WorkerReport } from '../../daemon/worker-report.ts'
import { formatTimestamp } from '../../log/timestamp.ts'
import { maskText } from '../../text/mask.ts'
import { inWords } from '../cache/cache-report.ts'
import type { QuarantinedList } from '../cache/quarantined-lists.ts'
import type { KnownServers } from '../cache/silent-servers.ts'

/** What was found at an address. */
export interface Probe {
  /** `127.0.0.1 port 12525`, or the path of a socket. */
  readonly address: string
  /** Whether this version of policyd-weight answers there, and for the daemon that is asked about. */
  readonly isAnswer: boolean
  /** Of the policyd-weight that answers. */
  readonly version: string | undefined
  /** How long the answer took. */
  readonly milliseconds: number | undefined
  /** A sentence: who answers, and what to do. */
  readonly text: string
}

/** All there is to say; `report` and all behind it are for those who may look. */
export interface DaemonStatus {
  readonly pidFile: string
  readonly daemon: { readonly pid: number; readonly ageSeconds: number; readonly workers: number } | undefined
  readonly probes: readonly Probe[]
  readonly report: WorkerReport | undefined
  readonly counters: ReadonlyMap<Counter, number> | undefined
  readonly nameServers: KnownServers | undefined
  readonly quarantined: readonly QuarantinedList[] | undefined
}

/** The supervisor reports once a second; a busy machine may keep it for a moment. */
const LATE_MS = 5000

/** The page; `nowMs` is the time of monotonicMs. */
export function renderStatusPage(status: DaemonStatus, nowMs: number): string {
  const { daemon, probes, pidFile, report, counters, nameServers, quarantined } = status
  const lines = [
    daemon
      ? `running, process ${daemon.pid}, for ${describeTime(daemon.ageSeconds)}, ${daemon.workers} workers`
      : `not running (${pidFile})`,
    ...probes.map(({ address, text }) => `${address}: ${text}`),
    ...(daemon && report ? describeReport(report, daemon.pid, nowMs) : []),
    ...(nameServers ? describeServers(nameServers) : []),
    ...(quarantined ?? []).map(
      ({ list, sinceSeconds, why }) =>
        `list ${list} is in quarantine since ${formatTimestamp(1000 * sinceSeconds)}: ${why}`,
    ),
    ...(counters ? [`answers, with those of spawned processes: ${describeAnswers(counters)}`] : []),
  ]
  return lines.map(line => `${maskText(line)}\n`).join('')
}

/** The same as one line of JSON. */
export function renderStatusJson(status: DaemonStatus, nowMs: number): string {
  const { daemon, probes, pidFile, report, counters, nameServers, quarantined } = status
  const last = report?.last
  return `${JSON.stringify({
    running: daemon !== undefined,
    pidFile: maskText(pidFile),
    pid: daemon?.pid ?? null,
    seconds: daemon ? Math.floor(daemon.ageSeconds) : null,
    workers: daemon?.workers ?? null,
    addresses: probes.map(({ address, isAnswer, version, milliseconds, text }) => ({
      address: maskText(address),
      answers: isAnswer,
      version: version === undefined ? null : maskText(version),
      milliseconds: milliseconds === undefined ? null : Number(milliseconds.toFixed(1)),
      text: maskText(text),
    })),
    workersReplaced: report?.replaced ?? null,
    lastReplaced: last ? { atSeconds: last.epochMs / 1000, pid: last.pid || null, why: maskText(last.why) } : null,
    silentWorkers: report?.silent ?? null,
    silentSeconds: report ? silentSeconds(report, nowMs) : null,
    counters: counters ? Object.fromEntries(counters) : null,
    silentNameServers: nameServers?.silent ?? null,
    outage: nameServers?.isOutage ?? null,
    quarantinedLists: quarantined?.map(one => ({ ...one, list: maskText(one.list), why: maskText(one.why) })) ?? null,
  })}\n`
}

/** What a report says, a line for each thing; `pid` is that of the supervisor. */
function describeReport(report: WorkerReport, pid: number, nowMs: number): string[] {
  const { replaced, last, silent } = report
  const which = last?.pid ? `process ${last.pid}, ` : ''
  const lastOne = last && `, the last one at ${formatTimestamp(last.epochMs)}: ${which}${last.why}`
  const supervisor = silentSeconds(report, nowMs)
  return [
    `workers replaced: ${replaced}${lastOne ?? ''}`,
    ...silent.map(worker => `worker ${worker.pid} has not reacted for ${worker.seconds} s`),
    ...(supervisor > 0 ? [`process ${pid} itself has not reacted for ${supervisor} s`] : []),
  ]
}

/** For how long the supervisor has not reacted; 0: it reacts. */
function silentSeconds({ atMs }: WorkerReport, nowMs: number): number {
  return nowMs - atMs > LATE_MS ? Math.floor((nowMs - atMs) / 1000) : 0
}

function describeServers({ silent, isOutage }: KnownServers): string[] {
  return silent.map(
    ({ server, seconds }) =>
      `name server ${server} has not answered for ${seconds} s: ${isOutage ? 'no mail is scored ($DNS_OUTAGE)' : 'it is asked last'}`,
  )
}

/** `'accepted 12, message hits 3'`. */
function describeAnswers(counters: ReadonlyMap<Counter, number>): string {
  const counts = ANSWERS.map(name => ({ name, count: counters.get(name) ?? 0 })).filter(({ count }) => count > 0)
  return counts.length === 0 ? 'none' : counts.map(({ name, count }) => `${inWords(name)} ${count}`).join(', ')
}

function describeTime(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3600, 60].map((unit, index) => {
    const left = index === 0 ? seconds : index === 1 ? seconds % 86_400 : seconds % 3600
    return Math.floor(left / unit)
  })
  return days
    ? `${days} d ${hours} h`
    : hours
      ? `${hours} h ${minutes} min`
      : `${minutes} min ${Math.floor(seconds % 60)} s`
}
