/**
 * The server's side of the Postfix policy protocol: an action → the bytes of descriptor 1.
 *
 * Last in the way of a request. What goes in may hold text a stranger wrote; what comes out is printable ASCII,
 * bounded, one `action=` line and the empty line that ends it, `\n` only (Postfix never recognises a CRLF end).
 *
 * White space that the operator wrote is a blank (`withBlanks`; where a text of his is joined with a stranger's, it is for
 * whoever joins them); a stranger's is masked.
 *
 * Guarantee: never an answer that Postfix takes for something else. An empty action or a bare return code would
 * accept the mail without a word (measured), so neither can leave: an empty one becomes `$DEFAULT_RESPONSE`, a
 * bare code gets a text; what is cut off never leaves one of them behind.
 *
 * A refusal may end in a reference, which is never cut off: what stands in front of it is.
 *
 * Sources: docs/behaviour/scoring.md#the-form-of-an-answer, docs/behaviour/scoring.md#references, docs/behaviour/postfix.md#answers-that-postfix-takes-for-accept.
 */
import { maskText, withBlanks } from '../text/mask.ts'
import { REFERENCE_CHARACTERS } from './reference.ts'

/** Characters an action may have; one that puts a header in front of the mail may be longer. */
const MAX_ACTION_CHARACTERS = 500
const MAX_PREPEND_CHARACTERS = 900
/** What stands behind a bare code, which leaves room for it. */
const CODE_TEXT = ' Rejected by policy'
const REFERENCE_WORDS = '; ref '
/** What is told to whom it is refused: the others are no text, an operator's own business, or never seen by the sender. */
const REFUSAL = /^\s*(?:[45]\d\d|REJECT|DEFER(?:_IF_PERMIT|_IF_REJECT)?)(?!\S)/i
const MAX_CODE_CHARACTERS = MAX_ACTION_CHARACTERS - CODE_TEXT.length

/** The bytes of an answer: `'DUNNO'` → `'action=DUNNO\n\n'`. Total. */
export function renderReply(action: string): string {
  return `action=${action}\n\n`
}

/**
 * An action in the form in which it is answered and logged: masked, never empty, cut to its bound.
 * `('550 no\x07', 'DUNNO default')` → `'550 no?'`. Total.
 */
export function finishAction(action: string, defaultResponse: string): string {
  let finished = cut(maskText(action))
  if (finished.trim() === '') finished = cut(maskText(withBlanks(defaultResponse)))
  // A word in front is no bare code; nearly every action has one.
  if (finished < ':' && /^\s*\d+\s*$/.test(finished))
    finished = finished.trim().slice(0, MAX_CODE_CHARACTERS) + CODE_TEXT
  return finished
}

/** Whether it is an action that refuses or defers, with a text for the sender. */
export function isRefusal(action: string): boolean {
  return REFUSAL.test(action)
}

/** A finished refusal with the reference at its end: `('550 no', '7QK2M0XN4B')` → `'550 no; ref 7QK2M0XN4B'`. Total. */
export function withReference(refusal: string, reference: string): string {
  const room = MAX_ACTION_CHARACTERS - REFERENCE_WORDS.length - REFERENCE_CHARACTERS
  return `${refusal.slice(0, room).trimEnd()}${/\S\s+\S/.test(refusal) ? REFERENCE_WORDS : ' ref '}${reference}`
}

/** To its bound; of a text that has more, blanks in front go first, so that not they alone are left. */
function cut(action: string): string {
  const bound = action.startsWith('PREPEND') ? MAX_PREPEND_CHARACTERS : MAX_ACTION_CHARACTERS
  return action.length <= bound ? action : action.trimStart().slice(0, bound)
}
