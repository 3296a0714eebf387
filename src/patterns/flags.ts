/**
 * Flags of a pattern, or of a group in it.
 *
 * Total, no errors. Source: perlre(1), "Modifiers".
 */

/** Flags that hold at a place; those of a group end with it. */
export interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  /** x: 1, xx: 2. */
  readonly x: number
  readonly n: boolean
}

export const NO_FLAGS: Flags = { i: false, m: false, s: false, x: 0, n: false }
/** Flags that change nothing for texts of bytes that are matched as a whole. */
const WITHOUT_EFFECT = 'adlupo'
/** A letter that is none. */
export const NO_FLAG = /[^imsxnadlupo]/

/** The flags with these letters switched on, or off. */
export function withFlags(flags: Flags, letters: string, value: boolean): Flags {
  let changed = flags
  for (const letter of letters) {
    if (letter === 'x') changed = { ...changed, x: value ? letters.split('x').length - 1 : 0 }
    else if (!WITHOUT_EFFECT.includes(letter)) changed = { ...changed, [letter]: value }
  }
  return changed
}
