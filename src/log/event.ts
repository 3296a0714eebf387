/**
 * What is logged, as data: what happened, in fields, as it was received.
 *
 *   decide.ts, consult.ts, the servers, the supervisor: LogEvent → log.ts → line.ts: text
 *
 * Nothing is masked or put together here: that waits until the answer has left (line.ts). So whoever wants to know what
 * happened reads fields, and no lines.
 *
 * Total, no errors.
 */
import type { PolicyRequest } from '../policy/request.ts'
import type { Judgement } from '../score/verdict.ts'

export type LogEvent =
  /** A mail was scored. `addresses`: what its names led to. */
  | {
      readonly kind: 'weighted-check'
      readonly request: PolicyRequest
      readonly reasons: string
      readonly rate: string
      readonly addresses: readonly string[]
    }
  /** An answer is about to leave. */
  | {
      readonly kind: 'decided'
      readonly request: PolicyRequest
      readonly action: string
      readonly delayMs: number
    }
  /** A refusal that is remembered was given again; the reasons are those it had. */
  | {
      readonly kind: 'rejected-again'
      readonly request: PolicyRequest
      readonly reasons: string
      readonly rate: string
    }
  /** An attribute of a request, `name=value`, for `$VERBOSE`. */
  | { readonly kind: 'attribute'; readonly text: string }
  /** What happened, and what it means for the mail. */
  | { readonly kind: 'warning'; readonly text: string }
  /** Something an operator may want to know, and need do nothing about. */
  | { readonly kind: 'notice'; readonly text: string }
  /** A fault of the configuration file; the built-in defaults serve meanwhile. */
  | { readonly kind: 'configuration-error'; readonly text: string }

export function warning(text: string): LogEvent {
  return { kind: 'warning', text }
}

export function notice(text: string): LogEvent {
  return { kind: 'notice', text }
}

/** The faults of a configuration, of all its findings. */
export function configurationErrors(
  findings: readonly { readonly severity: string; readonly text: string }[],
): LogEvent[] {
  const errors = findings.filter(({ severity }) => severity === 'error')
  return errors.map(({ text }) => ({ kind: 'configuration-error', text }))
}

/** The attributes of a request's text. */
export function attributes(text: string): LogEvent[] {
  const lines = text.split('\n').filter(line => line.includes('='))
  return lines.map(line => ({ kind: 'attribute', text: line }))
}

/** The scoring of a mail; undefined if its verdict came without. */
export function weightedCheck(
  request: PolicyRequest,
  { weighted, addresses }: Pick<Judgement, 'weighted' | 'addresses'>,
): LogEvent | undefined {
  return weighted && { kind: 'weighted-check', request, ...weighted, addresses }
}
