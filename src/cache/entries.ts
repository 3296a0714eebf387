/**
 * The five kinds of entries, and how each uses the fields of a slot.
 *
 *   tables.ts: entry ↔ codec ↔ Fields ↔ slots.ts
 *
 * Storage, not policy: when an entry is too old or used up is decided by who asks. Times are whole seconds of the wall clock
 * since the epoch.
 *
 * Pure, total.
 * Source: docs/behaviour/cache.md.
 */
import type { Fields } from './slots.ts'

/** A rejected client: `{ score: 7.5, retriesLeft: 1, seenSeconds: 1760000000 }`. */
export interface SpamEntry {
  readonly score: number
  readonly retriesLeft: number
  readonly seenSeconds: number
  /** What the rules said, printable ASCII, as much as fits beside the key; absent: nothing did. */
  readonly reasons?: string
}

/** An accepted pair of client and sender domain. */
export interface HamEntry {
  readonly score: number
  /** Mails it may still send without lookups ($PTTL). */
  readonly queriesLeft: number
  readonly seenSeconds: number
  /** Accepted first ($TEMP_PTIME counts from here). */
  readonly sinceSeconds: number
  /** Free of lookups from here on ($PTIME). */
  readonly hardSinceSeconds: number
}

/** What a message was answered with. */
export type MessageEntry =
  | { readonly kind: 'accepted'; readonly seenSeconds: number }
  | { readonly kind: 'rejected'; readonly message: string; readonly seenSeconds: number }

/** A list's errors: in a row ($BL_ERROR_SKIP), and how often it is still skipped ($BL_SKIP_RELEASE). */
export interface ListRecord {
  readonly errorsInRow: number
  readonly skipsLeft: number
  readonly seenSeconds: number
}

/** What a probe of a list has shown. */
export const PROBE_RESULTS = ['unanswered', 'clean', 'guilty'] as const
export type ProbeResult = (typeof PROBE_RESULTS)[number]

/** What probes have shown of a list (probes.ts). */
export interface ProbeRecord {
  /** When the latest one was asked, milliseconds; its second is `seenSeconds`. */
  readonly askedMs: number
  /** Somebody waits for its answer. */
  readonly isUnderWay: boolean
  /** When the latest of those that are over was asked, and what it has shown; 0: none is. */
  readonly overMs: number
  readonly result: ProbeResult
  /** Since when it is in quarantine; 0: it is not. */
  readonly quarantinedSeconds: number
  /** Clean ones in a row, while it is in quarantine. */
  readonly cleanInRow: number
  /** When its test entry was last seen listed; 0: never. */
  readonly testSeenSeconds: number
  readonly seenSeconds: number
  /** What it listed that it must not, or answered: `127.83.12.9`. */
  readonly why: string
}

/** Of a slot's number, beside the result. */
const UNDER_WAY = 8

/**
 * Turns an entry into the fields of a slot and back. Every field is named each time: taking objects apart by rest and
 * spread takes longer than all else that is done with an entry.
 */
export interface Codec<E> {
  /** `configuration`: hash of the one that the entry was decided by. */
  readonly fields: (entry: E, configuration: number) => Fields
  readonly entry: (fields: Fields) => E
}

/** `{ score: 7.5, retriesLeft: 1, … }` ↔ `{ score: 7.5, left: 1, … }`. */
export const SPAM: Codec<SpamEntry> = {
  fields: ({ score, retriesLeft, seenSeconds, reasons = '' }, configuration) => ({
    seenSeconds,
    score,
    sinceSeconds: 0,
    hardSinceSeconds: 0,
    left: retriesLeft,
    extra: configuration,
    text: reasons,
  }),
  entry: ({ score, left, seenSeconds, text }) =>
    text === '' ? { score, retriesLeft: left, seenSeconds } : { score, retriesLeft: left, seenSeconds, reasons: text },
}

/** `{ queriesLeft: 60, … }` ↔ `{ left: 60, … }`. */
export const HAM: Codec<HamEntry> = {
  fields: ({ score, queriesLeft, seenSeconds, sinceSeconds, hardSinceSeconds }, configuration) => ({
    seenSeconds,
    score,
    sinceSeconds,
    hardSinceSeconds,
    left: queriesLeft,
    extra: configuration,
    text: '',
  }),
  entry: ({ score, left, seenSeconds, sinceSeconds, hardSinceSeconds }) => ({
    score,
    queriesLeft: left,
    seenSeconds,
    sinceSeconds,
    hardSinceSeconds,
  }),
}

/** `{ kind: 'rejected', message: '550 no' }` ↔ `{ left: 1, text: '550 no' }`. */
export const MESSAGES: Codec<MessageEntry> = {
  fields: entry => ({
    seenSeconds: entry.seenSeconds,
    score: 0,
    sinceSeconds: 0,
    hardSinceSeconds: 0,
    left: entry.kind === 'rejected' ? 1 : 0,
    extra: 0,
    text: entry.kind === 'rejected' ? entry.message : '',
  }),
  entry: ({ left, text, seenSeconds }) =>
    left === 1 ? { kind: 'rejected', message: text, seenSeconds } : { kind: 'accepted', seenSeconds },
}

/** `{ errorsInRow: 3, skipsLeft: 10 }` ↔ `{ left: 3, extra: 10 }`. */
export const LISTS: Codec<ListRecord> = {
  fields: ({ errorsInRow, skipsLeft, seenSeconds }) => ({
    seenSeconds,
    score: 0,
    sinceSeconds: 0,
    hardSinceSeconds: 0,
    left: errorsInRow,
    extra: skipsLeft,
    text: '',
  }),
  entry: ({ left, extra, seenSeconds }) => ({ errorsInRow: left, skipsLeft: extra, seenSeconds }),
}

/** `{ askedMs: 1760000000123, isUnderWay: true, overMs: 1759999999000, result: 'clean' }` ↔ `{ seenSeconds: 1760000000, left: 1973, score: 1759999999000 }`. */
export const PROBES: Codec<ProbeRecord> = {
  fields: record => ({
    seenSeconds: record.seenSeconds,
    score: record.overMs,
    sinceSeconds: record.quarantinedSeconds,
    hardSinceSeconds: record.testSeenSeconds,
    left: 16 * (record.askedMs % 1000) + (record.isUnderWay ? UNDER_WAY : 0) + PROBE_RESULTS.indexOf(record.result),
    extra: record.cleanInRow,
    text: record.why,
  }),
  entry: ({ seenSeconds, score, sinceSeconds, hardSinceSeconds, left, extra, text }) => ({
    askedMs: 1000 * seenSeconds + Math.floor(left / 16),
    isUnderWay: (left & UNDER_WAY) !== 0,
    overMs: score,
    result: PROBE_RESULTS[left & (UNDER_WAY - 1)] ?? 'unanswered',
    quarantinedSeconds: sinceSeconds,
    cleanInRow: extra,
    testSeenSeconds: hardSinceSeconds,
    seenSeconds,
    why: text,
  }),
}
