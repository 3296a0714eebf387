/**
 * Tables of the cache over memory that is damaged between their transactions.
 *
 *   cache.ts: steps → DamagedTables → Tables, held against what was ever put in
 *
 * Three sets of tables share the memory, as processes do; each step is a transaction of one of them. All that was ever
 * put in under a key is remembered here, so what may come out is known without knowing the layout. Checksums can be made to
 * fit damaged slots (`forgeSlot`), which nobody but the file's owner could; from then on only types are certain.
 */
import {
  BUCKET_SLOTS,
  COUNTERS,
  HEADER_WORDS,
  KINDS,
  type EntryKind,
  SLOT,
  SLOT_BYTES,
  UNDER_WAY_OFFSET,
} from '../../../src/cache/format.ts'
import type { Table } from '../../../src/cache/entry-table.ts'
import { Tables } from '../../../src/cache/tables.ts'
import { clientKey, MAX_UNDER_WAY, type Places, UNDER_WAY_BYTES } from '../../../src/cache/under-way.ts'
import { renderCacheJson, renderCacheTable } from '../../../src/cli/cache/cache-report.ts'
import { expect } from '../target.ts'
import { copySlot, forgeSlot } from './damaged-slots.ts'
import { type Entry, entryOf, isOfItsType, keyOf, NOW_SECONDS } from './made-up-entries.ts'
import { SMALL_LIMITS, smallGeometry } from './small-cache.ts'

const GEOMETRY = smallGeometry(3 * BUCKET_SLOTS)
const { areas, fileBytes } = GEOMETRY
/** What of the steps below writes over anything. */
const DAMAGING: readonly number[] = [4, 5, 6, 7, 8, 12]
/** Of three processes; those of the same configuration share all, others the answers to mails and what is known of lists. */
const CONFIGURATIONS = [0, 0, 0x1234_5678]
const CLIENTS = 5
const FILLED = 20

/** A process, with the hash of its configuration. */
interface Instance {
  readonly configuration: number
  readonly tables: Tables
}

/** A piece of the file, as it was. */
interface Part {
  readonly at: number
  readonly was: Uint8Array
}

export class DamagedTables {
  readonly #bytes: Uint8Array
  readonly #instances: readonly Instance[]
  #instance: Instance
  /** `spam 192.0.2.1` → the entries it ever had, as JSON. */
  readonly #everSet = new Map<string, Set<string>>()
  #earlier: Uint8Array
  #isForged = false
  #isDamaged = false
  readonly #places: Places[] = []
  #nowMs = 1000 * NOW_SECONDS

