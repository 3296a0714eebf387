/**
 * `-s` and `-k`: shows the cache, or empties it.
 *
 *   command-line.ts: options, loaded configuration → showOrEmpty → cache/show-cache.ts, cache/empty-cache.ts → exit status
 *
 * Failure: theirs.
 */
import { join } from 'node:path'
import { limitsOf } from '../cache/cache.ts'
import type { LoadedConfig } from '../config/loaded.ts'
import { verdictHash } from '../config/verdict-hash.ts'
import { CACHE_FILE_NAME } from '../serve.ts'
import { EXIT_NO_PERMISSION, EXIT_OK } from '../system/exit-status.ts'
import { loadNative } from '../system/native/native.ts'
import { emptyCache } from './cache/empty-cache.ts'
import { lookAtCache, type ShowOptions, watchCache } from './cache/show-cache.ts'
import { renderFindings } from './check.ts'
import { DEBUG_CACHE_FILE_NAME } from './daemon/daemon-control.ts'
import { print } from './output.ts'
import { actAsServiceUser } from './rights/act-as.ts'

const REFRESH_MS = 1000

interface CacheOptions {
  readonly d?: boolean
  readonly k?: boolean
  readonly json?: boolean
  readonly watch?: boolean
}

/** The exit status. */
export async function showOrEmpty(
  { d, k, json, watch }: CacheOptions,
  { config, path: file, findings }: LoadedConfig,
): Promise<number> {
  // What has an error is not used: the cache may be another one than the file means.
  process.stderr.write(renderFindings(findings.filter(({ severity }) => severity === 'error')))
  const path = join(config.LOCKPATH, d ? DEBUG_CACHE_FILE_NAME : CACHE_FILE_NAME)
  const limits = limitsOf(config)
  if (k) {
    const why = actAsServiceUser({ ...config, LOGFILE: '', JOURNAL: '' })
    if (why !== undefined) return print(`${why}\n`, EXIT_NO_PERMISSION)
    const { text, status } = emptyCache(path, limits, loadNative(), file)
    return print(text, status)
  }
  const show: ShowOptions = {
    path,
    file,
    limits,
    configuration: verdictHash(config),
    zoneCodes: config.zone_codes,
    json: json ?? false,
    width: process.stdout.columns,
    nowMs: Date.now,
  }
  if (watch) {
    const interrupted = new AbortController()
    process.once('SIGINT', () => interrupted.abort())
    const lines = process.stdout.isTTY && !json ? process.stdout.rows : undefined
    await watchCache(
      show,
      { lines, refreshMs: REFRESH_MS, write: text => process.stdout.write(text) },
      interrupted.signal,
    )
    return EXIT_OK
  }
  const look = lookAtCache(show)
  return print(look.text, look.kind === 'report' ? EXIT_OK : look.status)
}
