/**
 * Places for questions about names that clients chose, for tests of what asks them.
 */
import type { Resources } from '../../src/evaluate.ts'

/** Places without end, for a client; whether the silence of names is suspected is the test's to say. */
export function unlimited(client: string, isSuspect = false): Resources['places'] {
  let count = 0
  return {
    client,
    get count() {
      return count
    },
    want: wanted => {
      count = wanted
      return count
    },
    silent: 0,
    isOwnSilence: false,
    areScarce: false,
    noteSilence: () => {},
    isSuspect: () => isSuspect,
    giveUp: () => {},
  }
}
