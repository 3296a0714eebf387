/**
 * The findings of one text, bounded, and without subscribers' keys.
 *
 *   reader.ts → finding-list.ts → Finding
 *
 * Total, no errors.
 */
import { type Finding, type FindingCode, makeFinding } from './finding.ts'
import type { Positions } from './position.ts'
import type { Quotation } from './quotation.ts'

/** Errors, and warnings, that are listed; a file that is no configuration has more. */
const MAX_FINDINGS_OF_A_KIND = 50

export class FindingList {
  readonly #file: string
  readonly #positions: Positions
  readonly #quotation: Quotation
  readonly #findings: Finding[] = []
  readonly #said = new Set<string>()
  readonly #counts = { error: 0, warning: 0 }

  constructor(file: string, positions: Positions, quotation: Quotation) {
    this.#file = file
    this.#positions = positions
    this.#quotation = quotation
  }

  error(code: FindingCode, at: number, message: () => string): void {
    this.#add('error', code, at, message)
  }

  /** What is said of a place already is not said again: a list is looked at once more whenever something is added to it. */
  warn(code: FindingCode, at: number, message: () => string): void {
    const said = `${code} ${at}`
    if (this.#said.has(said)) return
    this.#said.add(said)
    this.#add('warning', code, at, message)
  }

  /** In the order of the file. */
  sorted(): readonly Finding[] {
    return this.#findings.toSorted(
      ({ position: a }, { position: b }) => (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
    )
  }

  #add(severity: Finding['severity'], code: FindingCode, at: number, message: () => string): void {
    const count = this.#counts[severity]++
    if (count > MAX_FINDINGS_OF_A_KIND) return
    const position = this.#positions.at(at)
    const isLast = count === MAX_FINDINGS_OF_A_KIND
    const text = isLast ? `and more ${severity}s, which are not listed` : this.#quotation.hide(message())
    this.#findings.push(makeFinding(severity, isLast ? 'too-many-findings' : code, this.#file, position, text))
  }
}
