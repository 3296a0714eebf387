/**
 * Whether an assertion holds at a place of a text.
 *
 * Pure, total. Source: perlre(1), "Assertions".
 */
import { includes, WORD } from './character-set.ts'
import type { Assertion } from './tree.ts'

/** `('boundary', 'a b', 1)` → true. `at`: the character behind the place. */
export function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case 'start':
      return at === 0
    case 'end':
      return at === text.length
    case 'last-line-end':
      return at === text.length || (at === text.length - 1 && text.charAt(at) === '\n')
    case 'line-start':
      // Not behind a line end that is the last character.
      return at === 0 || (at < text.length && text.charAt(at - 1) === '\n')
    case 'line-end':
      return at === text.length || text.charAt(at) === '\n'
    case 'boundary':
      return isWord(text, at - 1) !== isWord(text, at)
    case 'no-boundary':
      return isWord(text, at - 1) === isWord(text, at)
  }
}

function isWord(text: string, at: number): boolean {
  return at >= 0 && at < text.length && includes(WORD, text.charCodeAt(at))
}
