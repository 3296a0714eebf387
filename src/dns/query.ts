/**
 * A question on its way, and who waits for it: the vocabulary of the resolver.
 *
 *   resolver.ts: questions → Query, shared by all who ask the same → resolver.ts
 *
 * Pure, total.
 */
import { CONTROL, type Outcome, type Question } from './outcome.ts'

/** Who asks: told of each of its questions by index. */
export interface Listener {
  /** The outcome, once. */
  settled(index: number, outcome: Outcome, server?: number): void
  /** A try's time is over without any reply, and the next one begins. */
  retried?(index: number): void
}

/** What may be done about questions that were asked together. */
export interface Asking {
  /** Nothing of it is waited for any more; what nobody else waits for is not asked again, and its id is free. */
  cancel(): void
  /** Nothing of it is sent again: the try that is under way is the last. */
  stopRetrying(): void
}

/** What a query is begun with; what has one key is one question. */
export interface Inquiry {
  readonly key: string
  readonly question: Question
  /** In which order it goes round the servers. */
  readonly order: readonly number[]
}

/** The control question to one server by itself; `turn`: which of several. */
export function probeOf(server: number, turn: number): Inquiry {
  return { key: `probe ${turn} ${server}`, question: CONTROL, order: [server] }
}

/** A question of somebody's. */
export interface Interest {
  readonly listener: Listener
  readonly index: number
  readonly deadlineMs: number
}

/** The same, and the try of its query with which its wait is over. */
export interface Waiter extends Interest {
  readonly query: Query
  lastTry: number
}

export interface Query extends Inquiry {
  /** Another one for each round of tries, and whenever somebody guesses it (strays.ts). */
  id: number
  waiters: Waiter[]
  /** Whether silence to it can be a server's (hearing.ts). */
  isEvidence: boolean
  /** When its first try was made. */
  beganMs: number
  /** Servers of tries that were over without a word. */
  silent: readonly number[]
  /** Tries made; try n went to server (n - 1) of the order, modulo their number. */
  tries: number
  /** Those of them that were refused, and the latest of these. */
  refusals: number
  refusedTry: number
  /** The server of the latest try, and whether its query carried EDNS0. */
  server: number
  edns: boolean
  packet: Uint8Array | undefined
  /** Packets that were sent under its id and not replied to. */
  owed: number
  /** How often in the latest try it was sent from another port, under another id. */
  renewals: number
  /** When the latest try is over; when the first of those who wait has to be told, if that is sooner. */
  tryOverMs: number
  dueMs: number
  /** The first failure a server answered with. */
  failure: Outcome | undefined
  /** Whether a reply came that did not fit into a datagram: then there was no silence, whatever becomes of TCP. */
  wasTruncated: boolean
  /** Set once the latest try went over to TCP: gives that exchange up, or does nothing if it is over. */
  cancelTcp: (() => void) | undefined
}

const NOBODY: readonly number[] = []

/** A query that was not sent yet. Field by field: objects made by a spread with so many more are slow from then on. */
export function newQuery(id: number, { key, question, order }: Inquiry, nowMs: number): Query {
  return {
    key,
    question,
    order,
    id,
    waiters: [],
    isEvidence: false,
    beganMs: nowMs,
    silent: NOBODY,
    tries: 0,
    refusals: 0,
    refusedTry: 0,
    server: 0,
    edns: true,
    packet: undefined,
    owed: 0,
    renewals: 0,
    tryOverMs: 0,
    dueMs: 0,
    failure: undefined,
    wasTruncated: false,
    cancelTcp: undefined,
  }
}

/** Whoever waits for so many more tries. */
export function newWaiter({ listener, index, deadlineMs }: Interest, query: Query, tries: number): Waiter {
  return { listener, index, deadlineMs, query, lastTry: query.tries + tries }
}

export const TIMEOUT: Outcome = { kind: 'failed', reason: 'timeout' }
const UNREACHABLE: Outcome = { kind: 'failed', reason: 'unreachable' }
/** All that could be had of a reply is that there is one. */
const CUT: Outcome = { kind: 'failed', reason: 'malformed' }

/** What comes of a query that nobody answered in full. */
export function outcomeWithoutAnswer({ failure, wasTruncated, tries, refusals }: Query): Outcome {
  if (failure) return failure
  if (wasTruncated) return CUT
  return tries > 0 && refusals === tries ? UNREACHABLE : TIMEOUT
}

/** How often a try is sent anew, because somebody guesses its id; if he finds each new port, nobody is believed until the next. */
export const MAX_RENEWALS = 4

/** Whether a server may answer it: one that was not asked has nothing to say about it. */
export function mayAnswer({ order, tries, renewals }: Query, server: number): boolean {
  const at = order.indexOf(server)
  return at >= 0 && at < tries && renewals <= MAX_RENEWALS
}

/** Those who wait no longer, who are taken out. */
export function takeWaiters(query: Query, isOver: (waiter: Waiter) => boolean): readonly Waiter[] {
  const over = query.waiters.filter(isOver)
  if (over.length > 0) query.waiters = query.waiters.filter(waiter => !over.includes(waiter))
  return over
}

/** Whether the latest try is the last one of all who wait. */
export function isLastTry({ waiters, tries }: Query): boolean {
  for (const { lastTry } of waiters) if (lastTry > tries) return false
  return true
}

/** Whether nothing but silence came before it as well: that of earlier tries, or of earlier questions if it is the only one. */
export function isLastHope(query: Query, wasSilent: boolean): boolean {
  return (
    (query.tries > 1 || wasSilent) && query.refusals === 0 && !query.failure && !query.wasTruncated && isLastTry(query)
  )
}

/** When somebody has to be told, or the next try to be made. */
export function dueOf({ tryOverMs, waiters }: Query): number {
  let dueMs = tryOverMs
  for (const { deadlineMs } of waiters) if (deadlineMs < dueMs) dueMs = deadlineMs
  return dueMs
}
