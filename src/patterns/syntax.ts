/**
 * Perl's notation of regular expressions.
 *
 *   source and flags of a qr// → parsePattern → a tree, and whether it runs in linear time → patterns/pattern.ts, match.ts
 *
 * What Perl's expressions mean on bytes, with what people write: classes, POSIX ones too, quantifiers, greedy, lazy and
 * possessive, groups, with names or flags, assertions, look-around, back references, comments. What calls itself
 * (`(?R)`), runs code or depends on conditions is valid Perl, and `unsupported`: none of it is run, so such a pattern
 * matches nobody.
 *
 * Invariants: linear in the length of the source; groups are nested 100 deep at most. Nothing is evaluated.
 * Failure: a value with the offset in the source and what was expected there.
 * Sources: perlre(1), perlrebackslash(1).
 */
import { readClass } from './character-class.ts'
import { ALL, type CharacterSet, NEWLINE, negate, withBothCases } from './character-set.ts'
import { readEscape } from './escape.ts'
import { type Flags, NO_FLAG, NO_FLAGS, withFlags } from './flags.ts'
import { type BadPattern, Scanner, Stop, type UnsupportedPattern } from './scanner.ts'
import type { Assertion, Node } from './tree.ts'

export type { BadPattern, UnsupportedPattern } from './scanner.ts'

export interface ParsedPattern {
  readonly kind: 'parsed'
  readonly node: Node
  /** Groups that back references may mean, the first of which is 1. */
  readonly groups: number
  /** Neither look-around nor back references: the time to match grows with the text alone. */
  readonly isLinear: boolean
}

const MAX_DEPTH = 100
const GREATEST_COUNT = 65_534
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'start',
  G: 'start',
  z: 'end',
  Z: 'last-line-end',
  b: 'boundary',
  B: 'no-boundary',
}

/** Reads a pattern: `('^mail\\d+', 'i')`. */
export function parsePattern(source: string, flags: string): ParsedPattern | BadPattern | UnsupportedPattern {
  const wrong = NO_FLAG.exec(flags)
  if (wrong) {
    const at = source.length + 1 + wrong.index
    return { kind: 'bad-pattern', at, end: at + 1, expected: 'one of the flags i, m, s, x and n' }
  }
  const parser = new PatternParser(source)
  try {
    const node = parser.parse(withFlags(NO_FLAGS, flags, true))
    return { kind: 'parsed', node, groups: parser.groups, isLinear: parser.isLinear }
  } catch (error) {
    if (error instanceof Stop) return error.why
    throw error
  }
}

class PatternParser {
  groups = 0
  isLinear = true
  readonly #scanner: Scanner
  readonly #names = new Map<string, number[]>()
  readonly #numbered: { readonly at: number; readonly group: number }[] = []
  readonly #groupCount: number
  #hasReset = false
  #depth = 0

