/**
 * The sockets the daemon listens on: bound here, handed to the workers, which accept.
 *
 *   $BIND_ADDRESS, $TCP_PORT, $SOCKET, and sockets that are there already (takeover.ts, manager-sockets.ts) → Listeners:
 *   descriptors, and a text for people
 *
 * The supervisor only binds. It never accepts, so no connection passes through it, and as it keeps the sockets, what
 * arrives while a worker is being replaced waits in the kernel.
 *
 * Node's documented `listen` begins to accept in the process that binds. So the handle is made the way node:cluster makes
 * the ones that its workers share, by a function of node:net that is not documented. Seen to work with Node 20.20,
 * 22.23, 24.21 and 26.10. (Rejected: accepting in the supervisor and passing each connection on: two messages and a copy
 * of the socket for each, and a supervisor every byte depends on.)
 *
 * A unix socket is made with its permissions and group, by umask(2) and the group of the process: to change them
 * afterwards, by its name, would be to change whatever has that name by then. One that a dead process left behind is removed, one
 * that somebody listens on is an error, and so is a path that is anything else.
 *
 * Failure: DaemonError with what is in the way. IPv6 that this machine does not have is left out of `all`, with a
 * warning.
 * Sources: unix(7), ipv6(7).
 */
import { closeSync, existsSync, lstatSync, statSync, unlinkSync } from 'node:fs'
import net from 'node:net'
import { dirname } from 'node:path'
import { getSystemErrorName } from 'node:util'
import { codeOf } from '../system/errno.ts'
import type { Config } from '../config/parameters/parameters.ts'
import { EXIT_CONFIG, EXIT_UNAVAILABLE } from '../system/exit-status.ts'
import { normalizeClientAddress } from '../text/address.ts'
import { DaemonError } from './daemon-error.ts'
import { withGroup } from './privileges.ts'
import type { TakenSockets } from './takeover.ts'
import { askService, describeTrial, type ServiceAddress } from './who-answers.ts'
import { describeListening, whoListens } from './who-listens.ts'

/** Open sockets. Whoever has it keeps it: they are closed when it is collected. */
export interface Listeners {
  readonly descriptors: readonly number[]
  /** `'127.0.0.1:12525, /run/x.sock'`. */
  readonly text: string
  readonly handles: readonly unknown[]
}

/** What is used of a handle of Node's (TCPWrap, PipeWrap). */
interface Handle {
  readonly fd: number
  getsockname?(name: { port?: number }): number
  close(): void
}

const { _createServerHandle: createHandle } = net as unknown as {
  _createServerHandle(path: string, port: number, type: number, fd?: number, flags?: number): Handle | number
}

/** What fits into sockaddr_un; longer ones would be cut without a word. */
const MAX_PATH_BYTES = 107
const IPV6_ONLY = 1
/** How long whoever has our address may take to say who it is. */
const ANSWER_SECONDS = 2

/**
 * Binds what is configured; `warn` is told what was left out. `gid`: the group of the unix socket, if it is to have one. `taken`:
 * sockets that are there already, used where they are at the right place; to the others, and to all if this fails, `discard`
 * is done, before anything is bound.
 */
