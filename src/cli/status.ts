/**
 * `status`: does the daemon run, and does it answer?
 *
 *   main.ts → showStatus → pid file, /proc, and a request over the configured address → text
 *
 * The request is one that needs no lookup (who-answers.ts), so it says something about the daemon alone. It shows in the log
 * like any other. The answer names the version: where another one answers, or somebody else, the line says who, and what to
 * do; so it does where no daemon runs by the pid file. Anybody may ask. Who may look into its processes, as root may, is also told what the supervisor says of its
 * workers (worker-report.ts): how many had to be replaced, and who does not react at the moment.
 *
 * Failure: 69: it is not running, does not answer, or somebody else does; the text says which.
 */
import type { Config } from '../config/parameters.ts'
import { ageSeconds, childrenOf, findProcess } from '../daemon/process-table.ts'
import { askService, describeTrial, speakerOf } from '../daemon/who-answers.ts'
import { describeListening, whoListens } from '../daemon/who-listens.ts'
import { readReport, type WorkerReport } from '../daemon/worker-report.ts'
import { monotonicMs } from '../dns/clock.ts'
import { EXIT_UNAVAILABLE } from '../exit-status.ts'
import { formatTimestamp } from '../log/timestamp.ts'
import { VERSION } from '../version.ts'
import { type DaemonOutcome, type DaemonRequest, pidFileOf, runningDaemon } from './daemon-control.ts'

const ANSWER_SECONDS = 5
/** The supervisor reports once a second; a busy machine may keep it for a moment. */
const LATE_MS = 5000

export async function showStatus(request: DaemonRequest): Promise<DaemonOutcome> {
  const daemon = runningDaemon(request)
  if (!daemon) {
    const lines = [`not running (${pidFileOf(request)})`]
    for (const place of placesOf(request.loaded.config))
      lines.push(`${place.name}: ${(await probe(place, false)).text}`)
    return { text: lines.map(line => `${line}\n`).join(''), status: EXIT_UNAVAILABLE }
  }
  const workers = childrenOf(daemon.pid).filter(pid => findProcess(pid)?.title.startsWith('policyd-weight'))
  const lines = [`running, process ${daemon.pid}, for ${describeTime(ageSeconds(daemon))}, ${workers.length} workers`]
  let status = 0
  for (const place of placesOf(request.loaded.config)) {
    const { text, isAnswer } = await probe(place, true)
    lines.push(`${place.name}: ${text}`)
    if (!isAnswer) status = EXIT_UNAVAILABLE
  }
  const report = readReport(daemon.pid)
  if (report) lines.push(...describeReport(report, daemon.pid, monotonicMs()))
  return { text: lines.map(line => `${line}\n`).join(''), status }
}

/** What a report says, a line for each thing; `pid` is that of the supervisor, `nowMs` the time of monotonicMs. */
export function describeReport({ atMs, replaced, last, silent }: WorkerReport, pid: number, nowMs: number): string[] {
  const which = last?.pid ? `process ${last.pid}, ` : ''
  const lastOne = last && `, the last one at ${formatTimestamp(last.epochMs)}: ${which}${last.why}`
  const lines = [`workers replaced: ${replaced}${lastOne ?? ''}`]
  for (const worker of silent) lines.push(`worker ${worker.pid} has not reacted for ${worker.seconds} s`)
  if (nowMs - atMs > LATE_MS)
    lines.push(`process ${pid} itself has not reacted for ${Math.floor((nowMs - atMs) / 1000)} s`)
  return lines
}

interface Place {
  readonly name: string
  readonly options: { readonly path: string } | { readonly port: number; readonly host: string }
  readonly here: { readonly path: string } | { readonly port: number }
}

function placesOf({ BIND_ADDRESS, TCP_PORT, SOCKET }: Config): Place[] {
  const isAll = BIND_ADDRESS.toLowerCase() === 'all' || BIND_ADDRESS.toLowerCase() === 'localhost'
  const host = isAll ? '127.0.0.1' : BIND_ADDRESS
  return [
    ...(TCP_PORT === 0
      ? []
      : [{ name: `${host} port ${TCP_PORT}`, options: { port: TCP_PORT, host }, here: { port: TCP_PORT } }]),
    ...(SOCKET === '' ? [] : [{ name: SOCKET, options: { path: SOCKET }, here: { path: SOCKET } }]),
  ]
}

/** Who answers there: the version that asks, or who else; and what to do. */
async function probe(
  { options, here }: Place,
  isRunning: boolean,
): Promise<{ readonly text: string; readonly isAnswer: boolean }> {
  const startMs = performance.now()
  const trial = await askService(options, ANSWER_SECONDS)
  const speaker = trial.kind === 'answered' ? speakerOf(trial.action) : undefined
  if (isRunning && speaker?.kind === 'ours' && speaker.version === VERSION)
    return { text: `answers, ${(performance.now() - startMs).toFixed(1)} ms`, isAnswer: true }
  const occupant = trial.kind === 'failed' ? undefined : whoListens(here)
  const parts = [describeTrial(trial), ...(occupant ? [describeListening(occupant)] : [])]
  if (speaker?.kind === 'ours')
    parts.push(isRunning ? 'another version: policyd-weight restart' : 'it has no pid file there')
  else if (speaker) parts.push(occupant ? `to end it: kill ${occupant.pid}` : 'who it is tells, as root: ss -lptn')
  return { text: parts.join('; '), isAnswer: speaker?.kind === 'ours' }
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
