/**
 * The ledger: what lists were asked, and how they answered, a day each.
 *
 *   ledger.ts writes, ledger-reader.ts reads: bytes of a file ⇄ counts of a list
 *
 * Eight days (UTC), each in an area of its own, in turn: day 20000 has area 20000 modulo 8. An area is a head and 64 slots
 * of 256 bytes, all at multiples of 256, so that none is on two pages: a process that is killed has written a slot or not.
 *
 *     head   0  8  magic, "PDWLEDG1"
 *            8  4  the day, days since 1970; another one than today's: the area is empty
 *     slot   0  4  bytes of the name; 0: the slot is free, and so are all behind it
 *            8  8  a double for each of COUNTS
 *           64     the list, as it is shown: without a subscriber's key
 *
 * Numbers are of the machine's order. The last slot is for what has no other: a host has that many lists only if somebody
 * changes his configuration sixty times a day. A count that damage has made no whole number is 0.
 *
 * What it cannot promise: a process that is killed loses what it has not written yet.
 *
 * Pure, total. Source: docs/lists-in-use.md#the-ledger.
 */
import { latin1Text, writeLatin1 } from '../system/bytes.ts'

/** What is counted of a list: packets, then lookups by what came of them, then the time until those had answers. */
const COUNTS = ['sent', 'listed', 'clean', 'refused', 'failed', 'silent', 'milliseconds'] as const
export type ListCounts = Record<(typeof COUNTS)[number], number>

export const LEDGER_DAYS = 8
export const LEDGER_SLOT_BYTES = 256
const SLOTS = 64
export const AREA_BYTES = (1 + SLOTS) * LEDGER_SLOT_BYTES
const MAGIC = 'PDWLEDG1'
const COUNTS_AT = 8
const NAME_AT = 64
const MAX_NAME = LEDGER_SLOT_BYTES - NAME_AT
const OTHERS = '(others)'
const DAY_MS = 86_400_000

export function noCounts(): ListCounts {
  return { sent: 0, listed: 0, clean: 0, refused: 0, failed: 0, silent: 0, milliseconds: 0 }
}

export function addCounts(to: ListCounts, more: ListCounts): void {
  for (const name of COUNTS) to[name] += more[name]
}

/** Days since 1970, UTC. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS)
}

/** Where a day's area begins in the file. */
export function areaAt(day: number): number {
  return (day % LEDGER_DAYS) * AREA_BYTES
}

/** A day's area, over its bytes. */
export class LedgerArea {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly #words: Int32Array
  readonly #doubles: Float64Array

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes
    this.#words = new Int32Array(bytes.buffer)
    this.#doubles = new Float64Array(bytes.buffer)
  }

  /** The day it is of; undefined: of none. */
  get day(): number | undefined {
    return latin1Text(this.bytes, 0, MAGIC.length) === MAGIC ? this.#words[2] : undefined
  }

  /** An empty one of that day. */
  begin(day: number): void {
    this.bytes.fill(0)
    writeLatin1(this.bytes, MAGIC, 0)
    this.#words[2] = day
  }

  /** Adds to the counts of a list; where its slot begins. */
  add(list: string, more: ListCounts): number {
    const name = list.slice(0, MAX_NAME)
    let slot = 1
    while (slot < SLOTS && this.#nameAt(slot) !== name && this.#nameAt(slot) !== '') slot++
    const at = slot * LEDGER_SLOT_BYTES
    const written = slot < SLOTS ? name : OTHERS
    this.#words[at / 4] = written.length
    writeLatin1(this.bytes, written, at + NAME_AT)
    COUNTS.forEach((count, index) => {
      this.#doubles[this.#countAt(slot, index)] = this.#count(slot, index) + more[count]
    })
    return at
  }

  /** All lists, in the order in which they were first asked. */
  read(): Map<string, ListCounts> {
    const lists = new Map<string, ListCounts>()
    for (let slot = 1; slot <= SLOTS; slot++) {
      const name = this.#nameAt(slot)
      if (name === '') continue
      const counts = noCounts()
      COUNTS.forEach((count, index) => {
        counts[count] = this.#count(slot, index)
      })
      lists.set(name, counts)
    }
    return lists
  }

  #nameAt(slot: number): string {
    const at = slot * LEDGER_SLOT_BYTES
    const length = this.#words[at / 4] as number
    return length > 0 && length <= MAX_NAME ? latin1Text(this.bytes, at + NAME_AT, at + NAME_AT + length) : ''
  }

  #countAt(slot: number, index: number): number {
    return (slot * LEDGER_SLOT_BYTES + COUNTS_AT) / 8 + index
  }

  #count(slot: number, index: number): number {
    const count = this.#doubles[this.#countAt(slot, index)] as number
    return Number.isSafeInteger(count) && count >= 0 ? count : 0
  }
}
