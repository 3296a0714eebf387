/**
 * The configuration that this project and the original share: the same values for both, but for where things lie; ours has
 * every parameter written out.
 *
 *   writeConfiguration(folder, { nameServer, cached: true, lists: 4 }) → path
 *
 * Four client lists, as of old, one list of domains, everything else by default. `cached`: entries are hard from the next
 * second on and nothing runs out; otherwise nothing is remembered.
 */
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationText, type Parameters } from '../../../testkit/policy-process.ts'
import { fullConfigurationText } from '../full-configuration.ts'

/** Host, score of a hit, of a miss, label; postfwd and mtpolicyd get the hosts and the first score. */
export const CLIENT_LISTS = [
  ['pbl.spamhaus.org', 3.25, 0, 'DYN_PBL_SPAMHAUS'],
  ['sbl-xbl.spamhaus.org', 4.35, -1.5, 'SBL_XBL_SPAMHAUS'],
  ['bl.spamcop.net', 3.75, -1.5, 'SPAMCOP'],
  ['bl.mailspike.net', 3.25, 0, 'MAILSPIKE'],
] as const

/** Reject from this score on. */
export const REJECT_LEVEL = 1

/** A user as whom contenders run. */
export interface User {
  readonly uid: number
  readonly gid: number
}

export interface Setting {
  readonly nameServer: string
  readonly cached: boolean
  /** Client lists: the four above, then made-up ones. */
  readonly lists: number
  /** Whether every parameter is written out; the original does not know ours. */
  readonly isFull: boolean
  /** Whatever else, as for daemons. */
  readonly more?: Parameters
}

/** Writes a configuration whose run directory, FOLDER/run, belongs to the user. Returns its path. */
export function writeConfiguration(folder: string, user: User, setting: Setting): string {
  const run = join(folder, 'run')
  // The original takes its directories for granted when it does not run as root.
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  for (const path of [run, join(run, 'cores'), join(run, 'cores/cache'), join(run, 'cores/master')]) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    chownSync(path, user.uid, user.gid)
  }
  const path = join(folder, 'policyd-weight.conf')
  const parameters: Parameters = {
    NS: setting.nameServer,
    LOCKPATH: `${run}/`,
    SPATH: `${run}/polw.sock`,
    PIDFILE: join(folder, 'pid'),
    REJECTLEVEL: REJECT_LEVEL,
    dnsbl_score: clientLists(setting.lists).flat(),
    rhsbl_score: ['multi.surbl.org', 4, 0, 'SURBL'],
    ...(setting.cached
      ? { TEMP_PTIME: 0, PTTL: 1_000_000, PTIME: '1d', NTIME: 3600 }
      : { CACHESIZE: 0, POSCACHESIZE: 0 }),
    ...setting.more,
  }
  const render = setting.isFull ? fullConfigurationText : configurationText
  writeFileSync(path, render(parameters), { mode: 0o644 })
  return path
}

function clientLists(count: number): (readonly (string | number)[])[] {
  const made = Array.from({ length: Math.max(0, count - CLIENT_LISTS.length) }, (_, i) => [
    `list${i}.lists.example`,
    3,
    0,
    `LIST${i}`,
  ])
  return [...CLIENT_LISTS, ...made].slice(0, count)
}
