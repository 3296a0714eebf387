/**
 * Sets of characters, as a pattern has them: `a`, `.`, `\d`, `[^a-z_]`.
 *
 *   syntax.ts → sets → the matchers, which ask for one character at a time
 *
 * Characters are UTF-16 units; what a pattern is held against are names, of ASCII nearly always. Classes such as `\w` and
 * the case of letters are those of ASCII, as Perl has them for bytes.
 *
 * Invariant: ranges are sorted, do not touch each other, and are plain data.
 * Total, no errors. Source: perlrecharclass(1).
 */

/** First and last of a range, both included. */
export type CharacterRange = readonly [first: number, last: number]

/** A set of characters. */
export type CharacterSet = readonly CharacterRange[]

const LAST = 0xffff

export const DIGITS: CharacterSet = [[0x30, 0x39]]
export const WORD: CharacterSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
export const SPACE: CharacterSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
]
export const HORIZONTAL: CharacterSet = [
  [0x09, 0x09],
  [0x20, 0x20],
]
export const VERTICAL: CharacterSet = [[0x0a, 0x0d]]
export const NEWLINE: CharacterSet = [[0x0a, 0x0a]]
export const ALL: CharacterSet = [[0, LAST]]

const LOWER: CharacterSet = [[0x61, 0x7a]]
const UPPER: CharacterSet = [[0x41, 0x5a]]
const ALPHA = union(LOWER, UPPER)
const PUNCTUATION: CharacterSet = [
  [0x21, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0x7e],
]

/** `[:alpha:]` and the like. */
export const POSIX_CLASSES: ReadonlyMap<string, CharacterSet> = new Map([
  ['alpha', ALPHA],
  ['digit', DIGITS],
  ['alnum', union(ALPHA, DIGITS)],
  ['upper', UPPER],
  ['lower', LOWER],
  ['space', SPACE],
  ['blank', HORIZONTAL],
  ['punct', PUNCTUATION],
  [
    'xdigit',
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
  ['word', WORD],
  [
    'cntrl',
    [
      [0, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ['print', [[0x20, 0x7e]]],
  ['graph', [[0x21, 0x7e]]],
  ['ascii', [[0, 0x7f]]],
])

/** `\p{L}` and the like, as far as ASCII knows them. */
export const PROPERTIES: ReadonlyMap<string, CharacterSet> = new Map([
  ['l', ALPHA],
  ['letter', ALPHA],
  ['alphabetic', ALPHA],
  ['ll', LOWER],
  ['lowercaseletter', LOWER],
  ['lu', UPPER],
  ['uppercaseletter', UPPER],
  ['n', DIGITS],
  ['nd', DIGITS],
  ['p', without(PUNCTUATION, '$+<=>^`|~')],
  ['punctuation', without(PUNCTUATION, '$+<=>^`|~')],
  ['any', ALL],
  ...POSIX_CLASSES,
])

/** All that is in one of them. */
export function union(...sets: readonly CharacterSet[]): CharacterSet {
  const ranges: [number, number][] = []
  for (const [first, last] of sets.flat().toSorted(([a], [b]) => a - b)) {
    const before = ranges.at(-1)
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else ranges.push([first, last])
  }
  return ranges
}

/** All others. */
export function negate(set: CharacterSet): CharacterSet {
  const ranges: CharacterRange[] = []
  let from = 0
  for (const [first, last] of set) {
    if (first > from) ranges.push([from, first - 1])
    from = last + 1
  }
  if (from <= LAST) ranges.push([from, LAST])
  return ranges
}

/** With the other case of each letter. */
export function withBothCases(set: CharacterSet): CharacterSet {
  const others: CharacterRange[] = []
  for (const [first, last] of set) {
    for (const [letters, offset] of [
      [LOWER, -32],
      [UPPER, 32],
    ] as const) {
      const [a, z] = letters[0] as CharacterRange
      const [from, to] = [Math.max(first, a), Math.min(last, z)]
      if (from <= to) others.push([from + offset, to + offset])
    }
  }
  return union(set, others)
}

export function includes(set: CharacterSet, code: number): boolean {
  // By index: the matchers' innermost loop, in processes that do not live long enough for it to be compiled.
  for (let index = 0; index < set.length; index++) {
    const range = set[index] as CharacterRange
    if (code <= range[1]) return code >= range[0]
  }
  return false
}

function without(set: CharacterSet, characters: string): CharacterSet {
  const left = negate(union(...[...characters].map((each): CharacterSet => [[each.charCodeAt(0), each.charCodeAt(0)]])))
  return set.flatMap(([first, last]) =>
    left
      .map(([from, to]): CharacterRange => [Math.max(first, from), Math.min(last, to)])
      .filter(([from, to]) => from <= to),
  )
}
