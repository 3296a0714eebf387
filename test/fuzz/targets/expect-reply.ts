/**
 * What every answer to Postfix has to be, whatever led to it.
 *
 * Sources: SMTPD_POLICY_README; access(5); docs/behaviour/postfix.md#what-postfix-makes-of-an-answer,
 * docs/behaviour/deviations.md#d6.
 */
import { expect } from '../target.ts'

const MAX_ACTION_CHARACTERS = 500
const MAX_PREPEND_CHARACTERS = 900

/** Throws a Violation unless Postfix takes this for one answer, and for none that accepts without a word. */
export function expectReply(reply: string): void {
  const [, action = ''] = /^action=([\x20-\x7e]+)\n\n$/.exec(reply) ?? []
  expect(action !== '', 'an answer is one line of printable ASCII and an empty one', () => JSON.stringify(reply))
  expect(!/^ *\d* *$/.test(action), 'an answer is never empty or digits alone', () => JSON.stringify(reply))
  const most = action.startsWith('PREPEND') ? MAX_PREPEND_CHARACTERS : MAX_ACTION_CHARACTERS
  expect(action.length <= most, 'an answer is bounded', () => `${action.length} characters`)
}
