/**
 * SPAM: clients that were rejected a moment ago are rejected again, without a lookup.
 *
 *   recall.ts: request → askSpam → what to answer; remember.ts: a rejection → rememberSpam
 *
 * An entry lives by its retries: whoever waits for $NTIME seconds uses one up, whoever does not starts waiting anew.
 * With none left and the time waited out, the entry is gone; if the other key has none either, the client is scored afresh.
 *
 * Pure over the table; the caller holds the lock.
 * Source: docs/behaviour/cache.md#rejected-clients.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { networkOf } from '../text/address.ts'
import { maskText } from '../text/mask.ts'
import type { PolicyRequest } from '../policy/request.ts'
import { REFERENCE_ROOM, type SpamEntry } from './entries.ts'
import { roomForText } from './format.ts'
import type { Table } from './entry-table.ts'

/** Whom an entry is about: the client, or the client with this sender domain or envelope sender. */
export type SpamKey = 'client' | 'client-domain' | 'client-sender'

const CLASSIC_KEYS: readonly SpamKey[] = ['client', 'client-sender']
const ALL_KEYS: readonly SpamKey[] = ['client', 'client-domain', 'client-sender']

/** What a client that was rejected is answered, and the verdict that repeats. */
export interface KnownSpam {
  readonly message: string
  readonly score: number
  readonly reasons: string | undefined
  /** Of the decision that is repeated. */
  readonly reference?: string | undefined
}

/** The answer to a client that retries too fast; undefined: nothing is known of it (any more). */
export function askSpam(
  table: Table<SpamEntry>,
  request: PolicyRequest,
  config: Config,
  nowSeconds: number,
): KnownSpam | undefined {
  for (const kind of config.CACHE_PER_DOMAIN ? ALL_KEYS : CLASSIC_KEYS) {
    const key = spamKey(request, kind, config)
    const entry = table.get(key)
    if (!entry) continue
    const hasWaited = nowSeconds - entry.seenSeconds > config.NTIME
    if (hasWaited && entry.retriesLeft <= 0) {
      table.delete(key)
      continue
    }
    const retriesLeft = hasWaited ? entry.retriesLeft - 1 : entry.retriesLeft
    const { score, reasons, reference } = entry
    table.set(key, { score, retriesLeft, seenSeconds: nowSeconds, reasons, reference })
    const message = `${config.CACHEREJECTMSG} - retrying too fast. penalty: ${config.NTIME} seconds x ${retriesLeft} retries.`
    return reference === undefined ? { message, score, reasons } : { message, score, reasons, reference }
  }
  return undefined
}

/** Keeps a rejection, and of its reasons what fits beside the key. */
export function rememberSpam(
  table: Table<SpamEntry>,
  request: PolicyRequest,
  kind: SpamKey,
  score: number,
  config: Config,
  nowSeconds: number,
  reasons = '',
  reference?: string,
): void {
  const key = spamKey(request, kind, config)
  const room = roomForText('spam', key) - (reference === undefined ? 0 : REFERENCE_ROOM)
  const fitting = maskText(reasons.trim()).slice(0, Math.max(0, room))
  table.set(key, { score, retriesLeft: config.NTTL, seenSeconds: nowSeconds, reasons: fitting, reference })
}

/**
 * Text of the entry's key: `192.0.2.10`, `192.0.2.10-a@example.org`, `192.0.2.10 @example.org`. A sender without a domain is the
 * whole of it in brackets, `192.0.2.10 <root>`, and none is `<>`: no domain that a client makes up looks like that.
 */
function spamKey({ client = '', from, domain }: PolicyRequest, kind: SpamKey, config: Config): string {
  const network = client.includes(':') ? networkOf(client, config.CACHE_IPV6_PREFIX) : client
  if (kind === 'client') return network
  if (kind === 'client-sender') return `${network}-${from}`
  return domain === '' ? `${network} <${from}>` : `${network} @${domain}`
}
