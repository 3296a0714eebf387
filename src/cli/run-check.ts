/**
 * `policyd-weight check`, from the file to what is printed.
 *
 *   handlers.ts → runCheck → config/load.ts, what this machine says to it (advice/), with `--dns` what the name servers and
 *   lists say (doctor/examine-dns.ts) → check.ts
 *
 * Failure: check.ts.
 */
import { join } from 'node:path'
import { type Finding, makeFinding } from '../config/findings/finding.ts'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/parameters/parameters.ts'
import { CACHE_FILE_NAME } from '../serve.ts'
import { EXECUTABLE } from '../system/executable.ts'
import { loadNative } from '../system/native/native.ts'
import { adviseOnCache } from './advice/cache-advice.ts'
import { adviseOnExceptions } from './advice/exceptions-advice.ts'
import { adviseOnJournal } from './advice/journal-advice.ts'
import { adviseOnRights } from './advice/rights-advice.ts'
import { checkConfiguration } from './check.ts'
import { showProgress } from './doctor/show-progress.ts'
import { examineDns } from './doctor/examine-dns.ts'
import { adviseOnFile, trustedOwners } from './rights/act-as.ts'
import { findServiceUser } from './rights/service-user.ts'
import { whyUntried } from './rights/try-rights.ts'

export interface CheckOptions {
  readonly f?: string
  readonly json?: boolean
  readonly dns?: boolean
}

/** What to print, and the exit status. `progress`: where that is written, on a terminal. */
export async function runCheck(
  { f: file, json, dns = false }: CheckOptions,
  progress: ((text: string) => void) | undefined,
): Promise<{ readonly text: string; readonly status: number }> {
  const loaded = await loadConfig({ file, withOrigins: true, owners: trustedOwners() })
  const { USER, GROUP } = loaded.config
  const user = findServiceUser(USER, GROUP)
  const advice = adviseOnCache(loaded.config, { native: loadNative(), user, cacheFileName: CACHE_FILE_NAME })
  const journal = adviseOnJournal(loaded.config, user)
  const running = { node: process.execPath, path: EXECUTABLE?.path ?? '', addonPath: EXECUTABLE?.addonPath }
  const ofDns = dns ? await askDns(loaded.config, progress) : []
  const findings = [
    ...adviseOnFile(loaded.path),
    ...adviseOnRights(loaded, user, running),
    ...adviseOnExceptions(loaded),
    ...advice.findings,
    ...journal.findings,
    ...ofDns,
  ]
  const untried = whyUntried(user)
  const notes = [
    ...advice.notes,
    ...journal.notes,
    ...(untried === undefined ? [] : [`user ${USER}: note: ${untried}`]),
  ]
  return checkConfiguration(loaded, { findings, notes }, json)
}

/** What is wrong with name servers and lists: warnings, for the configuration is in order all the same. */
async function askDns(config: Config, progress: ((text: string) => void) | undefined): Promise<Finding[]> {
  const stop = showProgress(progress, 'the name servers and the lists')
  const diagnoses = await examineDns(config, join(config.LOCKPATH, CACHE_FILE_NAME)).finally(stop)
  return diagnoses.flatMap(({ level, about, text, remedy }) =>
    level === 'warning' || level === 'error'
      ? [makeFinding('warning', 'dns', about, undefined, [text, ...remedy].join('; '))]
      : [],
  )
}
