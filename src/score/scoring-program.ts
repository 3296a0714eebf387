/**
 * Scoring, as one program of the executable.
 *
 *   evaluate.ts: import(scoring-program.ts) → score, and the others where a parameter asks for them
 *   list-accounts.ts, behind the answer → classifyAnswer
 *   cli/why/replay.ts → findDeciding, which no mail needs; elsewhere it would have all the chapters beside it once more
 *
 * Loaded while the first answers are on their way. One program and not two: each would hold all the chapters.
 */

export { classifyAnswer } from '../lists/classify.ts'
export { findDeciding } from './deciding.ts'
export { needsInFull, openLists, settleEarly } from './early.ts'
export { deferIfPreventable } from './preventable.ts'
export { score } from './score.ts'
