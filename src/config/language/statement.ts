/**
 * One statement of the configuration's language.
 *
 *   cursor at its first token → what it assigns, or the fault in it → perl.ts
 *
 * `$NAME = value;`, `@NAME = (value, …);`, with `my` or `our` in front if so wished; `push` and `unshift`; `.=`, `+=` and
 * the like; `($A, @B) = (…)`, `$A = $B = 1`, `$NAME[1] = 2`, `undef $NAME`. Constants (`1;`), pragmas (`use strict;`) and
 * declarations (`my $A;`) assign nothing.
 *
 * Invariant: a statement that is read has been passed, with its `;`. Nothing is evaluated.
 * Failure: the first fault; the cursor stands anywhere then. A `;` that is missing is a fault at the end of its line.
 * Sources: perlsyn(1), perlop(1); docs/behaviour/configuration.md#statements.
 */
import { skipCode } from './code.ts'
import type { Cursor } from './cursor.ts'
import { type Expression, type Operator, readExpressions, readIndex } from './expression.ts'
import { type Fault, isFault, syntaxFault } from './fault.ts'

/** What is assigned to: `$NAME`, `@NAME`, `$NAME[1]`, or nothing, `undef`. */
export interface Target {
  readonly sigil: string
  /** Empty for `undef`. */
  readonly name: string
  /** Extent of the name, with its sigil. */
  readonly at: number
  readonly end: number
  readonly index?: number
  /** What made it another variable than the parameter, to Perl: `my`, `our`, `main::`. */
  readonly declared?: string
}

/** `@NS = ('a', 'b');`: target `@NS`, two values. Parentheses around one value change nothing. */
export interface Assignment {
  readonly kind: 'assignment'
  readonly targets: readonly Target[]
  /** `($A, $B) = …`: each target has its value; otherwise there is one target, and a scalar has the last value. */
  readonly isList: boolean
  readonly operator: AssignmentOperator
  readonly values: readonly Expression[]
  /** Where values stand that Perl reads and forgets: `$A = 1, 5;`. */
  readonly surplusAt?: number
}

export type AssignmentOperator = '=' | 'push' | 'unshift' | '||' | '//' | '&&' | Operator

/** `$A = $B = …`, no more of them. */
const MAX_CHAINED = 100

const ASSIGNMENT = 'an assignment: $NAME = value; or @NAME = (value, ...);'
const CODE = `${ASSIGNMENT} this file is data, and code in it is not run`
/** `use` and `no` of these mean nothing to data. */
const PRAGMAS: ReadonlySet<string> = new Set([
  ...['strict', 'warnings', 'utf8', 'vars', 'diagnostics', 'feature', 'locale', 'bytes', 'open'],
])
const OPERATORS: Readonly<Record<string, AssignmentOperator>> = {
  '=': '=',
  '.=': '.',
  '+=': '+',
  '-=': '-',
  '*=': '*',
  '/=': '/',
  '%=': '%',
  '||=': '||',
  '//=': '//',
  '&&=': '&&',
}

/** Reads the statement at the cursor: its assignments in the order in which they count, often one. */
export function readStatement(cursor: Cursor): readonly Assignment[] | Fault {
  switch (cursor.token.kind) {
    case 'number':
    case 'text':
      cursor.next()
      return finish(cursor, [])
    case 'variable':
      return readAssignments(cursor, undefined)
    case 'symbol':
      return cursor.isSymbol('(') ? readListAssignment(cursor, undefined) : cursor.unexpected(ASSIGNMENT)
    case 'word':
      return readWordStatement(cursor, cursor.token.text)
    default:
      return cursor.unexpected(ASSIGNMENT)
  }
}

function readWordStatement(cursor: Cursor, word: string): readonly Assignment[] | Fault {
  const { at, end } = cursor.token
  const code: Fault = { ...syntaxFault(at, end, CODE), code: 'code' }
  cursor.next()
  switch (word) {
    case 'my':
    case 'our':
      if (cursor.isSymbol('(')) return readListAssignment(cursor, word)
      return cursor.token.kind === 'variable' ? readAssignments(cursor, word) : cursor.unexpected('$NAME or @NAME')
    case 'push':
    case 'unshift':
      return readPush(cursor, word)
    case 'undef':
      return readUndef(cursor)
    case 'use':
    case 'no':
      return readPragma(cursor) ? [] : code
    case 'package':
      if (!cursor.isWord('main')) return code
      cursor.next()
      return finish(cursor, [])
    default:
      return code
  }
}

