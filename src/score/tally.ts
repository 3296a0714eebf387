/**
 * The tally: the rules that were applied, as text, as sum and step by step. All that the chapters of scoring share.
 *
 * Rules are added here and nowhere else, so the text, the rate and the steps of the debug report can never disagree.
 * The order is that of the rules: sums of doubles and the text depend on it.
 *
 * Total, no errors.
 * Source: docs/behaviour/scoring.md#words-of-this-page.
 */
import { formatNumber } from '../text/number.ts'

/** A rule that was applied: its word in the reasons, its score, and the rate after it. */
export interface Step {
  readonly rule: string
  readonly score: number
  readonly rate: number
}

export class Tally {
  readonly steps: Step[] = []
  /** The text of rules, each word starting with a blank. */
  reasons = ''
  /** The running total. */
  rate = 0
  /** Answers about names are missing: what rests on names is a guess from here on, and no reason. */
  isGuess = false
  readonly #without: ReadonlySet<string> | undefined

  /** `without`: rules that are left out (deciding.ts); undefined: none. */
  constructor(without?: ReadonlySet<string>) {
    this.#without = without
  }

  /** Applies a rule: `'HELO_NUMERIC'`, 2.5 → ` HELO_NUMERIC=2.5` behind the reasons and 2.5 on the rate. */
  add(rule: string, score: number): void {
    if (!this.isGuess) this.addListing(rule, score)
  }

  /** The same for what a list says, which is certain whatever the names are. */
  addListing(rule: string, score: number): void {
    this.addWord(`${rule}=${formatNumber(score)}`, rule, score)
  }

  /** Applies a rule whose word is not `RULE=SCORE`: a list in trouble is `LABEL=ERR(MISS)`. */
  addWord(word: string, rule: string, score: number): void {
    if (this.addSilently(rule, score)) this.reasons += ` ${word}`
  }

  /** Applies a rule that the reasons do not mention, `$LOG_BAD_RBL_ONLY`. Returns whether it is not left out. */
  addSilently(rule: string, score: number): boolean {
    if (this.#without?.has(rule)) return false
    this.rate += score
    this.steps.push({ rule, score, rate: this.rate })
    return true
  }
}
