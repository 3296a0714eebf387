/**
 * `stop`: ends the daemon, and waits until it has ended.
 *
 *   handlers.ts → stopDaemon → SIGTERM → supervisor.ts, where requests at hand are answered, three seconds at most
 *
 * The pid file is removed here where the daemon's user may not do so, which is in a directory of root's.
 *
 * Failure: DaemonError: it is not running (69), may not be signalled (77), does not end (70).
 */
import { dirname } from 'node:path'
import { DaemonError } from '../../daemon/daemon-error.ts'
import { removePidFile } from '../../daemon/pid-file.ts'
import { EXIT_SOFTWARE } from '../../system/exit-status.ts'
import { isRootsOwn } from '../../system/ownership.ts'
import {
  type DaemonOutcome,
  type DaemonRequest,
  ownUidsOf,
  pidFileOf,
  requireDaemon,
  requirePermission,
  runningDaemon,
  signalDaemon,
  waitForEnd,
} from './daemon-control.ts'

/** What the daemon gives its workers, and a margin. */
export const WAIT_MS = 10_000

export async function stopDaemon(request: DaemonRequest): Promise<DaemonOutcome> {
  requirePermission(request, 'stop')
  const daemon = requireDaemon(request)
  signalDaemon(daemon, 'SIGTERM')
  if (!(await waitForEnd(daemon, WAIT_MS)))
    throw new DaemonError(EXIT_SOFTWARE, `process ${daemon.pid} does not end; as a last resort: kill -9 ${daemon.pid}`)
  try {
    const path = pidFileOf(request)
    // A restart at the same time may have put another one in its place.
    if (runningDaemon(request) === undefined && (process.geteuid?.() !== 0 || isRootsOwn(dirname(path))))
      removePidFile(path, ownUidsOf(request))
  } catch {
    // The next start sees that it is stale.
  }
  return { text: `policyd-weight: stopped, process ${daemon.pid}\n`, status: 0 }
}
