/**
 * Whether one of the configured patterns matches a client's name.
 *
 *   evaluate.ts: patterns, name → findMatch → its number → score/first-wave.ts and score/score.ts
 *
 * Loaded where patterns are configured, and only by a request that comes to be scored. Patterns are compiled at their first
 * use. However patterns and names are made, a request pays MAX_STEPS: what is not settled by then does not match, and
 * a note says so once. (Rejected: V8's own engine. Its linear mode knows neither flag i nor look-around, and its
 * backtracking one has run for minutes on thirty characters. re2js: 150 KB, 25 ms until its first answer.)
 *
 * Failure: none; patterns come here that could be read.
 */
import type { Pattern } from './pattern.ts'
import { matchBacktracking } from './backtracking.ts'
import { matchLinear } from './linear.ts'
import { compile, type Program } from './program.ts'
import { requiredText } from './required-text.ts'
import { Steps } from './steps.ts'
import { parsePattern } from './syntax.ts'

/** Steps of a request, all patterns together. */
export const MAX_STEPS = 40_000
/** Steps of a pattern with look-around or back references. */
const MAX_BOUNDED_STEPS = 10_000

export interface FoundMatch {
  /** The number of the first pattern that matches, counted from 1. */
  readonly which: number | undefined
  /** For the log: patterns whose steps were used up, each told once. */
  readonly notes: readonly string[]
}

/** A pattern ready to be matched. */
interface Compiled {
  readonly program: Program
  readonly required: string
}

const compiled = new WeakMap<Pattern, Compiled>()
const told = new WeakSet<Pattern>()

const NOBODY: FoundMatch = { which: undefined, notes: [] }

/** The first of the patterns that matches the name. Those that take linear time come first, for they are to have it. */
export function findMatch(patterns: readonly Pattern[], name: string): FoundMatch {
  // A client without a name is matched by nothing, not by `^$` either.
  if (name === '') return NOBODY
  const notes: string[] = []
  let left = MAX_STEPS
  let which: number | undefined
  for (const engine of ['linear', 'bounded'] as const) {
    for (const [index, pattern] of patterns.entries()) {
      if (which !== undefined && index + 1 >= which) break
      if (pattern.engine !== engine) continue
      const steps = new Steps(engine === 'linear' ? left : Math.min(left, MAX_BOUNDED_STEPS))
      left -= steps.left
      const isMatch = matches(pattern, name, steps)
      left += Math.max(0, steps.left)
      if (isMatch) {
        which = index + 1
        break
      }
      if (isMatch === undefined && !told.has(pattern)) {
        told.add(pattern)
        notes.push(
          `@dnsbl_checks_only_regexps: pattern ${index + 1} takes too many steps for a client's name, so it does not match`,
        )
      }
    }
  }
  return { which, notes }
}

/** Whether one pattern matches; undefined: the steps do not suffice to say. */
export function matches(pattern: Pattern, text: string, steps: Steps): boolean | undefined {
  if (pattern.engine === 'none') return false
  const ready = compiled.get(pattern) ?? compilePattern(pattern)
  if (!ready || !text.toLowerCase().includes(ready.required)) return false
  return pattern.engine === 'linear'
    ? matchLinear(ready.program, text, steps)
    : matchBacktracking(ready.program, text, steps)
}

function compilePattern(pattern: Pattern): Compiled | undefined {
  const parsed = parsePattern(pattern.source, pattern.flags)
  if (parsed.kind !== 'parsed') return undefined
  const ready = { program: compile(parsed.node, parsed.groups), required: requiredText(parsed.node) }
  compiled.set(pattern, ready)
  return ready
}
