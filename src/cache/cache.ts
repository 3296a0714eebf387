/**
 * The cache a process works with: the shared store, or memory of its own.
 *
 *   consult.ts → openCache → Cache → consult.ts, places.ts: transact(tables => …)
 *
 * Opened by the first request that nothing simpler answers. Without a store (switched off by $CACHESIZE and
 * $POSCACHESIZE of 0, no native part, a directory we may not use) the same tables lie in private memory: a process still
 * answers all recipients of a mail alike, and knows nothing of the others.
 *
 * A store that could not be opened is tried again by later requests, once a second at most, whatever kind of process this
 * is: one that Postfix starts lives for a thousand connections, a worker for months. What private memory held by then is
 * forgotten, except for what it counted. A native part that is missing stays missing.
 *
 * Failure: never an exception; `warn` is told why there is no store, and when there is one after all, each once. `transact`
 * gives undefined when the lock could not be had in time, which means: nothing known.
 * Source: docs/behaviour/cache.md#without-the-file.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { verdictHash } from '../config/verdict-hash.ts'
import type { Native, NativeUnavailable } from '../system/native/native.ts'
import type { Counter } from './format.ts'
import { CHECK_INTERVAL_MS, isWithin, openStore, type StoreOptions } from './store.ts'
import type { Limit } from './entry-table.ts'
import { geometryOf, type Limits, Tables } from './tables.ts'

/** Something that runs a function over the tables, all by itself for as long as it runs. */
export interface Cache {
  transact<T>(use: (tables: Tables) => T): T | undefined
  /** Whether it was another process that kept the latest transaction from its lock. */
  readonly isBusy?: boolean
  /** Counts what no transaction has counted: with the next one. */
  count(counter: Counter, count?: number): void
  /** Gives back what the operating system lends; memory of one's own needs nothing of the kind. */
  close?(): void
}

/**
 * How many entries the configuration wants kept. A maximum below the size, 0 for instance, is the size: a kind that has
 * grown past the one and not past the other has nothing to purge.
 */
export function limitsOf(config: Config): Limits {
  const limit = (size: number, maxSize: number): Limit => ({ size, maxSize: Math.max(size, maxSize) })
  return {
    spam: limit(config.CACHESIZE, config.CACHEMAXSIZE),
    ham: limit(config.POSCACHESIZE, config.POSCACHEMAXSIZE),
  }
}

/** Whether neither kind is to be kept: then nothing is shared. */
export function isSwitchedOff({ spam, ham }: Limits): boolean {
  return spam.size === 0 && ham.size === 0
}

/** Opens the cache. `maxUnderWay`: this process's share of the questions under way on the host, if it shares no cache. */
export function openCache(
  config: Config,
  fileName: string,
  getNative: () => Native | NativeUnavailable,
  nowMs: () => number,
  warn: (text: string) => void,
  maxUnderWay?: number,
): Cache {
  const limits = limitsOf(config)
  if (isSwitchedOff(limits)) return privateCache(limits, maxUnderWay)
  const native = getNative()
  if (native.kind === 'unavailable') return withoutStore(native, privateCache(limits, maxUnderWay), warn)
  const place = { directory: config.LOCKPATH, fileName, configuration: verdictHash(config) }
  const options: StoreOptions = { ...place, limits, native, nowMs, warn }
  const store = openStore(options)
  return store.kind === 'store' ? store : withoutStore(store, privateUntilOpened(options, maxUnderWay), warn)
}

function withoutStore({ why }: { readonly why: string }, cache: Cache, warn: (text: string) => void): Cache {
  warn(`no shared cache, processes know nothing of each other: ${why}`)
  return cache
}

function privateUntilOpened(options: StoreOptions, maxUnderWay: number | undefined): Cache {
  const { limits, nowMs, warn } = options
  let cache = privateCache(limits, maxUnderWay)
  let isOpened = false
  let triedMs = nowMs()
  return {
    transact(use) {
      if (!isOpened && !isWithin(nowMs() - triedMs, CHECK_INTERVAL_MS)) {
        triedMs = nowMs()
        const store = openStore(options)
        if (store.kind === 'store') {
          for (const [counter, count] of cache.transact(({ counters }) => counters.read()) ?? [])
            if (count > 0) store.count(counter, count)
          cache = store
          isOpened = true
          warn('the shared cache is used from now on')
        }
      }
      return cache.transact(use)
    },
    get isBusy() {
      return cache.isBusy === true
    },
    count: (counter, count) => cache.count(counter, count),
    close: () => cache.close?.(),
  }
}

function privateCache(limits: Limits, maxUnderWay: number | undefined): Cache {
  const geometry = geometryOf(limits)
  const salt = Math.floor(Math.random() * 2 ** 32)
  const tables = new Tables(new ArrayBuffer(geometry.fileBytes), geometry, limits, { salt, maxUnderWay })
  return { transact: use => use(tables), count: (counter, count) => tables.counters.add(counter, count) }
}