export async function bindListeners(
  config: Config,
  gid: number | undefined,
  warn: (text: string) => void,
  taken: TakenSockets = new Map(),
  discard: (descriptor: number) => void = closeSync,
): Promise<Listeners> {
  const { BIND_ADDRESS, TCP_PORT, SOCKET, SOCKET_MODE } = config
  const handles: Handle[] = []
  const descriptors: number[] = []
  const names: string[] = []
  const take = (name: string): boolean => {
    const descriptor = taken.get(name)
    if (descriptor === undefined) return false
    descriptors.push(descriptor)
    names.push(name)
    return true
  }
  const discardUnless = (isUsed: (name: string) => boolean): void => {
    for (const [name, descriptor] of taken)
      if (!isUsed(name)) {
        taken.delete(name)
        discard(descriptor)
      }
  }
  try {
    const wanted = tcpNames(config)
    discardUnless(name => wanted.includes(name) || (name === SOCKET && isSocket(SOCKET)))
    for (const address of TCP_PORT === 0 ? [] : addressesOf(BIND_ADDRESS)) {
      const name = nameOf(address, TCP_PORT)
      if (take(name)) continue
      const handle = bindTcp(address, TCP_PORT)
      if (typeof handle !== 'string') {
        handles.push(handle)
        names.push(name)
      } else if (BIND_ADDRESS === 'all' && handle !== 'EADDRINUSE' && names.length > 0)
        warn(`not listening on ${name} (${handle})`)
      else throw await cannotListen(name, handle, { host: address, port: TCP_PORT })
    }
    if (SOCKET !== '' && !take(SOCKET)) {
      handles.push(await bindPath(SOCKET, Number.parseInt(SOCKET_MODE, 8), gid))
      names.push(SOCKET)
    }
    if (names.length === 0) throw new DaemonError(EXIT_CONFIG, 'nowhere to listen: $TCP_PORT is 0 and $SOCKET is empty')
  } catch (error) {
    for (const handle of handles) handle.close()
    discardUnless(() => false)
    throw error
  }
  descriptors.push(...handles.map(({ fd }) => fd))
  return { descriptors, text: names.join(', '), handles }
}

/** Throws DaemonError if a start would fail for an address, as far as that can be tried while a daemon has some of them. */
export async function verifyAddresses(config: Config, held: ReadonlyMap<string, unknown>): Promise<void> {
  const { BIND_ADDRESS, TCP_PORT, SOCKET } = config
  const port = `:${TCP_PORT}`
  for (const address of TCP_PORT === 0 ? [] : addressesOf(BIND_ADDRESS)) {
    const name = nameOf(address, TCP_PORT)
    // A daemon at another address with this port is in the way of "all", and will not be.
    if ([...held.keys()].some(each => each === name || (each.endsWith(port) && !each.startsWith('/')))) continue
    const handle = bindTcp(address, TCP_PORT)
    if (typeof handle !== 'string') handle.close()
    else if (BIND_ADDRESS !== 'all' || handle === 'EADDRINUSE')
      throw await cannotListen(name, handle, { host: address, port: TCP_PORT })
  }
  if (SOCKET !== '' && !held.has(SOCKET) && !existsSync(dirname(SOCKET)))
    throw await cannotListen(`$SOCKET ${SOCKET}`, 'ENOENT', { path: SOCKET })
}

/** Whether a daemon of this configuration can have its addresses while those of another one are in use. */
export function isFreeBeside(config: Config, held: ReadonlyMap<string, unknown>): boolean {
  const wanted = tcpNames(config)
  const isOther = (name: string): boolean => !name.startsWith('/') && name.endsWith(`:${config.TCP_PORT}`)
  return wanted.every(name => held.has(name)) || ![...held.keys()].some(isOther)
}

/** `['0.0.0.0:12525', '[::]:12525']`. */
function tcpNames({ BIND_ADDRESS, TCP_PORT }: Config): string[] {
  return TCP_PORT === 0 ? [] : addressesOf(BIND_ADDRESS).map(address => nameOf(address, TCP_PORT))
}

function nameOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true
}

/** `'all'` → `['0.0.0.0', '::']`. */
function addressesOf(text: string): readonly string[] {
  if (text.toLowerCase() === 'all') return ['0.0.0.0', '::']
  if (text.toLowerCase() === 'localhost') return ['127.0.0.1']
  const address = normalizeClientAddress(text)
  if (address === undefined)
    throw new DaemonError(EXIT_CONFIG, `$BIND_ADDRESS: found "${text}", expected an IPv4 or IPv6 address, or "all"`)
  return [address]
}

