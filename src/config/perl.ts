/**
 * The configuration's language: a small part of Perl, read as data.
 *
 *   text → assignments, each with its values as terms, and faults → read.ts
 *
 * A file is a row of assignments, `$NAME = value;` and `@NAME = (value, …);`, with `my` or `our` in front if so
 * wished, and `1;`. Values are numbers, quoted texts, references `$NAME`, `undef`, `qr//`, joined by `.`, in
 * parentheses, lists, `qw()`. Comments, documentation blocks and what follows `__END__` are skipped. Nothing is
 * evaluated: a reference is only named here.
 *
 * Invariants: linear in the length of the text; statements, values of a list and the depth of parentheses are bounded.
 * Failure: one fault for a faulty statement, then it goes on behind the next `;`, until there are too many.
 * Source: specification, chapter "Configuration" File and syntax.
 */
import { type Fault, isFault, syntaxFault } from './fault.ts'
import type { Part } from './quoted.ts'
import { readToken, skipBlanks, skipDocumentation, type Token } from './tokens.ts'

/** A piece of a value; a value is its terms joined. */
export type Term =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'undef' }
  | { readonly kind: 'text'; readonly parts: readonly Part[] }
  | { readonly kind: 'reference'; readonly at: number; readonly end: number; readonly name: string }
  | { readonly kind: 'pattern'; readonly source: string; readonly sourceAt: number; readonly flags: string }

/** One value, from `at` to `end` in the text. */
export interface Expression {
  readonly at: number
  readonly end: number
  readonly terms: readonly Term[]
}

/** `@NS = ('a', 'b');`: sigil `@`, name `NS`, two values. Parentheses around one value change nothing. */
export interface Assignment {
  readonly sigil: string
  readonly name: string
  /** Extent of the name, with its sigil. */
  readonly at: number
  readonly end: number
  readonly values: readonly Expression[]
}

/** What a text holds. A faulty statement is among the faults only. */
export interface ParsedText {
  readonly assignments: readonly Assignment[]
  readonly faults: readonly Fault[]
  /** There was more, but not looked at: too many statements or faults. */
  readonly cutAt: number | undefined
}

const MAX_STATEMENTS = 5000
const MAX_FAULTS = 50
const MAX_VALUES = 4000
const MAX_DEPTH = 32

const VALUE = 'a value: a number, a quoted text, $NAME, qw(), qr// or a list in parentheses'

/** Reads a whole text; line ends are `\n`. */
export function parsePerl(text: string): ParsedText {
  const parser = new Parser(text)
  const assignments: Assignment[] = []
  const faults: Fault[] = []
  for (let statements = 0; ; statements++) {
    const start = parser.skipToStatement()
    if (start === undefined) return { assignments, faults, cutAt: undefined }
    if (statements >= MAX_STATEMENTS || faults.length >= MAX_FAULTS) return { assignments, faults, cutAt: start }
    const statement = parser.readStatement()
    if (!isFault(statement)) {
      if (statement) assignments.push(statement)
    } else {
      faults.push(statement)
      parser.recover()
    }
  }
}

class Parser {
  readonly #text: string
  #token: Token
  /** Braces of faulty blocks (`if (…) {`) whose end is still to come. */
  #openBraces = 0

  constructor(text: string) {
    this.#text = text
    this.#token = { kind: 'symbol', at: 0, end: 0, text: ';' }
    this.#moveTo(0)
  }

