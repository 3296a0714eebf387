/**
 * All of scoring that a miss may need, as one program of the executable.
 *
 *   evaluate.ts: import(scoring-program.ts) → score, and the others where a parameter asks for them
 *
 * Loaded while the first answers are on their way. One program and not two: each would hold all the chapters.
 */

export { needsInFull, openLists, settleEarly } from './early.ts'
export { deferIfPreventable } from './preventable.ts'
export { score } from './score.ts'
