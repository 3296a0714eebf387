/**
 * The tables of a cache in plain memory, for tests that need neither a file nor the native part.
 *
 *   const tables = newTables(); const cache = { transact: use => use(tables), count: () => {} }
 */
import { geometryOf, type Limits, Tables } from '../../src/cache/tables.ts'

const LIMITS: Limits = { spam: { size: 20, maxSize: 40 }, ham: { size: 20, maxSize: 40 } }

/** Empty tables with room for 40 entries of SPAM and HAM. */
export function newTables(): Tables {
  const geometry = geometryOf(LIMITS)
  return new Tables(new ArrayBuffer(geometry.fileBytes), geometry, LIMITS)
}