  /** Moves to the next statement; undefined at the end. */
  skipToStatement(): number | undefined {
    for (;;) {
      const token = this.#token
      if (token.kind === 'end') return undefined
      if (token.kind === 'word' && (token.text === '__END__' || token.text === '__DATA__')) return undefined
      const braceOfFault = this.#isSymbol('}') && this.#openBraces > 0
      if (braceOfFault) this.#openBraces--
      if (braceOfFault || this.#isSymbol(';')) this.#moveTo(token.end)
      else return token.at
    }
  }

  /** One statement, through its `;`. Undefined: one without effect, `1;`. */
  readStatement(): Assignment | Fault | undefined {
    if (this.#token.kind === 'number') {
      this.#next()
      return this.#endStatement()
    }
    const declared = this.#token.kind === 'word' && (this.#token.text === 'my' || this.#token.text === 'our')
    if (declared) this.#next()
    const variable = this.#token
    if (variable.kind !== 'variable') {
      if (declared) return this.#unexpected('$NAME or @NAME')
      return this.#unexpected('an assignment: $NAME = value; or @NAME = (value, ...);')
    }
    this.#next()
    if (!this.#isSymbol('=')) return this.#unexpected(`"=" behind ${variable.sigil}${variable.name}`)
    this.#next()
    const values = this.#readValue(0)
    if (isFault(values)) return values
    const fault = this.#endStatement()
    if (fault) return fault
    const { sigil, name, at, end } = variable
    return { sigil, name, at, end, values }
  }

  /** Goes on behind the `;` that ends a faulty statement. */
  recover(): void {
    // Looked for once a statement: a search that fails has seen all of the text.
    const hereDocumentEnd = this.#isSymbol('<<') ? findHereDocumentEnd(this.#text, this.#token.at) : undefined
    if (hereDocumentEnd !== undefined) {
      this.#moveTo(hereDocumentEnd)
      return
    }
    while (this.#token.kind !== 'end' && !this.#isSymbol(';')) {
      if (this.#isSymbol('{')) this.#openBraces++
      else if (this.#isSymbol('}') && this.#openBraces > 0) this.#openBraces--
      const behind = this.#token.kind === 'fault' ? this.#token.resumeAt : this.#token.end
      if (behind === undefined) {
        // Quotes that do not end hide where statements do.
        const semicolon = this.#text.indexOf(';', this.#token.at)
        this.#moveTo(semicolon < 0 ? this.#text.length : semicolon + 1)
        return
      }
      this.#token = readToken(this.#text, behind)
    }
    this.#moveTo(this.#token.end)
  }

  /** A value as a list of one or more, without `;`: `'a' . 'b'`, `('a', 'b')`, `qw(a b)`. */
  #readValue(depth: number): Expression[] | Fault {
    const first = this.#readTerm(depth)
    if (isFault(first) || !this.#isSymbol('.')) return first
    const terms: Term[] = []
    let operand = first
    for (;;) {
      const [value] = operand
      if (!value || operand.length > 1) return this.#unexpected('single values on both sides of "."')
      for (const term of value.terms) terms.push(term)
      if (!this.#isSymbol('.')) return [{ at: first[0]?.at ?? value.at, end: value.end, terms }]
      this.#next()
      const right = this.#readTerm(depth)
      if (isFault(right)) return right
      operand = right
    }
  }

  #readTerm(depth: number): Expression[] | Fault {
    const token = this.#token
    const single = (term: Term): Expression[] => [{ at: token.at, end: token.end, terms: [term] }]
    switch (token.kind) {
      case 'number':
      case 'pattern':
        this.#next()
        return single(token)
      case 'text':
        this.#next()
        return single({ kind: 'text', parts: token.parts })
      case 'variable':
        if (token.sigil !== '$') return this.#unexpected('a value; lists cannot be copied')
        this.#next()
        return single({ kind: 'reference', at: token.at, end: token.end, name: token.name })
      case 'words':
        this.#next()
        return token.words.map(({ text, at, end }) => {
          return { at, end, terms: [{ kind: 'text', parts: [{ kind: 'characters', text }] }] }
        })
      case 'word':
        if (token.text !== 'undef') return this.#unexpected(`${VALUE}; text belongs in quotes`)
        this.#next()
        return single({ kind: 'undef' })
      case 'symbol':
        if (token.text === '(') return this.#readList(depth)
        if (token.text === '-' || token.text === '+') return this.#readSigned(token.text)
        return this.#unexpected(VALUE)
      default:
        return this.#unexpected(VALUE)
    }
  }

  #readSigned(sign: '-' | '+'): Expression[] | Fault {
    const { at } = this.#token
    this.#next()
    const token = this.#token
    if (token.kind !== 'number') return this.#unexpected(`a number behind "${sign}"`)
    this.#next()
    return [{ at, end: token.end, terms: [{ kind: 'number', value: sign === '-' ? 0 - token.value : token.value }] }]
  }

  #readList(depth: number): Expression[] | Fault {
    const open = this.#token
    if (depth >= MAX_DEPTH) return syntaxFault(open.at, open.end, `no more than ${MAX_DEPTH} parentheses in each other`)
    this.#next()
    const values: Expression[] = []
    while (!this.#isSymbol(')')) {
      const value = this.#readValue(depth + 1)
      if (isFault(value)) return value
      for (const expression of value) values.push(expression)
      if (values.length > MAX_VALUES)
        return syntaxFault(open.at, open.end, `a list of no more than ${MAX_VALUES} values`)
      if (this.#isSymbol(')')) break
      if (!this.#isSymbol(',') && !this.#isSymbol('=>')) return this.#unexpected('"," or ")"')
      while (this.#isSymbol(',') || this.#isSymbol('=>')) this.#next()
    }
    this.#next()
    return values
  }

  #endStatement(): Fault | undefined {
    if (this.#isSymbol(';') || this.#token.kind === 'end') {
      this.#moveTo(this.#token.end)
      return undefined
    }
    return this.#unexpected('";" that ends the statement')
  }

  #unexpected(expected: string): Fault {
    const token = this.#token
    return token.kind === 'fault' ? token : syntaxFault(token.at, token.end, expected)
  }

  #isSymbol(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text
  }

  #next(): void {
    this.#token = readToken(this.#text, this.#token.end)
  }

  /** Goes to the first token of a statement: documentation blocks may stand in front of it. */
  #moveTo(offset: number): void {
    let at = skipBlanks(this.#text, offset)
    for (;;) {
      const behind = skipDocumentation(this.#text, at)
      if (behind === undefined) break
      at = skipBlanks(this.#text, behind)
    }
    this.#token = readToken(this.#text, at)
  }
}

/** The end of the last line of a here-document that is announced at `at`; undefined if there is no such line. */
function findHereDocumentEnd(text: string, at: number): number | undefined {
  const announcement = /<<~?[ \t]*(["']?)(\w+)\1[^\n]*/y
  announcement.lastIndex = at
  const label = announcement.exec(text)?.[2]
  if (label === undefined) return undefined
  const lastLine = new RegExp(`\\n[ \\t]*${label}(?=\\n|$)`, 'g')
  lastLine.lastIndex = announcement.lastIndex
  return lastLine.exec(text) ? lastLine.lastIndex : undefined
}