/** `use strict;`, `use 5.010;`, `no warnings 'once';`; the cursor stands behind the first word. */
function readPragma(cursor: Cursor): boolean {
  const { token } = cursor
  const isKnown =
    token.kind === 'number' || (token.kind === 'word' && (PRAGMAS.has(token.text) || /^v\d/.test(token.text)))
  if (isKnown) cursor.moveTo(skipCode(cursor.text, token.at)?.end ?? token.end)
  return isKnown
}

/** `$A = 1`, `$A = $B = 1`, `$A = 1, $B = 2`; `my $A` alone assigns nothing. */
function readAssignments(cursor: Cursor, declared: string | undefined): readonly Assignment[] | Fault {
  const all: Assignment[] = []
  for (;;) {
    const first = readTarget(cursor, all.length === 0 ? declared : undefined)
    if (isFault(first)) return first
    const operator = OPERATORS[cursor.sign]
    if (operator === undefined) {
      if (declared !== undefined && all.length === 0) return finish(cursor, [])
      return cursor.unexpected(`"=" behind ${first.sigil}${first.name}`)
    }
    cursor.next()
    const targets = [first]
    while (isAssignedTo(cursor) && targets.length < MAX_CHAINED) {
      const next = readTarget(cursor, undefined)
      if (isFault(next)) return next
      targets.push(next)
      cursor.next()
    }
    const values = readExpressions(cursor)
    if (isFault(values)) return values
    const isFollowed = cursor.isSymbol(',')
    const surplusAt = skipSurplus(cursor)
    if (isFault(surplusAt)) return surplusAt
    const surplus = surplusAt === undefined ? {} : { surplusAt }
    all.push(...chained(targets, operator, values).map(each => ({ ...each, ...surplus })))
    if (!isFollowed || !isAssignedTo(cursor)) return finish(cursor, all)
  }
}

/** `$A = $B = 1`: first `$B`, then `$A` the value that has. */
function chained(
  targets: readonly Target[],
  operator: AssignmentOperator,
  values: readonly Expression[],
): readonly Assignment[] {
  return targets.toReversed().map((target, index, reversed) => {
    const inner = reversed[index - 1]
    return {
      kind: 'assignment',
      targets: [target],
      isList: false,
      operator: index === targets.length - 1 ? operator : '=',
      values: inner
        ? [{ kind: inner.sigil === '@' ? 'list' : 'reference', at: inner.at, end: inner.end, name: inner.name }]
        : values,
    }
  })
}

/** Whether `NAME =` stands here. */
function isAssignedTo({ token, text }: Cursor): boolean {
  if (token.kind !== 'variable') return false
  const sign = /\s*=(?![=~>])/y
  sign.lastIndex = token.end
  return sign.test(text)
}

/** Behind a comma: other assignments, where it stops, or values that count for nothing, whose place it returns. */
function skipSurplus(cursor: Cursor): number | undefined | Fault {
  let at: number | undefined
  while (cursor.isSymbol(',')) {
    cursor.next()
    if (isAssignedTo(cursor) || cursor.isSymbol(';')) break
    at ??= cursor.token.at
    const values = readExpressions(cursor)
    if (isFault(values)) return values
  }
  return at
}

function readTarget(cursor: Cursor, declared: string | undefined): Target | Fault {
  const { token } = cursor
  if (token.kind !== 'variable') return cursor.unexpected('$NAME or @NAME')
  cursor.next()
  const { sigil, name, at, end } = token
  const how = declared ?? (token.isQualified ? 'main::' : undefined)
  const target = { sigil, name, at, end, ...(how === undefined ? {} : { declared: how }) }
  if (sigil !== '$' || declared !== undefined || !cursor.isSymbol('[')) return target
  const index = readIndex(cursor)
  return isFault(index) ? index : { ...target, end: cursor.endBefore, index }
}

