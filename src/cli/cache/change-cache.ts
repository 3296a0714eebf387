/**
 * Changes the cache of the service for a command: in one transaction, at once for all running instances.
 *
 *   forgive.ts, lists/release-list.ts: as $USER → changeCache → what the change came to, or why there was none
 *
 * Failure: a value that says why: no native part, no cache that can be used, or one that is busy.
 * Source: docs/behaviour/cache.md.
 */
import { limitsOf } from '../../cache/cache.ts'
import { openStore } from '../../cache/store.ts'
import type { Tables } from '../../cache/tables.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { verdictHash } from '../../config/verdict-hash.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'

/** The directory of a cache file, and its name. */
export interface CachePlace {
  readonly directory: string
  readonly fileName: string
}

export type CacheChange<T> =
  | { readonly kind: 'changed'; readonly value: T }
  | { readonly kind: 'not'; readonly why: string }

export function changeCache<T>(
  place: CachePlace,
  config: Config,
  native: Native | NativeUnavailable,
  change: (tables: Tables) => T,
): CacheChange<T> {
  if (native.kind === 'unavailable') return { kind: 'not', why: native.why }
  const own = { limits: limitsOf(config), configuration: verdictHash(config) }
  const store = openStore({ ...place, ...own, native, nowMs: Date.now, warn: () => {} })
  if (store.kind === 'unavailable') return { kind: 'not', why: store.why }
  try {
    const changed = store.transact(tables => ({ value: change(tables) }))
    return changed ? { kind: 'changed', ...changed } : { kind: 'not', why: 'the cache is busy; try again' }
  } finally {
    store.close()
  }
}
