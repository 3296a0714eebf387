/**
 * One slot of the cache file, wherever its bytes are: how long it is, its checksum, its key and its text.
 *
 *   slots.ts: memory and the word at which a slot begins → these
 *
 * Total: what is damaged has lengths that end beyond the slot (usedWords) or another checksum, and nothing else is read of it.
 * Source: format.ts has the layout.
 */
import { latin1Text } from '../system/bytes.ts'
import { checksum } from '../system/sum.ts'
import { SLOT } from './format.ts'

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

export const WORD = 4
export const HASH_WORD = SLOT.hash / WORD
export const SEEN_WORD = SLOT.seen / WORD
export const SCORE_WORD = SLOT.score / WORD
export const LENGTHS_WORD = SLOT.lengths / WORD
export const DATA_WORD = SLOT.data / WORD

/** How many words of a slot at this word of some memory are in use; more than a slot has if its lengths are damaged. */
export function usedWords(words: Int32Array, at: number): number {
  const lengths = words[at + LENGTHS_WORD] as number
  return DATA_WORD + (((lengths & 0xffff) + (lengths >>> 16) + WORD - 1) >> 2)
}

/** The checksum of a slot at this word of some memory, for its place in the file. Its lengths are not damaged. */
export function slotChecksum(words: Int32Array, at: number, place: number): number {
  const sum = checksum(words, at + HASH_WORD, at + DATA_WORD, place)
  const lengths = words[at + LENGTHS_WORD] as number
  if (lengths >>> 16 === 0) return sum
  return checksum(words, at + DATA_WORD + ((lengths & 0xffff) >> 2), at + usedWords(words, at), sum)
}

export function keyOf({ bytes, words }: Memory, slot: number): string {
  const from = slot * WORD + SLOT.data
  return latin1Text(bytes, from, from + ((words[slot + LENGTHS_WORD] as number) & 0xffff))
}

export function textOf({ bytes, words }: Memory, slot: number): string {
  const lengths = words[slot + LENGTHS_WORD] as number
  if (lengths >>> 16 === 0) return ''
  const from = slot * WORD + SLOT.data + (lengths & 0xffff)
  return latin1Text(bytes, from, from + (lengths >>> 16))
}
