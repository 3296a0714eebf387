/**
 * From root to $USER, for good.
 *
 *   supervisor.ts: sockets are bound, the pid file is written → dropPrivileges → workers are started
 *
 * All groups first (those of the user in the system's database, and $GROUP), then the group, then the user: the other way
 * round the rights to do the rest would be gone. What came of it is looked at, and getting root back is tried: a
 * daemon that keeps any of it does not start.
 *
 * Failure: DaemonError, with what to do. A process that is not root stays who it is.
 * Sources: setuid(2), initgroups(3); Chen, Wagner, Dean, "Setuid Demystified".
 */
import { closeSync, constants, fchownSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf, messageOf } from '../cache/unavailable.ts'
import { EXIT_CONFIG, EXIT_SOFTWARE } from '../exit-status.ts'
import { isRootsOwn } from '../ownership.ts'
import { DaemonError } from './daemon-error.ts'

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

/** initgroups(3): Node has it, its types do not. */
function initGroups(user: string, gid: number): void {
  ;(process as unknown as { initgroups(user: string, group: number): void }).initgroups(user, gid)
}

/** Becomes `identity` if this process is root; `resolved` are its numbers (resolveIdentity). */
export function dropPrivileges({ user, group }: Identity, { uid, gid }: NumericIdentity): void {
  if (process.geteuid?.() !== 0) return
  try {
    initGroups(user, gid)
    process.setgid?.(gid)
    process.setuid?.(uid)
  } catch (error) {
    throwIfRefused(error, user)
    throw new DaemonError(EXIT_SOFTWARE, `cannot become user ${user}, group ${group}: ${messageOf(error)}`)
  }
  const ids = [process.getuid?.(), process.geteuid?.()]
  const groups = [process.getgid?.(), process.getegid?.()]
  const isLeft = process.getgroups?.().includes(0) && gid !== 0
  if (ids.some(id => id !== uid) || groups.some(id => id !== gid) || isLeft || canBecomeRoot())
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
  findUser: (name: string) => number | undefined = uidOf,
  findGroup: (name: string) => number | undefined = gidOf,
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
function uidOf(name: string): number | undefined {
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

/**
 * A Node that may use io_uring lets no process change its user (seen with Debian 13's, built upon a libuv of its own):
 * then somebody else has to start the daemon as `$USER`.
 */
export function throwIfRefused(error: unknown, user: string): void {
  if (codeOf(error) !== 'ERR_INVALID_STATE') return
  throw new DaemonError(
    EXIT_SOFTWARE,
    `this Node.js lets no process change its user; start the daemon as ${user}: systemctl start policyd-weight, or setpriv --reuid=${user} --regid=${user} --init-groups policyd-weight start, with $PIDFILE where that user may write`,
  )
}

function gidOf(name: string): number | undefined {
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

function canBecomeRoot(): boolean {
  try {
    process.setuid?.(0)
    return true
  } catch {
    return false
  }
}
