/**
 * Exceptions that were compiled, kept in a file.
 *
 *   compile-exceptions.ts → EXECUTABLE.HASH.exceptions, or /run/policyd-weight/… → load-exceptions.ts: openKept → ExceptionTable
 *
 * It serves under the conditions of a kept configuration (config/kept.ts): of root, of us or of the owner of the file it was made of,
 * written by nobody else, by this build, and that file is what it was. And only as long as no exception in it has ended, and none that had ended does so later.
 *
 * The descriptor stays open as long as the table is in use: what is put in its place is another file.
 *
 * Failure: anything that is not as expected is as if there were none. Damage is noted for the log.
 */
import { closeSync } from 'node:fs'
import { BUILD, mayOwn } from '../config/kept.ts'
import { readPart } from '../system/bytes.ts'
import { EXECUTABLE } from '../system/executable.ts'
import { openTrusted } from '../system/ownership.ts'
import { sumOf } from '../system/sum.ts'
import { type ExceptionTable, openTable } from './exception-table.ts'

export interface OpenExceptions {
  readonly table: ExceptionTable
  readonly place: string
  /** Gives the descriptor back. */
  close(): void
}

/** Which file's, and as it is now. */
export interface FileNow {
  readonly path: string
  readonly identity: string
  readonly nowMs: number
}

/** What is kept of a file as it is; undefined: nothing. */
export function openKept(
  file: FileNow,
  places: readonly string[],
  reportDamage = (place: string): unknown => EXECUTABLE?.damaged.push(place),
): OpenExceptions | undefined {
  for (const place of places) {
    const open = openPlace(place, file, reportDamage)
    if (open) return open
  }
  return undefined
}

function openPlace(
  place: string,
  { path, identity, nowMs }: FileNow,
  reportDamage: (place: string) => unknown,
): OpenExceptions | undefined {
  let descriptor: number | undefined
  try {
    const file = openTrusted(place, uid => mayOwn(uid, path))
    if (!file) return undefined
    descriptor = file.descriptor
    const { size } = file
    const read = (offset: number, length: number): Uint8Array =>
      readPart(file.descriptor, offset, Math.max(0, Math.min(length, size - offset)))
    const table = openTable(read, EXECUTABLE?.sum ?? sumOf)
    if (!table) reportDamage(place)
    else if (isOf(table, path, identity, nowMs)) return { table, place, close: () => closeSync(file.descriptor) }
  } catch {
    // As if there were none.
  }
  if (descriptor !== undefined) closeSync(descriptor)
  return undefined
}

function isOf(table: ExceptionTable, path: string, identity: string, nowMs: number): boolean {
  const { head } = table
  return head.build === BUILD && head.path === path && head.identity === identity && table.isOfTime(nowMs)
}
