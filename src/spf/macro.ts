/**
 * Macro-strings of SPF: their syntax, and what they stand for.
 *
 *   record.ts: text of a term → parseMacroString → tokens → mechanisms.ts: expand → a name
 *
 * `%{c}`, `%{r}` and `%{t}` are read where they may stand, and never expanded: they belong to explanations, which nobody is
 * sent. A text is expanded from its right end, and no further than a name is long: the rest would be cut off again (RFC 7208
 * 7.3), so that no macro-string is more work than its length and one name.
 *
 * Failure: what is no macro-string is `undefined`; nothing throws.
 * Sources: RFC 7208 7, 12; docs/behaviour/spf.md#macros.
 */

/** `%{l2r+-}` → letter `l`, the last 2 parts of the reversed ones, divided at `+` and `-`. */
export interface Macro {
  /** In lower case. */
  readonly letter: string
  /** It was in upper case: the value is escaped as in a URL. */
  readonly isEscaped: boolean
  /** How many parts from the right are kept; Infinity: all. */
  readonly parts: number
  readonly isReversed: boolean
  readonly delimiters: string
}

/** Literal text and macros in turn. */
export type MacroString = readonly (string | Macro)[]

/** The value of a macro-letter; undefined: not known yet. */
export type Values = (letter: string) => string | undefined

const LETTERS = 'slodiphv'
const EXPLANATION_LETTERS = 'crt'
const DELIMITERS = '.-+,/_='
/** Characters of a name, and a dot at its end. */
const MAX_NAME_CHARACTERS = 253

/** A text → its tokens; undefined if it breaks the syntax. `isTarget`: a domain-spec, which ends like a name or with a macro. */
export function parseMacroString(text: string, isTarget: boolean): MacroString | undefined {
  const tokens: (string | Macro)[] = []
  let start = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code < 0x21 || code > 0x7e) return undefined
    if (code !== 0x25) {
      at++
      continue
    }
    if (at > start) tokens.push(text.slice(start, at))
    const next = text[at + 1]
    if (next === '{') {
      const end = text.indexOf('}', at)
      const macro = end < 0 ? undefined : parseMacro(text.slice(at + 2, end), isTarget)
      if (!macro) return undefined
      tokens.push(macro)
      start = at = end + 1
    } else {
      const literal = next === '%' ? '%' : next === '_' ? ' ' : next === '-' ? '%20' : undefined
      if (literal === undefined) return undefined
      tokens.push(literal)
      start = at += 2
    }
  }
  const rest = text.slice(start)
  if (rest !== '') tokens.push(rest)
  if (isTarget && (text === '' || (rest !== '' && !endsLikeName(rest)))) return undefined
  return tokens
}

function parseMacro(text: string, isTarget: boolean): Macro | undefined {
  const first = text[0] ?? ' '
  const letter = first.toLowerCase()
  if (!LETTERS.includes(letter) && (isTarget || !EXPLANATION_LETTERS.includes(letter))) return undefined
  let at = 1
  while (isDigit(text.charCodeAt(at))) at++
  const parts = at === 1 ? Number.POSITIVE_INFINITY : Number(text.slice(1, at))
  if (parts === 0) return undefined
  const isReversed = text[at]?.toLowerCase() === 'r'
  if (isReversed) at++
  const delimiters = text.slice(at)
  for (const delimiter of delimiters) if (!DELIMITERS.includes(delimiter)) return undefined
  return { letter, isEscaped: first !== letter, parts, isReversed, delimiters: delimiters === '' ? '.' : delimiters }
}

/** `.example.com`, `x.org.`: a dot and a label that is no number, with a dot behind it or without. */
function endsLikeName(text: string): boolean {
  const end = text.endsWith('.') ? text.length - 1 : text.length
  const dot = text.lastIndexOf('.', end - 1)
  if (dot < 0 || end - dot < 2) return false
  let isNumber = true
  for (let at = dot + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x2d) {
      if (at === dot + 1 || at === end - 1) return false
      isNumber = false
    } else if (!isDigit(code)) {
      if (!isLetter(code)) return false
      isNumber = false
    }
  }
  return !isNumber
}

/** What a macro-string stands for, of a long text no more than its end; undefined: a value is not known yet. */
export function expand(tokens: MacroString, values: Values): string | undefined {
  let text = ''
  for (let at = tokens.length - 1; at >= 0 && text.length <= MAX_NAME_CHARACTERS + 1; at--) {
    const token = tokens[at] as string | Macro
    const part = typeof token === 'string' ? token : expandMacro(token, values)
    if (part === undefined) return undefined
    text = part + text
  }
  return text
}

function expandMacro({ letter, isEscaped, parts, isReversed, delimiters }: Macro, values: Values): string | undefined {
  const value = values(letter)
  if (value === undefined) return undefined
  const pieces = divide(value, delimiters)
  if (isReversed) pieces.reverse()
  const text = (parts < pieces.length ? pieces.slice(pieces.length - parts) : pieces).join('.')
  return isEscaped ? escaped(text) : text
}

function divide(text: string, delimiters: string): string[] {
  const pieces: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (!delimiters.includes(text[at] as string)) continue
    pieces.push(text.slice(start, at))
    start = at + 1
  }
  pieces.push(text.slice(start))
  return pieces
}

/** All but the unreserved characters of RFC 3986 2.3 as `%` and two digits, byte by byte. */
function escaped(text: string): string {
  return text.replace(
    /[^A-Za-z0-9\-._~]/g,
    byte => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/** A name as it is asked for: without a dot at its end, and without labels in front that make it too long. */
export function cutToName(text: string): string {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name.length <= MAX_NAME_CHARACTERS) return name
  const dot = name.indexOf('.', name.length - MAX_NAME_CHARACTERS - 1)
  return dot < 0 ? '' : name.slice(dot + 1)
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

export function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
}
