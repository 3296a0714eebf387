/**
 * The text of a TXT record: strings of at most 255 bytes, each with its length in front, that are one text to a reader.
 *
 *   wire.ts: bytes, from the record's beginning to its end → text
 *
 * Text is latin-1, a character for each byte, as it came: of any bytes, in any case. A record without strings is `''`.
 *
 * Failure: a string that ends behind its record makes it no text, `undefined`; nothing throws.
 *
 * Sources: RFC 1035 3.3.14; RFC 7208 3.3 (strings are joined without blanks).
 */
import { latin1Text } from '../system/bytes.ts'

/** The text of the record that lies from `start` to `end`, both within the message; undefined if it is none. */
export function readText(reply: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  for (let at = start; at < end; ) {
    const behind = at + 1 + (reply[at] as number)
    if (behind > end) return undefined
    text += latin1Text(reply, at + 1, behind)
    at = behind
  }
  return text
}
