/**
 * What becomes of a mail, of all that a judgement says.
 *
 *   Judgement → fateOf → Fate: bounds.ts, early.ts, and score.ts, which compare them
 *
 * Pure, total.
 */
import type { Config } from '../config/parameters/parameters.ts'
import type { Judgement } from './verdict.ts'

/** What becomes of a mail: `rejected` with `$REJECTMSG` or `$MAXDNSBLMSG` as they are, `deferred` with any other message. */
export type Fate = 'accepted' | 'rejected' | 'deferred'

export function fateOf({ why, remember: { message }, isPass, accepted }: Judgement, { REJECTMSG }: Config): Fate {
  if (isPass || accepted || message?.kind === 'accepted') return 'accepted'
  return why === 'listings' || message?.message === REJECTMSG ? 'rejected' : 'deferred'
}
