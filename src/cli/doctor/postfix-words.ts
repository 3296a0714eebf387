/**
 * How Postfix cuts a value into words: at blanks and, in main.cf, commas; `{ … }` holds together what is inside.
 *
 *   'a, b { c, d }' → ['a', 'b', '{ c, d }']
 *
 * Braces that do not end hold together all that follows. Pure, total, linear.
 * Sources: postconf(5) "check_policy_service { … }", master(5) "{ command line argument }".
 */

/** Words of a value of main.cf: blanks and commas separate. */
export function splitWords(text: string): string[] {
  return split(text, /[\s,]/)
}

/** Words of a command of master.cf: only blanks separate; the braces around an argument are no part of it. */
export function splitArguments(text: string): string[] {
  return split(text, /\s/).map(word => inBraces(word) ?? word)
}

/** What stands between the braces of `{ … }`, without the blanks at its ends; undefined: it is no such word. */
export function inBraces(word: string): string | undefined {
  return word.startsWith('{') && word.endsWith('}') ? word.slice(1, -1).trim() : undefined
}

function split(text: string, separator: RegExp): string[] {
  const words: string[] = []
  let word = ''
  let depth = 0
  for (const character of text) {
    if (depth === 0 && separator.test(character)) {
      if (word !== '') words.push(word)
      word = ''
      continue
    }
    if (character === '{') depth++
    if (character === '}' && depth > 0) depth--
    word += character
  }
  if (word !== '') words.push(word)
  return words
}
