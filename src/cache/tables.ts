/**
 * Everything one cache file holds, as tables over its memory.
 *
 *   store.ts: mapped memory → Tables, given to whoever has the lock → entry-table.ts, counters.ts
 *
 * Works on any ArrayBuffer, so neither a file nor the native part is needed to test it, or to read a copy.
 *
 * Total.
 * Source: format.ts; docs/behaviour/cache.md.
 */
import { Counters } from './counters.ts'
import {
  type Codec,
  EXCEPTIONS,
  type ExceptionUse,
  HAM,
  type HamEntry,
  LISTS,
  type ListRecord,
  MESSAGES,
  type MessageEntry,
  type ProbeRecord,
  PROBES,
  SPAM,
  type SpamEntry,
} from './entries.ts'
import {
  BUSY_LOGGED_OFFSET,
  ENTRY_HINTS_OFFSET,
  type Geometry,
  geometryFor,
  KINDS,
  type EntryKind,
  SERVERS_OFFSET,
  SLOT_BYTES,
  UNDER_WAY_OFFSET,
} from './format.ts'
import { SlotArea } from './slots.ts'
import { type Memory, viewMemory } from './slot.ts'
import { type Limit, SlotTable, type Table } from './entry-table.ts'
import { UnderWay } from './under-way.ts'

/** `{ spam: { size: 2000, maxSize: 4000 }, ham: { size: 1000, maxSize: 2000 } }`: the configured sizes. */
export interface Limits {
  readonly spam: Limit
  readonly ham: Limit
}

/** What else there is to know of some memory; without it, it is this process's own. */
export interface TablesOptions {
  /** Hash of the configuration that serves: entries of SPAM and HAM of another one do not count. */
  readonly configuration?: number | undefined
  /** Known to all who share the memory, and to nobody else. */
  readonly salt?: number
  /** Memory of one's own: this process's share of the questions under way on the host. */
  readonly maxUnderWay?: number | undefined
}

/** What a file needs for these limits; a kind that is switched off needs no slots. */
export function geometryOf({ spam, ham }: Limits): Geometry {
  const entries = ({ size, maxSize }: Limit): number => (size === 0 ? 0 : maxSize)
  return geometryFor({ spam: entries(spam), ham: entries(ham) })
}

const OWN_BYTES = KINDS.reduce((bytes, kind) => bytes + SLOT_BYTES[kind], 0)

/** All tables of one file. */
export class Tables {
  /** Key: the client, or `CLIENT-SENDER`. */
  readonly spam: Table<SpamEntry>
  /** Key: `CLIENT-DOMAIN`. */
  readonly ham: Table<HamEntry>
  /** Key: instance, client and sender. */
  readonly messages: Table<MessageEntry>
  /** Key: the list's host. */
  readonly lists: Table<ListRecord>
  /** Key: the list's host. */
  readonly probes: Table<ProbeRecord>
  /** Key: whom it is for, as in the file. */
  readonly exceptions: Table<ExceptionUse>
  readonly counters: Counters
  /** DNS questions under way about names that clients chose. */
  readonly underWay: UnderWay
  /** All words, and which of them is the first of those that servers.ts lays out. */
  readonly words: Int32Array
  readonly serversAt = SERVERS_OFFSET / 4
  readonly #memory: Memory
  readonly #areas: SlotArea[] = []

  /** `buffer` holds a file of this geometry, its header included. */
  constructor(buffer: ArrayBuffer, { areas }: Geometry, limits: Limits, options: TablesOptions = {}) {
    const { configuration = 0, salt = 0, maxUnderWay } = options
    const memory = viewMemory(buffer)
    this.#memory = memory
    this.counters = new Counters(memory.doubles)
    this.underWay = new UnderWay(memory.words, UNDER_WAY_OFFSET / 4, salt, maxUnderWay)
    this.words = memory.words
    const own = viewMemory(new ArrayBuffer(OWN_BYTES))
    let ownAt = 0
    const table = <E>(kind: EntryKind, codec: Codec<E>, limit?: Limit, of?: number): Table<E> => {
      const area = new SlotArea(memory, areas[kind], SLOT_BYTES[kind], own, ownAt)
      ownAt += SLOT_BYTES[kind] / 4
      this.#areas.push(area)
      const bound = limit && { ...limit, words: memory.words, hint: ENTRY_HINTS_OFFSET / 4 + KINDS.indexOf(kind) }
      return new SlotTable(area, codec, bound, this.counters, of)
    }
    this.spam = table('spam', SPAM, limits.spam, configuration)
    this.ham = table('ham', HAM, limits.ham, configuration)
    this.messages = table('messages', MESSAGES)
    this.lists = table('lists', LISTS)
    this.probes = table('probes', PROBES)
    this.exceptions = table('exceptions', EXCEPTIONS)
  }

  /** Whether there may be name servers that do not answer; see servers.ts, which is loaded only then. */
  get hasSilentServers(): boolean {
    return this.words[this.serversAt] !== 0
  }

  /** To be called first of all when the lock has been had. */
  begin(): void {
    for (let i = 0; i < this.#areas.length; i++) this.#areas[i]?.forget()
  }

  /**
   * When an instance last logged that it did not have the lock, ms since the epoch. The one number that is read and
   * written without the lock: two at once cost one log line too many.
   */
  get busyLoggedMs(): number {
    return this.#memory.doubles[BUSY_LOGGED_OFFSET / 8] as number
  }

  set busyLoggedMs(nowMs: number) {
    this.#memory.doubles[BUSY_LOGGED_OFFSET / 8] = nowMs
  }
}
