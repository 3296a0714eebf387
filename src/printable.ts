/**
 * Bytes as printable ASCII that may stand in a comment: base 85, 5 characters for 4 bytes, where base64 takes 6.
 *
 *   build.ts: bytes → toPrintable → the executable's comment → start.ts: fromPrintable → bytes
 *
 * A word of 4 bytes, little-endian, is five digits, the highest first; the digit 0 is `!`, the others are `+` to `~`, so
 * `*` never ends the comment. What is shorter than a word is filled up with zeros.
 *
 * Total, for what toPrintable has written.
 */
const FIRST_CHARACTER = '*'
/** In its place. */
const ZERO = '!'
const BASE = 85
const DIGITS = 5
/** What five characters are worth beyond their digits. */
const OFFSET = FIRST_CHARACTER.charCodeAt(0) * (BASE ** 4 + BASE ** 3 + BASE ** 2 + BASE + 1)

/** How many characters so many bytes take. */
export function printableLength(bytes: number): number {
  return Math.ceil(bytes / 4) * DIGITS
}

/** `Uint8Array [1]` → `'!!!!+'`. */
export function toPrintable(bytes: Uint8Array): string {
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4)
  padded.set(bytes)
  const characters = Buffer.alloc(printableLength(bytes.length))
  for (let word = 0; word < padded.length / 4; word++) {
    let rest = padded.readUInt32LE(4 * word)
    for (let digit = DIGITS - 1; digit >= 0; digit--) {
      characters[DIGITS * word + digit] = FIRST_CHARACTER.charCodeAt(0) + (rest % BASE)
      rest = Math.floor(rest / BASE)
    }
  }
  return characters.toString('latin1').replaceAll(FIRST_CHARACTER, ZERO)
}

/** `'!!!!+'` → `Buffer [1, 0, 0, 0]`. */
export function fromPrintable(text: string): Buffer {
  const characters: Uint8Array = Buffer.from(text.replaceAll(ZERO, FIRST_CHARACTER), 'latin1')
  const words = new Uint32Array(characters.length / DIGITS)
  // Digit by digit, without a loop: most of it runs in V8's interpreter.
  for (let i = 0, at = 0; i < words.length; i++, at += DIGITS) {
    let word = (characters[at] as number) * BASE + (characters[at + 1] as number)
    word = word * BASE + (characters[at + 2] as number)
    word = word * BASE + (characters[at + 3] as number)
    words[i] = word * BASE + (characters[at + 4] as number) - OFFSET
  }
  const bytes = Buffer.from(words.buffer)
  return new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? bytes : bytes.swap32()
}
