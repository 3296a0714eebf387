/**
 * Where a statement ends that is code: conditions with their blocks, functions, loops, calls.
 *
 *   text + offset of its first word → the end, and the names it would have set → perl.ts
 *
 * Code is skipped as a whole, so that what stands in a block is not taken for a statement of its own. What hides braces
 * and semicolons is known: quotes, patterns behind `=~`, here-documents.
 *
 * Invariants: nothing is evaluated. Linear in the length of the statement.
 * Failure: undefined if its braces never close. Quotes that never close end with the next `;`.
 * Sources: perlsyn(1), perlop(1).
 */
import { findQuoted } from './quoted.ts'
import { readToken, skipBlanks, skipDocumentation, type Token } from './tokens.ts'

/** Of a statement that is skipped. */
const MAX_TOKENS = 20_000

/** Words whose statement ends with a block, not with a semicolon. */
const BLOCK_WORDS: ReadonlySet<string> = new Set([
  ...['if', 'unless', 'while', 'until', 'for', 'foreach', 'sub'],
  ...['BEGIN', 'END', 'INIT', 'CHECK', 'UNITCHECK'],
])
const CONTINUED: ReadonlySet<string> = new Set(['else', 'elsif', 'continue'])
/** Words behind which a value stands: a `/` there begins a pattern. */
const BEFORE_VALUES: ReadonlySet<string> = new Set([
  ...[
    'return',
    'split',
    'grep',
    'map',
    'join',
    'push',
    'unshift',
    'and',
    'or',
    'not',
    'if',
    'unless',
    'while',
    'until',
  ],
])
/** What stands behind a statement and makes it one that may not happen. */
const MODIFIERS: ReadonlySet<string> = new Set(['if', 'unless', 'while', 'until', 'for', 'foreach'])

export interface SkippedCode {
  readonly end: number
  /** What it would have set. */
  readonly names: AssignedNames
  /** It may not happen: it has a block, or an `if` behind it. */
  readonly isConditional: boolean
}

/**
 * Names with their sigils, such as `$REJECTLEVEL`, and whether they have another value for certain: not where a value is
 * added to, in a block, or with an `if` behind it.
 */
export type AssignedNames = ReadonlyMap<string, boolean>

export interface SkipOptions {
  /** A statement outside of braces ends at the latest at the offset that this gives for its beginning, or its last brace. */
  readonly limitBehind?: (at: number) => number | undefined
  /** Braces are not counted: they never close. */
  readonly ignoreBraces?: boolean
}

/** Skips the statement whose first token is at `from`. */
export function skipCode(text: string, from: number, options: SkipOptions = {}): SkippedCode | undefined {
  const { limitBehind, ignoreBraces = false } = options
  let limit = limitBehind?.(from) ?? text.length
  const names = new Map<string, boolean>()
  let token = readToken(text, from)
  // A slip in an assignment: nobody knows what it was to be.
  if (token.kind === 'variable') names.set(token.sigil + token.name, false)
  else if (token.kind === 'word' && /^\s*=(?![=~>])/.test(text.slice(token.end, token.end + 20)))
    for (const sigil of ['$', '@']) names.set(sigil + token.text, false)
  const endsWithBlock = !ignoreBraces && token.kind === 'word' && BLOCK_WORDS.has(token.text)
  let isCertain = !endsWithBlock
  let braces = 0
  let parentheses = 0
  let variable: Extract<Token, { kind: 'variable' }> | undefined
  let previous = ';'
  let hereDocument: HereDocument | undefined
  let hasFailed = false
  for (let count = 0; ; count++) {
    if (token.at >= limit && braces === 0 && !endsWithBlock && !hereDocument) return done(limit)
    if (token.kind === 'end') return braces > 0 || (endsWithBlock && parentheses > 0) ? undefined : done(token.at)
    if (token.kind === 'variable') {
      if (previous === 'push' || previous === 'unshift') names.set(token.sigil + token.name, false)
      variable = token
    } else if (token.kind === 'word') {
      if (braces === 0 && MODIFIERS.has(token.text)) isCertain = false
    } else if (token.kind === 'symbol') {
      const sign = token.text
      if (variable && /^(?:[.+*/%-]|\|\||\/\/|&&)?=$/.test(sign))
        names.set(variable.sigil + variable.name, sign === '=')
      if (sign === '(') parentheses++
      else if (sign === ')') parentheses--
      else if (sign === '{' && !ignoreBraces) braces++
      else if (sign === '}' && !ignoreBraces) {
        // The end of a block this statement stands in.
        if (braces === 0) return done(token.at)
        braces--
        if (braces === 0) limit = Math.max(limit, limitBehind?.(token.at) ?? text.length)
        if (braces === 0 && endsWithBlock && parentheses <= 0) {
          const next = readToken(text, token.end)
          if (!(next.kind === 'word' && CONTINUED.has(next.text))) return done(token.end)
        }
      } else if (sign === ';' && braces === 0 && !(endsWithBlock && parentheses > 0)) return done(token.end)
      // A search that fails has seen all of the text: it is the last.
      if (sign === '<<' && !hasFailed) {
        const found = findHereDocument(text, token.at, hereDocument)
        hasFailed = found === undefined
        hereDocument = found ?? hereDocument
      }
    }
    if (token.kind !== 'variable') variable = undefined
    const behind = behindToken(text, token, previous)
    previous = token.kind === 'word' || token.kind === 'symbol' ? token.text : ''
    if (behind === undefined || count >= MAX_TOKENS) {
      // Quotes that do not end hide where statements do; and no statement is so long.
      const semicolon = text.indexOf(';', token.at)
      return done(Math.min(limit, semicolon < 0 ? text.length : semicolon + 1))
    }
    token = readToken(text, behind)
    if (hereDocument && token.at > hereDocument.lineEnd) {
      token = readToken(text, hereDocument.end)
      hereDocument = undefined
    }
  }

  function done(end: number): SkippedCode {
    if (!isCertain) for (const name of names.keys()) names.set(name, false)
    const isConditional = !isCertain
    return { end: hereDocument && end <= hereDocument.lineEnd ? hereDocument.end : end, names, isConditional }
  }
}

