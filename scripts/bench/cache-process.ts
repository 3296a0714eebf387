/**
 * A cache as the benchmark of it uses it; and, run as a program, one of the processes that use one at the same time.
 *
 *   node cache-process.cjs DIRECTORY ADDON SEED START-MS DURATION-MS → Waits as JSON
 *
 * From START-MS (wall clock) on it asks for and writes entries without a pause, and measures how long it waits for the
 * lock each time.
 */
import { openStore, Store } from '../../src/cache/store.ts'
import type { Native } from '../../src/system/native/native.ts'

/** How long a process has waited for the lock each time, and how often it did not get it. */
export interface Waits {
  readonly waitsMs: number[]
  notHad: number
}

export function openCache(directory: string, native: Native): Store {
  const limits = { spam: { size: 2000, maxSize: 4000 }, ham: { size: 1000, maxSize: 2000 } }
  const warn = (text: string): void => console.error(text)
  const store = openStore({
    directory,
    fileName: 'polw.cache',
    limits,
    configuration: 1,
    native,
    nowMs: Date.now,
    warn,
  })
  if (!(store instanceof Store)) throw new Error(store.why)
  return store
}

function clientOf(i: number, seed: number): string {
  return `192.0.2.${(i * 7 + seed) % 256}-sender${i % 20}@example.org`
}

export function lookUp(store: Store, i: number, seed: number): void {
  store.transact(({ spam }) => spam.get(clientOf(i, seed)))
}

export function write(store: Store, i: number, seed: number): void {
  const entry = { score: 7.5, retriesLeft: 1, seenSeconds: Date.now() / 1000 }
  store.transact(({ spam }) => spam.set(clientOf(i, seed), entry))
}

function run([directory = '', addon = '', seed = '', start = '', duration = '']: readonly string[]): Waits {
  const module = { exports: {} }
  process.dlopen(module, addon)
  const native = module.exports as Native
  const waits: Waits = { waitsMs: [], notHad: 0 }
  const store = openCache(directory, {
    ...native,
    lock: (descriptor, waitMs) => {
      const beginMs = performance.now()
      const had = native.lock(descriptor, waitMs)
      waits.waitsMs.push(performance.now() - beginMs)
      if (!had) waits.notHad++
      return had
    },
  })
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.max(0, Number(start) - Date.now()))
  waits.waitsMs.length = 0
  for (let i = 0; Date.now() < Number(start) + Number(duration); i++) {
    lookUp(store, i, Number(seed))
    write(store, i, Number(seed))
  }
  return waits
}

if (process.argv[1]?.endsWith('cache-process.cjs')) process.stdout.write(JSON.stringify(run(process.argv.slice(2))))
