/**
 * References: what a refusal and the record of its decision have in common.
 *
 *   decide.ts, consult.ts: newReference → policy/reply.ts: `; ref 7QK2M0XN4B`; cache/ keeps it with what is remembered
 *
 * Ten characters of 32, 50 random bits: nobody can tell from his own what another one is, and of the few million that a journal
 * holds a million guesses find none (the chance is about one in a thousand). Letters and digits that are mistaken for each other on
 * the telephone are left out of the alphabet, and read for one another (readReference).
 *
 * Total. Source: docs/behaviour/scoring.md#references.
 */
import { RandomBytes } from '../system/random.ts'

/** Crockford's: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const REFERENCE_CHARACTERS = 10
/** Of four words, 64 at a time: a process that is started for one mail needs one, a worker of the daemon thousands a second. */
const random = new RandomBytes(512)

/** `'7QK2M0XN4B'`. */
export function newReference(): string {
  let text = ''
  // Three characters of a word.
  while (text.length < REFERENCE_CHARACTERS) {
    const word = random.next16()
    text += ALPHABET.charAt(word & 31) + ALPHABET.charAt((word >> 5) & 31) + ALPHABET.charAt((word >> 10) & 31)
  }
  return text.slice(0, REFERENCE_CHARACTERS)
}

/** What somebody types: `'7qk2-moxn4b'` → `'7QK2M0XN4B'`; undefined: it is none. */
export function readReference(text: string): string | undefined {
  const read = text.toUpperCase().replace(/[- ]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0')
  return new RegExp(`^[${ALPHABET}]{${REFERENCE_CHARACTERS}}$`).test(read) ? read : undefined
}
