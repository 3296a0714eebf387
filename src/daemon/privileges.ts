/**
 * From root to $USER, for good.
 *
 *   run-supervisor.ts: sockets are bound, the pid file is written → dropPrivileges → workers are started
 *
 * All groups first (those of the user in the system's database, and $GROUP), then the group, then the user: the other way
 * round the rights to do the rest would be gone. What came of it is looked at, and getting root back is tried: a
 * daemon that keeps any of it does not start.
 *
 * The native part does it, for a Node whose libuv might use io_uring refuses to (Debian's): what a kernel thread does for such
 * a ring, it does as the user who made it. So this is looked at here (requireNoPollingRing); loader.ts also has libuv
 * make none. Where there is no native part, Node does it, or says that it does not.
 *
 * Failure: DaemonError, with what to do. A process that is not root stays who it is.
 * Sources: io_uring_setup(2), IORING_SETUP_SQPOLL; setuid(2), initgroups(3); Chen, Wagner, Dean, "Setuid Demystified".
 */
import { closeSync, constants, fchownSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf, messageOf } from '../system/errno.ts'
import { EXIT_CONFIG, EXIT_SOFTWARE } from '../system/exit-status.ts'
import { type Native, SET_EGID, SET_GID, SET_UID } from '../system/native/native.ts'
import { isRootsOwn } from '../system/ownership.ts'
import { nativeOnce } from '../serve.ts'
import { DaemonError } from './daemon-error.ts'
import { linkOf } from './process-table.ts'

/** Who to be, by name. */
export interface Identity {
  readonly user: string
  readonly group: string
}

/** The user and group as numbers. */
export interface NumericIdentity {
  readonly uid: number
  readonly gid: number
}

/** What changes the user of a process. */
interface Changer {
  initGroups(user: string, gid: number): void
  setGid(gid: number): void
  setEgid(gid: number): void
  setUid(uid: number): void
  /** Undefined: there is none of that name. */
  uidOf(name: string): number | undefined
  gidOf(name: string): number | undefined
}

const native = nativeOnce()

function changer(): Changer {
  const part = native()
  return part.kind === 'native' ? changerOf(part) : NODE
}

function changerOf(part: Native): Changer {
  const known = (id: number): number | undefined => (id < 0 ? undefined : id)
  return {
    initGroups: part.initGroups,
    setGid: gid => part.setId(SET_GID, gid),
    setEgid: gid => part.setId(SET_EGID, gid),
    setUid: uid => part.setId(SET_UID, uid),
    uidOf: name => known(part.idOf(name, false)),
    gidOf: name => known(part.idOf(name, true)),
  }
}

const NODE: Changer = {
  // Node has it, its types do not.
  initGroups: (user, gid) =>
    (process as unknown as { initgroups(user: string, group: number): void }).initgroups(user, gid),
  setGid: gid => process.setgid?.(gid),
  setEgid: gid => process.setegid?.(gid),
  setUid: uid => process.setuid?.(uid),
  uidOf: becomingUser,
  gidOf: becomingGroup,
}

/** Does something with another effective group. */
export function withGroup<T>(gid: number | undefined, work: () => T): T {
  const own = process.getegid?.()
  if (gid === undefined || gid === own || own === undefined) return work()
  const { setEgid } = changer()
  setEgid(gid)
  try {
    return work()
  } finally {
    setEgid(own)
  }
}

/** Becomes `identity` if this process is root; `resolved` are its numbers (resolveIdentity). */
export function dropPrivileges({ user, group }: Identity, { uid, gid }: NumericIdentity): void {
  if (process.geteuid?.() !== 0) return
  const change = changer()
  try {
    requireNoPollingRing(openRings())
    change.initGroups(user, gid)
    change.setGid(gid)
    change.setUid(uid)
  } catch (error) {
    if (error instanceof DaemonError) throw error
    throwIfRefused(error, user)
    throw new DaemonError(EXIT_SOFTWARE, `cannot become user ${user}, group ${group}: ${messageOf(error)}`)
  }
  const ids = [process.getuid?.(), process.geteuid?.()]
  const groups = [process.getgid?.(), process.getegid?.()]
  const isLeft = process.getgroups?.().includes(0) && gid !== 0
  if (ids.some(id => id !== uid) || groups.some(id => id !== gid) || isLeft || canBecomeRoot(change))
    throw new DaemonError(EXIT_SOFTWARE, `still has rights of root after becoming user ${user}`)
}

