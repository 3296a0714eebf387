/**
 * What is odd about a text that can be read, and only `check` says.
 *
 *   read.ts tells what it does → remarks: lines without effect, and lines that had none with 0.1.15
 *
 * The Perl implementation ran the file under `use strict`: one name that was not declared, a syntax error or a list in a
 * text, and nothing of the file was used, in silence. `my $X` and `our $X` were variables of the file's own. What can be
 * read is used now, so such lines change verdicts. A file that sets a parameter which is new was not written for it.
 *
 * Total, no errors. Source: docs/behaviour/deviations.md#d16.
 */
import { refersTo } from './language/expression.ts'
import type { Fault } from './language/fault.ts'
import type { Finding } from './findings/finding.ts'
import { FindingList } from './findings/finding-list.ts'
import type { Positions } from './findings/position.ts'
import type { Quotation } from './findings/quotation.ts'
import type { Assignment, Target } from './language/statement.ts'
import { isNewParameter } from './variables.ts'

/** Faults that are none of the values, and no Perl either. */
const NO_PERL: ReadonlySet<string> = new Set(['missing-semicolon', 'typographic'])

/** `my $x`, `our ($x, @y)`. */
const DECLARATIONS = /\b(?:my|our)[ \t]+(?:\([^()]{0,500}\)|[$@]\w+)/g

export class Remarks {
  readonly #list: FindingList
  readonly #positions: Positions
  /** Where a parameter was set, by its name with its sigil. */
  readonly #setAt = new Map<string, number>()
  /** Targets that were variables of the file's own. */
  readonly #declared: Target[] = []
  /** Variables of the file's own. */
  readonly #own: ReadonlySet<string>
  #wholeFile: { readonly at: number; readonly why: string } | undefined
  #isNew = false
  /** `no strict`, `use vars`: names need not be declared. */
  readonly #allowsUnknown: boolean

  constructor(file: string, source: string, positions: Positions, quotation: Quotation) {
    this.#own = new Set(source.match(DECLARATIONS)?.flatMap(each => each.match(/[$@]\w+/g) ?? []))
    this.#allowsUnknown = /^[ \t]*(?:no[ \t]+strict|use[ \t]+vars)\b/m.test(source)
    this.#positions = positions
    this.#list = new FindingList(file, positions, quotation)
  }

  /** A parameter has got a value. */
  set(target: Target, { operator, values }: Assignment): void {
    const name = `${target.sigil}${target.name}`
    if (isNewParameter(target.name)) this.#isNew = true
    if (target.declared !== undefined) this.#declared.push(target)
    const before = this.#setAt.get(name)
    const isAdded = operator !== '=' || target.index !== undefined || values.some(value => refersTo(value, target.name))
    if (before !== undefined && !isAdded) {
      const { line } = this.#positions.at(before)
      this.#list.warn('set-twice', target.at, () => `${name} is set again: line ${line} has no effect`)
    }
    this.#setAt.set(name, target.at)
  }

  /** A name that is no parameter. */
  unknown({ sigil, name, at, declared }: Target): void {
    if (declared === undefined && !this.#allowsUnknown && !this.#own.has(`${sigil}${name}`))
      this.#blame(at, `${sigil}${name} was not declared`)
  }

  skipped({ code, at }: Fault): void {
    if (NO_PERL.has(code)) this.#blame(at, 'it could not be read')
  }

  array(at: number): void {
    this.#blame(at, 'a list in a text was not declared')
  }

  sorted(): readonly Finding[] {
    const whole = this.#wholeFile
    if (whole && !this.#isNew) {
      const message = `0.1.15 used nothing of this file, for here ${whole.why}: all lines that can be read count now, and may change verdicts`
      this.#list.warn('unused-before', whole.at, () => message)
    }
    if (!this.#isNew && !whole) {
      for (const { sigil, name, at, declared } of this.#declared) {
        const written = declared === 'main::' ? `${sigil}main::${name}` : `${declared} ${sigil}${name}`
        const message = `0.1.15 did not use this line, for ${written} is not ${sigil}${name} to Perl: it counts now, and may change verdicts`
        this.#list.warn('unused-before', at, () => message)
      }
    }
    return this.#list.sorted()
  }

  /** The first reason is enough. */
  #blame(at: number, why: string): void {
    if (!this.#wholeFile || at < this.#wholeFile.at) this.#wholeFile = { at, why }
  }
}
