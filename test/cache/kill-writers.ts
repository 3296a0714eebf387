/**
 * Kills writers of the cache at random moments and looks at what they leave.
 *
 *   node --single-threaded --v8-pool-size=0 kill-writers.cjs DIRECTORY ADDON FORK-ADDON ROUNDS SEED
 *
 * A round: eight processes write to all tables as fast as they can; after a random time, up to 6 ms, all get SIGKILL.
 * Then, with the writers gone, a new instance of the store must have the lock at its first try, every entry in the file
 * must be one that was written whole (its fields follow from one another), no counter may be lower than before, and of the
 * questions that were under way no more may be left than the writers had, and none twelve seconds later. Of name servers
 * nothing may be left once all of them have answered.
 * Prints `ROUNDS rounds, N entries checked, M writers were inside`, and ends with status 1 at the first violation.
 *
 * Bundled and started by kill-writers.test.ts.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COUNTERS } from '../../src/cache/format.ts'
import { SilentServers, serverNumber } from '../../src/cache/servers.ts'
import { openStore, readStore, Store, type StoreOptions } from '../../src/cache/store.ts'
import type { Limits, Tables } from '../../src/cache/tables.ts'
import { MAX_UNDER_WAY } from '../../src/cache/under-way.ts'
import { monotonicMs } from '../../src/system/clock.ts'
import { loadNative } from '../../src/system/native/native.ts'
import { randomFrom } from '../support/random.ts'

interface Forking {
  fork(): number
  wait(pid: number): number
}

const WRITERS = 8
const LONGEST_MS = 6
const KEYS = 300
/** Questions a writer has under way at most. */
const QUESTIONS = 5
/** Name servers; more than there are rows for. */
const SERVERS = 20
const SIGKILL = 9
// Small, so that purges are among what is interrupted.
const LIMITS: Limits = { spam: { size: 50, maxSize: 100 }, ham: { size: 50, maxSize: 100 } }

function loadAddon<T>(path: string): T {
  const module = { exports: {} }
  process.dlopen(module, path)
  return module.exports as T
}

/** Every field follows from the key's number and `n`. */
function write(tables: Tables, key: number, n: number): void {
  const seenSeconds = key * 1e6 + n
  tables.spam.set(`spam ${key}`, { score: seenSeconds / 2, retriesLeft: n, seenSeconds })
  tables.ham.set(`ham ${key}`, {
    score: seenSeconds / 2,
    queriesLeft: n,
    seenSeconds,
    sinceSeconds: seenSeconds + 1,
    hardSinceSeconds: seenSeconds + 2,
  })
  tables.messages.set(`message ${key}`, { kind: 'rejected', message: `${seenSeconds} `.repeat(n % 30), seenSeconds })
  tables.lists.set(`list ${key % 40}`, { errorsInRow: n, skipsLeft: n + 1, seenSeconds: n })
  if (n % 7 === 0) tables.spam.delete(`spam ${key}`)
  const nowMs = Date.now()
  const places = tables.underWay.take(`client ${key}`, QUESTIONS, nowMs)
  const kept = n % 2 === 0 ? places : tables.underWay.renew(places, nowMs + 2000)
  const silent = Math.min(kept.count, n % 3 === 0 ? 1 : 0)
  tables.underWay.linger({ ...kept, count: silent }, nowMs)
  tables.underWay.giveBack({ ...kept, count: kept.count - silent })
  const server = serverNumber(`server ${key % SERVERS}`)
  const servers = new SilentServers(tables.words, tables.serversAt)
  if (n % 5 === 0) servers.clear(server, monotonicMs())
  else servers.note(server, n % 2 === 0, monotonicMs())
  servers.claimProbe(server, monotonicMs() + 1000)
  for (const name of COUNTERS) if (name !== 'purges' && name !== 'evictions') tables.counters.add(name)
}

/** Entries that nobody wrote, as text. */
function wrongEntries(tables: Tables): { wrong: string[]; checked: number } {
  const wrong: string[] = []
  let checked = 0
  const check = (key: string, entry: object, isRight: boolean): void => {
    checked++
    if (!isRight) wrong.push(`${key}: ${JSON.stringify(entry)}`)
  }
  const nOf = (key: string, seenSeconds: number): number => seenSeconds - Number(key.split(' ')[1]) * 1e6
  for (const [key, e] of tables.spam.entries())
    check(key, e, /^spam \d+$/.test(key) && e.score === e.seenSeconds / 2 && e.retriesLeft === nOf(key, e.seenSeconds))
  for (const [key, e] of tables.ham.entries())
    check(
      key,
      e,
      /^ham \d+$/.test(key) &&
        e.score === e.seenSeconds / 2 &&
        e.queriesLeft === nOf(key, e.seenSeconds) &&
        e.sinceSeconds === e.seenSeconds + 1 &&
        e.hardSinceSeconds === e.seenSeconds + 2,
    )
  for (const [key, e] of tables.messages.entries())
    check(
      key,
      e,
      /^message \d+$/.test(key) &&
        e.kind === 'rejected' &&
        e.message === `${e.seenSeconds} `.repeat(nOf(key, e.seenSeconds) % 30),
    )
  for (const [key, e] of tables.lists.entries())
    check(key, e, /^list \d+$/.test(key) && e.errorsInRow === e.seenSeconds && e.skipsLeft === e.seenSeconds + 1)
  return { wrong, checked }
}

