/**
 * `start`: starts the daemon.
 *
 *   handlers.ts → startDaemon → another process of this executable, `-D start`, in a session of its own → run-supervisor.ts
 *
 * Waits until requests are answered, or says why they will not be. With `-D` or `-d` this very process becomes the
 * daemon, in the foreground: for service managers and containers, and to look at what it does. With `-d` anybody may, and has
 * a cache that ends with the daemon where he may not write to $LOCKPATH.
 *
 * Failure: DaemonError, from here or as the process that was started has told it.
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { DaemonError } from '../../daemon/daemon-error.ts'
import { neededEnvironment } from '../../daemon/inheritance.ts'
import type { ToStarter } from '../../daemon/orders.ts'
import type { RunningProcess } from '../../daemon/process-table.ts'
import { runSupervisor } from '../../daemon/run-supervisor.ts'
import { EXIT_OK, EXIT_SOFTWARE, EXIT_UNAVAILABLE } from '../../system/exit-status.ts'
import { withCacheOfOwn } from '../cache/cache-of-debug.ts'
import {
  cacheFileNameOf,
  type DaemonOutcome,
  type DaemonRequest,
  pidFileOf,
  requirePermission,
  runningDaemon,
} from './daemon-control.ts'

/** In the environment of a daemon that is to take the place of another one: the process id of that. */
const SUCCEEDS = 'POLICYD_WEIGHT_SUCCEEDS'

export async function startDaemon(request: DaemonRequest): Promise<DaemonOutcome> {
  try {
    return await start(request)
  } catch (error) {
    if (process.connected && error instanceof DaemonError)
      tell({ kind: 'failed', text: error.message, status: error.status })
    throw error
  }
}

async function start(request: DaemonRequest): Promise<DaemonOutcome> {
  // A service manager has chosen the user: a slip in $USER is no reason to let mail wait. And the daemon waits until another one
  // has gone, see wait-for-address.ts.
  const isManaged = request.isForeground && process.env.NOTIFY_SOCKET !== undefined
  if (!isManaged) requirePermission(request, 'start')
  const running = isManaged ? undefined : runningDaemon(request)
  const predecessor = running?.pid === Number(process.env[SUCCEEDS]) ? running : undefined
  if (running && !predecessor)
    throw new DaemonError(EXIT_UNAVAILABLE, `already running, process ${running.pid} (${pidFileOf(request)})`)
  if (request.isForeground || request.isDebug) return runHere(request, predecessor)
  const { pid, text } = await startBehind(request)
  return { text: `policyd-weight: started, process ${pid}, ${text}\n`, status: 0 }
}

async function runHere(request: DaemonRequest, predecessor: RunningProcess | undefined): Promise<DaemonOutcome> {
  const { loaded, isDebug } = request
  // As root, beside the executable, where the service's user could not.
  loaded.keep?.()
  const isOwn = isDebug && process.geteuid?.() !== 0
  const lockPath = isOwn ? withCacheOfOwn(loaded.config, true).LOCKPATH : undefined
  const status = await runSupervisor({
    loaded,
    lockPath,
    loadOptions: { file: fileOf(request) },
    pidFile: pidFileOf(request),
    cacheFileName: cacheFileNameOf(request),
    explains: isDebug,
    isForeground: !process.connected,
    predecessor,
    started: text => {
      if (process.connected) tell({ kind: 'started', text })
      else process.stdout.write(`policyd-weight: ${text}\n`)
    },
    warn: text => void process.stderr.write(`policyd-weight: ${text}\n`),
  })
  return { text: '', status }
}

function tell(message: ToStarter): void {
  process.send?.(message, () => {
    if (process.connected) process.disconnect()
  })
}

/** A daemon that was started, and what it says. */
export interface Started {
  readonly pid: number
  /** `'listening on 127.0.0.1:12525'`. */
  readonly text: string
}

/** Starts a daemon, which takes over from `predecessor`; resolves when it answers. Throws DaemonError. */
export function startBehind(request: DaemonRequest, predecessor?: RunningProcess): Promise<Started> {
  const file = fileOf(request)
  const args = [process.argv[1] ?? '', ...(file === undefined ? [] : ['-f', file]), '-D', 'start']
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    cwd: '/',
    detached: true,
    // No kernel thread of libuv's that would go on as root, see privileges.ts.
    env: {
      ...neededEnvironment(process.env, 'NOTIFY_SOCKET', 'SUDO_UID'),
      UV_USE_IO_URING: '0',
      ...(predecessor && { [SUCCEEDS]: String(predecessor.pid) }),
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', error => reject(new DaemonError(EXIT_SOFTWARE, `cannot be started: ${error.message}`)))
    child.once('exit', (code, signal) =>
      reject(
        code === EXIT_OK
          ? new DaemonError(EXIT_UNAVAILABLE, 'the daemon was stopped before it answered')
          : new DaemonError(EXIT_SOFTWARE, `the daemon has ended at once (${signal ?? code}); the log may say why`),
      ),
    )
    child.once('message', (message: ToStarter) => {
      if (message.kind === 'failed') {
        reject(new DaemonError(message.status, message.text))
        return
      }
      child.removeAllListeners('exit')
      child.unref()
      resolve({ pid: child.pid ?? 0, text: message.text })
    })
  })
}

/** The file to read again later, when the working directory is another one; undefined: the usual places. */
function fileOf({ file }: DaemonRequest): string | undefined {
  return file === undefined ? undefined : resolve(file)
}
