/**
 * Characters that every match of a pattern has in a row: `^mail.*\.Example\.com$` → `.example.com`.
 *
 *   tree → required text → match.ts, which looks for it before it runs anything
 *
 * Most patterns name a domain, and most names are of another: looking for that takes V8 no time.
 *
 * Invariant: in lower case; what the pattern matches, made lower case, has it somewhere. Empty where there is none.
 * Total, no errors.
 */
import type { CharacterSet } from './character-set.ts'
import type { Node } from './tree.ts'

/** The longest one. */
export function requiredText(node: Node): string {
  const runs = ['']
  collect(node, runs)
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest))
}

/** Adds to the last run, and begins another one where there is a gap. */
function collect(node: Node, runs: string[]): void {
  switch (node.kind) {
    case 'set': {
      const character = characterOf(node.set)
      if (character === undefined) runs.push('')
      else runs[runs.length - 1] += character
      return
    }
    case 'sequence':
      for (const each of node.nodes) collect(each, runs)
      return
    case 'group':
      collect(node.node, runs)
      return
    case 'empty':
    case 'assertion':
      return
    default:
      runs.push('')
  }
}

/** The character of a set of one, or of both cases of a letter. */
function characterOf(set: CharacterSet): string | undefined {
  const [first, second] = set
  if (!first || first[0] !== first[1]) return undefined
  const lower = String.fromCharCode(first[0]).toLowerCase()
  if (!second) return first[0] < 0x80 ? lower : undefined
  const isOtherCase = second[0] === second[1] && second[0] === lower.charCodeAt(0) && set.length === 2
  return isOtherCase ? lower : undefined
}
