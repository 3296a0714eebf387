/**
 * The slots of one kind: look-up, insertion and purge over mapped memory, as format.ts lays it down.
 *
 *   table.ts: key and fields → SlotArea → bytes of the file, or of any ArrayBuffer
 *
 * The caller holds the lock. Nothing here trusts what it reads: a slot counts only if its checksum fits, the number
 * of entries is only a hint, and no loop is bounded by a number from the file.
 *
 * A slot is named by the word of the memory at which it begins. A process that spawn(8) starts does most of this only a
 * few times, in V8's interpreter: so texts are written and compared by what Node has built in, and what loops over words
 * has few of them. A key's own slot is put together in memory of our own, where its words are hashed, and an entry
 * completed before it is copied.
 *
 * Total. What does not fit into a slot is a value (undefined).
 * Source: format.ts.
 */
import { latin1Text, writeLatin1 } from '../bytes.ts'
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
  readonly #slotBytes: number
  readonly #slotWords: number
  readonly #bucketWords: number
  /** Where the area begins, in words, and where it ends. */
  readonly #start: number
  readonly #end: number
  readonly #buckets: number
  /** One slot of our own: the key that is asked for, and what is about to be copied. */
  readonly #own: Memory
  /** Where the two buckets of the key that was written last begin. */
  #first = 0
  #second = 0

  /** `own` is room for a slot; areas may share it, if it is as large as the largest slot of theirs. */
  constructor(memory: Memory, { offset, slots }: Area, slotBytes: number, own: Memory) {
    this.#memory = memory
    this.#slotBytes = slotBytes
    this.#slotWords = slotBytes / WORD
    this.#bucketWords = BUCKET_SLOTS * this.#slotWords
    this.#start = offset / WORD
    this.#end = this.#start + slots * this.#slotWords
    this.#buckets = slots / BUCKET_SLOTS
    this.#own = own
  }

  /** The slot of a key, undefined if there is none. It is valid until the lock is given back. */
  find(key: string): number | undefined {
    return this.#writeKey(key) ? this.#findWritten(key) : undefined
  }

  /** Puts an entry in; undefined if it does not fit into a slot, or there are none. */
  insert(key: string, fields: Fields): Inserted | undefined {
    if (!this.#writeKey(key) || !this.#writeFields(key, fields)) return undefined
    const known = this.#findWritten(key)
    if (known !== undefined) {
      this.#copyOwnTo(known)
      return 'replaced'
    }
    const { slot, isFree } = this.#room()
    this.#copyOwnTo(slot)
    return isFree ? 'added' : 'evicted'
  }

  /** Empties a slot. */
  clear(slot: number): void {
    this.#memory.words[slot] = 0
  }

  /** The fields of a slot that is valid. */
  read(slot: number): Fields {
    const { doubles, words } = this.#memory
    const double = slot / 2
    return {
      seenSeconds: doubles[double + SLOT.seen / 8] as number,
      score: doubles[double + SLOT.score / 8] as number,
      sinceSeconds: doubles[double + SLOT.since / 8] as number,
      hardSinceSeconds: doubles[double + SLOT.hardSince / 8] as number,
      left: words[slot + SLOT.left / WORD] as number,
      skips: words[slot + SLOT.skips / WORD] as number,
      text: this.#textOf(slot),
    }
  }

  /** Every valid slot with its key, in the order of the file. */
  *valid(): Generator<{ readonly slot: number; readonly key: string }> {
    for (let slot = this.#start; slot < this.#end; slot += this.#slotWords)
      if (this.#isValid(slot)) yield { slot, key: this.#keyOf(slot) }
  }

  /**
   * Empties the least recently seen slots until `size` are left, and returns how many are. Held to be taken is every
   * slot that is not empty: to tell the damaged ones would need all checksums, and the lock is held meanwhile.
   */
  purge(size: number): number {
    const { words } = this.#memory
    const sorted = new Float64Array(this.#buckets * BUCKET_SLOTS)
    let taken = 0
    for (let slot = this.#start; slot < this.#end; slot += this.#slotWords)
      if (words[slot] !== 0) sorted[taken++] = this.#seenSeconds(slot)
    if (taken <= size) return taken
    const inOrder = sorted.subarray(0, taken).sort()
    const oldestKept = inOrder[taken - size] as number
    // Of those that were seen at that very time, only so many may stay.
    let equalsLeft = size - (taken - 1 - inOrder.lastIndexOf(oldestKept))
    let left = 0
    for (let slot = this.#start; slot < this.#end; slot += this.#slotWords) {
      if (words[slot] === 0) continue
      const seenSeconds = this.#seenSeconds(slot)
      if (seenSeconds > oldestKept || (seenSeconds === oldestKept && equalsLeft-- > 0)) left++
      else this.clear(slot)
    }
    return left
  }

  #seenSeconds(slot: number): number {
    return this.#memory.doubles[(slot + SLOT.seen / WORD) / 2] as number
  }

  /** Where the checksum of a slot at this word of some memory ends to count; beyond the slot if its lengths are damaged. */
  #usedEnd(words: Int32Array, at: number): number {
    const lengths = words[at + LENGTHS_WORD] as number
    return at + DATA_WORD + (((lengths & 0xffff) + (lengths >>> 16) + WORD - 1) >> 2)
  }

  #isValid(slot: number): boolean {
    const { words } = this.#memory
    const stored = words[slot]
    if (stored === 0) return false
    const end = this.#usedEnd(words, slot)
    return end <= slot + this.#slotWords && stored === checksum(words, slot + 1, end, slot)
  }

  #keyOf(slot: number): string {
    const { bytes, words } = this.#memory
    const from = slot * WORD + SLOT.data
    return latin1Text(bytes, from, from + ((words[slot + LENGTHS_WORD] as number) & 0xffff))
  }

  #textOf(slot: number): string {
    const { bytes, words } = this.#memory
    const lengths = words[slot + LENGTHS_WORD] as number
    if (lengths >>> 16 === 0) return ''
    const from = slot * WORD + SLOT.data + (lengths & 0xffff)
    return latin1Text(bytes, from, from + (lengths >>> 16))
  }

  /** Begins our own slot with a key, and finds its buckets. False: it cannot be a key, or there are no slots. */
  #writeKey(key: string): boolean {
    const { words, bytes } = this.#own
    const { length } = key
    if (length === 0 || SLOT.data + length > this.#slotBytes || this.#buckets === 0) return false
    words.fill(0)
    writeLatin1(bytes, key, SLOT.data)
    const hash = checksum(words, DATA_WORD, DATA_WORD + ((length + WORD - 1) >> 2), length)
    words[HASH_WORD] = hash
    const first = (hash >>> 0) % this.#buckets
    const second = (first + 1 + ((Math.imul(hash, 0x9e3779b1) >>> 0) % (this.#buckets - 1))) % this.#buckets
    this.#first = this.#start + first * this.#bucketWords
    this.#second = this.#start + second * this.#bucketWords
    return true
  }

  /** Completes our own slot, but for its checksum. False: the text does not fit, or a character has more than 8 bits. */
  #writeFields(key: string, fields: Fields): boolean {
    const { doubles, words, bytes } = this.#own
    const { text } = fields
    const textAt = SLOT.data + key.length
    if (textAt + text.length > this.#slotBytes) return false
    if (text !== '') writeLatin1(bytes, text, textAt)
    if (latin1Text(bytes, SLOT.data, textAt + text.length) !== key + text) return false
    words[LENGTHS_WORD] = key.length + text.length * 0x10000
    doubles[SLOT.seen / 8] = fields.seenSeconds
    doubles[SLOT.score / 8] = fields.score
    doubles[SLOT.since / 8] = fields.sinceSeconds
    doubles[SLOT.hardSince / 8] = fields.hardSinceSeconds
    words[SLOT.left / WORD] = fields.left
    words[SLOT.skips / WORD] = fields.skips
    return true
  }

  /** The slot of the key that was written last. Looks at the whole window: no empty or damaged slot may hide another. */
  #findWritten(key: string): number | undefined {
    const { words } = this.#memory
    const hash = this.#own.words[HASH_WORD]
    for (let i = 0, bucket = this.#first; i < 2; i++, bucket = this.#second) {
      const end = bucket + this.#bucketWords
      for (let slot = bucket; slot < end; slot += this.#slotWords)
        if (words[slot + HASH_WORD] === hash && this.#isValid(slot) && this.#keyOf(slot) === key) return slot
    }
    return undefined
  }

  /**
   * A slot of the window that is empty, or else the one that was seen longest ago, by turns from the one and the other
   * bucket, so that the emptier one fills up. Of those in use one is looked at whether it is valid, another one for each
   * key: all checksums of a full window take longer than all the rest of a transaction, and a damaged slot has time.
   */
  #room(): { readonly slot: number; readonly isFree: boolean } {
    const { words } = this.#memory
    let oldest = this.#first
    let oldestSeconds = Number.POSITIVE_INFINITY
    for (let step = 0; step < this.#bucketWords; step += this.#slotWords) {
      for (let i = 0, slot = this.#first + step; i < 2; i++, slot = this.#second + step) {
        if (words[slot] === 0) return { slot, isFree: true }
        const seenSeconds = this.#seenSeconds(slot)
        if (seenSeconds < oldestSeconds) {
          oldest = slot
          oldestSeconds = seenSeconds
        }
      }
    }
    const hash = this.#own.words[HASH_WORD] as number
    const suspect = ((hash >>> 8) & 1 ? this.#second : this.#first) + ((hash >>> 9) % BUCKET_SLOTS) * this.#slotWords
    if (!this.#isValid(suspect)) return { slot: suspect, isFree: true }
    return { slot: oldest, isFree: false }
  }

  /** The writer's steps of format.ts. */
  #copyOwnTo(slot: number): void {
    const { words } = this.#memory
    const own = this.#own.words
    const used = this.#usedEnd(own, 0)
    const sum = checksum(own, 1, used, slot)
    words[slot] = 0
    words.set(own.subarray(1, used), slot + 1)
    words[slot] = sum
  }
}
