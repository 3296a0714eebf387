/**
 * The message memory: all recipients of one mail get one answer.
 *
 * Postfix asks once per recipient, with the same `instance` for all of them. What the first was answered is kept
 * here under instance, client and envelope sender, for ten minutes, and answers the others without a lookup.
 *
 * Keys are built from strangers' text; they live in a Map and are joined by a character no request can hold
 * (a line cannot contain a line feed). Bounded: the oldest entry goes first.
 *
 * Failure: none; what is not remembered is scored again.
 * Source: specification, chapters "Scoring" 2.3 and "Cache", message memory.
 */
import type { PolicyRequest } from '../policy/request.ts'

/** What a message was answered with. */
export type MessageMemo = { readonly kind: 'accepted' } | { readonly kind: 'rejected'; readonly message: string }

const TTL_MS = 600_000
const MAX_MESSAGES = 1000

export class MessageMemory {
  readonly #memos = new Map<string, { readonly memo: MessageMemo; readonly sinceMs: number }>()

  /** What the mail was answered with, undefined if it is not known (any more). */
  recall(request: PolicyRequest, nowMs: number): MessageMemo | undefined {
    const entry = this.#memos.get(messageKey(request))
    return entry && nowMs - entry.sinceMs < TTL_MS ? entry.memo : undefined
  }

  /** Keeps an answer; without an instance there is nothing to keep it under. */
  remember(request: PolicyRequest, memo: MessageMemo, nowMs: number): void {
    if (request.instance === '') return
    const key = messageKey(request)
    this.#memos.delete(key)
    this.#memos.set(key, { memo, sinceMs: nowMs })
    if (this.#memos.size <= MAX_MESSAGES) return
    const [oldest] = this.#memos.keys()
    if (oldest !== undefined) this.#memos.delete(oldest)
  }
}

function messageKey(request: PolicyRequest): string {
  return `${request.instance}\n${request.client}\n${request.from}`
}
