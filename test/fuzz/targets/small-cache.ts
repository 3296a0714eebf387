/**
 * A cache with few slots: the smallest file has 1.3 MB, and an input of the fuzzer wants a new one.
 */
import { type Geometry, geometryFor, KINDS, SLOT_BYTES } from '../../../src/cache/format.ts'
import type { Limits } from '../../../src/cache/tables.ts'

/** Fewer than the slots below, so that there are purges. */
export const SMALL_LIMITS: Limits = { spam: { size: 8, maxSize: 14 }, ham: { size: 8, maxSize: 14 } }

/** So many slots of each kind; a multiple of a bucket's, two buckets at least. */
export function smallGeometry(slots: number): Geometry {
  let offset = geometryFor({ spam: 0, ham: 0 }).areas.spam.offset
  const areas = KINDS.map(kind => {
    const area = { offset, slots }
    offset += slots * SLOT_BYTES[kind]
    return [kind, area] as const
  })
  return { fileBytes: offset, areas: Object.fromEntries(areas) as Geometry['areas'] }
}
