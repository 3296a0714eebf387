/**
 * The slots of one kind: look-up, insertion and purge over mapped memory, as format.ts lays it down.
 *
 *   entry-table.ts: key and fields → SlotArea → bytes of the file, or of any ArrayBuffer
 *
 * The caller holds the lock. Nothing here trusts what it reads: a slot counts only if its checksum fits, the number
 * of entries is only a hint, and no loop is bounded by a number from the file.
 *
 * A slot is named by the word of the memory at which it begins. A process that spawn(8) starts does this for a hundred
 * requests or two, mostly in V8's interpreter, and compiling a loop as soon as it is hot would cost more than all of them:
 * so texts are written and compared by what Node has built in, loops over words have few turns, and a key that was looked
 * for is not looked for again when its entry is put in. A key's own slot is put together in memory of our own, where its
 * words are hashed, and an entry completed before it is copied.
 *
 * Total. What does not fit into a slot is a value (undefined).
 * Source: format.ts.
 */
import { latin1Text, writeLatin1 } from '../system/bytes.ts'
import { type Area, BUCKET_SLOTS, SLOT } from './format.ts'
import { checksum } from '../system/sum.ts'
import {
  DATA_WORD,
  HASH_WORD,
  keyOf,
  LENGTHS_WORD,
  type Memory,
  SCORE_WORD,
  SEEN_WORD,
  slotChecksum,
  textOf,
  usedWords,
  WORD,
} from './slot.ts'

/** What a slot holds besides its key; each kind uses some of it. Times in whole seconds since the epoch. */
export interface Fields {
  readonly seenSeconds: number
  readonly score: number
  readonly sinceSeconds: number
  readonly hardSinceSeconds: number
  readonly left: number
  /** Skips left, or the hash of a configuration. */
  readonly extra: number
  readonly text: string
}

/** What an insertion did. */
export type Inserted = 'replaced' | 'added' | 'evicted'

const { imul } = Math

export class SlotArea {
  readonly #memory: Memory
  readonly #slotBytes: number
  readonly #slotWords: number
  readonly #bucketWords: number
  /** Where the area begins, in words, and where it ends. */
  readonly #start: number
  readonly #end: number
  readonly #buckets: number
  /** Room for a slot of our own: the key that was looked for last, and what is about to be copied. */
  readonly #own: Memory
  readonly #ownAt: number
  /** That key; '' if there is none, or another process may have changed what follows. */
  #key = ''
  /** Where its two buckets begin, and which slot it has. */
  #first = 0
  #second = 0
  #slot: number | undefined

  /** `own` has room for a slot from its word `ownAt` on. */
  constructor(memory: Memory, { offset, slots }: Area, slotBytes: number, own: Memory, ownAt: number) {
    this.#memory = memory
    this.#slotBytes = slotBytes
    this.#slotWords = slotBytes / WORD
    this.#bucketWords = BUCKET_SLOTS * this.#slotWords
    this.#start = offset / WORD
    this.#end = this.#start + slots * this.#slotWords
    this.#buckets = slots / BUCKET_SLOTS
    this.#own = own
    this.#ownAt = ownAt
  }

  /** To be called when the lock has been had anew: what was found before may be elsewhere. */
  forget(): void {
    this.#key = ''
    this.#slot = undefined
  }

