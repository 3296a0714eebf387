/**
 * Whom root believes, and as whom it acts, when it gives a command.
 *
 *   command-line.ts: command → trustedOwners → config/load.ts; configuration → actAsServiceUser → what may be used
 *
 * A configuration names files to write and to remove, so root obeys one only if it belongs to root, to who called sudo(8),
 * or to the user of the package. And the files it names lie where $USER writes: there anything may lead anywhere, and what root
 * makes there keeps $USER out. So root becomes $USER first, for good – unless the directories are root's own (ownership.ts).
 *
 * Failure: where root cannot become $USER – there is no such user, or this Node does not do it (privileges.ts) – cache and
 * log are left alone, and a sentence says so.
 */
import { lstatSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Finding, makeFinding } from '../../config/findings/finding.ts'
import { USUAL_PLACES } from '../../config/usual-file.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { DaemonError } from '../../daemon/daemon-error.ts'
import { dropPrivileges, makeDirectoryFor, resolveIdentity } from '../../daemon/privileges.ts'
import { isRootsOwn } from '../../system/ownership.ts'
import { attempt } from './look-files.ts'
import { findServiceUser } from './service-user.ts'

const PACKAGE_USER = 'polw'
const WRITABLE_BY_GROUP = 0o020
const WRITABLE_BY_ALL = 0o002

/** Whose a configuration may be; undefined: we are not root, and do nothing that its owner might not. */
export function trustedOwners(environment: NodeJS.ProcessEnv = process.env): readonly number[] | undefined {
  if (process.geteuid?.() !== 0) return undefined
  const caller = /^\d{1,9}$/.test(environment.SUDO_UID ?? '') ? Number(environment.SUDO_UID) : 0
  return [0, caller, findServiceUser(PACKAGE_USER, PACKAGE_USER).uid ?? 0]
}

/**
 * What `check` says of the configuration file itself. Who may write it should be few, and known, for root acts on it; one that
 * everybody may write is not used at all, which is said already (config/load.ts). A link to nothing is passed over there.
 */
export function adviseOnFile(path: string | undefined, usualPlaces: readonly string[] = USUAL_PLACES): Finding[] {
  const index = path === undefined ? usualPlaces.length : usualPlaces.indexOf(path)
  const passedOver = usualPlaces
    .slice(0, Math.max(index, 0))
    .filter(place => attempt(() => lstatSync(place))?.isSymbolicLink())
    .map(place => makeFinding('warning', 'file-missing', place, undefined, 'is a link to nothing, and is passed over'))
  return [...passedOver, ...adviseOnWriters(path)]
}

function adviseOnWriters(path: string | undefined): Finding[] {
  const mode = (path !== undefined && attempt(() => statSync(path))?.mode) || 0
  if (path === undefined || (mode & (WRITABLE_BY_GROUP | WRITABLE_BY_ALL)) !== WRITABLE_BY_GROUP) return []
  const message = 'a whole group may write to this file, and decide about all mail; take that away with chmod g-w'
  return [makeFinding('warning', 'file-group-writable', path, undefined, message)]
}

/** Becomes $USER, if this is root and something is that user's. Why it cannot, if so: cache and log stay unused then. */
export function actAsServiceUser({ USER, GROUP, LOCKPATH, LOGFILE, JOURNAL }: Config): string | undefined {
  if (process.geteuid?.() !== 0) return undefined
  const directories = [LOCKPATH, ...[LOGFILE, JOURNAL].filter(path => path !== '').map(path => dirname(path))]
  if (directories.every(isRootsOwn)) return undefined
  try {
    const identity = resolveIdentity({ user: USER, group: GROUP })
    makeDirectoryFor(LOCKPATH, identity)
    dropPrivileges({ user: USER, group: GROUP }, identity)
    return undefined
  } catch (error) {
    if (error instanceof DaemonError) return error.message
    throw error
  }
}
