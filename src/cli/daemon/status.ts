/**
 * `status`: does the daemon run, and does it answer?
 *
 *   handlers.ts → showStatus → pid file, /proc, and a request over the configured address → status-report.ts
 *
 * The request is one that needs no lookup (who-answers.ts), so it says something about the daemon alone. It shows in the log
 * like any other, and is counted nowhere. The answer names the version: where another one answers, or somebody else, the line says
 * who, and what to do; so it does where no daemon runs by the pid file. Where systemd listens for the daemon, the request has it
 * started, and its pid file is there a moment later. Anybody may ask. Who may look into its processes, as
 * root may, is also told what the supervisor says of its workers (worker-report.ts): how many had to be replaced, and who does not
 * react at the moment; and who may read the cache, what was answered.
 *
 * Failure: 69: it is not running, does not answer, or somebody else does; the text says which.
 */
import { join } from 'node:path'
import { readCounters } from '../../cache/store.ts'
import { nameServersOf } from '../../dns/resolv-conf.ts'
import { readQuarantine } from '../cache/quarantined-lists.ts'
import { readSilentServers } from '../cache/silent-servers.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { ageSeconds, childrenOf, findProcess } from '../../daemon/process-table.ts'
import { askService, describeTrial, type ServiceAddress, speakerOf, type Trial } from '../../daemon/who-answers.ts'
import { describeListening, whoListens } from '../../daemon/who-listens.ts'
import { readReport } from '../../daemon/worker-report.ts'
import { monotonicMs } from '../../system/clock.ts'
import { EXIT_OK, EXIT_UNAVAILABLE } from '../../system/exit-status.ts'
import { VERSION } from '../../policy/version.ts'
import {
  cacheFileNameOf,
  type DaemonOutcome,
  type DaemonRequest,
  pidFileOf,
  runningDaemon,
  waitUntil,
} from './daemon-control.ts'
import { type DaemonStatus, type Probe, renderStatusJson, renderStatusPage } from './status-report.ts'

const ANSWER_SECONDS = 5
const STARTED_MS = 2000

export async function showStatus(request: DaemonRequest): Promise<DaemonOutcome> {
  const { config } = request.loaded
  const asked: Asked[] = []
  for (const place of placesOf(config)) asked.push(await ask(place))
  const isStarted = (): boolean => runningDaemon(request) !== undefined
  if (asked.some(({ trial }) => isOurs(trial))) await waitUntil(isStarted, STARTED_MS)
  const daemon = runningDaemon(request)
  const cachePath = join(config.LOCKPATH, cacheFileNameOf(request))
  const probes = asked.map(each => describeProbe(each, daemon !== undefined))
  const status: DaemonStatus = {
    pidFile: pidFileOf(request),
    daemon: daemon && {
      pid: daemon.pid,
      ageSeconds: ageSeconds(daemon),
      workers: childrenOf(daemon.pid).filter(pid => findProcess(pid)?.title.startsWith('policyd-weight')).length,
    },
    probes,
    report: daemon && readReport(daemon.pid),
    counters: readCounters(cachePath),
    nameServers: readSilentServers(nameServersOf(config.NS), cachePath),
    quarantined: readQuarantine(config, cachePath),
  }
  const isServing = daemon !== undefined && probes.every(({ isAnswer }) => isAnswer)
  const render = request.isJson ? renderStatusJson : renderStatusPage
  return { text: render(status, monotonicMs()), status: isServing ? EXIT_OK : EXIT_UNAVAILABLE }
}

interface Place {
  readonly address: string
  readonly service: ServiceAddress
}

function placesOf({ BIND_ADDRESS, TCP_PORT, SOCKET }: Config): Place[] {
  const isAll = BIND_ADDRESS.toLowerCase() === 'all' || BIND_ADDRESS.toLowerCase() === 'localhost'
  const host = isAll ? '127.0.0.1' : BIND_ADDRESS
  return [
    ...(TCP_PORT === 0 ? [] : [{ address: `${host} port ${TCP_PORT}`, service: { port: TCP_PORT, host } }]),
    ...(SOCKET === '' ? [] : [{ address: SOCKET, service: { path: SOCKET } }]),
  ]
}

/** What came of a request there. */
interface Asked extends Place {
  readonly trial: Trial
  readonly tookMs: number
}

async function ask(place: Place): Promise<Asked> {
  const startMs = performance.now()
  const trial = await askService(place.service, ANSWER_SECONDS)
  return { ...place, trial, tookMs: performance.now() - startMs }
}

function isOurs(trial: Trial): boolean {
  return trial.kind === 'answered' && speakerOf(trial.action).kind === 'ours'
}

/** Who answers there: the version that asks, or who else; and what to do. */
function describeProbe({ address, service, trial, tookMs }: Asked, isRunning: boolean): Probe {
  const speaker = trial.kind === 'answered' ? speakerOf(trial.action) : undefined
  const found = {
    address,
    version: speaker?.kind === 'ours' ? speaker.version : undefined,
    milliseconds: speaker && tookMs,
  }
  if (isRunning && found.version === VERSION)
    return { ...found, isAnswer: true, text: `answers, ${tookMs.toFixed(1)} ms` }
  const occupant = trial.kind === 'failed' ? undefined : whoListens(service)
  const parts = [describeTrial(trial), ...(occupant ? [describeListening(occupant)] : [])]
  if (speaker?.kind === 'ours')
    parts.push(isRunning ? 'another version: policyd-weight restart' : 'it has no pid file there')
  else if (speaker) parts.push(occupant ? `to end it: kill ${occupant.pid}` : 'who it is tells, as root: ss -lptn')
  return { ...found, isAnswer: false, text: parts.join('; ') }
}
