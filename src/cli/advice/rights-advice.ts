/**
 * What the user of the service has to read, run and write, apart from the cache, and may not.
 *
 *   loaded configuration, user, executable → warnings → check.ts; doctor/check-surroundings.ts
 *
 * Root reads everything, so a configuration that only root may read, or a Node.js in root's own folder, seems to be in order
 * until mail is served as somebody else. Each is tried as that user (try-rights.ts).
 *
 * Failure: none; who does not exist is told of in cache-advice.ts, what is not there or hidden from us is passed over.
 */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Finding, makeFinding } from '../../config/findings/finding.ts'
import type { LoadedConfig } from '../../config/loaded.ts'
import type { Executable } from '../../system/executable.ts'
import { attempt, lookAtFile } from '../rights/look-files.ts'
import type { ServiceUser } from '../rights/service-user.ts'
import { obstacle, type Use } from '../rights/try-rights.ts'

/** The Node.js and the program that serve, as far as they are those that run this. */
export type Running = Pick<Executable, 'path' | 'addonPath'> & { readonly node: string }

/** What is said of the configuration file; undefined: the user may read it. */
export function whyUnreadable({ path }: LoadedConfig, user: ServiceUser): string | undefined {
  return path === undefined || user.uid === undefined ? undefined : obstacle(resolve(path), user, 'read')
}

/** All but the configuration file. `running`: undefined where other files serve. */
export function adviseOnFiles({ config }: LoadedConfig, user: ServiceUser, running: Running | undefined): Finding[] {
  if (user.uid === undefined) return []
  const warn = (path: string, message: string): Finding =>
    makeFinding('warning', 'user-rights', path, undefined, message)
  const tryUse = (path: string, use: Use, what: string, then: string, tried = path): Finding[] => {
    const inTheWay = obstacle(tried, user, use)
    return inTheWay === undefined ? [] : [warn(path, `user ${user.name} cannot ${what}: ${inTheWay}; ${then}`)]
  }
  const found: Finding[] = []
  if (running) {
    const { node, path, addonPath } = running
    const elsewhere = 'what serves mail has to lie where that user gets at it'
    found.push(...tryUse(node, 'execute', 'run this Node.js', elsewhere))
    if (path !== '') found.push(...tryUse(path, 'read', 'read the program', elsewhere))
    if (addonPath !== undefined)
      found.push(...tryUse(addonPath, 'read', 'read the native part', 'each start unpacks the one inside'))
  }
  for (const name of ['DQS_KEY_FILE', 'ABUSIX_KEY_FILE'] as const) {
    const path = config[name]
    const then = `the lists with $${name.slice(0, -'_FILE'.length)} are not asked, but by a daemon that has it as a credential`
    if (path.startsWith('/')) found.push(...tryUse(path, 'read', 'read that key', then))
  }
  const { EXCEPTIONS } = config
  if (EXCEPTIONS.startsWith('/'))
    found.push(...tryUse(EXCEPTIONS, 'read', 'read the exceptions', 'mail is scored as without them'))
  if (config.LOGFILE === '') return found
  const log = resolve(config.LOGFILE)
  if (attempt(() => statSync(log))?.isDirectory()) return [...found, warn(log, 'is a directory; lines go to syslog')]
  if (lookAtFile(log).kind !== 'missing')
    return [...found, ...tryUse(log, 'write', 'write the log', 'lines go to syslog')]
  const folder = dirname(log)
  return lookAtFile(folder).kind === 'missing'
    ? [...found, warn(log, `there is no folder ${folder}; lines go to syslog`)]
    : [...found, ...tryUse(log, 'fill', 'make the log', 'lines go to syslog', folder)]
}

/** Everything, for `check`. */
export function adviseOnRights(loaded: LoadedConfig, user: ServiceUser, running: Running): Finding[] {
  const { path } = loaded
  const inTheWay = whyUnreadable(loaded, user)
  const message = `user ${user.name} cannot read it: ${inTheWay}; the built-in defaults serve`
  return [
    ...(path === undefined || inTheWay === undefined
      ? []
      : [makeFinding('warning', 'user-rights', path, undefined, message)]),
    ...adviseOnFiles(loaded, user, running),
  ]
}