  constructor() {
    const buffer = new ArrayBuffer(fileBytes)
    this.#bytes = new Uint8Array(buffer)
    this.#instances = CONFIGURATIONS.map(configuration => ({
      configuration,
      tables: new Tables(buffer, GEOMETRY, SMALL_LIMITS, { configuration }),
    }))
    this.#instance = this.#instances[0] as Instance
    this.#earlier = this.#bytes.slice()
  }

  run(step: Uint8Array): void {
    const [what = 0, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = step
    this.#instance = this.#instances[(what >> 4) % this.#instances.length] as Instance
    this.#tables.begin()
    const kind = KINDS[a % KINDS.length] as EntryKind
    const anywhere = ((b << 16) | (c << 8) | d) % (fileBytes - 4)
    const area = areas[kind]
    const inArea = area.offset + (((b << 8) | c) % (area.slots * SLOT_BYTES[kind] - 4))
    if (DAMAGING.includes(what & 0xf)) this.#isDamaged = true
    switch (what & 0xf) {
      case 0:
        this.#set(kind, b, [c, d, e, f, g])
        return
      case 1:
        this.#useUnderWay(a, clientKey(`192.0.2.${b % CLIENTS}`), c, d * e)
        return
      case 2:
        this.#get(kind, b)
        return
      case 3:
        this.#delete(kind, b)
        return
      case 4:
        this.#bytes.set([e, f, g], anywhere)
        return
      case 5:
        this.#bytes[anywhere] = (this.#bytes[anywhere] as number) ^ (1 << (e & 7))
        return
      case 6:
        this.#bytes.set([d, e, f, g], inArea)
        return
      case 7:
        copySlot(this.#bytes, areas[kind], SLOT_BYTES[kind], b, c)
        return
      case 8:
        if (forgeSlot(this.#bytes, areas[kind], SLOT_BYTES[kind], b)) this.#isForged = true
        return
      case 9:
        this.#list()
        return
      case 10:
        for (let i = 0; i < FILLED; i++) this.#set(kind, b + i, [c, d, e, f, g])
        return
      case 11:
        this.#earlier = this.#bytes.slice()
        return
      case 12:
        // A writer that was interrupted: a part of it is as it was.
        this.#bytes.set(this.#earlier.subarray(inArea, inArea + 1 + ((d << 8) | e)), inArea)
        return
      case 13:
        this.#count(b, c)
        return
      case 14:
        this.#show()
        return
      default:
        this.#tables.busyLoggedMs = d
    }
  }

  end(): void {
    for (const instance of this.#instances) {
      this.#instance = instance
      this.#tables.begin()
      this.#list()
    }
  }

  #set(kind: EntryKind, number: number, values: readonly number[]): void {
    const key = keyOf(number)
    const entry = entryOf(kind, values)
    const others = this.#othersOf(kind)
    const purges = this.#tables.counters.read().get('purges')
    const wasSet = this.#table(kind).set(key, entry)
    this.#expectUntouched(others)
    if (!wasSet) return
    const id = this.#idOf(kind, key)
    this.#everSet.set(id, (this.#everSet.get(id) ?? new Set()).add(JSON.stringify(entry)))
    // Of many that were seen at the same time a purge keeps any.
    if (purges !== this.#tables.counters.read().get('purges')) return
    const got = JSON.stringify(this.#table(kind).get(key))
    expect(got === JSON.stringify(entry), 'what was just put in is there', () => `${got}, not ${JSON.stringify(entry)}`)
  }

  #get(kind: EntryKind, number: number): void {
    const key = keyOf(number)
    this.#expectKnown(kind, key, this.#table(kind).get(key))
  }

  #delete(kind: EntryKind, number: number): void {
    const key = keyOf(number)
    const others = this.#othersOf(kind)
    const table = this.#table(kind)
    const was = table.get(key)
    const wasDeleted = table.delete(key)
    expect(wasDeleted || was === undefined, 'what is there can be deleted', () => key)
    this.#expectUntouched(others)
    // A copy of its slot may have been brought back elsewhere in its window; that, too, is one that was put in.
    this.#expectKnown(kind, key, table.get(key))
  }

  #list(): void {
    for (const kind of KINDS) {
      let count = 0
      const keys = new Set<string>()
      for (const [key, entry] of this.#table(kind).entries()) {
        // Those of all configurations.
        this.#expectKnown(kind, key, entry, CONFIGURATIONS)
        keys.add(key)
        count++
      }
      for (const key of this.#table(kind).keysOfOthers())
        expect(keys.has(key), 'entries of other configurations are among all', () => `${kind} ${key}`)
      expect(count <= areas[kind].slots, 'there are no more entries than slots', () => `${count} of ${kind}`)
      if (count > 0) expect(!this.#table(kind).isEmpty(), 'a table with entries is not empty', () => kind)
    }
  }

  #expectKnown(kind: EntryKind, key: string, entry: Entry | undefined, under = [this.#instance.configuration]): void {
    if (entry === undefined) return
    const text = JSON.stringify(entry)
    if (!this.#isForged) {
      const isKnown = under.some(configuration => this.#wasSet(this.#idOf(kind, key, configuration), text))
      expect(isKnown, 'an entry is one that was put in', () => `${kind} ${JSON.stringify(key)}: ${text}`)
    }
    for (const [name, value] of Object.entries(entry))
      expect(isOfItsType(kind, name, value), 'an entry has values of their types', () => `${kind} ${name}: ${value}`)
    const isKey = /^[\x00-\xff]+$/.test(key) && key.length + SLOT.data <= SLOT_BYTES[kind]
    expect(isKey, 'a key is bytes that fit into its slot', () => JSON.stringify(key))
  }

  #count(number: number, count: number): void {
    const name = COUNTERS[number % COUNTERS.length] as (typeof COUNTERS)[number]
    const { counters } = this.#tables
    const before = counters.read().get(name) ?? Number.NaN
    counters.add(name, count)
    const after = counters.read().get(name) ?? Number.NaN
    expect(Number.isSafeInteger(before) && before >= 0, 'a counter is a number of events', () => `${name}: ${before}`)
    expect(
      after === before + count || !Number.isSafeInteger(before + count),
      'counters add up',
      () => `${before} + ${count} = ${after}`,
    )
  }

  #show(): void {
    const [table, json] = [
      renderCacheTable('x', this.#tables, NOW_SECONDS),
      renderCacheJson('x', this.#tables, NOW_SECONDS),
    ]
    expect(/^[\x20-\x7e\n]*$/.test(table), 'what is shown is printable', () => JSON.stringify(table))
    expect(/^[\x20-\x7e]*\n$/.test(json) && typeof JSON.parse(json) === 'object', 'what is shown is JSON', () => json)
  }

  /** Questions under way: places are taken, renewed and given back, and time passes. */
  #useUnderWay(what: number, client: string, wanted: number, elapsedMs: number): void {
    const { underWay } = this.#tables
    const others = this.#partsOf([[0, UNDER_WAY_OFFSET], ...KINDS.map(kind => extentOf(kind))])
    this.#nowMs += elapsedMs
    const total = underWay.total(this.#nowMs)
    if (what % 4 === 0) {
      const places = underWay.take(client, wanted, this.#nowMs)
      const isPossible = Number.isInteger(places.count) && places.count >= 0 && places.count <= wanted
      expect(isPossible, 'no more places are had than were wanted', () => JSON.stringify(places))
      expect(places.count <= MAX_UNDER_WAY, 'no more places are had than there are', () => JSON.stringify(places))
      this.#places.push(places)
    } else {
      const places = this.#places.pop()
      if (places && what % 8 === 1) underWay.giveBack(places)
      if (places && what % 8 === 5) underWay.linger(places, this.#nowMs)
      if (places && what % 4 === 2) this.#places.push(underWay.renew(places, this.#nowMs))
      if (what % 4 === 3) underWay.noteSilence(this.#nowMs)
    }
    expect(typeof underWay.isSuspect(this.#nowMs) === 'boolean', 'it is suspect or not', () => '')
    const after = underWay.total(this.#nowMs)
    const isTotal = Number.isInteger(after) && after >= 0
    expect(isTotal, 'the questions under way are a number', () => `${after}`)
    const isBounded = this.#isDamaged || what % 4 === 2 || after <= Math.max(total, MAX_UNDER_WAY)
    expect(isBounded, 'there are no more questions under way than there are places', () => `${total}, then ${after}`)
    this.#expectUntouched(others)
  }

  get #tables(): Tables {
    return this.#instance.tables
  }

  /** Under what an entry is remembered here: of SPAM and HAM each configuration has its own. */
  #idOf(kind: EntryKind, key: string, configuration = this.#instance.configuration): string {
    return kind === 'spam' || kind === 'ham' ? `${configuration} ${kind} ${key}` : `${kind} ${key}`
  }

  #wasSet(id: string, entry: string): boolean {
    return this.#everSet.get(id)?.has(entry) ?? false
  }

  #table(kind: EntryKind): Table<Entry> {
    return this.#tables[kind] as unknown as Table<Entry>
  }

  /** All that an operation on a kind must leave alone: the header, what is under way, and the other kinds. */
  #othersOf(kind: EntryKind): readonly Part[] {
    const underWay = [UNDER_WAY_OFFSET, UNDER_WAY_OFFSET + UNDER_WAY_BYTES] as const
    const others = KINDS.filter(other => other !== kind).map(extentOf)
    return this.#partsOf([[0, 4 * HEADER_WORDS], underWay, ...others])
  }

  #partsOf(extents: readonly (readonly [from: number, to: number])[]): readonly Part[] {
    return extents.map(([from, to]) => ({ at: from, was: this.#bytes.slice(from, to) }))
  }

  #expectUntouched(parts: readonly Part[]): void {
    for (const { at, was } of parts) {
      const isSame = Buffer.compare(was, this.#bytes.subarray(at, at + was.length)) === 0
      expect(isSame, 'nothing writes into what is not its own', () => `something from ${at} on was written to`)
    }
  }
}

function extentOf(kind: EntryKind): readonly [from: number, to: number] {
  const { offset, slots } = areas[kind]
  return [offset, offset + slots * SLOT_BYTES[kind]]
}
