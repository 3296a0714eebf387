/**
 * Names inside of DNS messages: labels with their lengths in front, ended by the root or by a pointer to an earlier place.
 *
 *   wire.ts: bytes and an offset → text, and the offset behind
 *
 * Text is latin-1, a character for each byte, lower case in A–Z alone, without trailing dot; the root is `''`.
 *
 * Invariants: no name goes in circles; none is more work than 255 bytes and 127 pointers, wherever a stranger's pointers
 * lead, so that reading all records of a message takes time in proportion to its length.
 * Failure: no name, `undefined`; nothing throws.
 *
 * Sources: RFC 1035 2.3.4, 3.1, 4.1.4.
 */
import { latin1Text } from '../system/bytes.ts'

/** The two highest bits of a label's length, both set: not a label but a pointer. */
export const POINTER = 0xc0
const MAX_LABEL_BYTES = 63
/** All labels and the dots between them: 255 bytes with the lengths, the root's included. */
const MAX_NAME_CHARACTERS = 253
const DOT = 0x2e
/** A name that is compressed as much as it can be has a pointer for each of its labels. */
const MAX_POINTERS = 127

/** Where names are put together: making a text of each of a hundred labels takes ten times as long. */
const scratch = new Uint8Array(MAX_NAME_CHARACTERS + 1)

/** A name, and the offset behind it. */
export interface Name {
  readonly text: string
  readonly end: number
}

/**
 * The name at an offset, and the offset behind it; undefined if there is none. A pointer must lead to before where the
 * name, or the pointer that led here, began (RFC 1035 4.1.4 says "prior").
 */
export function readName(reply: Uint8Array, start: number): Name | undefined {
  let length = 0
  let pointers = 0
  let end: number | undefined
  let at = start
  for (let before = start; ; ) {
    const head = reply[at]
    if (head === undefined) return undefined
    if (head === 0) return { text: latin1Text(scratch, 0, length), end: end ?? at + 1 }
    if (head < POINTER) {
      const labelEnd = at + 1 + head
      if (length > 0) scratch[length++] = DOT
      if (head > MAX_LABEL_BYTES || length + head > MAX_NAME_CHARACTERS || labelEnd > reply.length) return undefined
      while (++at < labelEnd) {
        const byte = reply[at] as number
        // Only A–Z: Unicode's rules would make other letters equal to ASCII ones.
        scratch[length++] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
      }
      continue
    }
    const low = reply[at + 1]
    if (low === undefined) return undefined
    end ??= at + 2
    at = ((head - POINTER) << 8) | low
    if (at >= before || ++pointers > MAX_POINTERS) return undefined
    before = at
  }
}

/** The offset behind the name at an offset, wherever its pointer leads; undefined: the message ends before it does. */
export function skipName(reply: Uint8Array, start: number): number | undefined {
  for (let at = start; ; ) {
    const head = reply[at]
    if (head === undefined) return undefined
    if (head === 0) return at + 1
    if (head >= POINTER) return at + 2
    at += head + 1
  }
}
