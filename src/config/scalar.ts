/**
 * The value of an expression: its terms, joined.
 *
 *   Expression + what references stand for → Scalar → value.ts
 *
 * Invariant: a text has at most 8192 characters, however often it refers to others; numbers in texts are written as
 * the reference writes them.
 * Failure: a fault that points at the term it is about. `@name` in a text is taken as it stands, with a note.
 * Source: specification, chapter "Configuration".
 */
import { formatNumber } from '../score/number.ts'
import { type Fault, isFault, syntaxFault, valueFault } from './fault.ts'
import { translatePattern } from './pattern.ts'
import type { Expression, Term } from './perl.ts'
import type { Part } from './quoted.ts'

/** A value with its place. `undefined` is Perl's undef. */
export interface Scalar {
  readonly at: number
  readonly end: number
  readonly value: string | number | RegExp | undefined
  /** Offset of the first character of a text that stands in the source as it is; for faults inside of it. */
  readonly textAt: number | undefined
}

/** What a reference stands for; a text: why it stands for nothing. */
export type LookUp = (name: string) => { readonly value: string | number } | { readonly expected: string }

const MAX_TEXT_CHARACTERS = 8192

/** Evaluates an expression of `source`. `arrays` gets the parts that were taken as they stand. */
export function evaluateExpression(
  expression: Expression,
  source: string,
  lookUp: LookUp,
  arrays: Extract<Part, { kind: 'array' }>[],
): Scalar | Fault {
  const { at, end, terms } = expression
  const [only] = terms
  const place = { at, end, textAt: undefined }
  if (terms.length === 1 && only) {
    if (only.kind === 'undef') return { ...place, value: undefined }
    if (only.kind === 'number') return { ...place, value: only.value }
    if (only.kind === 'pattern') return evaluatePattern(only, expression)
    if (only.kind === 'reference') {
      const found = resolve(only, lookUp)
      return isFault(found) ? found : { ...place, value: found.value }
    }
  }
  let text = ''
  for (const term of terms) {
    for (const part of partsOf(term)) {
      if (part.kind === 'characters') text += part.text
      else if (part.kind === 'array') {
        text += source.slice(part.at, part.end)
        arrays.push(part)
      } else {
        const found = resolve(part, lookUp)
        if (isFault(found)) return found
        text += toText(found.value)
      }
      if (text.length > MAX_TEXT_CHARACTERS)
        return valueFault('too-long', expression, `a text of no more than ${MAX_TEXT_CHARACTERS} characters`)
    }
    if (term.kind === 'pattern')
      return syntaxFault(term.sourceAt, term.sourceAt + term.source.length, 'a text; qr// stands alone')
  }
  const textAt = source.slice(at, end).indexOf(text)
  return { ...place, value: text, textAt: textAt < 0 ? undefined : at + textAt }
}

/** A value as a number: `2`, `'2.5'`, undef → 0. Undefined if it is none. Never -0, which adding 0 turns into 0. */
export function numberOf({ value }: Scalar): number | undefined {
  if (value === undefined) return 0
  if (typeof value === 'number') return value + 0
  if (typeof value !== 'string' || !/^\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(value)) return undefined
  return Number(value) + 0
}

/** A number as Perl puts it into a text, a text as it is. */
export function toText(value: string | number): string {
  return typeof value === 'number' ? formatNumber(value) : value
}

function partsOf(term: Term): readonly Part[] {
  switch (term.kind) {
    case 'text':
      return term.parts
    case 'reference':
      return [term]
    case 'number':
      return [{ kind: 'characters', text: formatNumber(term.value) }]
    default:
      return []
  }
}

function resolve(
  reference: { at: number; end: number; name: string },
  lookUp: LookUp,
): { value: string | number } | Fault {
  const found = lookUp(reference.name)
  if ('value' in found) return found
  return valueFault('bad-reference', reference, found.expected)
}

function evaluatePattern(term: Extract<Term, { kind: 'pattern' }>, { at, end }: Expression): Scalar | Fault {
  const value = translatePattern(term.source, term.flags)
  if (value instanceof RegExp) return { at, end, value, textAt: undefined }
  const where = { at: term.sourceAt + value.at, end: term.sourceAt + value.end }
  return valueFault('bad-pattern', where, value.expected)
}
