/**
 * Where things are in a DNS message, found in the plainest way: what dns.ts and dns-packet-reader.ts go by.
 *
 * Source: RFC 1035 4.1.
 */
export const HEADER_BYTES = 12
const POINTER = 0xc0
/** Type, class, time to live and length of a record. */
const RECORD_BYTES = 10

/** A record's numbers. */
export interface RecordHead {
  readonly type: number
  readonly recordClass: number
  readonly length: number
}

/** Where a name ends; behind the end of the message there are only roots. */
export function endOfName(message: Uint8Array, start: number): number {
  for (let at = start; ; at += 1 + (message[at] as number)) {
    const length = message[at] ?? 0
    if (length === 0) return at + 1
    if (length >= POINTER) return at + 2
  }
}

/** The answers of a message with one question, as far as they are whole. */
export function* answersOf(message: Uint8Array): Generator<RecordHead> {
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  let at = endOfName(message, HEADER_BYTES) + 4
  for (let left = view.getUint16(6); left > 0; left--) {
    const head = endOfName(message, at)
    if (head + RECORD_BYTES > message.length) return
    const length = view.getUint16(head + 8)
    at = head + RECORD_BYTES + length
    if (at > message.length) return
    yield { type: view.getUint16(head), recordClass: view.getUint16(head + 2), length }
  }
}
