/**
 * Tells the service manager how the daemon is (sd_notify).
 *
 *   supervisor.ts: 'READY=1' → a datagram to $NOTIFY_SOCKET
 *
 * Node has no datagrams to unix sockets, so the native part sends them. Where it is missing, systemd-notify(1) is run,
 * which the unit has to allow (NotifyAccess=all); that happens at start, reload and stop and for the watchdog, never for a
 * request.
 *
 * The watchdog ($WATCHDOG_USEC) is told twice in each interval that all is well, from the supervisor's own event loop and
 * only if somebody answers requests. Workers that hang the supervisor replaces itself; this is for when it hangs, or when
 * no worker can be kept alive: the service manager then starts all anew.
 *
 * Failure: that a service manager cannot be told goes to the log, once; the daemon runs all the same.
 * Sources: sd_notify(3), sd_watchdog_enabled(3).
 */
import { spawnSync } from 'node:child_process'
import { codeOf } from '../system/errno.ts'
import type { Native, NativeUnavailable } from '../system/native/native.ts'

/** What a service manager has put into the environment of this process. */
export interface ServiceManager {
  /** Undefined: there is none. */
  readonly socket: string | undefined
  /** How long it waits for a sign of life, in milliseconds; undefined: it does not. */
  readonly watchdogMs: number | undefined
  /** Whether it keeps sockets between a stop and the next start, see manager-sockets.ts. */
  readonly keepsSockets: boolean
}

/** Reads it; the environment may then be cleaned. */
export function findServiceManager(environment: NodeJS.ProcessEnv, pid: number): ServiceManager {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, FDSTORE } = environment
  const microseconds = Number(WATCHDOG_USEC)
  const isMeant = WATCHDOG_PID === undefined || WATCHDOG_PID === String(pid)
  const isWatched = isMeant && Number.isSafeInteger(microseconds) && microseconds > 0
  return {
    socket: NOTIFY_SOCKET,
    watchdogMs: isWatched ? microseconds / 1000 : undefined,
    keepsSockets: NOTIFY_SOCKET !== undefined && Number(FDSTORE) > 0,
  }
}

/** Tells a service manager what there is to tell. */
export class Notifier {
  readonly #manager: ServiceManager
  readonly #native: Native | NativeUnavailable
  readonly #warn: (text: string) => void
  #hasFailed = false

  constructor(manager: ServiceManager, native: Native | NativeUnavailable, warn: (text: string) => void) {
    this.#manager = manager
    this.#native = native
    this.#warn = warn
  }

  /** Tells a state, see notifyManager. */
  tell(state: string, descriptor?: number): void {
    const failure = notifyManager(this.#manager.socket, state, this.#native, descriptor)
    if (failure !== undefined && !this.#hasFailed) this.#warn(`the service manager was not told: ${failure}`)
    this.#hasFailed = failure !== undefined
  }

  /** From now on tells the watchdog, if there is one, for as long as all is well. Returns how to end that. */
  keepAlive(isWell: () => boolean): () => void {
    const { watchdogMs } = this.#manager
    if (watchdogMs === undefined) return () => {}
    const tell = (): void => {
      if (isWell()) this.tell('WATCHDOG=1')
    }
    const timer = setInterval(tell, Math.min(watchdogMs / 2, 2 ** 31 - 1)).unref()
    return () => clearInterval(timer)
  }
}

/** Longer paths do not fit into an address of a unix socket. */
const MAX_PATH_CHARACTERS = 107
const TIMEOUT_MS = 2000

/**
 * Tells a state: `'READY=1'`, or several lines; with `descriptor`, which takes the native part. Does nothing without `socket`;
 * returns why it failed.
 */
export function notifyManager(
  socket: string | undefined,
  state: string,
  native: Native | NativeUnavailable,
  descriptor = -1,
): string | undefined {
  if (socket === undefined) return undefined
  if (!/^[/@]/.test(socket) || socket.length > MAX_PATH_CHARACTERS)
    return `NOTIFY_SOCKET=${socket} is no path of a unix socket`
  if (native.kind === 'unavailable') return notifyByCommand(socket, state)
  try {
    native.notify(socket, state, descriptor)
    return undefined
  } catch (error) {
    return `NOTIFY_SOCKET=${socket}: ${codeOf(error) ?? error}`
  }
}

function notifyByCommand(socket: string, state: string): string | undefined {
  const { status, error } = spawnSync('systemd-notify', [`--pid=${process.pid}`, ...state.split('\n')], {
    env: { PATH: process.env.PATH, NOTIFY_SOCKET: socket },
    stdio: 'ignore',
    timeout: TIMEOUT_MS,
  })
  return status === 0 ? undefined : `systemd-notify: ${error?.message ?? `exit status ${status}`}`
}