/** Where a token of code ends that stands behind `previous`; undefined if it never does. */
function behindToken(text: string, token: Token, previous: string): number | undefined {
  const { at, end } = token
  if (token.kind === 'fault') return token.resumeAt
  if (token.kind === 'symbol') {
    if (token.text === '=' && /^[;{}]$/.test(previous)) return skipDocumentation(text, at) ?? end
    if (token.text === '`') return behindQuoted(text, at, 1)
    if (token.text === '=~' || token.text === '!~') return behindBinding(text, end)
    // Where a value is expected a / begins a pattern; elsewhere it divides.
    const isPattern = token.text.startsWith('/') && (BEFORE_VALUES.has(previous) || /^(?:[^\w)\]}]+)$/.test(previous))
    if (isPattern) return behindLine(text, at) ?? end
  }
  // `$x{s}` and `(y=>1)` have names in them.
  if (
    token.kind === 'word' &&
    /^(?:m|s|tr|y|qx)$/.test(token.text) &&
    /^(?!=>)[^\w\s});]/.test(text.slice(end, end + 2))
  )
    return behindQuoted(text, end, /^(?:m|qx)$/.test(token.text) ? 1 : 2)
  return end
}

/** Behind a `=~`: the end of the operator there, if there is one. */
function behindBinding(text: string, end: number): number | undefined {
  const at = skipBlanks(text, end)
  if (text.charAt(at) === '/') return behindQuoted(text, at, 1)
  const operator = /(?:m|s|tr|y)(?=\s*[^\w\s=;])/y
  operator.lastIndex = at
  const word = operator.exec(text)?.[0]
  return word === undefined ? end : behindQuoted(text, delimiterAt(text, at + word.length), word === 'm' ? 1 : 2)
}

/** A # right behind the word is one; behind a blank it begins a comment. */
function delimiterAt(text: string, at: number): number {
  return text.charAt(at) === '#' ? at : skipBlanks(text, at)
}

/** The end of a `/a/` that ends in its line. */
function behindLine(text: string, at: number): number | undefined {
  const pattern = /\/(?:[^/\\\n]|\\[^\n])*\//y
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** The end of `/a/`, or of `/a/b/` and `{a}{b}`, which have two parts. */
function behindQuoted(text: string, at: number, parts: 1 | 2): number | undefined {
  const first = findQuoted(text, at)
  if ('kind' in first) return undefined
  if (parts === 1) return first.to + 1
  const second = findQuoted(text, first.open === first.close ? first.to : skipBlanks(text, first.to + 1))
  return 'kind' in second ? undefined : second.to + 1
}

/** A here-document: its lines are those from `lineEnd` to `end`. */
interface HereDocument {
  readonly lineEnd: number
  readonly end: number
}

/** The here-document that is announced at `at`, behind the one that was before in its line; undefined if no line ends it. */
function findHereDocument(text: string, at: number, before: HereDocument | undefined): HereDocument | undefined {
  const announcement = /<<~?[ \t]*(["']?)([A-Za-z_]\w*)\1[^\n]*/y
  announcement.lastIndex = at
  const label = announcement.exec(text)?.[2]
  if (label === undefined) return undefined
  const lastLine = new RegExp(`\\n[ \\t]*${label}(?=\\n|$)`, 'g')
  lastLine.lastIndex = before?.end ?? announcement.lastIndex
  return lastLine.exec(text) ? { lineEnd: announcement.lastIndex, end: lastLine.lastIndex } : undefined
}
