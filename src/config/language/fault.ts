/**
 * Why a piece of a configuration's text cannot be used: the failure value of the tokens, the parser and the values.
 *
 * Offsets of the text → position and message in read.ts.
 */
import type { FindingCode } from '../findings/finding.ts'

/** A fault: what stands from `at` to `end` is not what is `expected`. */
export interface Fault {
  readonly kind: 'fault'
  readonly code: FindingCode
  readonly at: number
  readonly end: number
  /** A noun phrase, and where it helps the remedy: `'")" that closes the list'`; a function where it takes time. */
  readonly expected: string | (() => string)
  /** The value it is about, if that is not what stands there; quoted behind what is expected. */
  readonly within?: string
  /** What else is to be said, from its semicolon on. */
  readonly remark?: string
  /** Where the text goes on behind the quoted text or word that holds the fault; absent: it never ends. */
  readonly resumeAt?: number
}

/** A fault of the syntax. */
export function syntaxFault(at: number, end: number, expected: string): Fault {
  return { kind: 'fault', code: 'syntax', at, end, expected }
}

/** A fault of a value. */
export function valueFault(
  code: FindingCode,
  { at, end }: Pick<Fault, 'at' | 'end'>,
  expected: Fault['expected'],
): Fault {
  return { kind: 'fault', code, at, end, expected }
}

/** Whether a result is a fault. */
export function isFault<T>(result: T | Fault): result is Fault {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'fault'
}
