/**
 * Regular expressions of the configuration: Perl's notation → a RegExp.
 *
 *   source and flags of a qr// → translatePattern → RegExp → score/score.ts matches client names
 *
 * Most of the notation is common to both. What differs is rewritten (`\A`, `\z`, `\Z`, `\h`, `\e`, `\a`, `\x{…}`,
 * POSIX classes, a leading `]` in a class, comments, the flag x, `(?i)` at the beginning); what JavaScript does not
 * have, or reads as something else, is refused at its place: possessive and atomic groups, recursion, properties,
 * flags in the middle, variables. Subjects are single lines, so `$` needs no rewriting.
 *
 * Invariants: nothing is evaluated; a pattern that comes out means what Perl's means. Linear in its length; matching
 * backtracks as Perl's does, on a client name of at most some hundred characters, by a pattern of the postmaster's.
 * Failure: a value with the offset in the source and what was expected there.
 * Sources: perlre(1), perlrecharclass(1); ECMA-262, "RegExp (Regular Expression) Objects" and annex B.
 */

/** A pattern that cannot be used. `at`: offset in the source; for a flag, that of the closing delimiter or behind it. */
export interface BadPattern {
  readonly kind: 'bad-pattern'
  readonly at: number
  readonly end: number
  readonly expected: string
}

const POSIX_CLASSES = new Map([
  ['alpha', 'a-zA-Z'],
  ['digit', '0-9'],
  ['alnum', 'a-zA-Z0-9'],
  ['upper', 'A-Z'],
  ['lower', 'a-z'],
  ['space', '\\s'],
  ['blank', ' \\t'],
  ['punct', '!-\\/:-@\\[-`{-~'],
  ['xdigit', '0-9a-fA-F'],
  ['word', '\\w'],
  ['cntrl', '\\x00-\\x1f\\x7f'],
  ['print', ' -~'],
  ['graph', '!-~'],
])
/** Escapes that mean something else or nothing in JavaScript; in classes only those that stand for characters. */
const REWRITTEN = new Map([
  ['A', '(?<![^])'],
  ['z', '(?![^])'],
  ['Z', '(?=\\n?(?![^]))'],
  ['H', '[^\\t ]'],
  ['N', '[^\\n]'],
])
const REWRITTEN_ANYWHERE = new Map([
  ['e', '\\x1b'],
  ['a', '\\x07'],
])
const SAME_IN_BOTH = 'bBdDfnrsStwW'

/** `('^mail\\d+\\.', 'i')` → `/^mail\d+\./i`; `('(?>a)', '')` → `bad-pattern` at 0. */
export function translatePattern(source: string, flags: string): RegExp | BadPattern {
  const translation = new Translation(source)
  const used = new Set<string>()
  for (let index = 0; index < flags.length; index++) {
    const at = source.length + 1 + index
    if (!'imsx'.includes(flags.charAt(index))) return bad(at, at + 1, 'one of the flags i, m, s and x')
    used.add(flags.charAt(index))
  }
  const translated = translation.run(used)
  if (translated) return translated
  used.delete('x')
  try {
    return new RegExp(translation.output, [...used].join(''))
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message.replace(/^.*: /s, '') : 'it is refused'
    return bad(0, source.length, `a regular expression (${reason})`)
  }
}

