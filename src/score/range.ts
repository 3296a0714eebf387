/**
 * Ranges of numbers, for bounds.ts: what a sum can be at least and at most.
 *
 * Every operation is done on the ends as scoring does it on numbers; sums of doubles keep the order of what goes in, so no
 * number that scoring can come to is outside, but for what doubles differ by when they are summed up in another order, and for
 * what is rounded: both are added.
 *
 * Total, no errors.
 */

/** More than doubles can differ by when they are summed up in another order. */
export const ROUNDING = 1e-9

export interface Range {
  readonly least: number
  readonly greatest: number
}

/** One number: `2.5` → `{ least: 2.5, greatest: 2.5 }`. */
export function exactly(value: number): Range {
  return { least: value, greatest: value }
}

export function sum(one: Range, other: Range): Range {
  return { least: one.least + other.least, greatest: one.greatest + other.greatest }
}

/** What is in either of them. */
export function either(one: Range, other: Range): Range {
  return { least: Math.min(one.least, other.least), greatest: Math.max(one.greatest, other.greatest) }
}

/** With a score or without. */
export function perhaps(range: Range, score: Range): Range {
  return either(range, sum(range, score))
}

/** What a function comes to that only rises or only falls. */
export function over(range: Range, monotonic: (value: number) => number): Range {
  const ends = [monotonic(range.least), monotonic(range.greatest)]
  return { least: Math.min(...ends), greatest: Math.max(...ends) }
}

export function squared({ least, greatest }: Range): Range {
  const ends = [least ** 2, greatest ** 2]
  const isZeroInside = least <= 0 && greatest >= 0
  return { least: isZeroInside ? 0 : Math.min(...ends), greatest: Math.max(...ends) }
}

/** What round3 changes at most. */
const ROUNDED = 0.0005 + ROUNDING

/** What round3 makes of it, or a little more: working that out takes longer than all the rest. */
export function rounded({ least, greatest }: Range): Range {
  return { least: least - ROUNDED, greatest: greatest + ROUNDED }
}

/** Of a range, what is not above a number; never less than its least. */
export function atMost({ least, greatest }: Range, most: number): Range {
  return { least, greatest: Math.max(least, Math.min(greatest, most)) }
}