/** `($A, undef, @B) = (1, 2, 3)`; the cursor stands at the parenthesis. */
function readListAssignment(cursor: Cursor, declared: string | undefined): readonly Assignment[] | Fault {
  const targets: Target[] = []
  cursor.next()
  while (!cursor.isSymbol(')')) {
    const { at, end } = cursor.token
    const isNothing = cursor.isWord('undef')
    if (isNothing) cursor.next()
    const target = isNothing ? { sigil: '$', name: '', at, end } : readTarget(cursor, declared)
    if (isFault(target)) return target
    targets.push(target)
    if (!cursor.isSymbol(',') && !cursor.isSymbol(')')) return cursor.unexpected('"," or ")"')
    while (cursor.isSymbol(',')) cursor.next()
  }
  cursor.next()
  if (!cursor.isSymbol('='))
    return declared === undefined ? cursor.unexpected('"=" behind the list of names') : finish(cursor, [])
  cursor.next()
  const values = readExpressions(cursor)
  if (isFault(values)) return values
  return finish(cursor, [{ kind: 'assignment', targets, isList: true, operator: '=', values }])
}

/** `push @NAME, value, …`, with parentheses around it all or not; the cursor stands behind the word. */
function readPush(cursor: Cursor, operator: 'push' | 'unshift'): readonly Assignment[] | Fault {
  const isEnclosed = cursor.isSymbol('(')
  if (isEnclosed) cursor.next()
  const target = readTarget(cursor, undefined)
  if (isFault(target)) return target
  if (target.sigil !== '@') return syntaxFault(target.at, target.end, `a list: ${operator} @NAME, value, ...;`)
  const values: Expression[] = []
  while (cursor.isSymbol(',') || cursor.isSymbol('=>')) {
    cursor.next()
    if (cursor.isSymbol(')') || cursor.isSymbol(';')) break
    const value = readExpressions(cursor)
    if (isFault(value)) return value
    for (const expression of value) values.push(expression)
  }
  const fault = isEnclosed ? close(cursor) : undefined
  return fault ?? finish(cursor, [{ kind: 'assignment', targets: [target], isList: false, operator, values }])
}

/** `undef $A`, `undef(@B)`; the cursor stands behind the word. */
function readUndef(cursor: Cursor): readonly Assignment[] | Fault {
  const isEnclosed = cursor.isSymbol('(')
  if (isEnclosed) cursor.next()
  const target = readTarget(cursor, undefined)
  if (isFault(target)) return target
  const { at, end, sigil } = target
  const values: Expression[] = sigil === '@' ? [] : [{ kind: 'undef', at, end }]
  const fault = isEnclosed ? close(cursor) : undefined
  return fault ?? finish(cursor, [{ kind: 'assignment', targets: [target], isList: false, operator: '=', values }])
}

function close(cursor: Cursor): Fault | undefined {
  if (!cursor.isSymbol(')')) return cursor.unexpected('"," or ")"')
  cursor.next()
  return undefined
}

/** Passes the `;`. The brace that closes a block does as well, and so does the end. */
function finish(cursor: Cursor, assignments: readonly Assignment[]): readonly Assignment[] | Fault {
  const { token, text, endBefore } = cursor
  if (cursor.isSymbol(';')) cursor.moveTo(token.end)
  else if (token.kind !== 'end' && !cursor.isSymbol('}')) {
    const expected = '";" that ends the statement'
    if (text.slice(endBefore, token.at).includes('\n') && beginsStatement(cursor)) {
      return { ...syntaxFault(endBefore, endBefore, expected), code: 'missing-semicolon', resumeAt: token.at }
    }
    return cursor.unexpected(expected)
  }
  return assignments
}

/** Whether the next line is a statement of its own. */
function beginsStatement(cursor: Cursor): boolean {
  const line =
    /[$@][A-Za-z_][\w:]*\s*(?:[.+*/-]?=(?![=~>])|\[)|(?:my|our|push|unshift|use|no|return|if|unless|for|foreach|sub|require)\b|1\s*;/y
  line.lastIndex = cursor.token.at
  return line.test(cursor.text)
}
