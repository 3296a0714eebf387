/**
 * `reload`: has the daemon read its configuration again.
 *
 *   handlers.ts → reloadDaemon → SIGHUP → supervisor.ts
 *
 * A file with an error, or one that the daemon's user may not read, is told here and is not handed to the daemon, which would
 * keep the one it has.
 *
 * Failure: DaemonError: it is not running (69), may not be signalled (77), the file has an error or is not readable (78).
 */
import { resolve } from 'node:path'
import { hasErrors } from '../../config/findings/finding.ts'
import { DaemonError } from '../../daemon/daemon-error.ts'
import { EXIT_CONFIG } from '../../system/exit-status.ts'
import { findUserOf } from '../rights/service-user.ts'
import { obstacle } from '../rights/try-rights.ts'
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
  const { path } = request.loaded
  const inTheWay = path === undefined ? undefined : obstacle(resolve(path), findUserOf(daemon.pid), 'read')
  if (inTheWay !== undefined)
    throw new DaemonError(
      EXIT_CONFIG,
      `the daemon's user cannot read ${path}: ${inTheWay}; the daemon goes on with the configuration it has`,
    )
  signalDaemon(daemon, 'SIGHUP')
  return { text: `policyd-weight: process ${daemon.pid} reads its configuration again\n`, status: 0 }
}