  constructor(source: string) {
    this.#scanner = new Scanner(source)
    // Whether \10 is a back reference or a character depends on what comes behind it.
    const groups = source
      .replace(/\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]/g, '')
      .match(/\((?![?*])|\(\?(?:P?<(?![=!])|')/g)
    this.#groupCount = groups?.length ?? 0
  }

  parse(flags: Flags): Node {
    const scanner = this.#scanner
    const node = this.#readChoice(flags)
    if (!scanner.isAtEnd) scanner.bad(scanner.at, scanner.at + 1, 'no ")" without a "(" in front')
    for (const { at, group } of this.#numbered)
      if (group > this.groups) scanner.bad(at, at + 2, `one of the ${this.groups} groups of this pattern`)
    if (this.#hasReset && this.#numbered.length > 0) scanner.unsupported('(?| with back references')
    return node
  }

  #readChoice(flags: Flags): Node {
    const scanner = this.#scanner
    if (this.#depth++ >= MAX_DEPTH)
      scanner.bad(scanner.at - 1, scanner.at, `no more than ${MAX_DEPTH} groups in each other`)
    const nodes: Node[] = []
    // Flags in the middle hold to the end of the group, in other alternatives as well.
    const scope = { flags }
    do nodes.push(this.#readSequence(scope))
    while (scanner.take('|'))
    this.#depth--
    return nodes.length === 1 ? (nodes[0] as Node) : { kind: 'choice', nodes }
  }

  #readSequence(scope: { flags: Flags }): Node {
    const scanner = this.#scanner
    const nodes: Node[] = []
    for (;;) {
      if (scope.flags.x > 0) scanner.match(/(?:\s+|#[^\n]*)+/y)
      if (scanner.match(/\(\?#[^)]*\)/y)) continue
      if (scanner.isAtEnd || scanner.character === '|' || scanner.character === ')') break
      const middle = scanner.match(/\(\?(\^?[a-z]*(?:-[a-z]*)?)\)/y)
      if (middle) {
        scope.flags = this.#changedFlags(scope.flags, middle[1] ?? '')
        continue
      }
      nodes.push(this.#readQuantified(this.#readAtom(scope.flags), scope.flags))
    }
    return nodes.length === 1 ? (nodes[0] as Node) : { kind: 'sequence', nodes }
  }

  #readQuantified(node: Node, flags: Flags): Node {
    const scanner = this.#scanner
    if (flags.x > 0) scanner.match(/(?:\s+|#[^\n]*)+/y)
    const { at } = scanner
    const found = scanner.match(/([*+?])|\{\s*(?:(\d+)\s*(?:(,)\s*(\d*)\s*)?|,\s*(\d+)\s*)\}/y)
    if (!found) return node
    const [, sign, from, comma, to, only] = found
    const least = sign ? (sign === '+' ? 1 : 0) : Number(from ?? 0)
    const most = sign
      ? sign === '?'
        ? 1
        : Number.POSITIVE_INFINITY
      : Number((only ?? (comma ? to || 'Infinity' : from)) as string)
    if (least > GREATEST_COUNT || (most !== Number.POSITIVE_INFINITY && most > GREATEST_COUNT))
      scanner.bad(at, scanner.at, `a quantifier of at most ${GREATEST_COUNT}`)
    const isLazy = scanner.take('?')
    const isPossessive = !isLazy && scanner.take('+')
    if (isQuantifier(scanner)) scanner.bad(scanner.at, scanner.at + 1, 'no quantifier behind another')
    // Perl: least above most never matches.
    if (least > most) return { kind: 'never' }
    const repeat: Node = { kind: 'repeat', node, least, most, isGreedy: !isLazy }
    return isPossessive ? this.#atomic(repeat) : repeat
  }

  #readAtom(flags: Flags): Node {
    const scanner = this.#scanner
    const { at, character } = scanner
    scanner.at++
    switch (character) {
      case '(':
        return this.#readGroup(flags)
      case '[':
        return { kind: 'set', set: readClass(scanner, flags.i, flags.x > 1) }
      case '\\':
        return this.#readEscaped(flags)
      case '.':
        return { kind: 'set', set: flags.s ? ALL : negate(NEWLINE) }
      case '^':
        return { kind: 'assertion', assertion: flags.m ? 'line-start' : 'start' }
      case '$':
        if (scanner.character === '{') scanner.unsupported(`code in \${…}`)
        return { kind: 'assertion', assertion: flags.m ? 'line-end' : 'last-line-end' }
      case '@':
        if (scanner.character === '{' || scanner.character === '$') scanner.unsupported('code in @{…}')
        break
      case '*':
      case '+':
      case '?':
        scanner.bad(at, at + 1, `something to repeat in front; write \\${character} for the sign`)
    }
    const code = character.charCodeAt(0)
    return setOf([[code, code]], flags)
  }

  #readEscaped(flags: Flags): Node {
    const scanner = this.#scanner
    const { at, character } = scanner
    const assertion = ASSERTIONS[character]
    if (assertion) {
      scanner.at++
      if (/[bB]/.test(character) && scanner.character === '{') scanner.unsupported('a kind of boundary, \\b{…}')
      return { kind: 'assertion', assertion }
    }
    if (scanner.take('K')) return { kind: 'empty' }
    if (scanner.take('R')) {
      const lineEnd: Node = { kind: 'set', set: [[0x0a, 0x0d]] }
      const both: Node = { kind: 'sequence', nodes: [oneOf(13), oneOf(10)] }
      return { kind: 'choice', nodes: [both, lineEnd] }
    }
    if (character === 'N' && scanner.source.charAt(at + 1) !== '{') {
      scanner.at++
      return { kind: 'set', set: negate(NEWLINE) }
    }
    const named = scanner.match(
      /(?:k(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'|\{\s*([A-Za-z_]\w*)\s*\})|g\{([A-Za-z_]\w*)\})/y,
    )
    if (named) return this.#backReference(at, named.slice(1).find(Boolean) as string, flags)
    const relative = scanner.match(/g(?:\{\s*(-?\d+)\s*\}|(-?\d+))/y)
    if (relative) {
      const number = Number(relative[1] ?? relative[2])
      return this.#backReference(at, number < 0 ? this.groups + 1 + number : number, flags)
    }
    const digits = /[1-9]\d*/y
    digits.lastIndex = at
    const number = Number(digits.exec(scanner.source)?.[0] ?? 0)
    if (number > 0 && (number < 10 || number <= this.#groupCount)) {
      scanner.at = digits.lastIndex
      return this.#backReference(at, number, flags)
    }
    return setOf(readEscape(scanner), flags)
  }

  #backReference(at: number, to: string | number, flags: Flags): Node {
    this.isLinear = false
    const groups = typeof to === 'number' ? [to] : (this.#names.get(to) ?? [])
    if (groups.length === 0 && new RegExp(`\\(\\?P?[<']${to}[>']`).test(this.#scanner.source))
      this.#scanner.unsupported('a reference to a group behind it')
    if (groups.length === 0 || groups.some(group => group < 1))
      this.#scanner.bad(at - 1, this.#scanner.at, 'the name or number of a group in front')
    for (const group of groups) this.#numbered.push({ at: at - 1, group })
    return { kind: 'back', groups, ignoresCase: flags.i }
  }

  /** Behind the `(`. */
  #readGroup(flags: Flags): Node {
    const scanner = this.#scanner
    const start = scanner.at - 1
    if (scanner.match(/\*(?:FAIL|F)\)/y)) return { kind: 'never' }
    if (scanner.character === '*') scanner.unsupported('a verb, (*…)')
    if (!scanner.take('?')) return flags.n ? this.#closed(start, flags) : this.#captured(start, flags, undefined)
    const name = scanner.match(/P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'/y)
    if (name) return this.#captured(start, flags, name[1] ?? name[2])
    const reference = scanner.match(/P=([A-Za-z_]\w*)\)/y)
    if (reference) return this.#backReference(start + 1, reference[1] as string, flags)
    const look = scanner.match(/<?[=!]/y)?.[0]
    if (look !== undefined) {
      this.isLinear = false
      const node = this.#closed(start, flags)
      return { kind: 'look', isAhead: look.length === 1, isNegative: look.endsWith('!'), node }
    }
    if (scanner.take('>')) return this.#atomic(this.#closed(start, flags))
    if (scanner.take('|')) {
      this.#hasReset = true
      return this.#closed(start, flags)
    }
    if (scanner.match(/(?=[{?(R&+\dP]|-\d)/y)) scanner.unsupported('code, a condition or a pattern that calls itself')
    const changed = scanner.match(/(\^?[a-z]*(?:-[a-z]*)?):/y)
    if (changed) return this.#closed(start, this.#changedFlags(flags, changed[1] ?? ''))
    return scanner.bad(
      start,
      start + 3,
      'a group (...), (?:...), (?i:...), (?=...), (?!...), (?<=...), (?<!...), (?>...) or (?<name>...)',
    )
  }

  #captured(start: number, flags: Flags, name: string | undefined): Node {
    const index = ++this.groups
    if (name !== undefined) this.#names.set(name, [...(this.#names.get(name) ?? []), index])
    return { kind: 'group', index, node: this.#closed(start, flags) }
  }

  /** The inside of a group, and its closing parenthesis. */
  #closed(start: number, flags: Flags): Node {
    const scanner = this.#scanner
    const node = this.#readChoice(flags)
    if (!scanner.take(')')) scanner.bad(start, start + 1, '")" that closes this group')
    return node
  }

  #atomic(node: Node): Node {
    this.isLinear = false
    return { kind: 'atomic', node }
  }

  /** `i`, `-i`, `^i`, `im-sx`. */
  #changedFlags(flags: Flags, change: string): Flags {
    const wrong = NO_FLAG.exec(change.replace(/[\^-]/g, ''))
    if (wrong)
      this.#scanner.bad(this.#scanner.at - 1, this.#scanner.at, `one of the flags i, m, s, x and n, not ${wrong[0]}`)
    const [on = '', off = ''] = change.replace('^', '').split('-')
    return withFlags(withFlags(change.startsWith('^') ? NO_FLAGS : flags, on, true), off, false)
  }
}

function isQuantifier({ source, at }: Scanner): boolean {
  const quantifier = /[*+?]|\{\d+(?:,\d*)?\}/y
  quantifier.lastIndex = at
  return quantifier.test(source)
}

function setOf(set: CharacterSet, flags: Flags): Node {
  return { kind: 'set', set: flags.i ? withBothCases(set) : set }
}

function oneOf(code: number): Node {
  return { kind: 'set', set: [[code, code]] }
}
