/**
 * The message memory: all recipients of one mail get one answer.
 *
 * Postfix asks once per recipient, with the same `instance` for all of them, and not always the same process. What the
 * first was answered is kept under instance, client and envelope sender, for ten minutes, and answers the others
 * without a lookup. The key is joined by a character no request can hold: a line cannot contain a line feed.
 *
 * Pure over the table; the caller holds the lock.
 * Sources: docs/behaviour/scoring.md#another-recipient-of-the-same-mail, docs/behaviour/cache.md#other-recipients-of-a-mail.
 */
import type { PolicyRequest } from '../policy/request.ts'
import type { MessageEntry } from './entries.ts'
import type { Table } from './entry-table.ts'

/** What a mail was answered with. */
export type MessageMemo = { readonly reference?: string | undefined } & (
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly message: string }
)

const TTL_SECONDS = 600

/** What the mail was answered with; undefined if that is not known (any more). */
export function recallMessage(
  table: Table<MessageEntry>,
  request: PolicyRequest,
  nowSeconds: number,
): MessageMemo | undefined {
  if (request.instance === '') return undefined
  const entry = table.get(messageKey(request))
  return entry && nowSeconds - entry.seenSeconds < TTL_SECONDS ? entry : undefined
}

/** Keeps an answer; without an instance there is nothing to keep it under. */
export function rememberMessage(
  table: Table<MessageEntry>,
  request: PolicyRequest,
  memo: MessageMemo,
  nowSeconds: number,
  reference = memo.reference,
): void {
  if (request.instance === '') return
  const seenSeconds = nowSeconds
  const { kind } = memo
  table.set(
    messageKey(request),
    kind === 'rejected' ? { kind, message: memo.message, seenSeconds, reference } : { kind, seenSeconds, reference },
  )
}

function messageKey({ instance, client, from }: PolicyRequest): string {
  return `${instance}\n${client}\n${from}`
}
