/**
 * The cache a process works with: the shared store, or memory of its own.
 *
 *   serve.ts → openCache → Cache → decide.ts: transact(tables => …)
 *
 * Opened by the first request that nothing simpler answers. Without a store (switched off by $CACHESIZE and
 * $POSCACHESIZE of 0, no native part, a directory we may not use) the same tables lie in private memory: a process still
 * answers all recipients of a mail alike, and knows nothing of the others.
 *
 * Failure: never an exception; `warn` is told why there is no store. `transact` gives undefined when the lock could
 * not be had in time, which means: nothing known.
 * Source: specification, chapter "Cache".
 */
import type { Config } from '../config/parameters.ts'
import { verdictHash } from '../config/verdict-hash.ts'
import type { Native, NativeUnavailable } from '../native/native.ts'
import { openStore } from './store.ts'
import type { Limit } from './table.ts'
import { geometryOf, type Limits, Tables } from './tables.ts'

/** Something that runs a function over the tables, all by itself for as long as it runs. */
export interface Cache {
  transact<T>(use: (tables: Tables) => T): T | undefined
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
  const place = { directory: config.LOCKPATH, fileName, configuration: verdictHash(config) }
  const store = native.kind === 'unavailable' ? native : openStore({ ...place, limits, native, nowMs, warn })
  if (store.kind === 'store') return store
  warn(`no shared cache, processes know nothing of each other: ${store.why}`)
  return privateCache(limits, maxUnderWay)
}

function privateCache(limits: Limits, maxUnderWay: number | undefined): Cache {
  const geometry = geometryOf(limits)
  const salt = Math.floor(Math.random() * 2 ** 32)
  const tables = new Tables(new ArrayBuffer(geometry.fileBytes), geometry, limits, { salt, maxUnderWay })
  return { transact: use => use(tables) }
}