/**
 * Makes the cache's directory for the user where it is missing, as /run is empty after each start of a machine. Where others
 * could put something else in its place meanwhile, it is the user's own business.
 */
export function makeDirectoryFor(path: string, { uid, gid }: NumericIdentity): void {
  if (process.geteuid?.() !== 0 || !isRootsOwn(dirname(path))) return
  try {
    mkdirSync(path, 0o700)
    // Not the name, which might be something else by now.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    fchownSync(descriptor, uid, gid)
    closeSync(descriptor)
  } catch (error) {
    // It is there already, or cannot be: the cache says so itself.
    if (codeOf(error) === undefined) throw error
  }
}

/** The numbers of a user and a group, as root can find them out. Throws DaemonError. */
export function resolveIdentity(
  { user, group }: Identity,
  findUser: (name: string) => number | undefined = name => changer().uidOf(name),
  findGroup: (name: string) => number | undefined = name => changer().gidOf(name),
): NumericIdentity {
  const uid = findUser(user)
  if (uid === undefined)
    throw new DaemonError(
      EXIT_CONFIG,
      `there is no user "${user}" ($USER); make it: adduser --system --group --no-create-home ${user}`,
    )
  if (uid === 0)
    throw new DaemonError(EXIT_CONFIG, '$USER is root: the daemon answers strangers and never runs as root')
  const gid = findGroup(group)
  if (gid === undefined) throw new DaemonError(EXIT_CONFIG, `there is no group "${group}" ($GROUP)`)
  return { uid, gid }
}

/** Becomes the user for a moment: Node looks names up only so. */
function becomingUser(name: string): number | undefined {
  try {
    process.seteuid?.(name)
    return process.geteuid?.()
  } catch (error) {
    throwIfRefused(error, name)
    return undefined
  } finally {
    if (process.geteuid?.() !== 0) process.seteuid?.(0)
  }
}

/** What /proc says of each ring of io_uring that this process has: `SqThread:\t-1\n…`. */
function openRings(): string[] {
  try {
    return readdirSync('/proc/self/fd')
      .filter(name => linkOf(`/proc/self/fd/${name}`) === 'anon_inode:[io_uring]')
      .map(name => readFileSync(`/proc/self/fdinfo/${name}`, 'latin1'))
  } catch {
    return []
  }
}

/** A ring with a kernel thread of its own would go on as root. */
export function requireNoPollingRing(rings: readonly string[]): void {
  if (rings.every(text => /^SqThread:\s*-1$/m.test(text))) return
  throw new DaemonError(
    EXIT_SOFTWARE,
    'Node.js has a kernel thread (io_uring) that would keep the rights of root; start with UV_USE_IO_URING=0 in the environment',
  )
}

/** A Node that may use io_uring lets no process change its user: without a native part somebody else has to. */
export function throwIfRefused(error: unknown, user: string): void {
  if (codeOf(error) !== 'ERR_INVALID_STATE') return
  throw new DaemonError(
    EXIT_SOFTWARE,
    `this Node.js lets no process change its user, and there is no native part that would; start the daemon as ${user}: systemctl start policyd-weight, or setpriv --reuid=${user} --regid=${user} --init-groups policyd-weight start, with $PIDFILE where that user may write`,
  )
}

function becomingGroup(name: string): number | undefined {
  const before = process.getegid?.() ?? 0
  try {
    process.setegid?.(name)
    return process.getegid?.()
  } catch {
    return undefined
  } finally {
    process.setegid?.(before)
  }
}

function canBecomeRoot({ setUid }: Changer): boolean {
  try {
    setUid(0)
    return true
  } catch {
    return false
  }
}
