/**
 * `$PIDFILE`: says which process is the daemon, and is never believed without a look at that process.
 *
 *   run-supervisor.ts: writePidFile; cli/daemon/stop.ts and others: findDaemon → the process to signal
 *
 * Two lines: the process id, and `start=TICKS`, when that process was started (process-table.ts). The daemon is running
 * if a process of that id was started then and calls itself by our name. A file of the original has the first line only:
 * then the name decides.
 *
 * Root signals what the file says, so the file counts only if it is a regular one, no link, and nobody but root and us
 * can have written it. It is made with O_EXCL: nothing that lies in its place is ever written to; a stale one is removed
 * first, but only a file that is one: $PIDFILE may name anything.
 *
 * Failure: DaemonError, with what to do.
 * Source: open(2) O_NOFOLLOW, O_EXCL.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { codeOf } from '../system/errno.ts'
import { EXIT_CANNOT_CREATE, EXIT_UNAVAILABLE } from '../system/exit-status.ts'
import { WRITABLE_BY_OTHERS } from '../system/ownership.ts'
import { DaemonError } from './daemon-error.ts'
import { findProcess, type RunningProcess } from './process-table.ts'

const MAX_BYTES = 64
const NAME = 'policyd-weight'
const REMOVE = ' or remove it: rm '

/** What a file says: `'4711\nstart=123456\n'`; undefined: it is no pid file. */
export function parsePidFile(text: string): { readonly pid: number; readonly startTicks?: number } | undefined {
  const parts = /^\s*(\d{1,10})\s*(?:start=(\d{1,15})\s*)?$/.exec(text)
  const pid = Number(parts?.[1])
  // 0 and 1 mean others: a process group, and init.
  if (!parts || pid < 2) return undefined
  return parts[2] === undefined ? { pid } : { pid, startTicks: Number(parts[2]) }
}

/**
 * The daemon a file names, if it is running. `ownUids`: who may have written the file, beside root. Throws DaemonError
 * when the file is not to be trusted.
 */
export function findDaemon(path: string, ownUids: readonly number[]): RunningProcess | undefined {
  const text = readTrusted(path, ownUids)
  const named = text === undefined ? undefined : parsePidFile(text)
  const found = named && findProcess(named.pid)
  if (!found?.title.startsWith(NAME)) return undefined
  return named?.startTicks === undefined || named.startTicks === found.startTicks ? found : undefined
}

/** Who may have written a pid file of ours, beside root. `uid`: whoever the daemon will be, if root starts it. */
export function ownUids(uid?: number): number[] {
  return [uid, process.geteuid?.()].filter(uid => uid !== undefined)
}

export function alreadyRunning(pid: number, path: string): DaemonError {
  return new DaemonError(EXIT_UNAVAILABLE, `already running, process ${pid} (${path})`)
}

/** Writes the file for this process, or another one; no other daemon may be running. Throws DaemonError. */
export function writePidFile(path: string, ownUids: readonly number[], pid = process.pid): void {
  const running = findDaemon(path, ownUids)
  if (running) throw alreadyRunning(running.pid, path)
  const self = findProcess(pid)
  const startLine = self ? `start=${self.startTicks}\n` : ''
  try {
    removePidFile(path, ownUids)
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const descriptor = openSync(path, flags, 0o644)
    try {
      // `status` is for everybody, whatever the umask.
      fchmodSync(descriptor, 0o644)
      writeSync(descriptor, `${pid}\n${startLine}`)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (error instanceof DaemonError) throw error
    throw cannotBeWritten(path, error)
  }
}

/**
 * Has the file name another daemon than `old`, unless it names a third one already. Of several who do it at once one succeeds:
 * each first takes the file away by its name. Throws DaemonError.
 */
export function replacePidFile(path: string, ownUids: readonly number[], old: RunningProcess, pid: number): void {
  const isNamed = (file: string): boolean => findDaemon(file, ownUids)?.pid === old.pid
  const aside = `${path}.${process.pid}`
  try {
    if (isNamed(path)) {
      renameSync(path, aside)
      // Exchanged in between, it is the file of whoever was quicker.
      if (!isNamed(aside)) linkSync(aside, path)
      unlinkSync(aside)
    }
  } catch (error) {
    if (error instanceof DaemonError) throw error
    // Taken away, or put in place, by somebody else: writePidFile says who runs.
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error) ?? '')) throw cannotBeWritten(path, error)
  }
  writePidFile(path, ownUids, pid)
}

/** Whether another daemon has taken the place of this process: then all files are that one's. */
export function isReplaced(path: string, ownUids: readonly number[]): boolean {
  try {
    const named = findDaemon(path, ownUids)
    return named !== undefined && named.pid !== process.pid
  } catch {
    return false
  }
}

/** Removes the file, if there is one and it is a pid file. Throws DaemonError if it is none, and errors of the system. */
export function removePidFile(path: string, ownUids: readonly number[]): void {
  const text = readTrusted(path, ownUids)
  if (text === undefined) return
  // An empty one: there was no room when it was written.
  if (text !== '' && !parsePidFile(text)) throw refused(path, 'is no pid file', '')
  unlinkSync(path)
}

/** The text of the file; undefined: there is none. */
function readTrusted(path: string, ownUids: readonly number[]): string | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw refused(path, 'is a symbolic link', REMOVE)
    throw new DaemonError(EXIT_UNAVAILABLE, `the pid file ${path} cannot be read (${code ?? error})`)
  }
  try {
    const { mode, uid } = fstatSync(descriptor)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw refused(path, 'is no regular file', '')
    const buffer = Buffer.alloc(MAX_BYTES + 1)
    const text = buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, null))
    const remedy = parsePidFile(text) ? REMOVE : ''
    if (uid !== 0 && !ownUids.includes(uid)) throw refused(path, `belongs to user ${uid}`, remedy)
    if ((mode & WRITABLE_BY_OTHERS) !== 0) throw refused(path, 'can be written by others', remedy)
    return text
  } finally {
    closeSync(descriptor)
  }
}

function cannotBeWritten(path: string, error: unknown): DaemonError {
  return new DaemonError(
    EXIT_CANNOT_CREATE,
    `the pid file ${path} cannot be written (${codeOf(error) ?? error}); its directory has to exist, and root has to own it`,
  )
}

/** `remedy`: REMOVE, where nothing is lost by that; $PIDFILE may name anything. */
function refused(path: string, why: string, remedy: typeof REMOVE | ''): DaemonError {
  return new DaemonError(
    EXIT_UNAVAILABLE,
    `the pid file ${path} ${why}, so it is not used; name another one ($PIDFILE)${remedy && `${remedy}${path}`}`,
  )
}
