/**
 * The shared cache: one mapped file, changed by whoever has its lock.
 *
 *   cache.ts: openStore → what a request does in transact(tables => …) → lock → tables.ts over the mapped file → unlock
 *
 * A transaction is one synchronous function: the lock cannot be held across an await, and nothing in it may do I/O. It
 * takes microseconds, so 50 ms without the lock mean that its holder was stopped, or hangs; the request then goes on
 * without the cache. For the next second the lock is waited for 2 ms only, so that such a holder costs a request one wait.
 *
 * A file that was replaced or removed is noticed within a second, and the new one opened or made.
 *
 * Failure: no lock, no file any more: `transact` gives undefined, which is to the caller what "nothing known" is. What
 * an operator should know is told by `warn`: the lock once a minute for all instances together, a lost file once, and once
 * that there is one again.
 * Source: format.ts; docs/behaviour/cache.md.
 */
import { closeSync } from 'node:fs'
import type { Native } from '../system/native/native.ts'
import { type CacheFile, isAt, LOCK_WAIT_MS, openCacheFile, pathOf, readCacheFile } from './cache-file.ts'
import { Counters } from './counters.ts'
import { type Counter, COUNTERS_BYTES, COUNTERS_OFFSET, SERVERS_OFFSET } from './format.ts'
import { SERVERS_BYTES, SilentServers } from './servers.ts'
import { geometryOf, type Limits, Tables } from './tables.ts'
import { type StoreUnavailable, withSystemErrors } from './unavailable.ts'

export interface StoreOptions {
  /** `$LOCKPATH`. Made if only its last part is missing. */
  readonly directory: string
  readonly fileName: string
  readonly limits: Limits
  /** Hash of the configuration that serves (verdict-hash.ts). */
  readonly configuration: number
  readonly native: Native
  /** The wall clock. */
  readonly nowMs: () => number
  /** Takes what an operator should know; a sentence for the log. */
  readonly warn: (text: string) => void
  /** Who we are; for tests. */
  readonly ownUid?: number
}

/** How often it is looked whether the file is still there, or there again. */
export const CHECK_INTERVAL_MS = 1000
/** How long the lock is waited for in the second after it was not had: enough for one that is merely in demand. */
const SHORT_WAIT_MS = 2
const BUSY_LOG_INTERVAL_MS = 60_000

/** Opens the store. A value says why there is none; the caller logs it, and mail goes on. */
export function openStore(options: StoreOptions): Store | StoreUnavailable {
  const opened = openMapped(options, false)
  return opened.kind === 'unavailable' ? opened : new Store(options, opened)
}

/** What the store at a path holds right now, as a copy, to one of this configuration; needs neither the native part nor the lock. */
export function readStore(
  path: string,
  limits: Limits,
  configuration?: number,
): { readonly kind: 'tables'; readonly tables: Tables } | StoreUnavailable {
  const copy = readCacheFile(path)
  if (copy.kind === 'unavailable') return copy
  return { kind: 'tables', tables: new Tables(copy.buffer, copy.geometry, limits, { configuration }) }
}

/** What the store at a path has counted so far; undefined: there is none, or it may not be read. */
export function readCounters(path: string): ReadonlyMap<Counter, number> | undefined {
  const copy = readCacheFile(path, COUNTERS_OFFSET + COUNTERS_BYTES)
  return copy.kind === 'unavailable' ? undefined : new Counters(new Float64Array(copy.buffer)).read()
}

/** What the store at a path knows of name servers; undefined: there is none, or it may not be read. */
export function readServers(path: string): SilentServers | undefined {
  const copy = readCacheFile(path, SERVERS_OFFSET + SERVERS_BYTES)
  return copy.kind === 'unavailable' ? undefined : new SilentServers(new Int32Array(copy.buffer), SERVERS_OFFSET / 4)
}

interface Mapped {
  readonly kind: 'mapped'
  readonly file: CacheFile
  readonly tables: Tables
}

export class Store {
  readonly kind = 'store'
  readonly #options: StoreOptions
  #mapped: Mapped | undefined
  #checkedMs: number
  #busyMs: number | undefined
  /** What is not counted yet: counting takes the lock. */
  #uncounted: Partial<Record<Counter, number>> | undefined
  #isInside = false
  /** An operator was told that the cache is not used any more. */
  #isLost = false

