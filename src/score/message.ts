/**
 * How a configured message becomes an action.
 *
 * Between the verdict and the reply: the operator's text in front, the reasons a stranger had a hand in behind.
 * A message that begins with `rc:`, in lower case, names a restriction class and is answered as that name alone (the
 * reference answers `RC:` as it stands, and so do we); only the configured text can say so, a HELO of `rc:ok` changes
 * nothing.
 *
 * Total, no errors.
 * Source: specification, chapters "Scoring" 12 and "Configuration" (faulty file).
 */
import type { Config } from '../config/parameters.ts'

/** What an accepted mail is answered with in front of its text; a blank follows it. */
export function acceptWord(config: Config): string {
  const word = config.ADD_X_HEADER ? 'PREPEND X-policyd-weight:' : 'DUNNO '
  return config.faulty ? `${word} using builtin defaults due to config-error` : word
}

/** `('550 Spam', '; in list.example')` → `'550 Spam; in list.example'`; `('rc: strict, see docs', …)` → `'strict'`. */
export function extendMessage(message: string, text: string): string {
  const restrictionClass = /^\s*rc:\s*([^,;.\s]*)/.exec(message)
  return restrictionClass ? (restrictionClass[1] as string) : message + text
}

/** Whether a rejection with this message is not for good: the verdict is not cached. `'450 later'`, `'DEFER_IF_PERMIT …'`, `'rc: greylist'`. */
export function isTemporary(message: string): boolean {
  return /^(?:4|DEFER|\s*rc:)/i.test(message)
}

/** The deferred form of a rejection: `('550 5.7.1 Spam', '450')` → `'450 5.7.1 Spam'`. */
export function deferMessage(message: string, deferAction: string): string {
  const blank = message.indexOf(' ')
  return deferAction + (blank < 0 ? '' : message.slice(blank))
}
