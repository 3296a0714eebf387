/**
 * The configuration's language: a small part of Perl, read as data.
 *
 *   text → statements: assignments, each with its values as expressions, and faults → read.ts
 *
 * A file is a row of statements (statement.ts). Comments, documentation blocks and what follows `__END__` or `return` are
 * skipped; braces around statements change nothing. Nothing is evaluated: a reference is only named here.
 *
 * Invariants: linear in the length of the text; statements, values of a list and the depth of parentheses are bounded.
 * Failure: one fault for a faulty statement, with the names it would have set. Then it goes on behind the `;` or the block
 * that ends it, but at a line that begins an assignment at the latest: one slip costs one statement. After too many faults
 * it stops.
 * Source: docs/behaviour/configuration.md#the-file-is-data.
 */
import { type AssignedNames, type SkippedCode, skipCode } from './code.ts'
import { Cursor } from './cursor.ts'
import { type Fault, isFault } from './fault.ts'
import { type Assignment, readStatement } from './statement.ts'

/** A statement that cannot be used. */
export interface FaultyStatement {
  readonly kind: 'faulty'
  readonly fault: Fault
  /** Where it begins. */
  readonly at: number
  /** What it would have set. */
  readonly names: AssignedNames
}

/** What a text holds, in its order. */
export interface ParsedText {
  readonly statements: readonly (Assignment | FaultyStatement)[]
  /** There was more, but not looked at: too many statements or faults. */
  readonly cutAt: number | undefined
  /** What stands behind a `return`, where Perl would not come to. */
  readonly leftAt: number | undefined
}

const MAX_STATEMENTS = 5000
const MAX_FAULTS = 50
const NOTHING = { names: new Map<string, boolean>(), isConditional: false }

/** Reads a whole text; line ends are `\n`. */
export function parsePerl(text: string): ParsedText {
  return new Parser(text).parse()
}

class Parser {
  readonly #text: string
  readonly #cursor: Cursor
  readonly #statements: (Assignment | FaultyStatement)[] = []
  /** Braces around statements that are open. */
  #blocks = 0
  /** Where lines begin an assignment; found at the first fault. */
  #assignmentLines: readonly number[] | undefined
  /** Braces that never close are looked for once. */
  #hasUnclosedBraces = false

  constructor(text: string) {
    this.#text = text
    this.#cursor = new Cursor(text)
  }

  parse(): ParsedText {
    const statements = this.#statements
    let faults = 0
    for (let count = 0; ; count++) {
      const start = this.#skipToStatement()
      if (start === undefined) return { statements, cutAt: undefined, leftAt: undefined }
      if (count >= MAX_STATEMENTS || faults >= MAX_FAULTS) return { statements, cutAt: start, leftAt: undefined }
      const isLeft = this.#cursor.isWord('return') && !skipCode(this.#text, start)?.isConditional
      if (isLeft) return { statements, cutAt: undefined, leftAt: this.#leave(start) }
      const read = readStatement(this.#cursor)
      if (isFault(read)) {
        faults++
        this.#recover(start, read)
      } else for (const assignment of read) statements.push(assignment)
    }
  }

  /** Moves to the next statement; undefined at the end. */
  #skipToStatement(): number | undefined {
    const cursor = this.#cursor
    for (;;) {
      const { token } = cursor
      if (token.kind === 'end' || cursor.isWord('__END__') || cursor.isWord('__DATA__')) return undefined
      if (cursor.isSymbol('{')) this.#blocks++
      else if (cursor.isSymbol('}') && this.#blocks > 0) this.#blocks--
      else if (!cursor.isSymbol(';')) return token.at
      cursor.moveTo(token.end)
    }
  }

  /** Behind `return 1;`: where there is more, if there is. */
  #leave(start: number): number | undefined {
    this.#cursor.moveTo(skipCode(this.#text, start)?.end ?? this.#text.length)
    return this.#skipToStatement()
  }

  #recover(start: number, fault: Fault): void {
    const { end, names } = this.#skipFaulty(start, fault)
    this.#statements.push({ kind: 'faulty', fault, at: start, names })
    this.#cursor.moveTo(Math.max(end, start + 1))
  }

  #skipFaulty(start: number, fault: Fault): SkippedCode {
    const text = this.#text
    if (text.charAt(start) === '}') return { ...NOTHING, end: start + 1 }
    const limitBehind = (at: number): number | undefined =>
      fault.code === 'missing-semicolon' ? fault.resumeAt : this.#nextAssignmentLine(at)
    const skipped = this.#hasUnclosedBraces ? undefined : skipCode(text, start, { limitBehind })
    if (skipped) return skipped
    this.#hasUnclosedBraces = true
    return skipCode(text, start, { limitBehind, ignoreBraces: true }) ?? { ...NOTHING, end: text.length }
  }

  /** The first line behind `start` that begins an assignment: no statement reaches so far. */
  #nextAssignmentLine(start: number): number | undefined {
    this.#assignmentLines ??= findAssignmentLines(this.#text)
    const lines = this.#assignmentLines
    let low = 0
    let high = lines.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((lines[middle] as number) > start) high = middle
      else low = middle + 1
    }
    return lines[low]
  }
}

function findAssignmentLines(text: string): number[] {
  const line = /\n[ \t]*(?=(?:(?:my|our)[ \t]+)?[$@][A-Za-z_]\w*[ \t]*=(?![=~>]))/g
  const starts: number[] = []
  for (let match = line.exec(text); match; match = line.exec(text)) starts.push(match.index + match[0].length)
  return starts
}
