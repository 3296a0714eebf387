/**
 * What another user may do with a file, by trying it.
 *
 *   path, user, rights → a child process that has become that user → yes or no; path, user, use → what is in the way
 *
 * Mode bits do not tell all: there are access lists, mounts that are read-only or noexec, and folders above that are closed. So
 * root has setpriv(1) become the user in a child process, and test(1) tries there; who is that user asks access(2).
 *
 * Failure: for anybody else, and where there is no setpriv(1) or root may not become others, owner and mode bits are looked
 * at; `whyUntried` says so. What is not there, or is hidden from us, is in nobody's way.
 * Sources: setpriv(1), test(1), access(2); path_resolution(7).
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { attempt, isScript } from './look-files.ts'
import type { ServiceUser } from './service-user.ts'

/** Letters of test(1): read, write, and execute or search. */
export type Rights = 'r' | 'w' | 'x' | 'rx' | 'wx'

/** What is to be done with a file; `fill`: files are to be made in a folder. */
export type Use = 'read' | 'write' | 'execute' | 'fill'

const BITS = { r: constants.R_OK, w: constants.W_OK, x: constants.X_OK } as const
const TEST = 'for right in $2; do test -$right "$1" || { echo no; exit; }; done; echo yes'
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
/** A file system of the network may keep test(1) waiting. */
const TIMEOUT_MS = 5000

/** Users whom nothing could be tried as. */
const untried = new Set<number>()

/** Why rights of a user cannot be tried, and owner and mode bits decide; undefined: they can. */
export function whyUntried(user: ServiceUser): string | undefined {
  if (user.uid === undefined || user.uid === 0 || attemptAs('/', user, 'x') !== undefined) return undefined
  return 'what that user may do was judged by owner and mode alone: trying it takes root, and setpriv(1)'
}

/** Whether a user has rights to what is at a path; undefined: not known, for there is no such user or file here. */
export function mayAccess(path: string, user: ServiceUser, rights: Rights): boolean | undefined {
  if (user.uid === undefined) return undefined
  if (user.uid === 0) return true
  return attemptAs(path, user, rights) ?? mayByMode(path, user, rights)
}

/** What owner and mode bits say. */
export function mayByMode(path: string, user: ServiceUser, rights: Rights): boolean | undefined {
  const stat = attempt(() => statSync(path))
  if (!stat || user.uid === undefined) return undefined
  const bits = bitsOf(rights)
  const shift = stat.uid === user.uid ? 6 : user.groups.includes(stat.gid) ? 3 : 0
  return ((stat.mode >> shift) & bits) === bits
}

/** Why a user cannot use a file so; undefined: it can, as far as can be seen. */
export function obstacle(path: string, user: ServiceUser, use: Use): string | undefined {
  const realPath = attempt(() => realpathSync(path))
  if (realPath === undefined) return undefined
  // From the root down: behind a folder that is closed nothing can be tried.
  const closed = foldersAbove(realPath).find(folder => mayAccess(folder, user, 'x') === false)
  if (closed !== undefined) return `${closed} is closed to that user`
  const [rights, needed] = rightsFor(realPath, use)
  if (mayAccess(realPath, user, rights) !== false) return undefined
  const hidden = mayByMode(realPath, user, rights)
    ? `, although its mode allows it: look for an access list, or a mount that is ${use === 'execute' ? 'noexec' : 'read-only'}`
    : ''
  return `it may not ${needed}${hidden}`
}

function rightsFor(path: string, use: Use): readonly [rights: Rights, needed: string] {
  switch (use) {
    case 'read':
      return ['r', 'read that file']
    case 'write':
      return ['w', 'write to that file']
    case 'execute':
      return [isScript(path) ? 'rx' : 'x', 'run that file']
    case 'fill':
      return ['wx', 'make files there']
  }
}

/** `/usr/bin/node` → `/`, `/usr`, `/usr/bin`. */
function foldersAbove(path: string): string[] {
  const folder = dirname(path)
  return folder === path ? [] : [...foldersAbove(folder), folder]
}

function attemptAs(path: string, user: ServiceUser, rights: Rights): boolean | undefined {
  const { uid = 0, groups } = user
  const own = process.geteuid?.()
  if (own === uid) return isAllowed(path, bitsOf(rights))
  const [gid] = groups
  if (own !== 0 || gid === undefined || untried.has(uid)) return undefined
  const become = [`--reuid=${uid}`, `--regid=${gid}`, `--groups=${groups.join(',')}`]
  const { stdout } = spawnSync('setpriv', [...become, 'sh', '-c', TEST, 'sh', path, [...rights].join(' ')], {
    cwd: '/',
    env: ENVIRONMENT,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  if (stdout === 'yes\n' || stdout === 'no\n') return stdout === 'yes\n'
  untried.add(uid)
  return undefined
}

function isAllowed(path: string, bits: number): boolean {
  try {
    accessSync(path, bits)
    return true
  } catch {
    return false
  }
}

function bitsOf(rights: Rights): number {
  return [...rights].reduce((bits, right) => bits | BITS[right as keyof typeof BITS], 0)
}
