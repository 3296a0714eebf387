/**
 * Bytes as text, and from and to descriptors, for whatever a start reads and writes: the executable's programs, the
 * configuration, requests and answers, the cache, the log.
 *
 * What Node offers for this has to be compiled at each start, with all that it calls, which takes longer than what it
 * does. So these are the functions behind Buffer's toString() and write(), which Node has had since before 1.0 without
 * documenting them (toString() and write() stand behind); and readvSync() and writevSync(), which check less of their
 * arguments than readSync() and writeSync(). All take any Uint8Array, and making one of these is quick as well.
 *
 * Failure: an offset beyond the bytes is an exception; who reads what strangers wrote looks at the length first. Errors
 * of read(2) and write(2) are Node's, with their `code`.
 */
import { readvSync, writevSync } from 'node:fs'

interface Natives {
  readonly latin1Slice?: (this: Uint8Array, from: number, to: number) => string
  readonly base64Slice?: (this: Uint8Array, from: number, to: number) => string
  readonly utf8Slice?: (this: Uint8Array, from: number, to: number) => string
  readonly latin1Write?: (this: Uint8Array, text: string, at: number, length: number) => number
}

const { latin1Slice, base64Slice, utf8Slice, latin1Write }: Natives = Buffer.prototype as Natives

/** The bytes `[from, to)`, one character each. Throws RangeError if there are not so many. */
export function latin1Text(bytes: Uint8Array, from: number, to: number): string {
  return latin1Slice ? latin1Slice.call(bytes, from, to) : Buffer.from(bytes).toString('latin1', from, to)
}

/** The bytes `[from, to)` as UTF-8; what is none becomes U+FFFD. Throws as above. */
export function utf8Text(bytes: Uint8Array, from: number, to: number): string {
  return utf8Slice ? utf8Slice.call(bytes, from, to) : Buffer.from(bytes).toString('utf8', from, to)
}

/** All bytes in base64. */
export function base64Text(bytes: Uint8Array): string {
  return base64Slice ? base64Slice.call(bytes, 0, bytes.length) : Buffer.from(bytes).toString('base64')
}

/** Writes a text, a byte for each character, of which only the lower 8 bits count; it fits. */
export function writeLatin1(bytes: Uint8Array, text: string, at: number): void {
  if (latin1Write) latin1Write.call(bytes, text, at, text.length)
  else Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).write(text, at, 'latin1')
}

/** The 16 bits at an offset, the higher byte first. */
export function word16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/** Reads what there is, as much as fits, at the descriptor's place or at a place of the file; 0: the end. */
export function readBytes(descriptor: number, bytes: NodeJS.ArrayBufferView, position?: number): number {
  return readvSync(descriptor, [bytes], position)
}

/** So many bytes of a file; what it does not have stays 0. */
export function readPart(descriptor: number, from: number, length: number): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const count = readBytes(descriptor, part.subarray(at), from + at)
    if (count === 0) break
    at += count
  }
  return part
}

/** The text of a file in UTF-8; undefined if there are more bytes than `most`. The size it claims is not trusted, only tried first. */
export function readBounded(descriptor: number, claimedBytes: number, most: number): string | undefined {
  let bytes = new Uint8Array(Math.min(claimedBytes, most) + 1)
  for (let total = 0; total <= most; ) {
    if (total === bytes.length) bytes = Buffer.concat([bytes], 2 * total)
    const length = readBytes(descriptor, bytes.subarray(total))
    if (length === 0) return utf8Text(bytes, 0, total)
    total += length
  }
  return undefined
}

/** Writes a text, a byte for each character, with one write(2); how much of it was written. */
export function writeText(descriptor: number, text: string): number {
  const bytes = new Uint8Array(text.length)
  writeLatin1(bytes, text, 0)
  return writevSync(descriptor, [bytes])
}
