/**
 * The words on a zone, `'domain refused=127.0.0.1 secret'`: what they say. What each means: zone.ts.
 *
 * Pure, total.
 */
import type { Listed } from './zone.ts'

/** `('ipv4 secret', 'secret')` → true. */
export function says(words: string, word: string): boolean {
  return ` ${words} `.includes(` ${word} `)
}

/** Whether a list with these words has entries for this, or may have, for all that is known. */
export function mayList(words: string, what: Listed): boolean {
  return says(words, what) || !(says(words, 'ipv4') || says(words, 'ipv6') || says(words, 'domain'))
}

/** `('domain refused=127.0.0.1', 'refused')` → `['127.0.0.1']`. */
export function codesOf(words: string, key: 'refused' | 'misasked' | 'strong' | 'test'): string[] {
  return words.split(' ').flatMap(word => (word.startsWith(`${key}=`) ? [word.slice(key.length + 1)] : []))
}
