/**
 * Words of the configuration's language.
 *
 *   text + offset → one token, with the offset behind it → cursor.ts, code.ts
 *
 * The language is the small part of Perl that configuration files are written in. Where Perl decides by what came
 * before whether `/` divides or quotes, nothing has to be decided here: `/…/` is no value (code.ts skips it in code).
 *
 * Invariants: a token is at least one character long, except the end; each character is looked at a bounded number
 * of times; nothing is ever evaluated.
 * Failure: a token of kind `fault`, which is as long as the piece of text that is wrong.
 * Sources: perldata(1) and perlop(1); docs/behaviour/configuration.md#the-file-is-data.
 */
import { type Fault, syntaxFault } from './fault.ts'
import {
  findQuoted,
  type Part,
  type Quoted,
  readDouble,
  readPatternParts,
  readReference,
  readSingle,
  readWords,
} from './quoted.ts'

interface Extent {
  readonly at: number
  /** Offset of the first character behind the token. */
  readonly end: number
}

/** A token; `symbol` is any other sign or operator, `word` a name without sigil. */
export type Token =
  | (Extent & {
      readonly kind: 'variable'
      readonly sigil: string
      readonly name: string
      /** Written `$main::NAME` or `$::NAME`: another variable than `$NAME` to Perl. */
      readonly isQualified?: true
    })
  | (Extent & { readonly kind: 'number'; readonly value: number })
  | (Extent & { readonly kind: 'text'; readonly parts: readonly Part[] })
  | (Extent & { readonly kind: 'words'; readonly words: readonly (Extent & { readonly text: string })[] })
  | (Extent & {
      readonly kind: 'pattern'
      readonly parts: readonly Part[]
      readonly sourceAt: number
      readonly flags: string
    })
  | (Extent & { readonly kind: 'word'; readonly text: string })
  | (Extent & { readonly kind: 'symbol'; readonly text: string })
  | (Extent & { readonly kind: 'end' })
  | Fault

const SYMBOL = /=>|==|=~|!~|\*\*|\+\+|--|\.{2,3}|(?:\|\||\/\/|&&)=?|[.+*/%-]=|->|<<|%[A-Za-z_]\w*/y

/** The token at or behind `from`: `readToken('  $NS = 1', 0)` → variable NS from 2 to 5. */
export function readToken(text: string, from: number): Token {
  const at = skipBlanks(text, from)
  if (at >= text.length) return { kind: 'end', at: text.length, end: text.length }
  const character = text.charAt(at)
  if (character === '$' || character === '@') return readVariable(text, at, character)
  if (character === "'" || character === '"') return readQuote(text, at, character === '"' ? 'qq' : 'q', at)
  if (isDigit(character) || (character === '.' && isDigit(text.charAt(at + 1)))) return readNumber(text, at)
  const word = matchAt(/[A-Za-z_]\w*(?:::\w+)*/y, text, at)
  if (word !== undefined) return readWord(text, at, word)
  const typographic = readTypographic(text, at, character)
  if (typographic) return typographic
  const symbol = matchAt(SYMBOL, text, at) ?? character
  return { kind: 'symbol', at, end: at + symbol.length, text: symbol }
}

/** Where a text goes on behind blanks, line ends and comments. */
export function skipBlanks(text: string, from: number): number {
  let at = from
  for (;;) {
    while (isBlank(text.charCodeAt(at))) at++
    if (text.charAt(at) !== '#') return at
    const lineEnd = text.indexOf('\n', at)
    at = lineEnd < 0 ? text.length : lineEnd
  }
}

/** Where a text goes on behind a block of documentation (`=pod` … `=cut`) that begins at `at`; undefined if none does. */
export function skipDocumentation(text: string, at: number): number | undefined {
  if (text.charAt(at) !== '=' || !/[A-Za-z]/.test(text.charAt(at + 1))) return undefined
  if (at > 0 && text.charAt(at - 1) !== '\n') return undefined
  const lastLine = /^=cut(?![A-Za-z])[^\n]*/gm
  // Perl takes a block that begins with =cut for one that begins.
  lastLine.lastIndex = at + 1
  return lastLine.exec(text) ? lastLine.lastIndex : text.length
}

