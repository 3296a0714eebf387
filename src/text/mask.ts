/**
 * Texts of strangers and of the operator in the form in which they may leave: in an answer, a log line, on a terminal.
 *
 * Pure, total.
 */

// Looking for one takes less time than replacing none.
const UNPRINTABLE = /[^\x20-\x7e]/
const ALL_UNPRINTABLE = /[^\x20-\x7e]/g

/** Every byte outside printable ASCII as `?`: control characters cannot end a line, 8-bit text cannot be malformed UTF-8. Total. */
export function maskText(text: string): string {
  return UNPRINTABLE.test(text) ? text.replace(ALL_UNPRINTABLE, '?') : text
}

/** JSON in ASCII, without what a terminal acts upon: `'"ä"'` → `'"\u00e4"'`. Total. */
export function asciiJson(json: string): string {
  return json.replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A text of the configuration with a blank for each tab and line end: `'550\tSpam'` → `'550 Spam'`. Total. */
export function withBlanks(configured: string): string {
  // Hardly any has one, and looking for it costs less than the first use of a regular expression.
  return WHITE_SPACE.some(character => configured.includes(character))
    ? configured.replace(/[\t-\r]/g, ' ')
    : configured
}

const WHITE_SPACE = ['\t', '\n', '\v', '\f', '\r'] as const
