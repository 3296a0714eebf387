/**
 * Holds a text against a program in time that grows with both lengths, and with nothing else.
 *
 *   program without look-around and back references, text → whether it matches somewhere → match.ts
 *
 * All ways through the program are followed at once, each instruction at most once for each character: a pattern that
 * takes a backtracking matcher minutes takes this one its length times that of the text. Which way matched is not known,
 * and nobody asks.
 *
 * Failure: undefined when the steps are used up.
 * Source: Ken Thompson, "Regular Expression Search Algorithm", CACM 11 (1968).
 */
import { type CharacterSet, includes } from './character-set.ts'
import { holds } from './holds.ts'
import { ASSERT, ASSERTIONS, CLOSE, JUMP, MATCH, PROGRESS, type Program, RANGE, SAVE, SET, SPLIT } from './program.ts'
import type { Steps } from './steps.ts'
import type { Assertion } from './tree.ts'

/** Whether the program matches anywhere in the text; undefined: it takes too many steps to say. */
export function matchLinear(program: Program, text: string, steps: Steps): boolean | undefined {
  const { operations, a, b, sets } = program
  const size = operations.length
  /** For each instruction the place at which it was reached last, and 1. */
  const reached = new Int32Array(size)
  /** Instructions to look at here, the last one first: each adds two at most, and each that waits adds one. */
  const pending = new Int32Array(3 * size + 1)
  /** Instructions that wait for a character. */
  const waiting = new Int32Array(size)
  let pendingCount = 0
  let { left } = steps
  for (let at = 0; ; at++) {
    let waitingCount = 0
    // A match may begin anywhere.
    pending[pendingCount++] = 0
    while (pendingCount > 0) {
      const pc = pending[--pendingCount] as number
      if (reached[pc] === at + 1) continue
      reached[pc] = at + 1
      if (--left < 0) {
        steps.left = left
        return undefined
      }
      switch (operations[pc]) {
        case RANGE:
        case SET:
          waiting[waitingCount++] = pc
          break
        case SPLIT:
          pending[pendingCount++] = b[pc] as number
          pending[pendingCount++] = a[pc] as number
          break
        case JUMP:
          pending[pendingCount++] = a[pc] as number
          break
        case MATCH:
          steps.left = left
          return true
        case ASSERT:
          if (holds(ASSERTIONS[a[pc] as number] as Assertion, text, at)) pending[pendingCount++] = pc + 1
          break
        // Where groups and repetitions begin and end: no matter, nothing is reached twice.
        case SAVE:
        case CLOSE:
        case PROGRESS:
          pending[pendingCount++] = pc + 1
      }
    }
    if (at === text.length) {
      steps.left = left
      return false
    }
    const code = text.charCodeAt(at)
    left -= waitingCount
    for (let index = 0; index < waitingCount; index++) {
      const pc = waiting[index] as number
      const first = a[pc] as number
      const isIn =
        operations[pc] === RANGE
          ? code >= first && code <= (b[pc] as number)
          : includes(sets[first] as CharacterSet, code)
      if (isIn) pending[pendingCount++] = pc + 1
    }
  }
}
