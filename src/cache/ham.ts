/**
 * HAM: clients whose mail for a sender domain was accepted pass with less work.
 *
 *   recall.ts: request → askHam → hard, soft or nothing; remember.ts: an acceptance → rememberHam
 *
 * Once an entry is older than $TEMP_PTIME it is hard: the answer is known without any lookup, for $PTTL queries or
 * $PTIME seconds, whichever ends first; then one query has to prove itself again. An entry that is not hard still
 * spares everything but the client's lists.
 *
 * Pure over the table; the caller holds the lock.
 * Source: docs/behaviour/cache.md#accepted-clients.
 */
import type { Config } from '../config/parameters/parameters.ts'
import type { PolicyRequest } from '../policy/request.ts'
import type { HamEntry } from './entries.ts'
import type { Table } from './entry-table.ts'

/** What is known of an accepted client: `hard` needs no lookup, `soft` those of the client's lists. */
export interface KnownHam {
  readonly kind: 'hard' | 'soft'
  readonly score: number
  /** Of the decision that made the entry, of one that is hard. */
  readonly reference?: string | undefined
}

/** Asks, and counts the query; undefined: nothing is known. */
export function askHam(
  table: Table<HamEntry>,
  request: PolicyRequest,
  config: Config,
  nowSeconds: number,
): KnownHam | undefined {
  const key = hamKey(request)
  const entry = table.get(key)
  if (!entry) return undefined
  const { score, queriesLeft, hardSinceSeconds, sinceSeconds, reference } = entry
  const seenSeconds = nowSeconds
  if (nowSeconds - sinceSeconds <= config.TEMP_PTIME) {
    table.set(key, { score, queriesLeft, seenSeconds, sinceSeconds, hardSinceSeconds, reference })
    return { kind: 'soft', score }
  }
  if (queriesLeft > 0 && nowSeconds - hardSinceSeconds < config.PTIME) {
    table.set(key, { score, queriesLeft: queriesLeft - 1, seenSeconds, sinceSeconds, hardSinceSeconds, reference })
    return reference === undefined ? { kind: 'hard', score } : { kind: 'hard', score, reference }
  }
  table.set(key, {
    score,
    queriesLeft: config.PTTL,
    seenSeconds,
    sinceSeconds,
    hardSinceSeconds: nowSeconds,
    reference,
  })
  return { kind: 'soft', score }
}

/** Keeps an acceptance, in the place of an older one. */
export function rememberHam(
  table: Table<HamEntry>,
  request: PolicyRequest,
  score: number,
  config: Config,
  nowSeconds: number,
  reference?: string,
): void {
  table.set(hamKey(request), {
    score,
    queriesLeft: config.PTTL,
    seenSeconds: nowSeconds,
    sinceSeconds: nowSeconds,
    hardSinceSeconds: nowSeconds,
    reference,
  })
}

/** `192.0.2.10-example.org`; of mail without a sender `192.0.2.10 <>`. */
function hamKey({ client, domain, sender }: PolicyRequest): string {
  return sender === '' ? `${client} <>` : `${client}-${domain}`
}