  /** The slot of a key, undefined if there is none. It is valid until the lock is given back. */
  find(key: string): number | undefined {
    if (key !== this.#key) this.#seek(key)
    return this.#slot
  }

  /** Puts an entry in; undefined if it does not fit into a slot, or there are none. */
  insert(key: string, fields: Fields): Inserted | undefined {
    const known = this.find(key)
    if (this.#key === '' || !this.#writeFields(key, fields)) return undefined
    if (known !== undefined) {
      this.#copyOwnTo(known)
      return 'replaced'
    }
    const { slot, isFree } = this.#room()
    this.#copyOwnTo(slot)
    this.#slot = slot
    return isFree ? 'added' : 'evicted'
  }

  /** Empties a slot. */
  clear(slot: number): void {
    this.#memory.words[slot] = 0
    this.forget()
  }

  /** False if any slot holds anything, damaged or not. */
  isEmpty(): boolean {
    const { words } = this.#memory
    for (let slot = this.#start; slot < this.#end; slot += this.#slotWords) if (words[slot] !== 0) return false
    return true
  }

  /** The fields of a slot that is valid. */
  read(slot: number): Fields {
    const { doubles, words } = this.#memory
    return {
      seenSeconds: (words[slot + SEEN_WORD] as number) >>> 0,
      score: doubles[(slot + SCORE_WORD) / 2] as number,
      sinceSeconds: (words[slot + SLOT.since / WORD] as number) >>> 0,
      hardSinceSeconds: (words[slot + SLOT.hardSince / WORD] as number) >>> 0,
      left: words[slot + SLOT.left / WORD] as number,
      extra: words[slot + SLOT.extra / WORD] as number,
      text: textOf(this.#memory, slot),
    }
  }

  /** Every valid slot with its key, in the order of the file. */
  *valid(): Generator<{ readonly slot: number; readonly key: string }> {
    for (let slot = this.#start; slot < this.#end; slot += this.#slotWords) {
      if (!this.#isValid(slot)) continue
      const key = keyOf(this.#memory, slot)
      if (this.#writeKey(key) === this.#memory.words[slot + HASH_WORD]) yield { slot, key }
    }
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
    return (this.#memory.words[slot + SEEN_WORD] as number) >>> 0
  }

  #isValid(slot: number): boolean {
    const { words } = this.#memory
    const stored = words[slot]
    if (stored === 0 || usedWords(words, slot) > this.#slotWords) return false
    return stored === slotChecksum(words, slot, slot)
  }

  /** Looks for a key; it becomes the one that was looked for last. */
  #seek(key: string): void {
    const hash = this.#writeKey(key)
    if (hash === undefined) return
    const first = (hash >>> 0) % this.#buckets
    const second = (first + 1 + ((imul(hash, 0x9e3779b1) >>> 0) % (this.#buckets - 1))) % this.#buckets
    this.#key = key
    this.#first = this.#start + first * this.#bucketWords
    this.#second = this.#start + second * this.#bucketWords
    this.#slot = this.#inWindow(key, hash)
  }

  /** Begins our own slot with a key, and returns its hash; undefined: it cannot be a key, or there are no slots. */
  #writeKey(key: string): number | undefined {
    this.forget()
    const { words, bytes } = this.#own
    const { length } = key
    if (length === 0 || SLOT.data + length > this.#slotBytes || this.#buckets === 0) return undefined
    const at = this.#ownAt
    const from = at + DATA_WORD
    const last = from + ((length - 1) >> 2)
    words[last] = 0
    writeLatin1(bytes, key, at * WORD + SLOT.data)
    const hash = checksum(words, from, last + 1, length)
    words[at + HASH_WORD] = hash
    return hash
  }

  /** Completes our own slot, but for its checksum. False: the text does not fit, or a character has more than 8 bits. */
  #writeFields(key: string, fields: Fields): boolean {
    const { doubles, words, bytes } = this.#own
    const { text } = fields
    const at = this.#ownAt
    const keyAt = at * WORD + SLOT.data
    const textAt = keyAt + key.length
    const end = textAt + text.length
    if (end > at * WORD + this.#slotBytes) return false
    if (text !== '') {
      words[(end - 1) >> 2] = 0
      writeLatin1(bytes, key + text, keyAt)
    }
    if (latin1Text(bytes, keyAt, end) !== key + text) return false
    words[at + LENGTHS_WORD] = key.length + text.length * 0x10000
    words[at + SEEN_WORD] = fields.seenSeconds
    words[at + SLOT.since / WORD] = fields.sinceSeconds
    words[at + SLOT.hardSince / WORD] = fields.hardSinceSeconds
    doubles[(at + SCORE_WORD) / 2] = fields.score
    words[at + SLOT.left / WORD] = fields.left
    words[at + SLOT.extra / WORD] = fields.extra
    return true
  }

  /** The slot of a key. Looks at the whole window: no empty or damaged slot may hide another. */
  #inWindow(key: string, hash: number): number | undefined {
    const { words } = this.#memory
    const first = this.#first
    const second = this.#second
    const slotWords = this.#slotWords
    for (let step = 0, end = this.#bucketWords; step < end; step += slotWords) {
      if (words[first + step + HASH_WORD] === hash && this.#holds(first + step, key)) return first + step
      if (words[second + step + HASH_WORD] === hash && this.#holds(second + step, key)) return second + step
    }
    return undefined
  }

  #holds(slot: number, key: string): boolean {
    return this.#isValid(slot) && keyOf(this.#memory, slot) === key
  }

  /**
   * A slot of the window that is empty, or else the one that was seen longest ago, by turns from the one and the other
   * bucket, so that the emptier one fills up. For a key in four, one of those in use is looked at whether it is valid,
   * another one for each: all checksums of a full window take longer than all the rest of a transaction, and a damaged slot has time.
   */
  #room(): { readonly slot: number; readonly isFree: boolean } {
    const { words } = this.#memory
    let oldest = this.#first
    let oldestSeconds = Number.POSITIVE_INFINITY
    for (let step = 0; step < this.#bucketWords; step += this.#slotWords) {
      for (let i = 0, slot = this.#first + step; i < 2; i++, slot = this.#second + step) {
        if (words[slot] === 0) return { slot, isFree: true }
        const seenSeconds = (words[slot + SEEN_WORD] as number) >>> 0
        if (seenSeconds < oldestSeconds) {
          oldest = slot
          oldestSeconds = seenSeconds
        }
      }
    }
    const hash = this.#own.words[this.#ownAt + HASH_WORD] as number
    const suspect = ((hash >>> 8) & 1 ? this.#second : this.#first) + ((hash >>> 9) % BUCKET_SLOTS) * this.#slotWords
    if (hash >>> 30 === 0 && !this.#isValid(suspect)) return { slot: suspect, isFree: true }
    return { slot: oldest, isFree: false }
  }

  /** The writer's steps of format.ts. */
  #copyOwnTo(slot: number): void {
    const { words } = this.#memory
    const own = this.#own.words
    const at = this.#ownAt
    const sum = slotChecksum(own, at, slot)
    words[slot] = 0
    words.set(own.subarray(at + 1, at + usedWords(own, at)), slot + 1)
    words[slot] = sum
  }
}
