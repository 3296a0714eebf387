/**
 * `reload`: has the daemon read its configuration again.
 *
 *   command-line.ts → reloadDaemon → SIGHUP → supervisor.ts
 *
 * A file with an error is told here and is not handed to the daemon, which would keep the one it has.
 *
 * Failure: DaemonError: it is not running (69), may not be signalled (77), the file has an error (78).
 */
import { hasErrors } from '../../config/findings/finding.ts'
import { DaemonError } from '../../daemon/daemon-error.ts'
import { EXIT_CONFIG } from '../../system/exit-status.ts'
import {
  type DaemonOutcome,
  type DaemonRequest,
  requireDaemon,
  requirePermission,
  signalDaemon,
} from './daemon-control.ts'

export async function reloadDaemon(request: DaemonRequest): Promise<DaemonOutcome> {
  // First of all: who may, and where the pid file is, that file says.
  if (hasErrors(request.loaded.findings))
    throw new DaemonError(EXIT_CONFIG, 'the configuration is faulty; the daemon goes on with the one it has')
  requirePermission(request, 'reload')
  const daemon = requireDaemon(request)
  signalDaemon(daemon, 'SIGHUP')
  return { text: `policyd-weight: process ${daemon.pid} reads its configuration again\n`, status: 0 }
}
