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
import { type MessageEntry, REFERENCE_ROOM } from './entries.ts'
import { roomForText } from './format.ts'
import type { Table } from './entry-table.ts'

/** What a mail was answered with. */
export type MessageMemo = { readonly reference?: string | undefined } & (
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly message: string }
)

const TTL_SECONDS = 600
/** Of a text that is cut. */
const LEAST_CHARACTERS = 100

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
  const key = messageKey(request)
  table.set(
    key,
    kind === 'rejected'
      ? { kind, message: fitting(memo.message, key, reference), seenSeconds, reference }
      : { kind, seenSeconds, reference },
  )
}

/** What of a text there is room for beside its key, if that is enough to be one; else it is not kept at all. */
function fitting(message: string, key: string, reference: string | undefined): string {
  const room = roomForText('messages', key) - (reference === undefined ? 0 : REFERENCE_ROOM)
  const isCut = message.length > room && room >= LEAST_CHARACTERS && !/^\s*rc:/.test(message)
  return isCut ? message.slice(0, room) : message
}

function messageKey({ instance, client, from }: PolicyRequest): string {
  return `${instance}\n${client}\n${from}`
}
