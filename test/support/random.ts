/**
 * Random numbers that are the same at every run, so that a failure can be seen again.
 */

/** A generator of whole numbers in `[0, below)`: `randomFrom(1)(6)` → 0 to 5. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}
