/**
 * Where the cache of `-d` is for somebody who may not write to `$LOCKPATH`, or root that cannot become `$USER`.
 *
 *   command-line.ts: configuration → withCacheOfOwn → the configuration that `-d` serves with
 *
 * A directory of its own, which ends with the process: one with a name that others know might be theirs.
 *
 * Failure: without a directory the cache is left out, and serve.ts says so.
 */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { codeOf } from '../../system/errno.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { attempt } from '../rights/look-files.ts'

/** The same configuration, with a `$LOCKPATH` that can be written to; `mayUse`: whether that of the service may be used. */
export function withCacheOfOwn(config: Config, mayUse: boolean): Config {
  if (mayUse && mayWrite(resolve(config.LOCKPATH))) return config
  const directory = attempt(() => mkdtempSync(join(tmpdir(), 'policyd-weight-')))
  if (directory === undefined) return { ...config, CACHESIZE: 0, POSCACHESIZE: 0 }
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  return { ...config, LOCKPATH: directory }
}

/** Whether files can be made there; of a directory that is still to be made, whether it can be. */
function mayWrite(directory: string): boolean {
  const may = (path: string): string | undefined => {
    try {
      accessSync(path, constants.W_OK | constants.X_OK)
      return undefined
    } catch (error) {
      return codeOf(error) ?? 'unknown error'
    }
  }
  const code = may(directory)
  return code === undefined || (code === 'ENOENT' && may(dirname(directory)) === undefined)
}
