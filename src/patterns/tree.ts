/**
 * A regular expression as a tree: what syntax.ts makes of Perl's notation, and program.ts compiles.
 *
 * Plain data.
 */
import type { CharacterSet } from './character-set.ts'

/** A condition on the place between two characters. */
export type Assertion =
  /** `\A`, `^`. */
  | 'start'
  /** `\z`. */
  | 'end'
  /** `\Z`, `$`: the end, or in front of a line end that is the last character. */
  | 'last-line-end'
  /** `^` and `$` with flag m. */
  | 'line-start'
  | 'line-end'
  /** `\b`, `\B`. */
  | 'boundary'
  | 'no-boundary'

export type Node =
  | { readonly kind: 'empty' }
  /** `(*FAIL)`. */
  | { readonly kind: 'never' }
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'choice'; readonly nodes: readonly Node[] }
  /** `most`: Infinity where there is no bound. */
  | {
      readonly kind: 'repeat'
      readonly node: Node
      readonly least: number
      readonly most: number
      readonly isGreedy: boolean
    }
  | { readonly kind: 'group'; readonly index: number; readonly node: Node }
  /** `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)`. */
  | { readonly kind: 'look'; readonly isAhead: boolean; readonly isNegative: boolean; readonly node: Node }
  /** `(?>…)`, `a++`. */
  | { readonly kind: 'atomic'; readonly node: Node }
  /** `\1`; by name the first of several groups that has matched. */
  | { readonly kind: 'back'; readonly groups: readonly number[]; readonly ignoresCase: boolean }

/** Characters a node takes: the fewest and the most. */
export function widthOf(node: Node): readonly [least: number, most: number] {
  switch (node.kind) {
    case 'set':
      return [1, 1]
    case 'sequence': {
      const widths = node.nodes.map(widthOf)
      return [sum(widths.map(([least]) => least)), sum(widths.map(([, most]) => most))]
    }
    case 'choice': {
      const widths = node.nodes.map(widthOf)
      return [Math.min(...widths.map(([least]) => least)), Math.max(...widths.map(([, most]) => most))]
    }
    case 'repeat': {
      const [least, most] = widthOf(node.node)
      return [least * node.least, most === 0 ? 0 : most * node.most]
    }
    case 'group':
    case 'atomic':
      return widthOf(node.node)
    case 'back':
      return [0, Number.POSITIVE_INFINITY]
    default:
      return [0, 0]
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
