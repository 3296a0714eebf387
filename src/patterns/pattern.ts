/**
 * Regular expressions of the configuration, as plain data.
 *
 *   source and flags of a qr// → readPattern → Pattern → Config → patterns/match.ts, which compiles it at its first use
 *
 * A pattern that Perl could read is never refused. One with look-around or back references may take any time, so it is
 * tried for so many steps and then does not match; one that would run code, call itself or be too large matches nobody.
 * `check` names both.
 *
 * Invariants: nothing is evaluated; a pattern of engine `linear` or `bounded` can be parsed and compiled.
 * Failure: a value with the offset in the source and what was expected there: no regular expression to Perl either.
 * Sources: perlre(1); docs/behaviour/configuration.md#patterns-of-client-names.
 */
import { LARGEST_PROGRAM, sizeOf } from './program.ts'
import { type BadPattern, parsePattern } from './syntax.ts'

export type { BadPattern } from './syntax.ts'

/** A regular expression in Perl's notation. */
export interface Pattern {
  readonly source: string
  /** Of i, m, s, x and n. */
  readonly flags: string
  /** How it is matched: in linear time; within a bound on steps; not at all. */
  readonly engine: 'linear' | 'bounded' | 'none'
}

/** `('^mail\\d+\\.', 'i')` → engine linear; `('(?<!x)a', '')` → bounded; `('(a', '')` → `bad-pattern` at 0. */
export function readPattern(source: string, flags: string): Pattern | BadPattern {
  const parsed = parsePattern(source, flags)
  if (parsed.kind === 'bad-pattern') return parsed
  const isTried = parsed.kind === 'parsed' && sizeOf(parsed.node) <= LARGEST_PROGRAM
  const kept = [...new Set(flags)].filter(flag => 'imsxn'.includes(flag)).join('')
  const engine = isTried ? (parsed.isLinear ? 'linear' : 'bounded') : 'none'
  return { source, flags: flags.includes('xx') ? `${kept}x` : kept, engine }
}

/** Why a pattern of engine `none` is not matched. */
export function whyUnmatched({ source, flags }: Pattern): string {
  const parsed = parsePattern(source, flags)
  return parsed.kind === 'unsupported' ? `it has ${parsed.what}` : 'it is too large'
}

export function isBadPattern(pattern: Pattern | BadPattern): pattern is BadPattern {
  return 'kind' in pattern
}
