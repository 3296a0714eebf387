/**
 * The six kinds of entries, and how each uses the fields of a slot.
 *
 *   tables.ts: entry ↔ codec ↔ Fields ↔ slots.ts
 *
 * Storage, not policy: when an entry is too old or used up is decided by who asks. Times are whole seconds of the wall clock
 * since the epoch.
 *
 * Pure, total.
 * Source: docs/behaviour/cache.md.
 */
import { REFERENCE_CHARACTERS } from '../policy/reference.ts'
import type { Fields } from './slots.ts'

/** A rejected client: `{ score: 7.5, retriesLeft: 1, seenSeconds: 1760000000 }`. */
export interface SpamEntry {
  readonly score: number
  readonly retriesLeft: number
  readonly seenSeconds: number
  /** What the rules said, printable ASCII, as much as fits beside the key; absent: nothing did. */
  readonly reasons?: string | undefined
  /** Of the decision that made it; absent: it had none. */
  readonly reference?: string | undefined
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
  /** Of the decision that made it. */
  readonly reference?: string | undefined
}

/** What a message was answered with. */
export type MessageEntry = { readonly seenSeconds: number; readonly reference?: string | undefined } & (
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly message: string }
)

/** A list's errors: in a row ($BL_ERROR_SKIP), and how often it is still skipped ($BL_SKIP_RELEASE). */
export interface ListRecord {
  readonly errorsInRow: number
  readonly skipsLeft: number
  readonly seenSeconds: number
}

/** What a probe of a list has shown. */
export type ProbeResult = 'unanswered' | 'clean' | 'guilty'
/** By their numbers in the file; `not-asked`: of a list that was seen, and whose first probe has not come to an end. */
export const PROBE_RESULTS = ['unanswered', 'clean', 'guilty', 'not-asked'] as const

/** What probes have shown of a list (probes.ts). */
export interface ProbeRecord {
  /** When the latest one was asked, milliseconds; its second is `seenSeconds`. */
  readonly askedMs: number
  /** Somebody waits for its answer. */
  readonly isUnderWay: boolean
  /** When the latest of those that are over was asked, and what it has shown; 0: none is. */
  readonly overMs: number
  readonly result: (typeof PROBE_RESULTS)[number]
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

/** How often an exception was used, and when last. */
export interface ExceptionUse {
  readonly count: number
  readonly seenSeconds: number
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

/** In front of a reference, and of nothing that is kept otherwise: a text is printable but for what an operator wrote. */
const MARK = '\x01'
const WITH_REFERENCE = /^\x01[0-9A-Z]{10}/

/** How much of an entry's text a reference takes. */
export const REFERENCE_ROOM = MARK.length + REFERENCE_CHARACTERS

function withReference(reference: string | undefined, text: string): string {
  return reference === undefined ? text : MARK + reference + text
}

/** `'\x017QK2M0XN4B NOT_IN_…'` → `'7QK2M0XN4B'`. */
function referenceOf(text: string): string | undefined {
  return WITH_REFERENCE.test(text) ? text.slice(MARK.length, REFERENCE_ROOM) : undefined
}

/** What stands behind it. */
function restOf(text: string, reference: string | undefined): string {
  return reference === undefined ? text : text.slice(REFERENCE_ROOM)
}

/** `{ score: 7.5, retriesLeft: 1, … }` ↔ `{ score: 7.5, left: 1, … }`. */
export const SPAM: Codec<SpamEntry> = {
  fields: ({ score, retriesLeft, seenSeconds, reasons = '', reference }, configuration) => ({
    seenSeconds,
    score,
    sinceSeconds: 0,
    hardSinceSeconds: 0,
    left: retriesLeft,
    extra: configuration,
    text: withReference(reference, reasons),
  }),
  entry: ({ score, left, seenSeconds, text }) => {
    if (text === '') return { score, retriesLeft: left, seenSeconds }
    const reference = referenceOf(text)
    const reasons = restOf(text, reference)
    if (reference === undefined) return { score, retriesLeft: left, seenSeconds, reasons }
    if (reasons === '') return { score, retriesLeft: left, seenSeconds, reference }
    return { score, retriesLeft: left, seenSeconds, reasons, reference }
  },
}

/** `{ queriesLeft: 60, … }` ↔ `{ left: 60, … }`. */
export const HAM: Codec<HamEntry> = {
  fields: ({ score, queriesLeft, seenSeconds, sinceSeconds, hardSinceSeconds, reference }, configuration) => ({
    seenSeconds,
    score,
    sinceSeconds,
    hardSinceSeconds,
    left: queriesLeft,
    extra: configuration,
    text: withReference(reference, ''),
  }),
  entry: ({ score, left, seenSeconds, sinceSeconds, hardSinceSeconds, text }) => {
    const reference = referenceOf(text)
    return reference === undefined
      ? { score, queriesLeft: left, seenSeconds, sinceSeconds, hardSinceSeconds }
      : { score, queriesLeft: left, seenSeconds, sinceSeconds, hardSinceSeconds, reference }
  },
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
    text: withReference(entry.reference, entry.kind === 'rejected' ? entry.message : ''),
  }),
  entry: ({ left, text, seenSeconds }) => {
    const reference = referenceOf(text)
    const message = restOf(text, reference)
    if (reference === undefined)
      return left === 1 ? { kind: 'rejected', message, seenSeconds } : { kind: 'accepted', seenSeconds }
    return left === 1
      ? { kind: 'rejected', message, seenSeconds, reference }
      : { kind: 'accepted', seenSeconds, reference }
  },
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

/** `{ count: 12, seenSeconds: 1760000000 }` ↔ `{ score: 12, seenSeconds: 1760000000 }`. */
export const EXCEPTIONS: Codec<ExceptionUse> = {
  fields: ({ count, seenSeconds }) => ({
    seenSeconds,
    score: count,
    sinceSeconds: 0,
    hardSinceSeconds: 0,
    left: 0,
    extra: 0,
    text: '',
  }),
  entry: ({ score, seenSeconds }) => ({ count: score, seenSeconds }),
}
