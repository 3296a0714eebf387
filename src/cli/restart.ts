/**
 * `restart`: `stop`, if the daemon is running, then `start`.
 *
 *   main.ts → restartDaemon → stop.ts, start.ts
 *
 * In between nobody listens, and Postfix asks again after a second. What needs no restart: a changed configuration
 * (`reload`). What does: another version, user, address or number of workers.
 *
 * A file with an error is told first: a daemon that runs has a better one. (`start` takes it: some of it is more than nothing.)
 *
 * Failure: DaemonError: the file has an error (78); that of `stop` or `start`.
 */
import { hasErrors } from '../config/finding.ts'
import { DaemonError } from '../daemon/daemon-error.ts'
import { EXIT_CONFIG } from '../exit-status.ts'
import { type DaemonOutcome, type DaemonRequest, requirePermission, runningDaemon } from './daemon-control.ts'
import { startDaemon } from './start.ts'
import { stopDaemon } from './stop.ts'

export async function restartDaemon(request: DaemonRequest): Promise<DaemonOutcome> {
  if (hasErrors(request.loaded.findings))
    throw new DaemonError(EXIT_CONFIG, 'the configuration is faulty; nothing is stopped or started')
  requirePermission(request, 'restart')
  const stopped = runningDaemon(request) ? (await stopDaemon(request)).text : ''
  const { text, status } = await startDaemon(request)
  return { text: stopped + text, status }
}