function readVariable(text: string, at: number, sigil: string): Token {
  if (!/[A-Za-z_{:]/.test(text.charAt(at + 1)))
    return wordFault(
      at,
      Math.min(text.length, at + (sigil === '$' ? 2 : 1)),
      `the plain name of a parameter behind ${sigil}`,
    )
  const qualified = matchAt(/[$@](?:main)?::[A-Za-z_]\w*(?!\w|::|->|[[{])/y, text, at)
  if (qualified !== undefined) {
    const name = qualified.slice(qualified.lastIndexOf(':') + 1)
    return { kind: 'variable', at, end: at + qualified.length, sigil, name, isQualified: true }
  }
  if (sigil === '$') {
    const plain = matchAt(/\$(?:[A-Za-z_]\w*|\{\s*[A-Za-z_]\w*\s*\})(?!\w|::|->|\{|')/y, text, at)
    if (plain !== undefined)
      return { kind: 'variable', at, end: at + plain.length, sigil, name: plain.replace(/\W/g, '') }
    const { end } = readReference(text, at, text.length)
    const fault = wordFault(at, end, 'the plain name of a parameter behind $')
    // The brace of an element is a token of its own: whoever skips code counts it.
    return text.charAt(end - 1) === '{' ? { ...fault, resumeAt: end - 1 } : fault
  }
  const plain = matchAt(/@(?:[A-Za-z_]\w*|\{\s*[A-Za-z_]\w*\s*\})(?!\w|::)/y, text, at)
  if (plain === undefined) return wordFault(at, at + 1, 'the plain name of a parameter behind @')
  return { kind: 'variable', at, end: at + plain.length, sigil, name: plain.replace(/\W/g, '') }
}

/** `1`, `-`-less; `.5`, `1e3`, `1_000`, `0644`, `0x1f`, `0b101`. */
function readNumber(text: string, at: number): Token {
  const digits = matchAt(NUMBER, text, at) ?? ''
  const rest = matchAt(/(?:\w|\.\d)[\w.:]*/y, text, at + digits.length) ?? ''
  const end = at + digits.length + rest.length
  if (rest !== '') return wordFault(at, end, 'a number; anything else belongs in quotes')
  const value = valueOfDigits(digits.replaceAll('_', ''))
  if (Number.isNaN(value)) return wordFault(at, end, 'a number; one that begins with 0 has octal digits')
  if (!Number.isFinite(value)) return wordFault(at, end, 'a smaller number')
  return { kind: 'number', at, end, value }
}

const NUMBER = /0[xX][\da-fA-F_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y

/** A leading zero makes it octal, unless a point or an exponent follows: `010` is 8, `0.5` is 0.5. */
function valueOfDigits(digits: string): number {
  return /^0\d+$/.test(digits) ? Number(`0o${digits.slice(1)}`) : Number(digits)
}

/** Quotes and blanks that word processors and web pages put in the place of plain ones. */
function readTypographic(text: string, at: number, character: string): Fault | undefined {
  if (character === '\u00a0' || character === '\u202f')
    return { ...wordFault(at, at + 1, 'a plain blank; this one does not break lines'), code: 'typographic' }
  if (!/[\u2018-\u201f\u00ab\u00bb\u2039\u203a]/.test(character)) return undefined
  const quoted = matchAt(/.[^\n'"]*?[\u2018-\u201f\u00ab\u00bb\u2039\u203a'"]/y, text, at) ?? character
  const expected = `a plain quote, ' or "; typographic ones are no quotes here`
  return { ...wordFault(at, at + quoted.length, expected), code: 'typographic' }
}

function readWord(text: string, at: number, word: string): Token {
  const end = at + word.length
  if (word !== 'q' && word !== 'qq' && word !== 'qw' && word !== 'qr') return { kind: 'word', at, end, text: word }
  // A # is a delimiter right behind the word only; behind a blank it begins a comment.
  const quoteAt = text.charAt(end) === '#' ? end : skipBlanks(text, end)
  // `$x{q}` has a name in it.
  if (quoteAt >= text.length || text.startsWith('=>', quoteAt) || text.charAt(quoteAt) === '}')
    return { kind: 'word', at, end, text: word }
  return readQuote(text, at, word, quoteAt)
}

function readQuote(text: string, at: number, operator: 'q' | 'qq' | 'qw' | 'qr', quoteAt: number): Token {
  const quoted = findQuoted(text, quoteAt)
  if ('kind' in quoted) return quoted
  const end = quoted.to + 1
  switch (operator) {
    case 'q':
      return { kind: 'text', at, end, parts: [{ kind: 'characters', text: readSingle(text, quoted) }] }
    case 'qw':
      return { kind: 'words', at, end, words: readWords(text, quoted) }
    case 'qr':
      return readPattern(text, at, quoted)
    case 'qq': {
      const parts = readDouble(text, quoted)
      return 'kind' in parts ? { ...parts, resumeAt: end } : { kind: 'text', at, end, parts }
    }
  }
}

function readPattern(text: string, at: number, quoted: Quoted): Token {
  const flags = matchAt(/[A-Za-z]*/y, text, quoted.to + 1) ?? ''
  const end = quoted.to + 1 + flags.length
  return { kind: 'pattern', at, end, parts: readPatternParts(text, quoted), sourceAt: quoted.from, flags }
}

/** A fault that is a whole token. */
function wordFault(at: number, end: number, expected: string): Fault {
  return { ...syntaxFault(at, end, expected), resumeAt: end }
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at
  return sticky.exec(text)?.[0]
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}
