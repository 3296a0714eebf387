/**
 * As what a judgement counts in the statistics.
 *
 *   remember.ts: Judgement → counterOf → cache/counters.ts
 *
 * In a dry run as what it would have been. Total.
 */
import type { Counter } from './cache/format.ts'
import type { Judgement } from './score/verdict.ts'
import { isTemporary } from './text/message.ts'

/** `'passed'`, `'accepted'`, `'deferred'`, `'rejected'` or `'busy'`. */
export function counterOf({ why, isPass, accepted, remember, action }: Judgement): Counter {
  if (why === 'busy' && !accepted) return why
  if (isPass) return 'passed'
  if (accepted || remember.message?.kind === 'accepted') return 'accepted'
  return isTemporary(action) ? 'deferred' : 'rejected'
}
