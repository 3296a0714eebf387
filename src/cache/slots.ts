/**
 * The slots of one kind: look-up, insertion and purge over mapped memory, as format.ts lays it down.
 *
 *   table.ts: key and fields → SlotArea → bytes of the file, or of any ArrayBuffer
 *
 * The caller holds the lock. Nothing here trusts what it reads: a slot counts only if its checksum fits, the number
 * of entries is only a hint, and no loop is bounded by a number from the file.
 *
 * A key's own slot is found without allocating: the key is written into a slot of our own, where its words are hashed
 * and compared. That slot is also where an entry is put together before it is copied.
 *
 * Total. What does not fit into a slot is a value (undefined).
 * Source: format.ts.
 */
import { type Area, BUCKET_SLOTS, checksum, SLOT } from './format.ts'

/** What a slot holds besides its key; each kind uses some of it. Times in seconds since the epoch. */
export interface Fields {
  readonly seenSeconds: number
  readonly score: number
  readonly sinceSeconds: number
  readonly hardSinceSeconds: number
  readonly left: number
  readonly skips: number
  readonly text: string
}

/** The memory of a file, seen in the ways it is read. */
export interface Memory {
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly bytes: Uint8Array
}

/** `buffer` as Memory; its length is a multiple of 8. */
export function viewMemory(buffer: ArrayBuffer): Memory {
  return { words: new Int32Array(buffer), doubles: new Float64Array(buffer), bytes: new Uint8Array(buffer) }
}

/** What an insertion did. */
export type Inserted = 'replaced' | 'added' | 'evicted'

const WORD = 4
const HASH_WORD = SLOT.hash / WORD
const LENGTHS_WORD = SLOT.lengths / WORD
const DATA_WORD = SLOT.data / WORD

export class SlotArea {
  readonly #memory: Memory
  readonly #area: Area
  readonly #slotBytes: number
  readonly #slotWords: number
  readonly #windowSlots: number
  /** One slot of our own: the key that is asked for, and what is about to be copied. */
  readonly #own: Memory

  /** `own` is room for a slot; areas may share it, if it is as large as the largest slot of theirs. */
  constructor(memory: Memory, area: Area, slotBytes: number, own: Memory) {
    this.#memory = memory
    this.#area = area
    this.#slotBytes = slotBytes
    this.#slotWords = slotBytes / WORD
    this.#windowSlots = area.slots === 0 ? 0 : 2 * BUCKET_SLOTS
    this.#own = own
  }

  /** The slot of a key, undefined if there is none. It is valid until the lock is given back. */
  find(key: string): number | undefined {
    const keyBytes = this.#writeKey(key)
    return keyBytes === undefined ? undefined : this.#findOwn(keyBytes)
  }