  constructor(options: StoreOptions, mapped: Mapped) {
    this.#options = options
    this.#mapped = mapped
    this.#checkedMs = options.nowMs()
  }

  /** Runs `use` with the lock and returns what it returns; undefined: there was no lock, or there is no file. */
  transact<T>(use: (tables: Tables) => T): T | undefined {
    if (this.#isInside) throw new Error('a transaction inside of a transaction')
    this.#checkFile()
    const mapped = this.#mapped
    if (!mapped || !this.#lock(mapped)) return undefined
    this.#isInside = true
    try {
      mapped.tables.begin()
      if (this.#uncounted) this.#countIn(mapped.tables, this.#uncounted)
      return use(mapped.tables)
    } finally {
      this.#isInside = false
      this.#options.native.unlock(mapped.file.descriptor)
    }
  }

  get isBusy(): boolean {
    return this.#mapped !== undefined && this.#busyMs !== undefined
  }

  /** Counts with the next transaction that has the lock. */
  count(counter: Counter, count = 1): void {
    this.#uncounted ??= {}
    this.#uncounted[counter] = (this.#uncounted[counter] ?? 0) + count
  }

  #countIn({ counters }: Tables, uncounted: Partial<Record<Counter, number>>): void {
    for (const [counter, count] of Object.entries(uncounted)) counters.add(counter as Counter, count)
    this.#uncounted = undefined
  }

  /** Gives the file back. Later transactions open it again. */
  close(): void {
    if (this.#mapped) closeSync(this.#mapped.file.descriptor)
    this.#mapped = undefined
  }

  #lock({ file, tables }: Mapped): boolean {
    const { native, nowMs, warn } = this.#options
    const waitMs =
      this.#busyMs !== undefined && isWithin(nowMs() - this.#busyMs, CHECK_INTERVAL_MS) ? SHORT_WAIT_MS : LOCK_WAIT_MS
    const locked = withSystemErrors(() => native.lock(file.descriptor, waitMs))
    if (locked === true) {
      this.#busyMs = undefined
      return true
    }
    if (locked !== false) {
      this.#lose(locked)
      return false
    }
    this.count('locksNotHad')
    // The second begins when a long wait was in vain, not with each try.
    if (waitMs === LOCK_WAIT_MS) this.#busyMs = nowMs()
    if (!isWithin(nowMs() - tables.busyLoggedMs, BUSY_LOG_INTERVAL_MS)) {
      tables.busyLoggedMs = nowMs()
      warn(`the cache is not used: another process has held its lock for more than ${LOCK_WAIT_MS} ms`)
    }
    return false
  }

  /** Once a second: is the file still the one at its path, or, if there is none, can it be had again? */
  #checkFile(): void {
    const { directory, fileName, nowMs } = this.#options
    if (isWithin(nowMs() - this.#checkedMs, CHECK_INTERVAL_MS)) return
    this.#checkedMs = nowMs()
    const mapped = this.#mapped
    const path = pathOf({ directory, fileName })
    if (mapped && withSystemErrors(() => isAt(path, mapped.file)) === true) return
    this.close()
    const opened = openMapped(this.#options, true)
    if (opened.kind === 'unavailable') {
      if (mapped) this.#lose(opened)
      return
    }
    this.#mapped = opened
    if (this.#isLost) this.#options.warn('the cache is used again')
    this.#isLost = false
  }

  #lose({ why }: StoreUnavailable): void {
    this.close()
    this.#isLost = true
    this.#options.warn(`the cache is not used any more: ${why}`)
  }
}

function openMapped(options: StoreOptions, isReopened: boolean): Mapped | StoreUnavailable {
  const { directory, fileName, limits, configuration, native } = options
  const place = { directory, fileName, ownUid: options.ownUid ?? process.geteuid?.() ?? 0 }
  const file = openCacheFile(place, geometryOf(limits), native, isReopened)
  if (file.kind === 'unavailable') return file
  const buffer = withSystemErrors(() => native.map(file.descriptor, file.geometry.fileBytes))
  if (buffer instanceof ArrayBuffer)
    return {
      kind: 'mapped',
      file,
      tables: new Tables(buffer, file.geometry, limits, { configuration, salt: file.ino }),
    }
  closeSync(file.descriptor)
  return buffer
}

/** Whether so much time has not passed yet; the clock may have been set back. */
export function isWithin(elapsedMs: number, intervalMs: number): boolean {
  return Math.abs(elapsedMs) < intervalMs
}
