/**
 * Adds to the ledger, the counts of all processes together.
 *
 *   list-accounts.ts, behind the answer: lists → counts → lock, a write for each list, unlock
 *
 * The file is made where its directory is, by whoever that belongs to: the package makes it, for polw. A directory that is not
 * there means that nobody wants a ledger, and nothing is said.
 *
 * Failure: a value. A file that is not a regular one of ours, holds something else, or cannot be written, is left alone: what was to be counted is
 * forgotten, and mail is none the worse. A lock that is not had in time: it can be tried again.
 * Source: ledger-format.ts; flock(2).
 */
import { closeSync, constants, fstatSync, writevSync } from 'node:fs'
import { readPart } from '../system/bytes.ts'
import { codeOf } from '../system/errno.ts'
import type { Native } from '../system/native/native.ts'
import { openOrMake } from '../system/ownership.ts'
import {
  AREA_BYTES,
  areaAt,
  dayOf,
  LEDGER_DAYS,
  LEDGER_SLOT_BYTES,
  LedgerArea,
  type ListCounts,
} from './ledger-format.ts'

/** The owner's, and for his group to read. */
const MODE = 0o640
/** Nobody waits for it but the next request of the same client. */
const LOCK_WAIT_MS = 20

/** Adds to today's counts. `busy`: the lock was not had. `nowhere`: there is no file to write to. */
export function addToLedger(
  path: string,
  counts: ReadonlyMap<string, ListCounts>,
  native: Native,
  nowMs: number,
): 'added' | 'busy' | 'nowhere' {
  let descriptor: number | undefined
  try {
    descriptor = openOrMake(path, constants.O_RDWR, MODE)
    if (descriptor === undefined || !isOurs(descriptor)) return 'nowhere'
    if (!native.lock(descriptor, LOCK_WAIT_MS)) return 'busy'
    return addTo(descriptor, counts, dayOf(nowMs)) ? 'added' : 'nowhere'
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return 'nowhere'
  } finally {
    // The lock goes with it.
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function isOurs(descriptor: number): boolean {
  const { mode, uid, nlink } = fstatSync(descriptor)
  return (mode & constants.S_IFMT) === constants.S_IFREG && uid === process.geteuid?.() && nlink === 1
}

/** False: what is there is no ledger, and stays as it is. */
function addTo(descriptor: number, counts: ReadonlyMap<string, ListCounts>, day: number): boolean {
  const from = areaAt(day)
  const area = new LedgerArea(readPart(descriptor, from, AREA_BYTES))
  const isNew = area.day !== day
  const isEmpty = fstatSync(descriptor).size === 0
  if (area.day === undefined && !isLedger(descriptor)) return false
  if (isNew) area.begin(day)
  const slots = new Set<number>()
  for (const [list, more] of counts) slots.add(area.add(list, more))
  const write = (at: number, end: number): unknown => writevSync(descriptor, [area.bytes.subarray(at, end)], from + at)
  // It is a ledger from the first byte on.
  if (isEmpty) write(0, LEDGER_SLOT_BYTES)
  // Else the head comes last: without it the area is still of another day.
  if (isNew) write(LEDGER_SLOT_BYTES, AREA_BYTES)
  else for (const at of slots) write(at, at + LEDGER_SLOT_BYTES)
  if (isNew) write(0, LEDGER_SLOT_BYTES)
  return true
}

/** Whether nothing else is in it: one of its areas is a day's, or all begin with zeros, as those of one that was cut may. */
function isLedger(descriptor: number): boolean {
  const heads = Array.from({ length: LEDGER_DAYS }, (_, day) => readPart(descriptor, areaAt(day), LEDGER_SLOT_BYTES))
  return (
    heads.some(head => new LedgerArea(head).day !== undefined) || heads.every(head => head.every(byte => byte === 0))
  )
}
