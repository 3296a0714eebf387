/**
 * A cache file with a few entries in it, for tests of the commands that show, empty and check it.
 */
import { join } from 'node:path'
import { openStore, Store } from '../../src/cache/store.ts'
import type { Limits } from '../../src/cache/tables.ts'
import { testNative } from '../../testkit/native.ts'

/** The configuration, as its hash, under which it is made. */
export const DISK_CONFIGURATION = 1
export const DISK_LIMITS: Limits = { spam: { size: 20, maxSize: 40 }, ham: { size: 20, maxSize: 40 } }

/** Makes `x.cache` in a directory, with one rejected client and one mail; it stays open. Throws if it cannot be had. */
export function makeCacheFile(
  directory: string,
  nowMs: () => number,
): { readonly path: string; readonly store: Store } {
  const store = openStore({
    directory,
    fileName: 'x.cache',
    limits: DISK_LIMITS,
    configuration: DISK_CONFIGURATION,
    native: testNative(),
    nowMs,
    warn: text => {
      throw new Error(text)
    },
  })
  if (!(store instanceof Store)) throw new Error(store.why)
  store.transact(({ spam, messages }) => {
    spam.set('192.0.2.66', { score: 8.1, retriesLeft: 1, seenSeconds: nowMs() / 1000 })
    messages.set('i1\n192.0.2.66\nwin@example.com', { kind: 'accepted', seenSeconds: nowMs() / 1000 })
  })
  return { path: join(directory, 'x.cache'), store }
}
