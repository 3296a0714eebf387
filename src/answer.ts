/**
 * One request, from its text to the bytes of its answer: what spawn mode and the daemon do alike.
 *
 *   serve.ts, daemon/generation.ts: text → answer → policy/request.ts → decide.ts → policy/reply.ts → Answered, which they write,
 *   then log, then count
 *
 * What may be logged is handed back and not written: nothing delays an answer.
 *
 * Failure: throws, or rejects, when there can be no answer (no policy request, an error of our own, a client that has gone).
 */
import type { Counter } from './cache/format.ts'
import type { Config } from './config/parameters/parameters.ts'
import { type Decision, decide, type Instance } from './decide.ts'
import type { DecidedRequest } from './journal/decision-record.ts'
import { attributes, type LogEvent } from './log/event.ts'
import type { RequestText } from './policy/attributes.ts'
import { renderReply } from './policy/reply.ts'
import { type PolicyRequest, parseRequest } from './policy/request.ts'
import type { Caller } from './turn/caller.ts'

/** What is told of a decision before its answer is written; a promise resolves when it may be. */
export type Report = (request: PolicyRequest, decision: Decision, config: Config) => Promise<void> | undefined

/** Who answers. */
export interface Answerer {
  readonly instance: Instance
  /** Takes what is logged before anything is decided. */
  readonly log: (event: LogEvent) => void
  readonly warn: (text: string) => void
  readonly report?: Report | undefined
}

/** An answer, and what is to be done when it has left. */
export interface Answered {
  /** `action=…` and the empty line. */
  readonly reply: string
  readonly events: readonly LogEvent[]
  /** As what it is still to be counted. */
  readonly uncounted: Counter | undefined
  /** Whom the exception is for whose use is still to be counted. */
  readonly usedException: string | undefined
  /** What the journal is to have of it; undefined: there is none. */
  readonly decided: DecidedRequest | undefined
}

/** Answers a request; at once if nothing has to be waited for. */
export function answer(text: RequestText, answerer: Answerer, caller?: Caller): Answered | Promise<Answered> {
  const { instance, log, warn } = answerer
  if (instance.config.VERBOSE) for (const event of attributes(text)) log(event)
  const request = parseRequest(text, warn)
  const decided = decide(request, instance, caller)
  if (decided instanceof Promise) return decided.then(decision => finish(request, decision, answerer))
  return finish(request, decided, answerer)
}

function finish(
  request: PolicyRequest,
  decision: Decision,
  { instance, report }: Answerer,
): Answered | Promise<Answered> {
  const { action, events, uncounted, exempt } = decision
  const decided = instance.config.JOURNAL === '' ? undefined : decidedOf(request, decision)
  const answered = {
    reply: renderReply(action),
    events,
    uncounted,
    usedException: uncounted === 'exempted' ? exempt?.who : undefined,
    decided,
  }
  const reporting = report?.(request, decision, instance.config)
  return reporting ? reporting.then(() => answered) : answered
}

function decidedOf(request: PolicyRequest, decision: Decision): DecidedRequest {
  const { action, would, exempt, by, reference, startMs, delayMs, evaluated } = decision
  return { request, action, would, exempt, by, reference, startMs, delayMs, evaluated }
}
