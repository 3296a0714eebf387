/**
 * What the service would decide about a mail, with the exception there is for it, and without.
 *
 *   explain-mail.ts: request, what is known, exception → forecast → (evaluate.ts, once) → decide.ts, for either → record, as of a
 *   journal
 *
 * Nothing is kept: no cache, no journal, no ledger. The record is that of the scored mail, whatever lets it pass: of a client that
 * is not scored (SKIP) it says what scoring would have come to.
 *
 * Failure: a lookup that fails is an outcome. Source: docs/exceptions.md#what-is-done.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { verdictHashText } from '../../config/verdict-hash.ts'
import type { Answer } from '../../consult.ts'
import { decide } from '../../decide.ts'
import type { Resources } from '../../evaluated.ts'
import type { Match } from '../../exceptions/find-exception.ts'
import { type DecisionRecord, recordOf } from '../../journal/decision-record.ts'
import type { PolicyRequest } from '../../policy/request.ts'
import { fateOf } from '../../score/fate.ts'
import type { Facts, ScorableRequest } from '../../score/scoring.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'

export interface Forecaster {
  readonly config: Config
  readonly native: () => Native | NativeUnavailable
  readonly nowMs: () => number
}

export interface Forecast {
  /** With the exception, if it is applied: `would` is what would be answered without, if that keeps the mail out. */
  readonly record: DecisionRecord
  /** What would be answered without the exception. */
  readonly without: string
  /** Why the exception is not applied. */
  readonly notes: readonly string[]
}

export async function forecast(
  request: PolicyRequest,
  facts: Facts,
  match: Match | undefined,
  { config, native, nowMs }: Forecaster,
): Promise<Forecast> {
  const unseen: Config = { ...config, LEDGER: '', JOURNAL: '', EARLY_VERDICT: false, ADD_REFERENCE: false }
  // The programs that answer Postfix, and no second copy of them in that of the command line.
  const { openEvaluator } = await import('../../open-evaluator.ts')
  const { applyException } = await import('../../exemption.ts')
  const { withTexts } = await import('../../refusal-text.ts')
  const evaluator = await openEvaluator(unseen, native, 'spawn')
  const notes: string[] = []
  const known: Facts = match?.by === 'sender' ? { ...facts, wantsTie: true } : facts
  const evaluate = async (scorable: ScorableRequest) => {
    const evaluated = await evaluator.evaluate(scorable, known, { places: ownPlaces(scorable.client) })
    const { judgement } = evaluated
    return { evaluated, answered: config.EXPAND_TEXTS ? withTexts(judgement, scorable, config) : judgement }
  }
  let evaluating: ReturnType<typeof evaluate> | undefined
  const consult = async (scorable: ScorableRequest, _caller: unknown, exception?: Match): Promise<Answer> => {
    evaluating ??= evaluate(scorable)
    const { evaluated, answered } = await evaluating
    const applied = exception && applyException(answered, scorable, exception, config)
    if (applied?.kind === 'applied')
      return {
        action: applied.judgement.action,
        evaluated,
        exempt: exception,
        would: applied.would,
        isDry: applied.isDry,
      }
    if (applied?.note !== undefined) notes.push(applied.note)
    return { action: answered.action, evaluated }
  }
  try {
    const instance = { config: unseen, consultant: () => ({ consult }), nowMs }
    const decided = await decide(request, instance)
    const exempted = match && (await decide(request, { ...instance, exceptions: { find: () => match } }))
    const recording = { config, hash: verdictHashText(config), newId: () => '' }
    const record = recordOf({ request, ...decided }, recording)
    const without = decided.would ?? decided.action
    if (exempted?.exempt === undefined) return { record, without, notes }
    const isKeptOut = decided.evaluated !== undefined && fateOf(decided.evaluated.judgement, config) !== 'accepted'
    const { action, exempt } = exempted
    return { record: { ...record, action, exempt, would: isKeptOut ? without : undefined }, without, notes }
  } finally {
    evaluator.close()
  }
}

/** Places of a request that nobody else waits for. */
function ownPlaces(client: string): Resources['places'] {
  let count = 0
  return {
    client,
    get count() {
      return count
    },
    silent: 0,
    isOwnSilence: false,
    areScarce: false,
    want(wanted) {
      count = wanted
      return count
    },
    noteSilence() {},
    isSuspect: () => false,
    giveUp() {},
  }
}
