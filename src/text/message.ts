/**
 * How a configured message becomes an action.
 *
 * Between the verdict and the reply: the operator's text in front, the reasons a stranger had a hand in behind.
 * A message that begins with `rc:`, in lower case, names a restriction class and is answered as that name alone (the
 * reference answers `RC:` as it stands, and so do we); only the configured text can say so, a HELO of `rc:ok` changes
 * nothing.
 *
 * Total, no errors.
 * Sources: docs/behaviour/scoring.md#temporary-messages, docs/behaviour/scoring.md#restriction-classes,
 * docs/behaviour/scoring.md#a-faulty-configuration.
 */
import { withBlanks } from './mask.ts'

/** What of a configuration says how mail is accepted. */
interface Accepting {
  readonly ADD_X_HEADER: boolean
  readonly faulty: boolean
  readonly configError: string
}

/** What an accepted mail is answered with in front of its text; a blank follows it. */
export function acceptWord(config: Accepting): string {
  const word = config.ADD_X_HEADER ? 'PREPEND X-policyd-weight:' : 'DUNNO '
  if (config.faulty) return `${word} using builtin defaults due to config-error`
  return config.configError === '' ? word : `${word} ${config.configError}`
}

/** `('550 Spam', '; in list.example')` → `'550 Spam; in list.example'`; `('rc: strict, see docs', …)` → `'strict'`. */
export function extendMessage(message: string, text: string): string {
  const restrictionClass = /^\s*rc:\s*([^,;.\s]*)/.exec(message)
  return restrictionClass ? (restrictionClass[1] as string) : withBlanks(message) + text
}

/** Whether there may be something to fill in (refusal-text.ts). */
export function mayHavePlaces(message: string, { EXPAND_TEXTS }: { readonly EXPAND_TEXTS: boolean }): boolean {
  return EXPAND_TEXTS && message.includes('%{')
}

/**
 * Whether a rejection with this message is not for good, so that the verdict is not cached: `'450 later'`, `' 450 later'`,
 * `'DEFER_IF_PERMIT …'`, `'rc: greylist'`.
 */
export function isTemporary(message: string): boolean {
  // What nearly every message begins with needs no regular expression, whose first use takes its time.
  return !message.startsWith('5') && /^\s*(?:4|DEFER|rc:)/i.test(message)
}

/**
 * The deferred form of a rejection: `('550 5.7.1 Spam', '450')` → `'450 5.7.1 Spam'`. A message without a blank has none
 * and stays as it is, as with the reference: `REJECT`, `rc:greylist`. (Only 0x20 is a blank here.)
 */
export function deferMessage(message: string, deferAction: string): string {
  const blank = message.indexOf(' ')
  return blank < 0 ? message : deferAction + message.slice(blank)
}
