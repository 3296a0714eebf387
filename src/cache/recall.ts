/**
 * What is already known of a request, in one transaction.
 *
 *   consult.ts: request → recall → an answer, or what evaluation may build on
 *
 * In the rules' order: the mail's other recipients, SPAM, HAM. What answers the request is remembered for the
 * mail's other recipients in the same breath. Where there is an exception, no refusal is remembered; where it is the recipient's, nothing is.
 *
 * Pure over the tables; the caller holds the lock.
 * Sources: docs/behaviour/scoring.md#answers-without-scoring, docs/behaviour/cache.md.
 */
import type { Config } from '../config/parameters/parameters.ts'
import type { PolicyRequest } from '../policy/request.ts'
import { isOfSenders, type Match } from '../exceptions/find-exception.ts'
import { noteUse } from './exception-uses.ts'
import { askHam } from './ham.ts'
import { listsToSkip } from './list-health.ts'
import { lookAtProbes } from './probes.ts'
import { type MessageMemo, recallMessage, rememberMessage } from './mails.ts'
import { askSpam, type KnownSpam } from './spam.ts'
import type { Tables } from './tables.ts'
import { mayHavePlaces } from '../text/message.ts'

/**
 * `reference`: of the decision that is repeated, if it had one.
 *
 * - `message`: the mail was answered before, for another recipient
 * - `spam`: the client was rejected a moment ago; `message` says so, `reasons` and `score` why; `hasPlaces`: it is to be filled in
 * - `ham`: a hard entry; its score
 * - `open`: it has to be evaluated; `cachedHamScore` stands if no list hits, `skippedLists` are not asked, `dueProbes` are;
 *   `hasSilentServers`: the host knows of name servers that do not answer
 */
export type Recalled =
  | { readonly kind: 'message'; readonly memo: MessageMemo }
  | ({ readonly kind: 'spam'; readonly hasPlaces?: true } & KnownSpam)
  | { readonly kind: 'ham'; readonly score: number; readonly reference?: string | undefined }
  | {
      readonly kind: 'open'
      readonly cachedHamScore?: number
      readonly skippedLists: ReadonlySet<string>
      readonly dueProbes?: DueProbes
      readonly hasSilentServers?: true
    }

/** Lists that are to be probed beside the mail, claimed at that time in milliseconds. */
export interface DueProbes {
  readonly hosts: readonly string[]
  readonly askedMs: number
}

const HAS_SILENT_SERVERS = { hasSilentServers: true } as const

/** The message of a refusal from memory, with its placeholders filled in (refusal-text.ts). */
export type FillIn = (known: KnownSpam, request: PolicyRequest, config: Config) => string

/**
 * Looks a request up. `fillIn`: absent until it has been loaded; `match`: the exception for it. Whether that of a sender is used is
 * decided later.
 */
export function recall(
  tables: Tables,
  request: PolicyRequest,
  config: Config,
  nowMs: number,
  fillIn?: FillIn,
  match?: Pick<Match, 'who' | 'by'>,
): Recalled {
  const nowSeconds = Math.floor(nowMs / 1000)
  const { counters } = tables
  counters.add('requests')
  if (match && !isOfSenders(match)) noteUse(tables.exceptions, match.who, nowSeconds)
  const isOfRecipient = match?.by === 'recipient'
  const memo = isOfRecipient ? undefined : recallMessage(tables.messages, request, nowSeconds)
  if (memo && !(match && memo.kind === 'rejected')) {
    counters.add('messageHits')
    return { kind: 'message', memo }
  }
  const spam = match ? undefined : askSpam(tables.spam, request, config, nowSeconds)
  if (spam !== undefined) {
    counters.add('spamHits')
    const hasPlaces = mayHavePlaces(spam.message, config)
    // It is remembered when they are filled in.
    if (hasPlaces && !fillIn) return { kind: 'spam', ...spam, hasPlaces }
    const message = hasPlaces && fillIn ? fillIn(spam, request, config) : spam.message
    rememberMessage(tables.messages, request, { kind: 'rejected', message }, nowSeconds, spam.reference)
    return { kind: 'spam', ...spam, message }
  }
  const ham = isOfRecipient ? undefined : askHam(tables.ham, request, config, nowSeconds)
  if (ham?.kind === 'hard') {
    counters.add('hardHamHits')
    rememberMessage(tables.messages, request, { kind: 'accepted' }, nowSeconds, ham.reference)
    return { kind: 'ham', score: ham.score, reference: ham.reference }
  }
  counters.add('evaluations')
  if (ham) counters.add('hamHits')
  const known = {
    ...(ham && { cachedHamScore: ham.score }),
    ...(tables.hasSilentServers && HAS_SILENT_SERVERS),
  }
  const skippedLists = listsToSkip(tables.lists, config, nowSeconds)
  if (config.BL_PROBE_INTERVAL === 0) return { kind: 'open', ...known, skippedLists }
  const { quarantined, due } = lookAtProbes(tables.probes, config, nowMs)
  const skipped = quarantined.length > 0 ? new Set([...skippedLists, ...quarantined]) : skippedLists
  return {
    kind: 'open',
    ...known,
    skippedLists: skipped,
    ...(due.length > 0 && { dueProbes: { hosts: due, askedMs: nowMs } }),
  }
}
