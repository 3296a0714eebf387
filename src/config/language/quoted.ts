/**
 * Quoted text of the configuration: `'…'`, `"…"`, `q()`, `qq()`, `qw()` and the outside of `qr//`.
 *
 *   text + offset of the opening delimiter → where the quoting ends → what the text between says → tokens.ts
 *
 * Follows perlop(1), "Quote and Quote-like Operators": a delimiter is closed by itself, brackets by their partner
 * and nest; a backslash in front of a delimiter makes it a character. In `"…"` and `qq()` escapes are replaced, and
 * `$NAME` and `${NAME}` are references. Nothing else is interpolated: elements of arrays and special variables are
 * faults, and `@name`, which is empty in Perl unless such an array exists, is left as it stands, with a warning, since
 * what people mean is an address. In a `qr//` the same is replaced, and everything else is left to pattern.ts.
 *
 * Invariants: linear in the length of the quoted text, which is bounded.
 * Failure: a fault that points at the character it is about.
 */
import { type Fault, syntaxFault } from './fault.ts'

/** Where a quoted text lies: its inside is `text.slice(from, to)`, the closing delimiter is at `to`. */
export interface Quoted {
  readonly open: string
  readonly close: string
  readonly from: number
  readonly to: number
}

/** `\Q`, `\U` and `\L` hold until `\E`, `\u` and `\l` for one character. */
export type Case = 'Q' | 'U' | 'L' | 'u' | 'l' | 'E'

/** A piece of a text: characters, a reference to a parameter, an `@name` that stands for itself, a change of case. */
export type Part =
  | { readonly kind: 'case'; readonly change: Case }
  | { readonly kind: 'characters'; readonly text: string }
  | { readonly kind: 'reference'; readonly at: number; readonly end: number; readonly name: string }
  | { readonly kind: 'array'; readonly at: number; readonly end: number }

/** More than any message, path or pattern needs. */
const MAX_QUOTED_CHARACTERS = 8192

const PARTNERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' }
const SIMPLE_ESCAPES = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['f', '\f'],
  ['b', '\b'],
  ['a', '\x07'],
  ['e', '\x1b'],
])

/** Finds the end of the quoting that opens at `at`. */
export function findQuoted(text: string, at: number): Quoted | Fault {
  const open = text.charAt(at)
  const partner = PARTNERS[open]
  const close = partner ?? open
  const limit = Math.min(text.length, at + 1 + MAX_QUOTED_CHARACTERS)
  let depth = 1
  for (let to = at + 1; to < limit; to++) {
    const character = text.charAt(to)
    if (character === '\\' && close !== '\\') to++
    else if (character === close && --depth === 0) return { open, close, from: at + 1, to }
    else if (character === open && partner !== undefined) depth++
  }
  return syntaxFault(at, at + 1, `${close} that closes this text within ${MAX_QUOTED_CHARACTERS} characters`)
}

/** A `'…'` or `q()` text: only a backslash and the delimiters can be escaped. `'it\'s \n'` → `it's \n`. */
export function readSingle(text: string, quoted: Quoted): string {
  return unescapeDelimiters(text.slice(quoted.from, quoted.to), quoted)
}

/** The words of a `qw()`, each with its offset. */
export function readWords(text: string, quoted: Quoted): { text: string; at: number; end: number }[] {
  const words: { text: string; at: number; end: number }[] = []
  for (const match of text.slice(quoted.from, quoted.to).matchAll(/\S+/g)) {
    const at = quoted.from + match.index
    words.push({ text: unescapeDelimiters(match[0], quoted), at, end: at + match[0].length })
  }
  return words
}

/** A `"…"` or `qq()` text: `"a\t$NS"` → characters `a⇥`, reference NS. */
export function readDouble(text: string, quoted: Quoted): Part[] | Fault {
  const parts: Part[] = []
  let characters = ''
  let at = quoted.from
  const add = (part: Part): void => {
    if (characters !== '') parts.push({ kind: 'characters', text: characters })
    characters = ''
    parts.push(part)
  }
  while (at < quoted.to) {
    const character = text.charAt(at)
    const change = readCase(text, at)
    if (change) {
      add({ kind: 'case', change })
      at += 2
    } else if (character === '\\') {
      const replaced = readEscape(text, at, quoted)
      if ('kind' in replaced) return replaced
      characters += replaced.text
      at = replaced.end
    } else if (character === '$') {
      const reference = readReference(text, at, quoted.to)
      if (reference.kind === 'fault') return reference
      add(reference)
      at = reference.end
    } else if (character === '@') {
      const next = text.charAt(at + 1)
      if (at + 1 < quoted.to && (next === '{' || next === '$'))
        return syntaxFault(at, at + 2, 'text; write \\@ for an @ that stands for itself')
      const name = /[\w:]+/y
      name.lastIndex = at + 1
      const end = Math.min(quoted.to, at + 1 + (name.exec(text)?.[0].length ?? 0))
      if (end > at + 1) add({ kind: 'array', at, end })
      else characters += '@'
      at = end
    } else {
      characters += character
      at++
    }
  }
  if (characters !== '') parts.push({ kind: 'characters', text: characters })
  return parts
}

