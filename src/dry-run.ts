/**
 * `$DRY_RUN`: what would have been answered, said in a header of a mail that passes.
 *
 *   decide.ts: action → wouldAction → the same, or `PREPEND X-policyd-weight: would …`
 *
 * Loaded for an action that is neither DUNNO nor PREPEND. Nothing but acceptance may happen in a dry run, so whatever could keep
 * a mail out, hold it or send it elsewhere gives way: codes, REJECT, DEFER and DISCARD, but HOLD, FILTER, REDIRECT, BCC and a
 * restriction class as well, which may refuse, and a word that Postfix does not know, for which it defers.
 *
 * Pure, total. Source: docs/behaviour/scoring.md#a-dry-run.
 */

/** What lets a mail pass, or leaves it to whatever comes next. */
const PASSES = /^\s*(?:DUNNO|PREPEND|OK|INFO|WARN)(?:\s|$)/i

/**
 * `'550 Spam'` → `'PREPEND X-policyd-weight: would 550 Spam'`; without a header, for it has one or is to have none,
 * `'DUNNO would 550 Spam'`. What lets the mail pass stays as it is. `action`: masked and cut to its bound.
 */
export function wouldAction(action: string, withHeader = true): string {
  if (PASSES.test(action)) return action
  return `${withHeader ? 'PREPEND X-policyd-weight:' : 'DUNNO'} would ${action}`
}
