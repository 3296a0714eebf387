/**
 * Empties a cache file in place: every entry is forgotten, the counters and the questions under way go on.
 *
 *   cli/cache/empty-cache.ts: a file that can be read → emptyStore → lock → zeros over the slots → unlock
 *
 * Whoever has the file mapped finds it empty at its next transaction. The lock is held for a few megabytes at a time, which
 * takes a millisecond or two, so no mail goes on without the cache meanwhile. What is put in behind that stays.
 *
 * Failure: a value, and the file may be emptied in part; a slot of which a part is zeros is empty. Only errors of system
 * calls are caught.
 * Source: format.ts.
 */
import { closeSync } from 'node:fs'
import type { Native } from '../system/native/native.ts'
import { LOCK_WAIT_MS, openCacheFile, type Place } from './cache-file.ts'
import { ENTRY_HINTS_OFFSET, geometryFor, KINDS, SLOT_BYTES } from './format.ts'
import { type StoreUnavailable, unavailable, withSystemErrors } from './unavailable.ts'

/** What is emptied at once; a multiple of all sizes of slots. */
const BYTES_AT_ONCE = 1280 * 4096

/** Empties the file there; undefined: it is empty. */
export function emptyStore(place: Place, native: Native): StoreUnavailable | undefined {
  const file = openCacheFile(place, geometryFor({ spam: 0, ham: 0 }), native, true)
  if (file.kind === 'unavailable') return file
  const { descriptor, geometry } = file
  return withSystemErrors(() => {
    try {
      const memory = native.map(descriptor, geometry.fileBytes)
      const locked = (work: () => void): boolean => {
        if (!native.lock(descriptor, LOCK_WAIT_MS)) return false
        try {
          work()
        } finally {
          native.unlock(descriptor)
        }
        return true
      }
      let isDone = locked(() => new Int32Array(memory, ENTRY_HINTS_OFFSET, KINDS.length).fill(0))
      for (const kind of KINDS) {
        const { offset, slots } = geometry.areas[kind]
        const area = new Uint8Array(memory, offset, slots * SLOT_BYTES[kind])
        for (let at = 0; isDone && at < area.length; at += BYTES_AT_ONCE)
          isDone = locked(() => area.fill(0, at, at + BYTES_AT_ONCE))
      }
      return isDone ? undefined : unavailable('busy', 'another process holds its lock')
    } finally {
      closeSync(descriptor)
    }
  })
}