/** The inside of a `qr//`: `^\d$NS$` → characters `^\d`, reference NS, characters `$`. */
export function readPatternParts(text: string, { open, from, to }: Quoted): Part[] {
  const whole = text.slice(from, to)
  // qr'' is taken as it stands.
  if (open === "'" || !/[$@]|\\[QULEul]/.test(whole)) return [{ kind: 'characters', text: whole }]
  const parts: Part[] = []
  let plainFrom = from
  let at = from
  const add = (part: Part, end: number): void => {
    if (at > plainFrom) parts.push({ kind: 'characters', text: text.slice(plainFrom, at) })
    parts.push(part)
    at = plainFrom = end
  }
  while (at < to) {
    const change = readCase(text, at)
    if (change) add({ kind: 'case', change }, at + 2)
    else if (text.charAt(at) === '\\') at += 2
    else {
      const variable = matchAt(/\$(?:[A-Za-z_]\w*|\{\s*[A-Za-z_]\w*\s*\})|@[A-Za-z_]\w*/y, text, at)
      const end = at + (variable?.length ?? 1)
      if (variable === undefined || end > to) at++
      else if (variable.startsWith('@')) add({ kind: 'array', at, end }, end)
      else add({ kind: 'reference', at, end, name: variable.replace(/\W/g, '') }, end)
    }
  }
  at = to
  if (at > plainFrom) parts.push({ kind: 'characters', text: text.slice(plainFrom, at) })
  return parts
}

function readCase(text: string, at: number): Case | undefined {
  const change = text.charAt(at) === '\\' ? text.charAt(at + 1) : ''
  return change !== '' && 'QULulE'.includes(change) ? (change as Case) : undefined
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at
  return sticky.exec(text)?.[0]
}

/** A reference at `at`: `$NAME` or `${NAME}`, and nothing behind it that Perl would read as an element. */
export function readReference(text: string, at: number, limit: number): Extract<Part, { kind: 'reference' }> | Fault {
  const braced = /\$\{\s*([A-Za-z_]\w*)\s*\}/y
  const plain = /\$([A-Za-z_]\w*)/y
  braced.lastIndex = at
  plain.lastIndex = at
  const match = braced.exec(text) ?? plain.exec(text)
  if (!match || at + match[0].length > limit)
    return syntaxFault(at, Math.min(limit, at + 2), 'the name of a parameter; write \\$ for a $ that stands for itself')
  const name = match[1] ?? ''
  const end = at + match[0].length
  if (match[0].charAt(1) !== '{') {
    const element = /\[|\{|->[[{]|::|'(?=[A-Za-z_])/y
    element.lastIndex = end
    const found = element.exec(text)
    if (found && end + found[0].length <= limit)
      return syntaxFault(at, end + found[0].length, `a plain name; write \${${name}} if it ends there`)
  }
  return { kind: 'reference', at, end, name }
}

/** One escape, from its backslash on. */
function readEscape(text: string, at: number, quoted: Quoted): { text: string; end: number } | Fault {
  const character = text.charAt(at + 1)
  if (character === quoted.open || character === quoted.close) return { text: character, end: at + 2 }
  const simple = SIMPLE_ESCAPES.get(character)
  if (simple !== undefined) return { text: simple, end: at + 2 }
  if (!/[0-7a-zA-Z]/.test(character)) return { text: character, end: at + 2 }
  const numeric =
    /\\(?:x\{\s*([\da-fA-F]{0,6})\s*\}|x(?!\{)([\da-fA-F]{0,2})|N\{U\+([\da-fA-F]{1,6})\}|o\{([0-7]{1,7})\}|([0-7]{1,3}))/y
  numeric.lastIndex = at
  const match = numeric.exec(text)
  if (match && at + match[0].length <= quoted.to) {
    const hex = match[1] ?? match[2] ?? match[3]
    const code = hex === undefined ? Number.parseInt(match[4] ?? match[5] ?? '0', 8) : Number.parseInt(hex || '0', 16)
    if (code <= 0x10ffff) return { text: String.fromCodePoint(code), end: at + match[0].length }
  } else if (character === 'c' && at + 2 < quoted.to) {
    const control = text.charAt(at + 2).toUpperCase()
    if (/[@-_?]/.test(control)) return { text: String.fromCharCode(control.charCodeAt(0) ^ 64), end: at + 3 }
  } else if (!/[cxoN]/.test(character)) {
    return { text: character, end: at + 2 }
  }
  return syntaxFault(
    at,
    Math.min(quoted.to, at + 2),
    'an escape such as \\n, \\t, \\x41 or \\x{263a}; write \\\\ for a backslash',
  )
}

/** Without the backslashes in front of delimiters and backslashes. */
function unescapeDelimiters(raw: string, { open, close }: Quoted): string {
  if (!raw.includes('\\')) return raw
  let result = ''
  for (let at = 0; at < raw.length; at++) {
    const next = raw.charAt(at + 1)
    if (raw.charAt(at) === '\\' && (next === open || next === close || next === '\\')) at++
    result += raw.charAt(at)
  }
  return result
}
