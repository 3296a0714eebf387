/**
 * Tells the service manager how the daemon is (sd_notify).
 *
 *   supervisor.ts: 'READY=1' → a datagram to $NOTIFY_SOCKET
 *
 * Node has no datagrams to unix sockets, so the native part sends them. Where it is missing, systemd-notify(1) is run,
 * which the unit has to allow (NotifyAccess=all); that happens at start, reload and stop only, never for a request.
 *
 * Failure: a service manager that cannot be told is told to the log by the caller; the daemon runs all the same.
 * Source: sd_notify(3).
 */
import { spawnSync } from 'node:child_process'
import type { Native, NativeUnavailable } from '../native/native.ts'

/** Longer paths do not fit into an address of a unix socket. */
const MAX_PATH_CHARACTERS = 107
const TIMEOUT_MS = 2000

/** Tells a state: `'READY=1'`, or several lines. Does nothing without `socket`; returns why it failed. */
export function notifyManager(
  socket: string | undefined,
  state: string,
  native: Native | NativeUnavailable,
): string | undefined {
  if (socket === undefined) return undefined
  if (!/^[/@]/.test(socket) || socket.length > MAX_PATH_CHARACTERS)
    return `NOTIFY_SOCKET=${socket} is no path of a unix socket`
  if (native.kind === 'unavailable') return notifyByCommand(socket, state)
  try {
    native.notify(socket, state)
    return undefined
  } catch (error) {
    return `NOTIFY_SOCKET=${socket}: ${error instanceof Error && 'code' in error ? error.code : error}`
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
