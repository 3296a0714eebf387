/**
 * What a verdict needs of the table of lists, ready-made.
 *
 *   zones.ts → a line a zone, without what only people read → rules.ts
 *
 * The build evaluates this module and puts the value in its place: where mail is answered there is nothing else of the table.
 * A text that is searched, since an object of so many rows would have to be made at each start; in the words of `@zone_codes`,
 * so that there is one notation; but for `secret`, which is no matter of verdicts (secret-zones.ts).
 *
 * Invariant: values only, such as JSON knows.
 */
import { ZONES } from './zones.ts'

/** `'\nZONE WORDS'` for each zone of which a verdict needs anything, and a line feed. A dead list has no rules to keep. */
export const ZONE_RULES: string = `${ZONES.filter(({ state }) => state === 'alive')
  .map(({ zone, lists = [], refusals = [], misasked = [], strong = [], tests }) => {
    const refused = refusals.map(({ code }) => code).filter(code => /^\d/.test(code) && !isCommon(code))
    const words = [
      ...lists,
      ...refused.map(code => `refused=${code}`),
      ...misasked.map(code => `misasked=${code}`),
      ...strong.map(code => `strong=${code}`),
      ...(tests !== 'none' && tests?.listed !== undefined ? [`test=${tests.listed}`] : []),
    ]
    return words.length > 0 ? `\n${zone} ${words.join(' ')}` : ''
  })
  .join('')}\n`

/** What is a refusal of every list, by classify.ts. */
function isCommon(code: string): boolean {
  return code.startsWith('127.255.255.')
}
