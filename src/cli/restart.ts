/**
 * `restart`: `stop`, if the daemon is running, then `start`.
 *
 *   main.ts → restartDaemon → stop.ts, start.ts
 *
 * In between nobody listens, and Postfix asks again after a second. What needs no restart: a changed configuration
 * (`reload`). What does: another version, user, address or number of workers.
 *
 * Failure: that of `stop` or `start`.
 */
import { type DaemonOutcome, type DaemonRequest, requirePermission, runningDaemon } from './daemon-control.ts'
import { startDaemon } from './start.ts'
import { stopDaemon } from './stop.ts'

export async function restartDaemon(request: DaemonRequest): Promise<DaemonOutcome> {
  requirePermission(request, 'restart')
  const stopped = runningDaemon(request) ? (await stopDaemon(request)).text : ''
  const { text, status } = await startDaemon(request)
  return { text: stopped + text, status }
}
