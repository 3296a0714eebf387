/**
 * The value of an expression: what references stand for put in, texts joined, numbers added.
 *
 *   Expression + what has been set so far → Scalars, one for each value → read.ts, value.ts
 *
 * Invariant: a text has at most 8192 characters, however often it refers to others; numbers in texts are written as
 * the reference writes them, and are finite.
 * Failure: a fault that points at the expression it is about. `@name` in a text is taken as it stands, with a note.
 * Sources: perlop(1); docs/behaviour/configuration.md#values.
 */
import { formatNumber } from '../../text/number.ts'
import type { Expression, Operator } from './expression.ts'
import { type Fault, isFault, syntaxFault, valueFault } from './fault.ts'
import { isBadPattern, type Pattern, readPattern } from '../../patterns/pattern.ts'
import type { Case, Part } from './quoted.ts'

/** A value with its place. `undefined` is Perl's undef. */
export interface Scalar {
  readonly at: number
  readonly end: number
  readonly value: string | number | Pattern | undefined
  /** Offset of the first character of a text that stands in the source as it is; for faults inside of it. */
  readonly textAt?: number
}

/** Why a name stands for nothing; worked out only where it is told. */
export interface Missing {
  readonly expected: () => string
}

/** What has been set so far. */
export interface KnownValues {
  scalar(name: string): { readonly value: Scalar['value'] } | Missing
  list(name: string): readonly Scalar[] | Missing
}

type ArrayPart = Extract<Part, { kind: 'array' }>

const MAX_TEXT_CHARACTERS = 8192
/** More than a list of as many values, of eight times as many lists as anybody asks. */
const MAX_SPREAD_VALUES = 4000

/** Evaluates expressions of one text. `arrays` gets the parts that were taken as they stand. */
export class ScalarReader {
  readonly arrays: ArrayPart[] = []
  readonly #source: string
  readonly #known: KnownValues

  constructor(source: string, known: KnownValues) {
    this.#source = source
    this.#known = known
  }

  /** All values of a list, with those of other lists in it. */
  evaluateAll(expressions: readonly Expression[]): Scalar[] | Fault {
    const scalars: Scalar[] = []
    for (const expression of expressions) {
      const { at, end } = expression
      const found = expression.kind === 'list' ? this.#known.list(expression.name) : this.evaluate(expression)
      if (isFault(found)) return found
      if ('expected' in found) return valueFault('bad-reference', expression, found.expected)
      if ('value' in found) scalars.push(found)
      else for (const each of found) scalars.push({ at, end, value: each.value })
      if (scalars.length > MAX_SPREAD_VALUES)
        return valueFault('too-long', expression, `a list of no more than ${MAX_SPREAD_VALUES} values`)
    }
    return scalars
  }

  /** One value. */
  evaluate(expression: Expression): Scalar | Fault {
    const { at, end } = expression
    switch (expression.kind) {
      case 'number':
        return { at, end, value: expression.value }
      case 'undef':
        return { at, end, value: undefined }
      case 'text':
        return this.#evaluateText(expression, expression.parts)
      case 'pattern':
        return this.#evaluatePattern(expression)
      case 'reference': {
        const found = this.#known.scalar(expression.name)
        return 'value' in found
          ? { at, end, value: found.value }
          : valueFault('bad-reference', expression, found.expected)
      }
      case 'element': {
        const found = this.#known.list(expression.name)
        return 'expected' in found
          ? valueFault('bad-reference', expression, found.expected)
          : { at, end, value: found.at(expression.index)?.value }
      }
      case 'list':
        return valueFault('bad-value', expression, 'one value; a list is none')
      case 'negative': {
        const operand = this.evaluate(expression.operand)
        if (isFault(operand)) return operand
        const number = numberOf(operand)
        return number === undefined ? notNumber(operand) : { at, end, value: 0 - number }
      }
      case 'chain':
        return this.#evaluateChain(expression)
    }
  }

  /** From left to right, one operator after the other. */
  #evaluateChain({ at, end, first, rest }: Extract<Expression, { kind: 'chain' }>): Scalar | Fault {
    let left = this.evaluate(first)
    // Texts that are joined are collected: joining two at a time would copy them again and again.
    for (const { operator, operand } of rest) {
      if (isFault(left)) return left
      const right = this.evaluate(operand)
      if (isFault(right)) return right
      const value = combine(left, operator, right)
      if (typeof value === 'object') return value
      if (typeof value === 'string' && value.length > MAX_TEXT_CHARACTERS) return tooLong({ at, end })
      left = { at, end, value }
    }
    return isFault(left) ? left : { ...left, ...this.#placeOf(left) }
  }

  #evaluateText(expression: Expression, parts: readonly Part[]): Scalar | Fault {
    const { at, end } = expression
    const value = this.#join(expression, parts)
    return isFault(value) ? value : { at, end, value, ...this.#placeOf({ at, end, value }) }
  }

