/**
 * What the cache of the service remembers that decides about the next mail, from a copy of it.
 *
 *   explain-mail.ts: request, exception → lookUpMemory → facts for scoring, notes of the page
 *
 * Failure: a note. Sources: docs/behaviour/cache.md; docs/exceptions.md#which-one-counts.
 */
import { limitsOf } from '../../cache/cache.ts'
import { type Recalled, recall } from '../../cache/recall.ts'
import { readStore } from '../../cache/store.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { verdictHash } from '../../config/verdict-hash.ts'
import { isOfSenders, type Match } from '../../exceptions/find-exception.ts'
import { behindNat64, type PolicyRequest } from '../../policy/request.ts'
import type { Facts } from '../../score/scoring.ts'
import { formatNumber } from '../../text/number.ts'

export interface Remembered {
  readonly notes: readonly string[]
  readonly facts: Facts
  /** It is the memory that would answer. */
  readonly isRemembered: boolean
}

/** Whose memory. */
export interface MemoryPlace {
  readonly config: Config
  /** The cache of the service. */
  readonly cachePath: string
  readonly nowMs: () => number
}

const NOTHING_SKIPPED: ReadonlySet<string> = new Set()

export function lookUpMemory(request: PolicyRequest, match: Match | undefined, memory: MemoryPlace): Remembered {
  const nothing = { facts: { skippedLists: NOTHING_SKIPPED }, isRemembered: false }
  const recalled = ask(request, match, memory)
  if (typeof recalled === 'string') return { ...nothing, notes: recalled === '' ? [] : [recalled] }
  const isUnasked = match?.action === 'SKIP' && !isOfSenders(match)
  const notes = [...(isUnasked ? [] : notesOf(recalled)), ...(match ? notesWithout(request, memory) : [])]
  return {
    notes,
    facts: recalled.kind === 'open' ? { skippedLists: recalled.skippedLists } : nothing.facts,
    isRemembered: recalled.kind === 'spam',
  }
}

/** A sentence: it cannot be looked at; an empty one: there is none. */
function ask(
  request: PolicyRequest,
  match: Match | undefined,
  { config, cachePath, nowMs }: MemoryPlace,
): Recalled | string {
  const store = readStore(cachePath, limitsOf(config), verdictHash(config))
  if (store.kind === 'unavailable')
    return store.code === 'missing' ? '' : `what is remembered cannot be looked at: ${store.why}`
  return recall(store.tables, behindNat64(request, config), config, nowMs(), undefined, match)
}

function notesOf(recalled: Recalled): readonly string[] {
  switch (recalled.kind) {
    case 'spam':
      return [
        `the client is remembered as refused (rate ${formatNumber(recalled.score)}): until that is forgotten, such a mail is refused without being looked up`,
      ]
    case 'ham':
      return ['the client is remembered as good: such a mail is accepted without being looked up']
    case 'message':
      return []
    case 'open':
      return recalled.cachedHamScore === undefined
        ? []
        : ['the client is remembered as good: such a mail is accepted if no list has the client']
  }
}

/** Where there is an exception a refusal that is remembered does not count. */
function notesWithout(request: PolicyRequest, memory: MemoryPlace): readonly string[] {
  const recalled = ask(request, undefined, memory)
  return typeof recalled !== 'string' && recalled.kind === 'spam'
    ? [
        `the client is remembered as refused (rate ${formatNumber(recalled.score)}): without the exception such a mail is refused without being looked up`,
      ]
    : []
}
