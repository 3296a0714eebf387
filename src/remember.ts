/**
 * Keeps what a mail was judged to be, and counts it, in one transaction.
 *
 *   consult.ts: Judgement → rememberJudgement → cache/ → the lists whose state changed → consult.ts
 *
 * Failure: a cache that does not answer in time keeps nothing; the count waits for the next transaction.
 * Source: docs/behaviour/cache.md#which-verdict-is-remembered.
 */
import type { Cache } from './cache/cache.ts'
import { noteUse } from './cache/exception-uses.ts'
import { rememberHam } from './cache/ham.ts'
import { type ListChange, noteListAnswers } from './cache/list-health.ts'
import { rememberMessage } from './cache/mails.ts'
import { rememberSpam } from './cache/spam.ts'
import type { Config } from './config/parameters/parameters.ts'
import { counterOf } from './counter-of.ts'
import type { ScorableRequest } from './score/scoring.ts'
import type { Judgement } from './score/verdict.ts'
import type { RequestPlaces } from './turn/places.ts'

/** A mail that was judged. */
export interface JudgedMail {
  readonly request: ScorableRequest
  readonly judgement: Judgement
  /** The places it had, which end with this. */
  readonly places: RequestPlaces
  /** Of the decision. */
  readonly reference: string | undefined
  /** Whom the exception of the sender is for that was applied. */
  readonly ofSender: string | undefined
}

/** The lists whose state changed. */
export function rememberJudgement(
  cache: Cache,
  config: Config,
  nowSeconds: number,
  { request, judgement, places, reference, ofSender }: JudgedMail,
): readonly ListChange[] {
  const { remember, listAnswers, weighted } = judgement
  const { spam, ham, message } = remember
  const counter = counterOf(judgement)
  const changes = cache.transact(tables => {
    places.end(tables)
    if (spam) rememberSpam(tables.spam, request, spam.key, spam.score, config, nowSeconds, weighted?.reasons, reference)
    if (ham) rememberHam(tables.ham, request, ham.score, config, nowSeconds, reference)
    if (message) rememberMessage(tables.messages, request, message, nowSeconds, reference)
    if (ofSender !== undefined) noteUse(tables.exceptions, ofSender, nowSeconds)
    tables.counters.add(counter)
    return noteListAnswers(tables.lists, listAnswers, config, nowSeconds)
  })
  if (!changes) cache.count(counter)
  return changes ?? []
}