  /** Puts an entry in; undefined if it does not fit into a slot, or there are none. */
  insert(key: string, fields: Fields): Inserted | undefined {
    const keyBytes = this.#writeKey(key)
    if (keyBytes === undefined || this.#area.slots === 0 || !this.#writeFields(keyBytes, fields)) return undefined
    const known = this.#findOwn(keyBytes)
    if (known !== undefined) {
      this.#copyOwnTo(known)
      return 'replaced'
    }
    const { slot, isFree } = this.#roomFor(this.#own.words[HASH_WORD] as number)
    this.#copyOwnTo(slot)
    return isFree ? 'added' : 'evicted'
  }

  /** Empties a slot. */
  clear(slot: number): void {
    this.#memory.words[this.#wordOf(slot)] = 0
  }

  /** The fields of a slot that is valid. */
  read(slot: number): Fields {
    const { doubles, words } = this.#memory
    const at = this.#wordOf(slot)
    const atDouble = (at * WORD) / 8
    return {
      seenSeconds: doubles[atDouble + SLOT.seen / 8] as number,
      score: doubles[atDouble + SLOT.score / 8] as number,
      sinceSeconds: doubles[atDouble + SLOT.since / 8] as number,
      hardSinceSeconds: doubles[atDouble + SLOT.hardSince / 8] as number,
      left: words[at + SLOT.left / WORD] as number,
      skips: words[at + SLOT.skips / WORD] as number,
      text: this.#readText(slot, 'text'),
    }
  }

  /** Every valid slot with its key, in the order of the file. */
  *valid(): Generator<{ readonly slot: number; readonly key: string }> {
    for (let slot = 0; slot < this.#area.slots; slot++)
      if (this.#isValid(slot)) yield { slot, key: this.#readText(slot, 'key') }
  }

  /**
   * Empties the least recently seen slots until `size` are left, and returns how many are. Held to be taken is every
   * slot that is not empty: to tell the damaged ones would need all checksums, and the lock is held meanwhile.
   */
  purge(size: number): number {
    const { words } = this.#memory
    const { slots } = this.#area
    const sorted = new Float64Array(slots)
    let taken = 0
    for (let slot = 0; slot < slots; slot++)
      if (words[this.#wordOf(slot)] !== 0) sorted[taken++] = this.#seenSeconds(slot)
    if (taken <= size) return taken
    const inOrder = sorted.subarray(0, taken).sort()
    const oldestKept = inOrder[taken - size] as number
    // Of those that were seen at that very time, only so many may stay.
    let equalsLeft = size - (taken - 1 - inOrder.lastIndexOf(oldestKept))
    let left = 0
    for (let slot = 0; slot < slots; slot++) {
      if (words[this.#wordOf(slot)] === 0) continue
      const seenSeconds = this.#seenSeconds(slot)
      if (seenSeconds > oldestKept || (seenSeconds === oldestKept && equalsLeft-- > 0)) left++
      else this.clear(slot)
    }
    return left
  }

  #wordOf(slot: number): number {
    return this.#area.offset / WORD + slot * this.#slotWords
  }

  #seenSeconds(slot: number): number {
    return this.#memory.doubles[(this.#wordOf(slot) * WORD + SLOT.seen) / 8] as number
  }

  #checksumOf(words: Int32Array, at: number, slot: number): number {
    return checksum(words, at + 1, at + this.#slotWords, this.#wordOf(slot))
  }

  #isValid(slot: number): boolean {
    const { words } = this.#memory
    const at = this.#wordOf(slot)
    const stored = words[at]
    return stored !== 0 && stored === this.#checksumOf(words, at, slot)
  }

  #readText(slot: number, which: 'key' | 'text'): string {
    const { bytes, words } = this.#memory
    const at = this.#wordOf(slot)
    const lengths = words[at + LENGTHS_WORD] as number
    const key = at * WORD + SLOT.data
    const text = key + (lengths & 0xffff)
    const [from, to] = which === 'key' ? [key, text] : [text, text + (lengths >>> 16)]
    return from === to ? '' : String.fromCharCode(...bytes.subarray(from, to))
  }

  /** Begins our own slot with a key: its text, length and hash. Returns the length; undefined: it cannot be a key. */
  #writeKey(key: string): number | undefined {
    const { words } = this.#own
    words.fill(0)
    if (key === '' || !this.#writeText(key, SLOT.data)) return undefined
    words[HASH_WORD] = checksum(words, DATA_WORD, DATA_WORD + Math.ceil(key.length / WORD), key.length)
    return key.length
  }

  /** False: it is too long, or has characters of more than 8 bits. */
  #writeText(text: string, at: number): boolean {
    const { bytes } = this.#own
    if (at + text.length > this.#slotBytes) return false
    for (let i = 0; i < text.length; i++) {
      const character = text.charCodeAt(i)
      if (character > 0xff) return false
      bytes[at + i] = character
    }
    return true
  }

  /** Completes our own slot, but for its checksum. False: the text does not fit. */
  #writeFields(keyBytes: number, fields: Fields): boolean {
    const { doubles, words } = this.#own
    if (!this.#writeText(fields.text, SLOT.data + keyBytes)) return false
    words[LENGTHS_WORD] = keyBytes + fields.text.length * 0x10000
    doubles[SLOT.seen / 8] = fields.seenSeconds
    doubles[SLOT.score / 8] = fields.score
    doubles[SLOT.since / 8] = fields.sinceSeconds
    doubles[SLOT.hardSince / 8] = fields.hardSinceSeconds
    words[SLOT.left / WORD] = fields.left
    words[SLOT.skips / WORD] = fields.skips
    return true
  }

  /** Looks at the whole window: no empty or damaged slot may hide another. */
  #findOwn(keyBytes: number): number | undefined {
    const { words } = this.#memory
    const hash = this.#own.words[HASH_WORD] as number
    for (let i = 0; i < this.#windowSlots; i++) {
      const slot = this.#slotInWindow(hash, i)
      if (words[this.#wordOf(slot) + HASH_WORD] === hash && this.#hasOwnKey(slot, keyBytes) && this.#isValid(slot))
        return slot
    }
    return undefined
  }

  #hasOwnKey(slot: number, keyBytes: number): boolean {
    const at = this.#wordOf(slot)
    if (((this.#memory.words[at + LENGTHS_WORD] as number) & 0xffff) !== keyBytes) return false
    const { bytes } = this.#memory
    const own = this.#own.bytes
    for (let i = SLOT.data; i < SLOT.data + keyBytes; i++) if (bytes[at * WORD + i] !== own[i]) return false
    return true
  }

  /** The `i`th slot a key may be in: by turns from the one and the other bucket, so that the emptier one fills up. */
  #slotInWindow(hash: number, i: number): number {
    const buckets = this.#area.slots / BUCKET_SLOTS
    const first = (hash >>> 0) % buckets
    const bucket = i % 2 === 0 ? first : (first + 1 + ((Math.imul(hash, 0x9e3779b1) >>> 0) % (buckets - 1))) % buckets
    return bucket * BUCKET_SLOTS + (i >> 1)
  }

  /**
   * A slot of the window that is empty, or else the one that was seen longest ago. Of those in use one is looked at
   * whether it is valid, another one for each key: all checksums of a full window take longer than all the rest of a
   * transaction, and a damaged slot has time.
   */
  #roomFor(hash: number): { readonly slot: number; readonly isFree: boolean } {
    const { words } = this.#memory
    const suspect = this.#slotInWindow(hash, (hash >>> 8) % this.#windowSlots)
    let oldest = suspect
    let oldestSeconds = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.#windowSlots; i++) {
      const slot = this.#slotInWindow(hash, i)
      if (words[this.#wordOf(slot)] === 0) return { slot, isFree: true }
      const seenSeconds = this.#seenSeconds(slot)
      if (seenSeconds < oldestSeconds) {
        oldest = slot
        oldestSeconds = seenSeconds
      }
    }
    if (!this.#isValid(suspect)) return { slot: suspect, isFree: true }
    return { slot: oldest, isFree: false }
  }

  /** The writer's steps of format.ts. */
  #copyOwnTo(slot: number): void {
    const { words } = this.#memory
    const at = this.#wordOf(slot)
    const sum = this.#checksumOf(this.#own.words, 0, slot)
    words[at] = 0
    words.set(this.#own.words.subarray(1, this.#slotWords), at + 1)
    words[at] = sum
  }
}
