/**
 * `$DEFER_ON_DNSERR`: a refusal that an answer to a failed lookup could have prevented is for later.
 *
 *   evaluate.ts, over scoring-program.ts: rejection, answers → deferIfPreventable → the rejection, or a deferral
 *
 * Loaded where the parameter asks for it, a mail is rejected and a lookup has failed. A lookup that failed is taken for one
 * that would have been answered, with whatever: bounds.ts says whether that could have the mail accepted.
 *
 * Failure: none. Nothing of a deferral is remembered: when the mail comes again, it is scored anew.
 * Source: docs/behaviour/scoring.md#a-rejection-that-a-failed-lookup-could-have-prevented.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { boundsOf } from './bounds.ts'
import { extendMessage } from '../text/message.ts'
import type { Facts, ScorableRequest } from './scoring.ts'
import type { Answers } from '../dns/outcome.ts'
import { namesOf } from './failed-names.ts'
import type { Judgement } from './verdict.ts'

/** What a judgement rests on. */
export interface Judged {
  readonly request: ScorableRequest
  readonly answers: Answers
  readonly known: Facts
}

/** `failed`: the lookups that have failed, for people: `MX example.org`; at least one. */
export function deferIfPreventable(
  rejection: Judgement,
  { request, answers, known }: Judged,
  failed: readonly string[],
  config: Config,
): Judgement {
  if (!boundsOf(request, withoutFailed(answers), config, known, false).fates.has('accepted')) return rejection
  const note = `lookups failed that might have prevented a rejection, so a mail is deferred: ${namesOf(failed)}`
  const action = extendMessage(config.CLIENTDNSERRMSG, '')
  return {
    ...rejection,
    why: 'preventable',
    action,
    appended: undefined,
    remember: {},
    notes: [...rejection.notes, note],
  }
}

/** Answers, of which those that have failed are not known. */
export function withoutFailed(answers: Answers): Answers {
  return {
    get(question) {
      const outcome = answers.get(question)
      return outcome?.kind === 'failed' ? undefined : outcome
    },
  }
}
