/**
 * What the commands about the daemon have in common: who may give them, and which process they are about.
 *
 *   command-line.ts: configuration and options → start.ts, stop.ts, restart.ts, reload.ts, status.ts
 *
 * Root gives them, or whoever the daemon is to run as, $USER (a service manager may start it so, and in containers there
 * is nobody else). With `-d` it is anybody, about a daemon of his own: it has another pid file and another cache. The pid file
 * lies beside $PIDFILE if whoever the daemon runs as may make and remove files there; otherwise in /tmp, where its name has the
 * number of that user. ($TMPDIR may be another one for who stops it. A name that others know may be taken; then the file is
 * not believed, see pid-file.ts.)
 *
 * Failure: DaemonError, 77, with who may.
 */
import { basename, dirname, join } from 'node:path'
import type { LoadedConfig } from '../../config/loaded.ts'
import { DaemonError } from '../../daemon/daemon-error.ts'
import { findDaemon, ownUids } from '../../daemon/pid-file.ts'
import { findProcess, type RunningProcess } from '../../daemon/process-table.ts'
import { EXIT_NO_PERMISSION, EXIT_UNAVAILABLE } from '../../system/exit-status.ts'
import { CACHE_FILE_NAME } from '../../serve.ts'
import { findServiceUser, type ServiceUser } from '../rights/service-user.ts'
import { mayAccess } from '../rights/try-rights.ts'

/** `-d` has a cache of its own: trying things out changes nothing for the mail that is served. */
export const DEBUG_CACHE_FILE_NAME = `${CACHE_FILE_NAME}.debug`

/** What a command is asked to do. */
export interface DaemonRequest {
  readonly loaded: LoadedConfig
  /** `-f`. */
  readonly file: string | undefined
  readonly isDebug: boolean
  readonly isForeground: boolean
  /** `--json`, of `status`. */
  readonly isJson: boolean
}

/** What came of it: for standard output, and the exit status. */
export interface DaemonOutcome {
  readonly text: string
  readonly status: number
}

const POLL_MS = 20

/** The pid file of the daemon a command is about. */
export function pidFileOf({ loaded, isDebug }: DaemonRequest): string {
  const { PIDFILE, USER, GROUP } = loaded.config
  if (!isDebug) return PIDFILE
  // Root's becomes $USER.
  const user = process.geteuid?.() === 0 ? findServiceUser(USER, GROUP) : caller()
  if (user.uid === undefined || mayAccess(dirname(PIDFILE), user, 'wx')) return `${PIDFILE}.debug`
  return join('/tmp', `${basename(PIDFILE)}.${user.uid}.debug`)
}

function caller(): ServiceUser {
  const groups = [process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])]
  return { name: '', group: '', uid: process.geteuid?.(), groups }
}

/** The name of its cache file in $LOCKPATH. */
export function cacheFileNameOf({ isDebug }: DaemonRequest): string {
  return isDebug ? DEBUG_CACHE_FILE_NAME : CACHE_FILE_NAME
}

/** Throws unless the caller may give commands. */
export function requirePermission({ loaded, isDebug }: DaemonRequest, what: string): void {
  const { USER, GROUP } = loaded.config
  const uid = process.geteuid?.()
  if (isDebug || uid === 0 || uid === findServiceUser(USER, GROUP).uid) return
  throw new DaemonError(
    EXIT_NO_PERMISSION,
    `${what}: only root may, and ${USER}; with -d anybody, for a daemon of his own`,
  )
}

/** The running daemon; undefined: it is not running. */
export function runningDaemon(request: DaemonRequest): RunningProcess | undefined {
  return findDaemon(pidFileOf(request), ownUidsOf(request))
}

/** Who may have written the pid file, beside root. */
export function ownUidsOf({ loaded }: DaemonRequest): readonly number[] {
  const { USER, GROUP } = loaded.config
  return ownUids(findServiceUser(USER, GROUP).uid)
}

/** The running daemon; throws if it is not running. */
export function requireDaemon(request: DaemonRequest): RunningProcess {
  const daemon = runningDaemon(request)
  if (daemon) return daemon
  throw new DaemonError(EXIT_UNAVAILABLE, `the daemon is not running (${pidFileOf(request)})`)
}

/** Sends a signal; throws if that may not be. */
export function signalDaemon({ pid }: Pick<RunningProcess, 'pid'>, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    throw new DaemonError(EXIT_NO_PERMISSION, `process ${pid} cannot be signalled: ${(error as Error).message}`)
  }
}

/** Waits for a process to end; false: it has not within that time. */
export function waitForEnd({ pid, startTicks }: RunningProcess, waitMs: number): Promise<boolean> {
  return waitUntil(() => findProcess(pid)?.startTicks !== startTicks, waitMs)
}

/** Waits for something to come true; false: it has not within that time. */
export async function waitUntil(isTrue: () => boolean, waitMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + waitMs
  while (!isTrue()) {
    if (performance.now() >= deadlineMs) return false
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
  return true
}
