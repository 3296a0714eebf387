/**
 * One kind of entry, by key, within its limits.
 *
 *   tables.ts: key and entry → SlotTable → slots.ts → bytes
 *
 * A kind that grows past its maximum is purged down to its size, the least recently seen first; apart from that, a
 * window that is full forgets its least recently seen. The number of entries is kept in the file as a hint, because
 * counting would mean reading all of it: a purge counts anew.
 *
 * An entry of a kind that is of a configuration counts only if it was put in under the same one.
 *
 * The caller holds the lock.
 * Failure: an entry that does not fit into a slot is not kept; `set` then says false.
 * Source: format.ts; docs/behaviour/cache.md#limits.
 */
import type { Counters } from './counters.ts'
import type { Codec } from './entries.ts'
import type { Fields, SlotArea } from './slots.ts'

/** How many entries a purge leaves, 0: the kind is switched off; and how many it may have, which is no less. */
export interface Limit {
  readonly size: number
  readonly maxSize: number
}

/** One kind of entry, by key. */
export interface Table<E> {
  get(key: string): E | undefined
  /** False: not kept. The kind is switched off, or the entry does not fit. */
  set(key: string, entry: E): boolean
  /** False: there was none. */
  delete(key: string): boolean
  /** Looks at every slot, which for the few of lists costs as much as looking for one key. */
  isEmpty(): boolean
  /** All of them, those of other configurations too, in no order. The file must not change meanwhile: for a copy of it (store.ts, readSnapshot). */
  entries(): Iterable<readonly [key: string, entry: E]>
  /** The keys of those of other configurations. */
  keysOfOthers(): Iterable<string>
}

/** A limit, and the word of the file that says how many entries there are. */
export interface Bound extends Limit {
  readonly words: Int32Array
  readonly hint: number
}

/**
 * A table in the slots of a file; without a bound, its slots are its only limit. `configuration`: hash of the one that serves;
 * undefined: a kind that is the same for all.
 */
export class SlotTable<E> implements Table<E> {
  readonly #area: SlotArea
  readonly #codec: Codec<E>
  readonly #bound: Bound | undefined
  readonly #counters: Counters
  readonly #configuration: number | undefined

  constructor(area: SlotArea, codec: Codec<E>, bound: Bound | undefined, counters: Counters, configuration?: number) {
    this.#area = area
    this.#codec = codec
    this.#bound = bound
    this.#counters = counters
    this.#configuration = configuration
  }

  get(key: string): E | undefined {
    if (this.#isOff()) return undefined
    const slot = this.#area.find(key)
    if (slot === undefined) return undefined
    const fields = this.#area.read(slot)
    return this.#isOfOther(fields) ? undefined : this.#codec.entry(fields)
  }

  set(key: string, entry: E): boolean {
    if (this.#isOff()) return false
    const inserted = this.#area.insert(key, this.#codec.fields(entry, this.#configuration ?? 0))
    if (inserted === 'added') this.#grow()
    else if (inserted === 'evicted') this.#counters.add('evictions')
    return inserted !== undefined
  }

  delete(key: string): boolean {
    const slot = this.#area.find(key)
    if (slot === undefined) return false
    this.#area.clear(slot)
    if (this.#bound) this.#setHint(this.#hint(this.#bound) - 1)
    return true
  }

  isEmpty(): boolean {
    return this.#area.isEmpty()
  }

  *entries(): Generator<readonly [key: string, entry: E]> {
    for (const { slot, key } of this.#area.valid()) yield [key, this.#codec.entry(this.#area.read(slot))]
  }

  *keysOfOthers(): Generator<string> {
    for (const { slot, key } of this.#area.valid()) if (this.#isOfOther(this.#area.read(slot))) yield key
  }

  #isOfOther({ extra }: Fields): boolean {
    return this.#configuration !== undefined && extra !== this.#configuration
  }

  #isOff(): boolean {
    return this.#bound?.size === 0
  }

  #grow(): void {
    if (!this.#bound) return
    const { size, maxSize } = this.#bound
    const entries = this.#hint(this.#bound) + 1
    if (entries <= maxSize) this.#setHint(entries)
    else {
      this.#setHint(this.#area.purge(size))
      this.#counters.add('purges')
    }
  }

  /** A negative number can only be damage: then the kind counts as too large, and the purge counts anew. */
  #hint({ words, hint, maxSize }: Bound): number {
    const entries = words[hint] as number
    return entries >= 0 ? entries : maxSize
  }

  #setHint(entries: number): void {
    if (this.#bound) this.#bound.words[this.#bound.hint] = entries
  }
}
