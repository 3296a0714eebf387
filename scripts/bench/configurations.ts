/**
 * The configuration that this project and the original share: the same values for both, but for where things lie; ours has
 * every parameter written out, as in the file that `policyd-weight defaults` prints, for what is measured has to hold for the
 * longest file.
 *
 *   writeConfiguration(folder, user, { nameServer, cached: true, lists: 4 }) → path → keepConfiguration: as if it had been there
 *   for a while
 *
 * Four client lists, as of old, one list of domains, everything else by default. `cached`: entries are hard from the next
 * second on and nothing runs out; otherwise nothing is remembered.
 */
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderDefaults } from '../../src/cli/defaults.ts'
import type { Profile } from '../../src/config/profile.ts'
import { SETTLED_MS } from '../../src/config/kept.ts'
import { attributesOf, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { configurationText, type Parameters, requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'

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
  /** Whose defaults are written out; absent: classic. Those of modern have lists of their own. */
  readonly profile?: Profile
  /** Whatever else, as for daemons. */
  readonly more?: Parameters
}

/** Writes a configuration whose run directory, FOLDER/run, belongs to the user. Returns its path. */
export function writeConfiguration(folder: string, user: User | undefined, setting: Setting): string {
  const run = join(folder, 'run')
  // The original takes its directories for granted when it does not run as root.
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  for (const path of [run, join(run, 'cores'), join(run, 'cores/cache'), join(run, 'cores/master')]) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    if (user) chownSync(path, user.uid, user.gid)
  }
  const path = join(folder, 'policyd-weight.conf')
  const { profile = 'classic' } = setting
  const parameters: Parameters = {
    NS: setting.nameServer,
    LOCKPATH: `${run}/`,
    SPATH: `${run}/polw.sock`,
    PIDFILE: join(folder, 'pid'),
    REJECTLEVEL: REJECT_LEVEL,
    ...(profile === 'classic' && {
      dnsbl_score: clientLists(setting.lists).flat(),
      rhsbl_score: ['multi.surbl.org', 4, 0, 'SURBL'],
    }),
    ...(setting.cached
      ? { TEMP_PTIME: 0, PTTL: 1_000_000, PTIME: '1d', NTIME: 3600 }
      : { CACHESIZE: 0, POSCACHESIZE: 0 }),
    ...setting.more,
  }
  const text = configurationText(parameters)
  writeFileSync(path, setting.isFull ? withDefaults(text, profile) : text, { mode: 0o644 })
  return path
}

/** The defaults in front of a text: the last assignment counts. */
export function withDefaults(text: string, profile: Profile): string {
  return renderDefaults({ profile, isFull: true }).replace(/1;\n$/, () => `${text}1;\n`)
}

/** Has a process keep its configuration, which was written just now; a start finds it kept, as all but the first few seconds do. */
export async function keepConfiguration(command: readonly string[]): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, SETTLED_MS + 100))
  const { status } = await runPolicyProcess(command, requestBytes({ ...attributesOf(GOOD_MAIL), sender: '' }))
  if (status !== 0) throw new Error(`${command.join(' ')}: status ${status}`)
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
