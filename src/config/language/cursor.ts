/**
 * Where the parser stands in a text: at one token, with no other looked at.
 *
 *   tokens.ts → cursor → expression.ts, perl.ts
 *
 * Invariant: `endBefore` is the end of the last token that was passed, so that what is missing can be reported at the
 * line that lacks it.
 * Failure: none; a fault is a token, which `unexpected` hands on.
 */
import { type Fault, syntaxFault } from './fault.ts'
import { readToken, skipBlanks, skipDocumentation, type Token } from './tokens.ts'

export class Cursor {
  readonly text: string
  token: Token
  endBefore = 0

  constructor(text: string) {
    this.text = text
    this.token = { kind: 'symbol', at: 0, end: 0, text: ';' }
    this.moveTo(0)
  }

  next(): void {
    this.endBefore = this.token.end
    this.token = readToken(this.text, this.token.end)
  }

  /** Goes to the first token of a statement: documentation blocks may stand in front of it. */
  moveTo(offset: number): void {
    let at = skipBlanks(this.text, offset)
    for (;;) {
      const behind = skipDocumentation(this.text, at)
      if (behind === undefined) break
      at = skipBlanks(this.text, behind)
    }
    this.endBefore = offset
    this.token = readToken(this.text, at)
  }

  isSymbol(text: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === text
  }

  isWord(text: string): boolean {
    return this.token.kind === 'word' && this.token.text === text
  }

  /** The word or symbol here, to look it up; '' for anything else. */
  get sign(): string {
    return this.token.kind === 'symbol' || this.token.kind === 'word' ? this.token.text : ''
  }

  /** The fault that this token is, or that it is not what was expected. */
  unexpected(expected: string): Fault {
    const token = this.token
    return token.kind === 'fault' ? token : syntaxFault(token.at, token.end, expected)
  }
}
