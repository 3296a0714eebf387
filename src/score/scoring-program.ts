/**
 * All of scoring that a miss may need, as one program of the executable.
 *
 *   evaluate.ts: import(scoring-program.ts) → score, and the others where a parameter asks for them
 *   list-accounts.ts, behind the answer → classifyAnswer
 *
 * Loaded while the first answers are on their way. One program and not two: each would hold all the chapters.
 */

export { classifyAnswer } from '../lists/classify.ts'
export { needsInFull, openLists, settleEarly } from './early.ts'
export { deferIfPreventable } from './preventable.ts'
export { score } from './score.ts'