class Translation {
  output = ''
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  /** Translates all of it into `output`; flags that the pattern itself sets at its beginning are added to `flags`. */
  run(flags: Set<string>): BadPattern | undefined {
    const leading = /^\(\?\^?([imsx]+)\)/.exec(this.#source)
    if (leading) {
      for (const flag of leading[1] ?? '') flags.add(flag)
      this.#at = leading[0].length
    }
    const extended = flags.has('x')
    while (this.#at < this.#source.length) {
      const fault = this.#translateNext(extended)
      if (fault) return fault
    }
    return undefined
  }

  #translateNext(extended: boolean): BadPattern | undefined {
    const at = this.#at
    const character = this.#source.charAt(at)
    switch (character) {
      case '\\':
        return this.#translateEscape(false)
      case '[':
        return this.#translateClass()
      case '(':
        return this.#translateGroup()
      case '$':
        if (/[\w{]/.test(this.#source.charAt(at + 1)))
          return bad(at, at + 2, 'no variable in a regular expression; write \\$ for a $ that stands for itself')
        break
      case '@':
        if (/[\w{$:]/.test(this.#source.charAt(at + 1)))
          return bad(at, at + 2, 'no variable in a regular expression; write \\@ for an @ that stands for itself')
        break
      case '*':
      case '+':
      case '?':
      case '}':
        if (this.#source.charAt(at + 1) === '+') return bad(at, at + 2, 'no possessive quantifier')
        break
      case '#':
        if (extended) {
          const lineEnd = this.#source.indexOf('\n', at)
          this.#at = lineEnd < 0 ? this.#source.length : lineEnd
          return undefined
        }
        break
    }
    if (!extended || !/\s/.test(character)) this.output += character
    this.#at++
    return undefined
  }

  #translateGroup(): BadPattern | undefined {
    const at = this.#at
    const comment = /\(\?#[^)]*\)/y
    comment.lastIndex = at
    const commentLength = comment.exec(this.#source)?.[0].length
    if (commentLength !== undefined) {
      this.#at += commentLength
      return undefined
    }
    const opening = /\((?![?*])|\(\?(?:[:=!]|<[=!]|<[A-Za-z_]\w*>)/y
    opening.lastIndex = at
    const group = opening.exec(this.#source)?.[0]
    if (group === undefined) {
      return bad(
        at,
        at + 3,
        'a group (...), (?:...), (?=...), (?!...), (?<=...), (?<!...) or (?<name>...); flags such as (?i) stand at the beginning',
      )
    }
    this.output += group
    this.#at += group.length
    return undefined
  }

  /** `[…]`, with what is special in it. */
  #translateClass(): BadPattern | undefined {
    const start = this.#at
    const opening = this.#source.startsWith('[^', start) ? '[^' : '['
    this.output += opening
    this.#at += opening.length
    if (this.#source.charAt(this.#at) === ']') {
      this.output += '\\]'
      this.#at++
    }
    while (this.#at < this.#source.length) {
      const character = this.#source.charAt(this.#at)
      const posix =
        this.#source.startsWith('[:', this.#at) ||
        this.#source.startsWith('[.', this.#at) ||
        this.#source.startsWith('[=', this.#at)
      if (character === ']') {
        this.output += ']'
        this.#at++
        return undefined
      }
      const fault = character === '\\' ? this.#translateEscape(true) : posix ? this.#translatePosixClass() : undefined
      if (fault) return fault
      if (character === '\\' || posix) continue
      if ((character === '$' || character === '@') && /[A-Za-z_{]/.test(this.#source.charAt(this.#at + 1)))
        return bad(this.#at, this.#at + 2, `no variable in a regular expression; write \\${character}`)
      this.output += character
      this.#at++
    }
    return bad(start, start + 1, '"]" that closes this class')
  }

  #translatePosixClass(): BadPattern | undefined {
    const notation = /\[:([a-z]+):\]/y
    notation.lastIndex = this.#at
    const match = notation.exec(this.#source)
    const members = POSIX_CLASSES.get(match?.[1] ?? '')
    if (!match || members === undefined)
      return bad(
        this.#at,
        this.#at + 2,
        `one of the classes ${[...POSIX_CLASSES.keys()].join(', ')}, as in [[:alpha:]]; write \\[ for a bracket`,
      )
    this.output += members
    this.#at += match[0].length
    return undefined
  }

  #translateEscape(inClass: boolean): BadPattern | undefined {
    const at = this.#at
    const character = this.#source.charAt(at + 1)
    const hex = /\\x(?:\{\s*([\da-fA-F]{1,4})\s*\}|([\da-fA-F]{2}))/y
    hex.lastIndex = at
    const match = character === 'x' ? hex.exec(this.#source) : null
    const rewritten = REWRITTEN_ANYWHERE.get(character) ?? (inClass ? undefined : REWRITTEN.get(character))
    let length = 2
    if (match) {
      this.output += `\\u${(match[1] ?? match[2] ?? '').padStart(4, '0')}`
      length = match[0].length
    } else if (character === 'h') {
      this.output += inClass ? '\\t ' : '[\\t ]'
    } else if (rewritten !== undefined && !(character === 'N' && this.#source.charAt(at + 2) === '{')) {
      this.output += rewritten
    } else if (/[1-9]/.test(character) && !inClass && !/\d/.test(this.#source.charAt(at + 2))) {
      this.output += `\\${character}`
    } else if (character === '0' && !/\d/.test(this.#source.charAt(at + 2))) {
      this.output += '\\0'
    } else if (isSameInBoth(this.#source, at, inClass)) {
      this.output += `\\${character}`
    } else {
      return bad(at, at + 2, 'an escape such as \\d, \\w, \\s, \\b, \\A, \\z, \\x41 or a sign behind the backslash')
    }
    this.#at += length
    return undefined
  }
}

/** Whether the escape at `at` may stay as it is: a sign that stands for itself, or a letter with one meaning. */
function isSameInBoth(source: string, at: number, inClass: boolean): boolean {
  const character = source.charAt(at + 1)
  if (character === '' || /[0-9]/.test(character)) return false
  if (!/[A-Za-z_]/.test(character)) return true
  if (inClass && character === 'B') return false
  // \b{wb} and the like are kinds of boundaries in Perl, and repetitions in JavaScript.
  if ((character === 'b' || character === 'B') && source.charAt(at + 2) === '{') return false
  return SAME_IN_BOTH.includes(character)
}

function bad(at: number, end: number, expected: string): BadPattern {
  return { kind: 'bad-pattern', at, end, expected }
}
