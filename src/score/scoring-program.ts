/**
 * Scoring, as one program of the executable.
 *
 *   evaluate.ts: import(scoring-program.ts) → score, and the others where a parameter asks for them
 *   list-accounts.ts, behind the answer → classifyAnswer
 *   deciding.ts and cli/why/replay.ts, in the command line, which has no copy of it
 *
 * Loaded while the first answers are on their way. One program and not two: each would hold all the chapters.
 */

export { classifyAnswer } from '../lists/classify.ts'
export { boundsOf } from './bounds.ts'
export { needsInFull, openLists, settleEarly } from './early.ts'
export { ListQuestions } from './list-questions.ts'
export { deferIfPreventable } from './preventable.ts'
export { score } from './score.ts'
export { beginScoring, readListAnswer } from './scoring.ts'
