/**
 * `restart`: another daemon in the place of the one that runs.
 *
 *   handlers.ts → restartDaemon → start.ts: a new daemon, which takes the listening sockets (takeover.ts) → when it answers:
 *   $PIDFILE, SIGTERM to the old one, which answers what it was asked
 *
 * So somebody listens all the time, and what keeps the new one from starting – address, user, a missing right – leaves the
 * old one as it is. Of several restarts at once, or beside a stop, the one counts whose daemon $PIDFILE names: the others end
 * theirs. A file with an error is told first: a daemon that runs has a better one. (`start` takes it: some of it is
 * more than nothing.) What needs no restart: a changed configuration (`reload`).
 *
 * The old one is stopped first, after what can be verified has been, where its sockets cannot be taken, where the new addresses
 * exclude the old ones, and if it does not tell its version (0.2.0): that one removes files of its successor when it ends. A daemon of
 * systemd is verified and then left to systemctl(1). If none runs, one is started.
 *
 * Failure: DaemonError: the file has an error (78); that of `stop` or `start`, saying whether the old daemon serves on.
 */
import { dirname } from 'node:path'
import { hasErrors } from '../../config/findings/finding.ts'
import { DaemonError } from '../../daemon/daemon-error.ts'
import { isFreeBeside, verifyAddresses } from '../../daemon/listeners.ts'
import { replacePidFile } from '../../daemon/pid-file.ts'
import { resolveIdentity } from '../../daemon/privileges.ts'
import type { RunningProcess } from '../../daemon/process-table.ts'
import { closeSockets, takeSockets } from '../../daemon/takeover.ts'
import { askService, type ServiceAddress, speakerOf } from '../../daemon/who-answers.ts'
import { EXIT_CONFIG, EXIT_SOFTWARE, EXIT_UNAVAILABLE } from '../../system/exit-status.ts'
import { loadNative } from '../../system/native/native.ts'
import { isRootsOwn } from '../../system/ownership.ts'
import {
  type DaemonOutcome,
  type DaemonRequest,
  ownUidsOf,
  pidFileOf,
  requirePermission,
  runningDaemon,
  signalDaemon,
  waitForEnd,
} from './daemon-control.ts'
import { startBehind, startDaemon } from './start.ts'
import { stopDaemon, WAIT_MS } from './stop.ts'
import { restartUnit, unitOf } from './systemd-unit.ts'

const ANSWER_SECONDS = 2

export async function restartDaemon(request: DaemonRequest): Promise<DaemonOutcome> {
  if (hasErrors(request.loaded.findings))
    throw new DaemonError(EXIT_CONFIG, 'the configuration is faulty; nothing is stopped or started')
  requirePermission(request, 'restart')
  const old = runningDaemon(request)
  if (!old) return startDaemon(request)
  const unit = unitOf(old)
  try {
    if (unit === undefined && (await canBeReplaced(old, request))) return await replace(old, request)
    await verify(old, request)
  } catch (error) {
    if (!(error instanceof DaemonError) || runningDaemon(request)?.pid !== old.pid) throw error
    throw new DaemonError(error.status, `${error.message}; process ${old.pid} goes on`)
  }
  if (unit !== undefined) return { text: restartUnit(unit), status: 0 }
  const { text } = await stopDaemon(request)
  const started = await startDaemon(request)
  return { text: text + started.text, status: started.status }
}

/** Whether a new daemon can listen beside this one, and this one leaves it alone. */
async function canBeReplaced({ pid }: RunningProcess, request: DaemonRequest): Promise<boolean> {
  if (request.isDebug || request.isForeground) return false
  const taken = takeSockets(pid, loadNative())
  const [where] = taken?.keys() ?? []
  if (!taken || where === undefined) return false
  const isFree = isFreeBeside(request.loaded.config, taken)
  closeSockets(taken)
  const trial = isFree ? await askService(targetOf(where), ANSWER_SECONDS) : undefined
  return trial?.kind === 'answered' && speakerOf(trial.action).kind === 'ours'
}

/** `'[::]:12525'` → where it can be asked. */
function targetOf(where: string): ServiceAddress {
  const [, host = '', port] = /^\[?([^/\]]*?)\]?:(\d+)$/.exec(where) ?? []
  if (port === undefined) return { path: where }
  return { host, port: Number(port) }
}

async function replace(old: RunningProcess, request: DaemonRequest): Promise<DaemonOutcome> {
  const { pid, text } = await startBehind(request, old)
  const path = pidFileOf(request)
  // Where $USER writes it, the new daemon has.
  try {
    if (process.geteuid?.() === 0 && isRootsOwn(dirname(path))) replacePidFile(path, ownUidsOf(request), old, pid)
    requireNamed(pid, old, request)
  } catch (error) {
    signalDaemon({ pid }, 'SIGTERM')
    throw error
  }
  signalDaemon(old, 'SIGTERM')
  if (!(await waitForEnd(old, WAIT_MS)))
    throw new DaemonError(
      EXIT_SOFTWARE,
      `process ${pid} serves, but process ${old.pid} does not end; as a last resort: kill -9 ${old.pid}`,
    )
  return { text: `policyd-weight: started, process ${pid}, ${text}, in place of process ${old.pid}\n`, status: 0 }
}

/** Throws DaemonError unless the pid file names the daemon that was started. */
function requireNamed(pid: number, old: RunningProcess, request: DaemonRequest): void {
  const named = runningDaemon(request)
  if (named?.pid === pid) return
  const why =
    named?.pid === old.pid
      ? `the pid file ${pidFileOf(request)} cannot be replaced; the log may say why`
      : `another one was started or stopped at the same time${named ? `: process ${named.pid} serves` : ''}`
  throw new DaemonError(EXIT_UNAVAILABLE, why)
}

/** Throws DaemonError for what would keep a daemon from starting, as far as it can be seen while another one runs. */
async function verify({ pid }: RunningProcess, { loaded: { config } }: DaemonRequest): Promise<void> {
  if (process.geteuid?.() === 0) resolveIdentity({ user: config.USER, group: config.GROUP })
  const taken = takeSockets(pid, loadNative())
  // Without them, an address in use is most likely that daemon's.
  if (!taken) return
  try {
    await verifyAddresses(config, taken)
  } finally {
    closeSockets(taken)
  }
}
