/**
 * Values of the configuration's language: the part behind the `=`.
 *
 *   tokens → expressions, as a tree that nothing has been worked out of yet → statement.ts → scalar.ts
 *
 * Numbers, texts, `undef`, `qr//`, `$NAME`, `@NAME` and `$NAME[1]`, lists in parentheses and `qw()`; texts joined by `.`
 * and numbers that are added, subtracted, multiplied and divided, with Perl's precedence. A function, a condition or a
 * comparison is code, and none of it.
 *
 * Invariants: linear in the length of the text; the values of a list and the depth of parentheses are bounded. Long rows
 * of operators are one node, not a deep tree.
 * Failure: the first fault.
 * Sources: perlop(1); docs/behaviour/configuration.md#values.
 */
import type { Cursor } from './cursor.ts'
import { type Fault, isFault, syntaxFault } from './fault.ts'
import type { Part } from './quoted.ts'

/** A value, from `at` to `end` in the text. A `list` stands for as many values as it has. */
export type Expression = { readonly at: number; readonly end: number } & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'undef' }
  | { readonly kind: 'text'; readonly parts: readonly Part[] }
  | { readonly kind: 'pattern'; readonly parts: readonly Part[]; readonly sourceAt: number; readonly flags: string }
  | { readonly kind: 'reference'; readonly name: string }
  | { readonly kind: 'element'; readonly name: string; readonly index: number }
  | { readonly kind: 'list'; readonly name: string }
  | { readonly kind: 'negative'; readonly operand: Expression }
  | { readonly kind: 'chain'; readonly first: Expression; readonly rest: readonly Operation[] }
)

/** An operator and what stands behind it. */
export interface Operation {
  readonly operator: Operator
  readonly operand: Expression
}

export type Operator = '.' | '+' | '-' | '*' | '/' | '%' | 'x'

const MAX_VALUES = 4000
const MAX_DEPTH = 32
const SUMS: readonly string[] = ['.', '+', '-']
const PRODUCTS: readonly string[] = ['*', '/', '%', 'x']

const VALUE = 'a value: a number, a quoted text, $NAME, qw(), qr// or a list in parentheses'

/** A value as a list of one or more: `'a' . 'b'`, `('a', 'b')`, `qw(a b)`. */
export function readExpressions(cursor: Cursor, depth = 0): Expression[] | Fault {
  return readChain(cursor, SUMS, () => readChain(cursor, PRODUCTS, () => readOperand(cursor, depth)))
}

function readChain(
  cursor: Cursor,
  operators: readonly string[],
  readNext: () => Expression[] | Fault,
): Expression[] | Fault {
  const isListed = cursor.isSymbol('(') || cursor.token.kind === 'words'
  const values = readNext()
  if (isFault(values) || !operators.includes(cursor.sign)) return values
  if (isListed && cursor.sign === 'x') return cursor.unexpected('a list that is written out; x would repeat all of it')
  const rest: Operation[] = []
  let operand: Expression[] | Fault = values
  let end = 0
  for (;;) {
    if (isFault(operand)) return operand
    const [value] = operand
    const operator = rest.at(-1)
    if (!value || operand.length > 1 || value.kind === 'list')
      return cursor.unexpected(`single values on both sides of "${operator?.operator ?? cursor.sign}"`)
    if (operator) rest[rest.length - 1] = { ...operator, operand: value }
    end = value.end
    if (!operators.includes(cursor.sign)) break
    rest.push({ operator: cursor.sign as Operator, operand: value })
    cursor.next()
    operand = readNext()
  }
  const first = values[0] as Expression
  return [{ kind: 'chain', at: first.at, end, first, rest }]
}

function readOperand(cursor: Cursor, depth: number): Expression[] | Fault {
  const { token } = cursor
  switch (token.kind) {
    case 'number':
    case 'text':
    case 'pattern':
      cursor.next()
      return [token]
    case 'variable':
      cursor.next()
      return readVariable(cursor, token)
    case 'words':
      cursor.next()
      return token.words.map(({ text, at, end }) => {
        return { kind: 'text', at, end, parts: [{ kind: 'characters', text }] }
      })
    case 'word':
      return readWord(cursor, token)
    case 'symbol':
      if (token.text === '(') return readList(cursor, depth)
      if (token.text === '-' || token.text === '+') return readSigned(cursor, depth)
      return cursor.unexpected(VALUE)
    default:
      return cursor.unexpected(VALUE)
  }
}

