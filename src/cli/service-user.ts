/**
 * The user that mail is served as, as the system knows it: $USER, which has to be the `user=` of master.cf.
 *
 *   main.ts: $USER, $GROUP → findServiceUser → cache-advice.ts and doctor/, which ask what that user may do
 *
 * `check` is run by root or by anybody, so its own rights say nothing about the service's. id(1) is asked, because users
 * may come from elsewhere than /etc/passwd.
 *
 * Failure: a user that does not exist, or a system without id(1), has no number.
 */
import { spawnSync } from 'node:child_process'
import type { Stats } from 'node:fs'

/** `{ name: 'polw', group: 'polw', uid: 110, groups: [115] }`; `uid` undefined: there is no such user here. */
export interface ServiceUser {
  readonly name: string
  readonly group: string
  readonly uid: number | undefined
  readonly groups: readonly number[]
}

/** Looks a user up. */
export function findServiceUser(name: string, group: string): ServiceUser {
  const [uid] = askId('-u', name)
  return { name, group, uid, groups: askId('-G', name) }
}

/** Whether a user has rights (bits of one octal digit of the mode) to something; undefined: not known, for there is no such user here. */
export function mayAccess({ uid, gid, mode }: Stats, user: ServiceUser, bits: number): boolean | undefined {
  if (user.uid === undefined) return undefined
  if (user.uid === 0) return true
  const shift = uid === user.uid ? 6 : user.groups.includes(gid) ? 3 : 0
  return ((mode >> shift) & bits) === bits
}

function askId(option: string, name: string): number[] {
  // A name that begins with a dash would be an option.
  if (!/^[\w.][\w.-]*\$?$/.test(name)) return []
  const { status, stdout } = spawnSync('id', [option, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return status === 0 ? stdout.trim().split(/\s+/).map(Number) : []
}
