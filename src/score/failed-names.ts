/**
 * Failed lookups of names the client chose, counted while they are walked.
 *
 *   both-names.ts: count → end of the walk, the reference's way → verdict.ts: what many of them mean
 *
 * Total, no errors.
 * Source: docs/behaviour/scoring.md#lookups-that-fail.
 */
import type { Config } from '../config/parameters/parameters.ts'

/** The walk met `$MAXDNSERR` failed lookups and is not to go on; `where` in the reference's words: `FROM MX lookups for example.org`. */
export interface TooManyNameErrors {
  readonly kind: 'too-many-name-errors'
  readonly where: string
}

/** Failed lookups that are named; one more says that there are others. */
const MAX_FAILED_NAMES = 3

export class FailedNames {
  count = 0
  /** The first of them, for people: `MX example.org`. */
  readonly first: string[] = []
  readonly #config: Config

  constructor(config: Config) {
    this.#config = config
  }

  /** Counts one; returns the end of scoring, the reference's way, once `$MAXDNSERR` have failed and `$CLIENTDNSERRMSG` is empty. */
  add(lookup: string, where: string): TooManyNameErrors | undefined {
    this.count += 1
    if (this.first.length <= MAX_FAILED_NAMES && !this.first.includes(lookup)) this.first.push(lookup)
    const isEnd = this.#config.CLIENTDNSERRMSG === '' && areTooManyFailures(this.count, this.#config)
    return isEnd ? { kind: 'too-many-name-errors', where } : undefined
  }
}

/** Whether so many lookups have failed that they may be what makes a mail look bad; with `$MAXDNSERR` = 0, one. */
export function areTooManyFailures(count: number, { MAXDNSERR }: Config): boolean {
  return count > 0 && count >= MAXDNSERR
}

/** `['MX a', 'A b', 'A c', 'A d']` → `'MX a, A b, A c and others'`. */
export function namesOf(failed: readonly string[]): string {
  const others = failed.length > MAX_FAILED_NAMES ? ' and others' : ''
  return `${failed.slice(0, MAX_FAILED_NAMES).join(', ')}${others}`
}
