/**
 * Bytes as text, for whatever a start reads: the executable's programs, the configuration, requests, the cache.
 *
 * These are the functions behind Buffer's toString(): that one would have to be compiled at each start, with those it
 * calls, which takes longer than the text. They take any Uint8Array, and making one of these is quick as well. Node has
 * had them since before 1.0 without documenting them, so toString() stands behind.
 *
 * Total.
 */
interface Slices {
  readonly latin1Slice?: (this: Uint8Array, from: number, to: number) => string
  readonly utf8Slice?: (this: Uint8Array, from: number, to: number) => string
}

const { latin1Slice, utf8Slice }: Slices = Buffer.prototype as Slices

/** The bytes `[from, to)`, one character each. */
export function latin1Text(bytes: Uint8Array, from: number, to: number): string {
  return latin1Slice ? latin1Slice.call(bytes, from, to) : Buffer.from(bytes).toString('latin1', from, to)
}

/** The bytes `[from, to)` as UTF-8; what is none becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array, from: number, to: number): string {
  return utf8Slice ? utf8Slice.call(bytes, from, to) : Buffer.from(bytes).toString('utf8', from, to)
}
