/**
 * What a configured answer may be.
 *
 * Postfix takes an empty action, and one of digits alone, for "accept", without a word in its log: a slip in the
 * configuration would let all spam in. Those are faults, unless a text is always put behind the message. An answer that begins with a word Postfix does not know
 * makes it defer all mail; that word may be the name of a restriction class, so it is only a warning.
 *
 * Total, no errors. Sources: access(5); docs/behaviour/configuration.md#messages,
 * docs/behaviour/scoring.md#restriction-classes.
 */

const ACTIONS = [
  ...['ok', 'reject', 'defer', 'defer_if_reject', 'defer_if_permit', 'bcc', 'discard', 'dunno', 'filter', 'hold'],
  ...['info', 'prepend', 'redirect', 'warn'],
]

/**
 * What a message should have been, or undefined if it can be answered: `'550'` → `'a text behind the code …'`. `extended`:
 * how the text stands that is always put behind it. With a blank, a code alone will do; glued to a code 4xx it puts mail off
 * just the same, since Postfix does not know the word `450;`.
 */
export function messageFault(message: string, extended?: 'blank' | 'glued'): string | undefined {
  const restrictionClass = restrictionClassOf(message)
  if (restrictionClass !== undefined) {
    return /^\d*$/.test(restrictionClass)
      ? 'the name of a restriction class behind rc:; without one Postfix would accept the mail'
      : undefined
  }
  if (message.trim() === '') return 'an action and a text; Postfix accepts the mail when the answer is empty'
  if (/^\s*\d+\s*$/.test(message)) {
    if (extended === 'blank' && /^[45]\d\d ?$/.test(message)) return undefined
    if (extended === 'glued' && /^4\d\d ?$/.test(message)) return undefined
    return 'a text behind the code, such as "550 Rejected"; Postfix accepts the mail when the answer is digits alone'
  }
  return undefined
}

/** What is odd about a message that can be answered. */
export function messageOddity(message: string): string | undefined {
  if (restrictionClassOf(message) === undefined) {
    const word = message.trim().split(/\s/, 1)[0] ?? ''
    if (!/^[45]\d\d$/.test(word) && !ACTIONS.includes(word.toLowerCase())) {
      return 'does not begin with a code 4xx or 5xx, an action of access(5) or rc:; Postfix defers all mail that is answered with a word it does not know'
    }
  }
  if (/^\d+ ?$/.test(message)) return 'is a code alone; mail is answered with what is put behind it'
  if (/[\n-\r]/.test(message)) return 'has more than one line; it is answered as one, with a blank for each line end'
  return /[^\t\x20-\x7e]/.test(message)
    ? 'has characters outside printable ASCII; each byte of them is answered as ?'
    : undefined
}

/** What is odd about the word that takes the place of a message's first one when mail is put off. */
export function deferralOddity(word: string): string | undefined {
  if (/^4\d\d(?: 4\.\d{1,3}\.\d{1,3})?$/.test(word) || /^defer(?:_if_permit|_if_reject)?$/i.test(word)) return undefined
  return 'is no code 4xx, DEFER, DEFER_IF_PERMIT or DEFER_IF_REJECT, so it does not put mail off'
}

function restrictionClassOf(message: string): string | undefined {
  return /^\s*rc:\s*([^,;.\s]*)/.exec(message)?.[1]
}
