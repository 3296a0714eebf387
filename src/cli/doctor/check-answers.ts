/**
 * Does the service answer when it is asked as Postfix would ask?
 *
 *   endpoint, what came of a request (ask-service.ts) → a diagnosis
 *
 * The request has an empty sender, which is answered DUNNO without a lookup and changes nothing.
 *
 * Pure, total. Source: decide.ts (short cuts).
 */
import { type Diagnosis, failure, note, ok, warning } from './diagnosis.ts'

/** What came of it; `action` as it was answered, `why` the code of a system error. */
export type Trial =
  | { readonly kind: 'answered'; readonly action: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent'; readonly waitedSeconds: number }
  | { readonly kind: 'failed'; readonly why: string }

const SEE_LOG = 'the reason is in the mail log: lines of postfix/spawn, postfix/master and of policyd-weight'

/** `isSpawned`: Postfix starts it; otherwise it is the daemon. */
export function checkAnswer(endpoint: string, trial: Trial, isSpawned: boolean): Diagnosis {
  switch (trial.kind) {
    case 'answered':
      return /^DUNNO\b/i.test(trial.action)
        ? ok(endpoint, 'answers')
        : failure(
            'service-answers-otherwise',
            endpoint,
            `answers "${trial.action}" to a mail without sender, not DUNNO: something else is there`,
            isSpawned ? 'see argv of the service in master.cf' : 'which process is it? ss -ltnp',
          )
    case 'closed':
      return failure(
        'service-silent',
        endpoint,
        'ends the connection without an answer: all mail is deferred',
        isSpawned
          ? 'the reason is in the mail log: lines of postfix/spawn and of policyd-weight'
          : 'policyd-weight restart',
      )
    case 'silent':
      return failure(
        'service-silent',
        endpoint,
        `gives no answer within ${trial.waitedSeconds} s: all mail is deferred${isSpawned ? '; a service that could not be started is held back for a minute' : ''}`,
        isSpawned ? SEE_LOG : 'policyd-weight restart',
      )
    case 'failed':
      if (trial.why === 'EACCES' || trial.why === 'EPERM')
        return note('not-looked-at', endpoint, 'only Postfix and root may ask it; run doctor as root')
      return isSpawned
        ? warning(
            'service-down',
            endpoint,
            `cannot be asked (${trial.why}): Postfix does not run, or does not know the service yet`,
            'postfix start || postfix reload',
          )
        : failure(
            'service-down',
            endpoint,
            `the daemon does not listen there (${trial.why}): all mail is deferred`,
            'policyd-weight start',
          )
  }
}