/** Nothing here is told that its writer was killed; what lingers does so for a minute. */
function checkUnderWay({ underWay }: Tables, round: number): void {
  const nowMs = Date.now()
  const [left, later] = [underWay.total(nowMs), underWay.total(nowMs + 62_000)]
  // Who is killed between two stores leaves what it had counted twice.
  if (left > MAX_UNDER_WAY + WRITERS * QUESTIONS || later !== 0)
    throw new Error(`round ${round}: ${left} questions under way, and ${later} later`)
}

/** Whatever a killed writer has left of the name servers, it is gone when they answer. */
function checkServers(store: Store, round: number): void {
  const numbers = Array.from({ length: SERVERS }, (_, n) => serverNumber(`server ${n}`))
  const isTroubled = store.transact(tables => {
    const servers = new SilentServers(tables.words, tables.serversAt)
    servers.read(numbers, monotonicMs())
    for (const number of numbers) servers.clear(number, monotonicMs())
    return tables.hasSilentServers
  })
  if (isTroubled !== false) throw new Error(`round ${round}: a name server that nobody knows is silent`)
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** One writer, until it is killed. Its descriptor is its own, so that its locks are. */
function writeForever(options: StoreOptions, seed: number): never {
  const random = randomFrom(seed)
  const store = openStore(options)
  for (let n = 0; ; n = (n + 1) % 1000)
    if (store instanceof Store) store.transact(tables => write(tables, random(KEYS), n))
}

function main([directory = '', addon = '', forkAddon = '', rounds = '', seed = '']: string[]): number {
  const native = loadNative({
    platform: process.platform,
    arch: process.arch,
    loaded: undefined,
    embedded: () => readFileSync(addon),
    directories: ['/dev/shm', '/tmp'],
  })
  if (native.kind === 'unavailable') throw new Error(native.why)
  const forking = loadAddon<Forking>(forkAddon)
  const random = randomFrom(Number(seed))
  const options: StoreOptions = {
    directory,
    fileName: 'polw.cache',
    limits: LIMITS,
    configuration: 1,
    native,
    nowMs: Date.now,
    warn: () => {},
  }
  let counters = new Map<string, number>()
  let entries = 0
  let locksHad = 0
  const firstTry: StoreOptions = { ...options, native: { ...native, lock: descriptor => native.lock(descriptor, 0) } }
  for (let round = 0; round < Number(rounds); round++) {
    const writers: number[] = []
    for (let i = 0; i < WRITERS; i++) {
      const pid = forking.fork()
      if (pid === 0) writeForever(options, round * WRITERS + i)
      writers.push(pid)
    }
    sleep(random(LONGEST_MS * 1000) / 1000)
    for (const pid of writers) process.kill(pid, 'SIGKILL')
    for (const pid of writers)
      if (forking.wait(pid) !== SIGKILL) throw new Error(`round ${round}: a writer ended by itself`)

    const store = openStore(firstTry)
    if (!(store instanceof Store)) throw new Error(`round ${round}: ${store.why}`)
    const now = store.transact(tables => tables.counters.read())
    if (!now) throw new Error(`round ${round}: the lock was not had`)
    locksHad++
    const copy = readStore(join(directory, 'polw.cache'), LIMITS)
    if (copy.kind !== 'tables') throw new Error(`round ${round}: ${copy.why}`)
    const { wrong, checked } = wrongEntries(copy.tables)
    if (wrong.length > 0) throw new Error(`round ${round}: ${wrong.join('\n')}`)
    for (const [name, count] of now)
      if (count < (counters.get(name) ?? 0))
        throw new Error(`round ${round}: ${name} ran from ${counters.get(name)} to ${count}`)
    checkUnderWay(copy.tables, round)
    checkServers(store, round)
    counters = now
    entries += checked
    store.close()
  }
  console.log(`${locksHad} rounds, ${entries} entries checked, ${counters.get('requests')} transactions`)
  return 0
}

process.exitCode = main(process.argv.slice(2))
