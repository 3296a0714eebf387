/**
 * A request → what is answered, logged and remembered.
 *
 *   serve.ts: PolicyRequest → decide → (short cut, message memory | evaluate.ts) → Decision → serve.ts
 *
 * The short cuts come first and in the specification's order; only a request that none of them answers loads the
 * modules of DNS and scoring. Everything that is answered has passed `finishAction`: masked, bounded, never empty.
 *
 * Failure: a client without a usable address cannot be compared with anything, so it is not scored: `DUNNO`, and
 * a warning. Errors of evaluation are the caller's (no answer is given for them).
 * Source: specification, chapter "Scoring" 2.
 */
import type { MessageMemory } from './cache/memory.ts'
import type { Config } from './config/parameters.ts'
import type { Evaluated, Evaluator } from './evaluate.ts'
import { decidedLine, type LogLine, warningLine, weightedCheckLine } from './log/event.ts'
import { finishAction } from './policy/reply.ts'
import type { PolicyRequest } from './policy/request.ts'
import type { ScorableRequest } from './score/evaluation.ts'
import { extendMessage } from './score/message.ts'

/** What one process keeps between requests. */
export interface Instance {
  readonly config: Config
  readonly memory: MessageMemory
  /** The evaluator; its modules are loaded when it is first needed. */
  readonly evaluator: () => Promise<Evaluator>
  readonly nowMs: () => number
}

export interface Decision {
  /** The value of `action=`, ready to be sent. */
  readonly action: string
  readonly lines: readonly LogLine[]
  /** How it came about; undefined for a short cut. */
  readonly evaluated: Evaluated | undefined
}

/** `request` → its decision; rejects only on a broken invariant of ours. */
export async function decide(request: PolicyRequest, instance: Instance): Promise<Decision> {
  const { config } = instance
  const startMs = instance.nowMs()
  const lines: (LogLine | undefined)[] = []
  let evaluated: Evaluated | undefined
  let action = shortCut(request, instance)
  if (action === undefined) {
    if (isScorable(request)) {
      const evaluator = await instance.evaluator()
      evaluated = await evaluator.evaluate(request)
      const { judgement } = evaluated
      action = judgement.action
      for (const note of judgement.notes) lines.push(warningLine(note))
      if (evaluated.cut) lines.push(warningLine(`sent no more than ${evaluated.queries} DNS queries for this mail`))
      lines.push(weightedCheckLine(request, judgement, config.DEBUG))
      if (judgement.remember.message) instance.memory.remember(request, judgement.remember.message, instance.nowMs())
    } else {
      action = 'DUNNO client address unknown'
      lines.push(warningLine(`client_address "${request.clientAddress}" is no address: mail not scored`))
    }
  }
  action = finishAction(action, config.DEFAULT_RESPONSE)
  lines.push(decidedLine(request, action, instance.nowMs() - startMs, config.DEBUG))
  return { action, lines: lines.filter(line => line !== undefined), evaluated }
}

function shortCut(request: PolicyRequest, instance: Instance): string | undefined {
  if (request.sender === '') return 'DUNNO NULL (<>) Sender'
  if (request.recipient.startsWith('postmaster@') || request.recipient.startsWith('abuse@'))
    return `DUNNO mail for ${request.recipient}`
  const memo = instance.memory.recall(request, instance.nowMs())
  if (memo?.kind === 'accepted') return 'DUNNO multirecipient-mail - already accepted by previous query'
  if (memo?.kind === 'rejected') return extendMessage(memo.message, ' (multirecipient mail)')
  return undefined
}

function isScorable(request: PolicyRequest): request is ScorableRequest {
  return request.client !== undefined
}
