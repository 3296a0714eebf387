/**
 * One of the processes that use one cache at the same time, for cache.ts.
 *
 *   node cache-process.cjs DIRECTORY ADDON SEED START-MS DURATION-MS → { waitsMs, notHad } as JSON
 *
 * From START-MS (wall clock) on it asks for and writes entries without a pause, and measures how long it waits for the
 * lock each time.
 */
import { openStore, Store } from '../../src/cache/store.ts'
import type { Native } from '../../src/system/native/native.ts'

const [directory = '', addon = '', seed = '', start = '', duration = ''] = process.argv.slice(2)
const module = { exports: {} }
process.dlopen(module, addon)
const native = module.exports as Native
const waitsMs: number[] = []
let notHad = 0
const store = openStore({
  directory,
  fileName: 'polw.cache',
  limits: { spam: { size: 2000, maxSize: 4000 }, ham: { size: 1000, maxSize: 2000 } },
  configuration: 1,
  native: {
    ...native,
    lock: (descriptor, waitMs) => {
      const beginMs = performance.now()
      const had = native.lock(descriptor, waitMs)
      waitsMs.push(performance.now() - beginMs)
      if (!had) notHad++
      return had
    },
  },
  nowMs: Date.now,
  warn: () => {},
})
if (!(store instanceof Store)) throw new Error(store.why)
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.max(0, Number(start) - Date.now()))
waitsMs.length = 0
const endMs = Number(start) + Number(duration)
for (let i = 0; Date.now() < endMs; i++) {
  const client = `192.0.2.${(i * 7 + Number(seed)) % 256}-sender${i % 20}@example.org`
  const seenSeconds = Date.now() / 1000
  store.transact(({ spam }) => spam.get(client))
  store.transact(({ spam }) => spam.set(client, { score: 7.5, retriesLeft: 1, seenSeconds }))
}
process.stdout.write(JSON.stringify({ waitsMs, notHad }))
