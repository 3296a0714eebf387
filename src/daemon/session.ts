/**
 * One connection's conversation, as a state machine without a socket.
 *
 *   connection.ts: bytes → receive; take → a request to decide; answered, blocked, drained; overdue?
 *
 * A connection is always in one phase: `idle` between requests, `receiving` a request that has begun, `deciding` one,
 * or `blocked`: the client does not take its answer. At most one request is decided at a time, so answers leave in the
 * order of the requests, and nothing is decided for a client that does not read.
 *
 * Invariants: what a session holds is bounded by one request and what came in with its last bytes (`isFull` says when no
 * more may be read); every phase but `deciding`, which evaluate.ts bounds, ends by a deadline, and bytes that
 * complete nothing put no deadline off.
 *
 * Pure: the time is an argument, in milliseconds of any clock that never jumps.
 * Failure: ProtocolError, as RequestReader; the connection has to be closed then, without an answer.
 * Source: docs/behaviour/postfix.md#connections-of-the-daemon.
 */
import type { RequestText } from '../policy/attributes.ts'
import { RequestReader } from '../policy/request-reader.ts'

/** How long each phase may last, in milliseconds. */
export interface SessionLimits {
  /** Between requests. Longer than smtpd(8) keeps an idle connection, which would wait a second for a new one. */
  readonly idleMs: number
  /** From the first byte of a request to its last. */
  readonly requestMs: number
  /** From an answer that could not be sent at once until all of it was taken. */
  readonly answerMs: number
}

export const SESSION_LIMITS: SessionLimits = { idleMs: 1_200_000, requestMs: 60_000, answerMs: 60_000 }

export type Phase = 'idle' | 'receiving' | 'deciding' | 'blocked'

export class Session {
  readonly #reader = new RequestReader()
  readonly #limits: SessionLimits
  #phase: Phase = 'idle'
  /** When the phase began; that of `idle` begins with the connection or the last answer. */
  #sinceMs: number
  #idleSinceMs: number
  /** Bytes came in while no request could be taken. */
  #hasMore = false

  constructor(nowMs: number, limits: SessionLimits = SESSION_LIMITS) {
    this.#limits = limits
    this.#sinceMs = nowMs
    this.#idleSinceMs = nowMs
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Whether nothing more may be read before a request has been taken. */
  get isFull(): boolean {
    return this.#hasMore && (this.#phase === 'deciding' || this.#phase === 'blocked')
  }

  receive(bytes: Buffer): void {
    this.#reader.push(bytes)
    this.#hasMore = true
  }

  /** The next request, which is then being decided; undefined: there is none yet, or it is not its turn. */
  take(nowMs: number): RequestText | undefined {
    if (this.#phase === 'deciding' || this.#phase === 'blocked') return undefined
    this.#hasMore = false
    const text = this.#reader.next()
    if (text !== undefined) this.#enter('deciding', nowMs)
    else if (!this.#reader.hasPartialRequest) this.#enter('idle', this.#idleSinceMs)
    else if (this.#phase === 'idle') this.#enter('receiving', nowMs)
    return text
  }

  /** The request that was taken has its answer. What may have come in meanwhile is looked at by `take`. */
  answered(nowMs: number): void {
    this.#idleSinceMs = nowMs
    this.#hasMore = true
    this.#enter('idle', nowMs)
  }

  /** Not all of an answer could be sent. */
  blocked(nowMs: number): void {
    this.#enter('blocked', nowMs)
  }

  /** All of it has been taken now. */
  drained(nowMs: number): void {
    if (this.#phase !== 'blocked') return
    this.#idleSinceMs = nowMs
    this.#enter('idle', nowMs)
  }

  /** Why the connection is to be closed; undefined: it is not. */
  overdue(nowMs: number): string | undefined {
    const elapsedMs = nowMs - this.#sinceMs
    const { idleMs, requestMs, answerMs } = this.#limits
    switch (this.#phase) {
      case 'idle':
        return elapsedMs >= idleMs ? `no request for ${idleMs / 1000} s` : undefined
      case 'receiving':
        return elapsedMs >= requestMs ? `a request was not complete after ${requestMs / 1000} s` : undefined
      case 'blocked':
        return elapsedMs >= answerMs ? `an answer was not read for ${answerMs / 1000} s` : undefined
      case 'deciding':
        return undefined
    }
  }

  #enter(phase: Phase, sinceMs: number): void {
    this.#phase = phase
    this.#sinceMs = sinceMs
  }
}
