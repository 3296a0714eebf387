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
import { readToken, skipBlanks, type Token } from './tokens.ts'

/** Of a statement that is skipped. */
const MAX_TOKENS = 20_000

/** Words whose statement ends with a block, not with a semicolon. */
const BLOCK_WORDS: ReadonlySet<string> = new Set([
  ...['if', 'unless', 'while', 'until', 'for', 'foreach', 'sub'],
  ...['BEGIN', 'END', 'INIT', 'CHECK', 'UNITCHECK'],
])
const CONTINUED: ReadonlySet<string> = new Set(['else', 'elsif', 'continue'])
/** What stands behind a statement and makes it one that may not happen. */
const MODIFIERS: ReadonlySet<string> = new Set(['if', 'unless', 'while', 'until', 'for', 'foreach'])

export interface SkippedCode {
  readonly end: number
  /** What it would have set. */
  readonly names: AssignedNames
}

/**
 * Names with their sigils, such as `$REJECTLEVEL`, and whether they have another value for certain: not where a value is
 * added to, in a block, or with an `if` behind it.
 */
export type AssignedNames = ReadonlyMap<string, boolean>

export interface SkipOptions {
  /** A statement outside of braces ends here at the latest. */
  readonly limit?: number | undefined
  /** Braces are not counted: they never close. */
  readonly ignoreBraces?: boolean
}

/** Skips the statement whose first token is at `from`. */
export function skipCode(text: string, from: number, options: SkipOptions = {}): SkippedCode | undefined {
  const { limit = text.length, ignoreBraces = false } = options
  const names = new Map<string, boolean>()
  let token = readToken(text, from)
  const endsWithBlock = !ignoreBraces && token.kind === 'word' && BLOCK_WORDS.has(token.text)
  let isCertain = !endsWithBlock
  let braces = 0
  let parentheses = 0
  let variable: Extract<Token, { kind: 'variable' }> | undefined
  let previous = ''
  let hereDocument: HereDocument | undefined
  let hasLooked = false
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
        if (braces === 0 && endsWithBlock && parentheses <= 0) {
          const next = readToken(text, token.end)
          if (!(next.kind === 'word' && CONTINUED.has(next.text))) return done(token.end)
        }
      } else if (sign === ';' && braces === 0 && !(endsWithBlock && parentheses > 0)) return done(token.end)
      // Looked for once a statement: a search that fails has seen all of the text.
      if (sign === '<<' && !hasLooked) {
        hasLooked = true
        hereDocument = findHereDocument(text, token.at)
      }
    }
    if (token.kind !== 'variable') variable = undefined
    previous = token.kind === 'word' || token.kind === 'symbol' ? token.text : ''
    const behind = behindToken(text, token)
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
    return { end: hereDocument && end <= hereDocument.lineEnd ? hereDocument.end : end, names }
  }
}

/** Where a token of code ends; undefined if it never does. */
function behindToken(text: string, token: Token): number | undefined {
  if (token.kind === 'fault') return token.resumeAt
  if (token.kind === 'word' && /^(?:m|s|tr|y)$/.test(token.text) && /[/{([!|#~^]/.test(text.charAt(token.end)))
    return behindQuoted(text, token.end, token.text === 'm' ? 1 : 2)
  if (token.kind === 'symbol' && (token.text === '=~' || token.text === '!~' || token.text === '(')) {
    const at = skipBlanks(text, token.end)
    if (text.charAt(at) === '/') return behindQuoted(text, at, 1)
    if (token.text === '(') return token.end
    const operator = /(?:m|s|tr|y)(?=\s*[^\w\s=,;])/y
    operator.lastIndex = at
    const word = operator.exec(text)?.[0]
    if (word !== undefined) return behindQuoted(text, skipBlanks(text, at + word.length), word === 'm' ? 1 : 2)
  }
  return token.end
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

/** The here-document that is announced at `at`; undefined if there is no line that ends it. */
function findHereDocument(text: string, at: number): HereDocument | undefined {
  const announcement = /<<~?[ \t]*(["']?)([A-Za-z_]\w*)\1[^\n]*/y
  announcement.lastIndex = at
  const label = announcement.exec(text)?.[2]
  if (label === undefined) return undefined
  const lastLine = new RegExp(`\\n[ \\t]*${label}(?=\\n|$)`, 'g')
  lastLine.lastIndex = announcement.lastIndex
  return lastLine.exec(text) ? { lineEnd: announcement.lastIndex, end: lastLine.lastIndex } : undefined
}
