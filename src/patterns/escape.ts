/**
 * What stands behind a backslash in a pattern and means characters, in classes and outside of them.
 *
 *   scanner behind the backslash → a set of characters → syntax.ts, character-class.ts
 *
 * A letter that means nothing stands for itself, as in Perl.
 *
 * Failure: Stop.
 * Source: perlrebackslash(1).
 */
import { type CharacterSet, DIGITS, HORIZONTAL, negate, PROPERTIES, SPACE, VERTICAL, WORD } from './character-set.ts'
import type { Scanner } from './scanner.ts'

const CLASSES: Readonly<Record<string, CharacterSet>> = {
  d: DIGITS,
  w: WORD,
  s: SPACE,
  h: HORIZONTAL,
  v: VERTICAL,
  D: negate(DIGITS),
  W: negate(WORD),
  S: negate(SPACE),
  H: negate(HORIZONTAL),
  V: negate(VERTICAL),
}
const CHARACTERS: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, f: 12, e: 27, a: 7 }
const GREATEST = 0xffff

/** The class or the character behind a backslash; the scanner stands at the sign behind it. */
export function readEscape(scanner: Scanner): CharacterSet {
  const backslash = scanner.at - 1
  const { character } = scanner
  if (character === '') scanner.bad(backslash, backslash + 1, 'a sign behind the backslash')
  const known = CLASSES[character]
  if (known) {
    scanner.at++
    return known
  }
  if (character === 'p' || character === 'P') return readProperty(scanner)
  const code = readCode(scanner, backslash)
  return [[code, code]]
}

function readCode(scanner: Scanner, backslash: number): number {
  const named = CHARACTERS[scanner.character]
  if (named !== undefined) {
    scanner.at++
    return named
  }
  const hex = scanner.match(/x(?:\{\s*([\da-fA-F_]*)\s*\}|([\da-fA-F]{0,2}))|N\{U\+([\da-fA-F]+)\}/y)
  if (hex) return bounded(scanner, backslash, Number.parseInt(hex[1] || hex[2] || hex[3] || '0', 16))
  const octal = scanner.match(/o\{\s*([0-7]+)\s*\}|([0-7]{1,3})/y)
  if (octal) return bounded(scanner, backslash, Number.parseInt(octal[1] ?? octal[2] ?? '0', 8))
  const control = scanner.match(/c([@-_a-z?])/y)
  if (control) return ((control[1] as string).toUpperCase().charCodeAt(0) ^ 64) & 0x7f
  if (/[xoNcXCg]/.test(scanner.character)) {
    if (scanner.character === 'X' || scanner.character === 'C' || scanner.character === 'N')
      scanner.unsupported(`\\${scanner.character}`)
    scanner.bad(backslash, backslash + 2, 'an escape such as \\d, \\w, \\s, \\b, \\A, \\z, \\x41 or \\x{41}')
  }
  const code = scanner.character.charCodeAt(0)
  scanner.at++
  return code
}

function bounded(scanner: Scanner, backslash: number, code: number): number {
  return code <= GREATEST ? code : scanner.bad(backslash, scanner.at, 'a character of at most four hex digits')
}

/** `\pL`, `\p{IsAlpha}`, `\P{^Lu}`. */
function readProperty(scanner: Scanner): CharacterSet {
  const found = scanner.match(/[pP](?:\{\s*(\^?)\s*(?:Is_?|Posix|XPosix)?([\w ]+?)\s*\}|([A-Za-z]))/y)
  const name = (found?.[2] ?? found?.[3] ?? '').toLowerCase().replace(/[_ ]/g, '')
  const set = PROPERTIES.get(name)
  if (!found || !set) scanner.unsupported('\\p with a property that is not known here')
  return found[0].startsWith('P') !== (found[1] === '^') ? negate(set) : set
}
