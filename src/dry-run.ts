/**
 * `$DRY_RUN`: what would have been answered, said in a header of a mail that passes.
 *
 *   decide.ts: action → wouldAction → the same, or `PREPEND X-policyd-weight: would …`
 *
 * Loaded where the parameter is on, or an exception says so. Nothing but acceptance may happen in a dry run, so whatever could keep
 * a mail out, hold it or send it elsewhere gives way: codes, REJECT, DEFER and DISCARD, but HOLD, FILTER, REDIRECT, BCC and a
 * restriction class as well, which may refuse, and a word that Postfix does not know, for which it defers.
 *
 * Pure, total. Source: docs/behaviour/scoring.md#a-dry-run.
 */

import type { Config } from './config/parameters/parameters.ts'

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

/** The decision of an action in a dry run, by what makes one of an action. `by`: what answered it, `AnsweredBy`. */
export function decideDry<D extends object>(
  action: string,
  by: string | undefined,
  { ADD_X_HEADER }: Pick<Config, 'ADD_X_HEADER'>,
  decisionOf: (action: string) => D,
): D & { readonly would?: string } {
  // One header is enough, however many recipients.
  const given = wouldAction(action, ADD_X_HEADER && by !== 'message')
  return given === action ? decisionOf(given) : { ...decisionOf(given), would: action }
}
