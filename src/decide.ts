/**
 * A request → what is answered and logged.
 *
 *   answer.ts: PolicyRequest → decide → (short cut | exceptions/ | consult.ts) → Decision → answer.ts
 *
 * The short cuts come first and in the rules' order; only a request that none of them answers loads and opens anything: how
 * often the others come is counted behind the answer. Everything that is answered has passed `finishAction`: masked, bounded,
 * never empty.
 *
 * Failure: a client without a usable address cannot be compared with anything, so it is not scored: `DUNNO`, and a
 * warning. Errors of evaluation are the caller's (no answer is given for them).
 * Source: docs/behaviour/scoring.md#answers-without-scoring.
 */

import type { Counter } from './cache/format.ts'
import type { Caller } from './turn/caller.ts'
import type { Config } from './config/parameters/parameters.ts'
import type { Answer, Consultant } from './consult.ts'
import type { AnsweredBy } from './journal/decision-record.ts'
import type { Evaluated } from './evaluate.ts'
import type { FoundException } from './exceptions/exception-table.ts'
import type { ExceptionsWatch } from './exceptions/exceptions-watch.ts'
import type { Match } from './exceptions/find-exception.ts'
import { type LogEvent, warning } from './log/event.ts'
import { newReference } from './policy/reference.ts'
import { finishAction, isRefusal, withReference } from './policy/reply.ts'
import { behindNat64, type PolicyRequest } from './policy/request.ts'
import type { ScorableRequest } from './score/scoring.ts'
import { VERSION, VERSION_ANSWER, VERSION_QUESTION } from './policy/version.ts'

/** What one process keeps between requests. The consultant is made when it is first needed, which takes a moment. */
export interface Instance {
  readonly config: Config
  readonly consultant: () => Consulted | Promise<Consulted>
  readonly nowMs: () => number
  /** Absent: there are none. */
  readonly exceptions?: Pick<ExceptionsWatch, 'find'>
}

export interface Decision {
  /** The value of `action=`, ready to be sent. */
  readonly action: string
  /** The one that would have been given, had neither a dry run nor an exception let the mail pass; absent: it is the same. */
  readonly would?: string
  /** The exception that was applied. */
  readonly exempt?: FoundException
  readonly events: readonly LogEvent[]
  /** How it came about; undefined if nothing was evaluated. */
  readonly evaluated: Evaluated | undefined
  /** As what it is still to be counted, behind the answer (answer-count.ts). */
  readonly uncounted: Counter | undefined
  readonly by: AnsweredBy | undefined
  /** Its reference; where it repeats another decision, that one's. */
  readonly reference: string | undefined
  /** When it began, milliseconds since the epoch, and how long it took. */
  readonly startMs: number
  readonly delayMs: number
}

type Consulted = Pick<Consultant, 'consult'>

/**
 * `request` → its decision, at once if nothing has to be waited for. Throws or rejects on a broken invariant of ours, or
 * with CallerGone.
 */
export function decide(request: PolicyRequest, instance: Instance, caller?: Caller): Decision | Promise<Decision> {
  const startMs = instance.nowMs()
  const answer = shortCut(request, instance.config) ?? consult(request, instance, caller)
  if (answer instanceof Promise) return answer.then(answer => finish(request, answer, startMs, instance))
  return finish(request, answer, startMs, instance)
}

function finish(
  request: PolicyRequest,
  answer: Answer,
  startMs: number,
  { config, nowMs }: Instance,
): Decision | Promise<Decision> {
  const masked = finishAction(answer.action, config.DEFAULT_RESPONSE)
  const isMarked = config.ADD_REFERENCE && isRefusal(masked)
  // What was remembered before there were references has none.
  const reference = isMarked ? (answer.reference ?? newReference()) : answer.reference
  // A text may have it where the operator wants it.
  const isToMark = isMarked && reference !== undefined && !masked.includes(reference)
  const finished = isToMark ? withReference(masked, reference) : masked
  const delayMs = nowMs() - startMs
  const { events, evaluated, uncounted, by, exempt } = answer
  const decisionOf = (action: string): Decision => {
    const decided: LogEvent = { kind: 'decided', request, action, delayMs }
    const before = events?.filter(event => event !== undefined)
    const all = before ? [...before, decided] : [decided]
    const decision = { action, events: all, evaluated, uncounted, by, reference, startMs, delayMs }
    if (exempt === undefined) return decision
    const would = answer.would === undefined ? undefined : finishAction(answer.would, config.DEFAULT_RESPONSE)
    const exempted = { ...decision, exempt: { who: exempt.who, action: exempt.action } }
    return would === undefined ? exempted : { ...exempted, would }
  }
  if (!config.DRY_RUN && !answer.isDry) return decisionOf(finished)
  return import('./dry-run.ts').then(({ decideDry }) => decideDry(finished, by, config, decisionOf))
}

function shortCut({ sender, recipient, instance }: PolicyRequest, config: Config): Answer | undefined {
  if (sender === '') {
    // Nobody's mail.
    if (instance === VERSION_QUESTION) return { action: VERSION_ANSWER + VERSION }
    if (!config.SCORE_NULL_SENDER)
      return { action: 'DUNNO NULL (<>) Sender', uncounted: 'nullSenders', by: 'null-sender' }
  }
  if (recipient.startsWith('postmaster@') || recipient.startsWith('abuse@'))
    return { action: `DUNNO mail for ${recipient}`, uncounted: 'roleRecipients', by: 'role-recipient' }
  return undefined
}

function consult(given: PolicyRequest, instance: Instance, caller: Caller | undefined): Answer | Promise<Answer> {
  const request = behindNat64(given, instance.config)
  if (isScorable(request)) {
    const found = instance.exceptions?.find(request)
    if (found instanceof Promise) return found.then(match => consultWith(request, instance, caller, match))
    return consultWith(request, instance, caller, found)
  }
  const unscored = warning(`client_address "${request.clientAddress}" is no address: mail not scored`)
  return { action: 'DUNNO client address unknown', events: [unscored], uncounted: 'unknownClients', by: 'no-address' }
}

function consultWith(
  request: ScorableRequest,
  instance: Instance,
  caller: Caller | undefined,
  match: Match | undefined,
): Answer | Promise<Answer> {
  // A sender's has to be proven first, unless the operator does without.
  if (match?.action === 'SKIP' && match.by !== 'sender')
    return { action: `DUNNO exempt (${match.who})`, uncounted: 'exempted', by: 'exception', exempt: match }
  const made = instance.consultant()
  if (made instanceof Promise) return made.then(made => made.consult(request, caller, match))
  return made.consult(request, caller, match)
}

function isScorable(request: PolicyRequest): request is ScorableRequest {
  return request.client !== undefined
}