/** `$NAME`, `$NAME[1]`, `@NAME`; the cursor stands behind the name. */
function readVariable(
  cursor: Cursor,
  { at, end, sigil, name }: { at: number; end: number; sigil: string; name: string },
): Expression[] | Fault {
  if (sigil === '@') return [{ kind: 'list', at, end, name }]
  if (!cursor.isSymbol('[')) return [{ kind: 'reference', at, end, name }]
  const index = readIndex(cursor)
  return isFault(index) ? index : [{ kind: 'element', at, end: cursor.endBefore, name, index }]
}

/** `[1]`, `[-1]`. */
export function readIndex(cursor: Cursor): number | Fault {
  cursor.next()
  const negative = cursor.isSymbol('-')
  if (negative) cursor.next()
  const { token } = cursor
  if (token.kind !== 'number') return cursor.unexpected('the number of an element')
  cursor.next()
  if (!cursor.isSymbol(']')) return cursor.unexpected('"]"')
  cursor.next()
  return Math.trunc(negative ? -token.value : token.value)
}

/** `undef`, and a word in front of `=>`, which quotes it. */
function readWord(cursor: Cursor, token: { at: number; end: number; text: string }): Expression[] | Fault {
  const { at, end, text } = token
  const fault = cursor.unexpected(`${VALUE}; text belongs in quotes`)
  cursor.next()
  if (cursor.isSymbol('=>')) return [{ kind: 'text', at, end, parts: [{ kind: 'characters', text }] }]
  if (text !== 'undef') return fault
  if (cursor.isSymbol('(')) {
    cursor.next()
    if (!cursor.isSymbol(')')) return cursor.unexpected('")"')
    cursor.next()
  }
  return [{ kind: 'undef', at, end }]
}

function readSigned(cursor: Cursor, depth: number): Expression[] | Fault {
  const { at } = cursor.token
  let isNegative = false
  while (cursor.isSymbol('-') || cursor.isSymbol('+')) {
    if (cursor.isSymbol('-')) isNegative = !isNegative
    cursor.next()
  }
  if (cursor.token.kind === 'text') return cursor.unexpected('a number behind the sign')
  const operand = readOperand(cursor, depth)
  if (isFault(operand)) return operand
  const [value] = operand
  if (!value || operand.length > 1 || value.kind === 'list') return cursor.unexpected('one number behind the sign')
  if (!isNegative) return [{ ...value, at }]
  if (value.kind === 'number') return [{ ...value, at, value: 0 - value.value }]
  return [{ kind: 'negative', at, end: value.end, operand: value }]
}

/** A list in parentheses; the values of lists inside are its own. */
function readList(cursor: Cursor, depth: number): Expression[] | Fault {
  const open = cursor.token
  if (depth >= MAX_DEPTH) return syntaxFault(open.at, open.end, `no more than ${MAX_DEPTH} parentheses in each other`)
  cursor.next()
  const values: Expression[] = []
  const skipCommas = (): void => {
    while (cursor.isSymbol(',') || cursor.isSymbol('=>')) cursor.next()
  }
  skipCommas()
  while (!cursor.isSymbol(')')) {
    const value = readExpressions(cursor, depth + 1)
    if (isFault(value)) return value
    for (const expression of value) values.push(expression)
    if (values.length > MAX_VALUES) return syntaxFault(open.at, open.end, `a list of no more than ${MAX_VALUES} values`)
    if (cursor.isSymbol(')')) break
    if (!cursor.isSymbol(',') && !cursor.isSymbol('=>')) return cursor.unexpected('"," or ")"')
    skipCommas()
  }
  cursor.next()
  return values
}

/** Whether an expression names this parameter. */
export function refersTo(expression: Expression, name: string): boolean {
  switch (expression.kind) {
    case 'reference':
    case 'element':
    case 'list':
      return expression.name === name
    case 'text':
    case 'pattern':
      return expression.parts.some(part => part.kind === 'reference' && part.name === name)
    case 'negative':
      return refersTo(expression.operand, name)
    case 'chain':
      return refersTo(expression.first, name) || expression.rest.some(({ operand }) => refersTo(operand, name))
    default:
      return false
  }
}
