/**
 * The name somebody may have meant.
 *
 *   'REJECTLEVL' + all names → 'REJECTLEVEL'
 *
 * Case does not count, and at most a third of the characters may be wrong, so that no far-fetched name is offered.
 * Bounded: the work is the product of two short lengths for each name. Total, no errors.
 */

const MAX_NAME_LENGTH = 64

/** The nearest of `names`, or undefined if none is near. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined
  const wanted = name.toLowerCase()
  let nearest: string | undefined
  let least = Math.floor(wanted.length / 3) + 1
  for (const candidate of names) {
    // So many letters at least would have to be put in or left out.
    if (Math.abs(candidate.length - wanted.length) >= least) continue
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < least) {
      nearest = candidate
      least = distance
    }
  }
  return nearest
}

/** Insertions, deletions and replacements of one character that turn `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
