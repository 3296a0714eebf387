/**
 * Sockets that a service manager has open for this daemon: those of a socket unit, and those that a daemon before this one
 * has bound and left with it, so that nobody finds the port closed while the service is restarted.
 *
 *   LISTEN_FDS → run-supervisor.ts: managerSockets → socketsByName → listeners.ts, in the place of binding
 *   supervisor.ts, once requests are answered: keepSockets → the manager, for the next start
 *
 * Which are which their names say. What connects while there is no process waits in the kernel for the next one. Only
 * sockets that listen can be kept: systemd takes any other for one that has ended, and drops it.
 *
 * Nobody must wait at a kept socket that is not accepted from, and it may have an address that is needed. So one that is not
 * used is given back: shut, which frees its address although the manager has it open as well, and then dropped there.
 *
 * Failure: without the native part nothing is kept and all is given back; the port is closed during a restart.
 * Sources: sd_listen_fds(3); sd_notify(3), FDSTORE=1, FDSTOREREMOVE=1; systemd.service(5), FileDescriptorStoreMax=.
 */
import { lstatSync } from 'node:fs'
import { EXIT_CONFIG } from '../system/exit-status.ts'
import type { Native, NativeUnavailable } from '../system/native/native.ts'
import { DaemonError } from './daemon-error.ts'
import type { Notifier } from './notify.ts'
import type { TakenSockets } from './takeover.ts'

/** Descriptors. */
export interface ManagerSockets {
  /** Of a socket unit. */
  readonly passed: readonly number[]
  /** Bound by a daemon before this one. */
  readonly kept: readonly number[]
}

/** What the manager calls those it keeps; those of a socket unit have the name of that. */
const KEPT_NAME = 'bound-by-policyd-weight'
const FIRST_DESCRIPTOR = 3
const MAX_DESCRIPTORS = 16

/** The sockets that are meant for this process. The environment forgets them. */
export function managerSockets(environment: NodeJS.ProcessEnv, pid: number): ManagerSockets {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' } = environment
  delete environment.LISTEN_PID
  delete environment.LISTEN_FDS
  delete environment.LISTEN_FDNAMES
  const count = Number(LISTEN_FDS)
  if (LISTEN_PID !== String(pid) || !Number.isInteger(count) || count < 1) return { passed: [], kept: [] }
  if (count > MAX_DESCRIPTORS) throw new DaemonError(EXIT_CONFIG, `LISTEN_FDS=${count}: too many sockets`)
  const names = LISTEN_FDNAMES.split(':')
  const descriptors = Array.from({ length: count }, (_, index) => FIRST_DESCRIPTOR + index)
  const isKept = (descriptor: number): boolean => names[descriptor - FIRST_DESCRIPTOR] === KEPT_NAME
  return { passed: descriptors.filter(each => !isKept(each)), kept: descriptors.filter(isKept) }
}

/**
 * Where each listens; one of which that cannot be said has a name that no configuration has, and so has a unix socket with
 * another mode or group than it would be made with.
 */
export function socketsByName(
  descriptors: readonly number[],
  native: Native | NativeUnavailable,
  mode: number,
  gid: number | undefined,
): TakenSockets {
  const sockets: TakenSockets = new Map()
  for (const descriptor of descriptors) {
    const where = native.kind === 'native' ? native.listeningOn(descriptor) : ''
    const isKnown = where.startsWith('/') ? hasRights(where, mode, gid ?? process.getegid?.()) : where !== ''
    sockets.set(isKnown && !sockets.has(where) ? where : `descriptor ${descriptor}`, descriptor)
  }
  return sockets
}

function hasRights(path: string, mode: number, gid: number | undefined): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && (found.mode & 0o777) === mode && found.gid === gid
}

/** Leaves sockets with the manager until the next start. One that it has already counts once. */
export function keepSockets(descriptors: readonly number[], notifier: Pick<Notifier, 'tell'>): void {
  for (const descriptor of descriptors) notifier.tell(`FDSTORE=1\nFDNAME=${KEPT_NAME}`, descriptor)
}

/** Ends a kept socket. The manager drops all it has by that name: what is used is to be kept afterwards. */
export function giveBack(
  descriptor: number,
  native: Native | NativeUnavailable,
  notifier: Pick<Notifier, 'tell'>,
): void {
  if (native.kind === 'native') native.stopListening(descriptor)
  notifier.tell(`FDSTOREREMOVE=1\nFDNAME=${KEPT_NAME}`)
}
