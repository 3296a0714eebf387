/**
 * Where the reader of a pattern stands, and how it gives up.
 *
 *   source → scanner → syntax.ts, character-class.ts, escape.ts
 *
 * Failure: Stop, which syntax.ts catches and makes a value of.
 */

/** A pattern that is none. `at`: offset in the source; for a flag, that of the closing delimiter or behind it. */
export interface BadPattern {
  readonly kind: 'bad-pattern'
  readonly at: number
  readonly end: number
  readonly expected: string
}

/** Valid Perl that is not run here: `what` it has. */
export interface UnsupportedPattern {
  readonly kind: 'unsupported'
  readonly what: string
}

export class Stop extends Error {
  readonly why: BadPattern | UnsupportedPattern

  constructor(why: BadPattern | UnsupportedPattern) {
    super(why.kind)
    this.why = why
  }
}

export class Scanner {
  at = 0
  readonly source: string

  constructor(source: string) {
    this.source = source
  }

  get isAtEnd(): boolean {
    return this.at >= this.source.length
  }

  /** The character here; '' at the end. */
  get character(): string {
    return this.source.charAt(this.at)
  }

  /** Passes this text if it stands here. */
  take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** Passes what this sticky expression matches here. */
  match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at
    const found = sticky.exec(this.source)
    if (!found) return undefined
    this.at += found[0].length
    return found
  }

  bad(at: number, end: number, expected: string): never {
    throw new Stop({ kind: 'bad-pattern', at, end: Math.max(at, Math.min(end, this.source.length)), expected })
  }

  unsupported(what: string): never {
    throw new Stop({ kind: 'unsupported', what })
  }
}