  #placeOf({ at, end, value }: Scalar): { readonly textAt?: number } {
    const offset = typeof value === 'string' ? this.#source.slice(at, end).indexOf(value) : -1
    return offset < 0 ? {} : { textAt: at + offset }
  }

  #join(expression: Pick<Expression, 'at' | 'end'>, parts: readonly Part[], inPattern = false): string | Fault {
    const text = new CasedText()
    for (const part of parts) {
      switch (part.kind) {
        case 'characters':
          text.add(part.text)
          break
        case 'case':
          text.change(part.change)
          break
        case 'array':
          text.add(this.#source.slice(part.at, part.end))
          this.arrays.push(part)
          break
        case 'reference': {
          const found = this.#known.scalar(part.name)
          if (!('value' in found)) return valueFault('bad-reference', part, found.expected)
          const { value } = found
          if (typeof value === 'object' && !inPattern)
            return syntaxFault(part.at, part.end, 'a text or a number; qr// stands alone')
          text.add(toText(value))
        }
      }
      if (text.length > MAX_TEXT_CHARACTERS) return tooLong(expression)
    }
    return text.value
  }

  #evaluatePattern(expression: Extract<Expression, { kind: 'pattern' }>): Scalar | Fault {
    const { at, end, parts, flags, sourceAt } = expression
    const source = this.#join(expression, parts, true)
    if (isFault(source)) return source
    const value = readPattern(source, flags)
    if (!isBadPattern(value)) return { at, end, value }
    const isPlain = this.#source.startsWith(source, sourceAt)
    const where = isPlain ? { at: sourceAt + value.at, end: sourceAt + value.end } : expression
    return valueFault('bad-pattern', where, value.expected)
  }
}

/** A text in the making, with the changes of case that hold. */
class CasedText {
  value = ''
  readonly #changes: Case[] = []
  #next: Case | undefined

  get length(): number {
    return this.value.length
  }

  change(change: Case): void {
    if (change === 'E') this.#changes.pop()
    else if (change === 'u' || change === 'l') this.#next = change
    else {
      if (change !== 'Q' && /^[UL]$/.test(this.#changes.at(-1) ?? '')) this.#changes.pop()
      this.#changes.push(change)
    }
  }

  add(text: string): void {
    let added = text
    for (const change of this.#changes.toReversed()) added = changed(added, change)
    if (this.#next && added !== '') {
      added = changed(added.slice(0, 1), this.#next.toUpperCase() as Case) + added.slice(1)
      this.#next = undefined
    }
    this.value += added
  }
}

function changed(text: string, change: Case): string {
  if (change === 'Q') return text.replace(/[^A-Za-z0-9_]/g, '\\$&')
  return change === 'U' ? text.toUpperCase() : text.toLowerCase()
}

/** `'a' . 1` → `'a1'`, `2 * 3` → 6. */
function combine(left: Scalar, operator: Operator, right: Scalar): string | number | Fault {
  if (operator === '.') {
    const pattern = [left, right].find(({ value }) => typeof value === 'object')
    if (pattern) return syntaxFault(pattern.at, pattern.end, 'a text; qr// stands alone')
    return toText(left.value) + toText(right.value)
  }
  const b = numberOf(right)
  if (b === undefined) return notNumber(right)
  if (operator === 'x') {
    if (typeof left.value === 'object') return notNumber(left)
    const text = toText(left.value)
    return text.length * b > MAX_TEXT_CHARACTERS ? tooLong(left) : text.repeat(Math.max(0, Math.trunc(b)))
  }
  const a = numberOf(left)
  if (a === undefined) return notNumber(left)
  const value = calculate(a, operator, b)
  return Number.isFinite(value) ? value + 0 : valueFault('out-of-range', right, 'a number that can be calculated with')
}

function calculate(a: number, operator: Exclude<Operator, '.' | 'x'>, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%': {
      // Whole numbers, and the sign of the divisor.
      const [dividend, divisor] = [Math.trunc(a), Math.trunc(b)]
      return (((dividend % divisor) + divisor) % divisor) + 0
    }
  }
}

function tooLong(where: Pick<Fault, 'at' | 'end'>): Fault {
  return valueFault('too-long', where, `a text of no more than ${MAX_TEXT_CHARACTERS} characters`)
}

function notNumber(scalar: Scalar): Fault {
  return valueFault('bad-value', scalar, 'a number')
}

/** A value as a number: `2`, `'2.5'`, undef → 0. Undefined if it is none. Never -0, which adding 0 turns into 0. */
export function numberOf({ value }: Scalar): number | undefined {
  if (value === undefined) return 0
  if (typeof value === 'number') return value + 0
  if (typeof value !== 'string' || !/^\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(value)) return undefined
  return Number(value) + 0
}

/** A value as Perl puts it into a text: a number, a text as it is, undef as nothing, a pattern as one in a group. */
export function toText(value: Scalar['value']): string {
  if (typeof value === 'object') return `(?^${value.flags}:${value.source})`
  return typeof value === 'number' ? formatNumber(value) : (value ?? '')
}

/** Whether Perl takes a value for true. */
export function isTrue({ value }: Scalar): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 0
}
