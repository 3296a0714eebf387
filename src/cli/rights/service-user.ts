/**
 * The user that mail is served as, as the system knows it: $USER, which has to be the `user=` of master.cf.
 *
 *   run-check.ts: $USER, $GROUP → findServiceUser ┐
 *   doctor/: user= of master.cf → findSpawnedUser ┼→ try-rights.ts: what may that user do?
 *   daemon/reload.ts: process of the daemon → findUserOf ┘
 *
 * `check` is run by root or by anybody, so its own rights say nothing about the service's. id(1) and getent(1) are asked, because
 * users may come from elsewhere than /etc/passwd. A daemon has all groups of its user; what spawn(8) starts has a single one.
 *
 * Failure: a user that does not exist, or a system without id(1), has no number.
 * Source: spawn(8), "user=".
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { attempt } from './look-files.ts'

/** `{ name: 'polw', group: 'polw', uid: 110, groups: [115] }`; `uid` undefined: there is no such user here. */
export interface ServiceUser {
  readonly name: string
  readonly group: string
  readonly uid: number | undefined
  /** The one it is in first, then others. */
  readonly groups: readonly number[]
}

/** The user of a daemon, with `group` and all groups that the system knows it to be in. */
export function findServiceUser(name: string, group: string): ServiceUser {
  const groups = [...findGroup(group), ...ask('id', '-G', name)]
  return { name, group, uid: findUser(name), groups: [...new Set(groups)] }
}

/** The user of what spawn(8) starts: in its first group alone, or in that of `user=NAME:GROUP`. */
export function findSpawnedUser(name: string, group: string | undefined): ServiceUser {
  const groups = group === undefined ? ask('id', '-g', name) : findGroup(group)
  return { name, group: group ?? name, uid: findUser(name), groups }
}

/** The user that a process runs as, with its groups; without a name. */
export function findUserOf(pid: number): ServiceUser {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'latin1')) ?? ''
  // Real, effective, saved, of the file system.
  const effective = (name: string): number[] => numbersIn(new RegExp(`^${name}:.*`, 'm').exec(status)?.[0]).slice(1, 2)
  const groups = [...effective('Gid'), ...numbersIn(/^Groups:.*/m.exec(status)?.[0])]
  return { name: '', group: '', uid: effective('Uid')[0], groups: [...new Set(groups)] }
}

function findUser(name: string): number | undefined {
  return ask('id', '-u', name)[0]
}

/** `mail:x:8:` → 8; none: there is no such group, or no getent(1). */
function findGroup(name: string): number[] {
  return ask('getent', 'group', name)
}

/** The numbers that a command prints about a name. */
function ask(command: string, option: string, name: string): number[] {
  // A name that begins with a dash would be an option, and one of digits a number: who serves is looked up by name.
  if (!/^(?!\d+$)[\w.][\w.-]*\$?$/.test(name)) return []
  const { status, stdout } = spawnSync(command, [option, name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  if (status !== 0) return []
  const numbers = command === 'getent' ? stdout.split(':')[2] : stdout
  return numbersIn(numbers)
}

function numbersIn(text = ''): number[] {
  return [...text.matchAll(/\d+/g)].map(Number)
}