/** The code of the error where it cannot be had. */
function bindTcp(address: string, port: number): Handle | string {
  const isIPv6 = address.includes(':')
  const handle = createHandle(address, port, isIPv6 ? 6 : 4, undefined, isIPv6 ? IPV6_ONLY : 0)
  if (typeof handle === 'number') return getSystemErrorName(handle)
  // An address in use is reported by listen(2) only; a socket without it has no port.
  const name: { port?: number } = {}
  const failure = handle.getsockname?.(name) ?? 0
  if (failure === 0 && name.port === port) return handle
  handle.close()
  return 'EADDRINUSE'
}

async function bindPath(path: string, mode: number, gid: number | undefined): Promise<Handle> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw new DaemonError(
      EXIT_CONFIG,
      `$SOCKET: a path of more than ${MAX_PATH_BYTES} bytes cannot be that of a socket`,
    )
  let handle = createPipe(path, mode, gid)
  if (handle === 'EADDRINUSE' && (await isLeftBehind(path))) {
    unlinkSync(path)
    handle = createPipe(path, mode, gid)
  }
  if (typeof handle !== 'string') return handle
  throw await cannotListen(`$SOCKET ${path}`, codeForPath(handle, path), { path })
}

/** libuv says EACCES where the directory is not there. */
function codeForPath(code: string, path: string): string {
  if (code !== 'EACCES') return code
  try {
    statSync(dirname(path))
    return code
  } catch (error) {
    return codeOf(error) ?? code
  }
}

/** The code of the error where it cannot be made. */
function createPipe(path: string, mode: number, gid: number | undefined): Handle | string {
  const mask = process.umask(0o777 & ~mode)
  try {
    const handle = withGroup(gid, () => createHandle(path, -1, -1))
    return typeof handle === 'number' ? getSystemErrorName(handle) : handle
  } finally {
    process.umask(mask)
  }
}

/** Whether a path is a socket nobody listens on. */
async function isLeftBehind(path: string): Promise<boolean> {
  if (!lstatSync(path).isSocket()) return false
  return new Promise(resolve => {
    const probe = net.connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', error => resolve('code' in error && error.code === 'ECONNREFUSED'))
  })
}

async function cannotListen(name: string, code: string, target: ServiceAddress): Promise<DaemonError> {
  const isOther = 'path' in target && existsSync(target.path) && !isSocket(target.path)
  const remedy = isOther
    ? 'what is there is no socket, and is left alone; name another path'
    : code === 'EADDRINUSE'
      ? await describeOccupant(target)
      : remedyFor(code, target)
  return new DaemonError(EXIT_UNAVAILABLE, `cannot listen on ${name} (${code}): ${remedy}`)
}

/** Who is there, and what to do. */
async function describeOccupant(target: ServiceAddress): Promise<string> {
  const answer = describeTrial(await askService(target, ANSWER_SECONDS))
  const occupant = whoListens(target)
  const which = occupant
    ? `${describeListening(occupant)} listens there; to end it: kill ${occupant.pid}`
    : 'another program listens there; find it, as root, with: ss -lptn'
  return `${answer}; ${which}`
}

function remedyFor(code: string, target: ServiceAddress): string {
  const directory = 'path' in target ? dirname(target.path) : undefined
  switch (code) {
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address; correct $BIND_ADDRESS'
    case 'EACCES':
    case 'EPERM':
      return directory === undefined
        ? 'this user may not; start it as root'
        : `this user may make no files in ${directory}`
    case 'EROFS':
      return `nothing may be written there; a unit of systemd needs ReadWritePaths=${directory}`
    case 'ENOENT':
      return `there is no directory ${directory}; make it`
    case 'EMFILE':
      return 'this user or the unit may open no more files; raise LimitNOFILE= of the unit, or ulimit -n'
    case 'ENFILE':
      return 'the whole machine has too many files open; raise fs.file-max'
    default:
      return 'correct the configuration'
  }
}
