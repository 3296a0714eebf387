/**
 * `[…]`: a class of characters in brackets.
 *
 *   scanner behind the opening bracket → a set of characters → syntax.ts
 *
 * Failure: Stop.
 * Source: perlrecharclass(1), "Bracketed Character Classes".
 */
import { type CharacterSet, negate, POSIX_CLASSES, union, withBothCases } from './character-set.ts'
import { readEscape } from './escape.ts'
import type { Scanner } from './scanner.ts'

/** Reads a class through its closing bracket. `skipsBlanks`: flag xx. */
export function readClass(scanner: Scanner, ignoresCase: boolean, skipsBlanks: boolean): CharacterSet {
  const start = scanner.at - 1
  const isNegated = scanner.take('^')
  const sets: CharacterSet[] = []
  for (let isFirst = true; isFirst || !scanner.take(']'); isFirst = false) {
    if (scanner.isAtEnd) scanner.bad(start, start + 1, '"]" that closes this class')
    if (skipsBlanks && scanner.match(/[ \t]+/y)) continue
    const at = scanner.at
    const first = readMember(scanner)
    // A - at the end stands for itself, and so does one behind a class.
    if (!scanner.source.startsWith('-', scanner.at) || scanner.source.startsWith('-]', scanner.at)) {
      sets.push(first)
      continue
    }
    scanner.at++
    const last = readMember(scanner)
    const [from, to] = [single(first), single(last)]
    if (from === undefined || to === undefined) sets.push(first, [[0x2d, 0x2d]], last)
    else if (from > to) scanner.bad(at, scanner.at, 'a range from the lower to the higher character')
    else sets.push([[from, to]])
  }
  const set = union(...sets)
  const folded = ignoresCase ? withBothCases(set) : set
  return isNegated ? negate(folded) : folded
}

function readMember(scanner: Scanner): CharacterSet {
  const { at } = scanner
  const posix = scanner.match(/\[:(\^?)(\w*):\]/y)
  if (posix) {
    const members = POSIX_CLASSES.get(posix[2] ?? '')
    if (!members)
      scanner.bad(at, at + 2, `one of the classes ${[...POSIX_CLASSES.keys()].join(', ')}, as in [[:alpha:]]`)
    return posix[1] === '^' ? negate(members) : members
  }
  if (scanner.match(/\[([.=])[^\]]*\1\]/y)) scanner.bad(at, at + 2, 'no [. .] or [= =]; write \\[ for a bracket')
  if (scanner.take('\\')) {
    if (scanner.take('b')) return [[8, 8]]
    return readEscape(scanner)
  }
  const code = scanner.source.charCodeAt(at)
  scanner.at++
  return [[code, code]]
}

/** The character of a set of one. */
function single(set: CharacterSet): number | undefined {
  const [range] = set
  return set.length === 1 && range && range[0] === range[1] ? range[0] : undefined
}
