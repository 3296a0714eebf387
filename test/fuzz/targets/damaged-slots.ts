/**
 * Slots of the cache that somebody has moved, or has written with checksums of his own.
 *
 *   damaged-tables.ts: the bytes of a file, an area, a number → one slot changed
 *
 * Source: src/cache/format.ts.
 */
import { SLOT } from '../../../src/cache/format.ts'
import { checksum } from '../../../src/system/sum.ts'

/** Where slots of one kind lie. */
interface Area {
  readonly offset: number
  readonly slots: number
}

export function copySlot(
  bytes: Uint8Array,
  { offset, slots }: Area,
  slotBytes: number,
  from: number,
  to: number,
): void {
  const start = offset + (from % slots) * slotBytes
  bytes.copyWithin(offset + (to % slots) * slotBytes, start, start + slotBytes)
}

/**
 * Makes the checksum and the hash of a slot fit what is in it now, and behind it, if its lengths say so. False: they lead
 * out of the file, and nothing was done.
 */
export function forgeSlot(bytes: Uint8Array, { offset, slots }: Area, slotBytes: number, number: number): boolean {
  const words = new Int32Array(bytes.buffer)
  const slot = (offset + (number % slots) * slotBytes) / 4
  const data = slot + SLOT.data / 4
  const lengths = words[slot + SLOT.lengths / 4] as number
  const [keyBytes, textBytes] = [lengths & 0xffff, lengths >>> 16]
  const end = data + Math.ceil((keyBytes + textBytes) / 4)
  if (end > words.length) return false
  const key = new Int32Array(Math.ceil(keyBytes / 4))
  new Uint8Array(key.buffer).set(bytes.subarray(4 * data, 4 * data + keyBytes))
  words[slot + SLOT.hash / 4] = checksum(key, 0, key.length, keyBytes)
  const sum = checksum(words, slot + SLOT.hash / 4, data, slot)
  words[slot] = textBytes === 0 ? sum : checksum(words, data + (keyBytes >> 2), end, sum)
  return true
}
