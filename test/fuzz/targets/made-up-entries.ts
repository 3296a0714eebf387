/**
 * Keys and entries of the cache, made out of the bytes of a step.
 *
 *   damaged-tables.ts: a kind and some bytes → keyOf, entryOf → put into a table; what comes out → isOfItsType
 *
 * Pure. Source: src/cache/format.ts.
 */
import { PROBE_RESULTS } from '../../../src/cache/entries.ts'
import { type EntryKind, SLOT_BYTES } from '../../../src/cache/format.ts'

export type Entry = Readonly<Record<string, string | number | boolean>>

export const NOW_SECONDS = 1_760_000_000
const KEYS = 24
const LONGEST_TEXT = 700
const MAX_UINT32 = 0xffff_ffff

/** Keys of a few lengths, so that they end at each place of a word; some only fit into the larger slots. */
export function keyOf(number: number): string {
  const index = number % KEYS
  return `192.0.2.${index}-${'x'.repeat(index < 20 ? index : 20 * index - 200)}`
}

/** An entry of a kind, out of five bytes. */
export function entryOf(kind: EntryKind, [a = 0, b = 0, c = 0, d = 0, e = 0]: readonly number[]): Entry {
  const seenSeconds = NOW_SECONDS + (a % 4)
  switch (kind) {
    case 'spam':
      return { score: b / 8 - 10, retriesLeft: c - 3, seenSeconds }
    case 'ham':
      return { score: b / 8 - 10, queriesLeft: c - 3, seenSeconds, sinceSeconds: d * 0x0101_0101, hardSinceSeconds: e }
    case 'lists':
      return { errorsInRow: b, skipsLeft: c - 3, seenSeconds }
    case 'exceptions':
      return { count: b, seenSeconds }
    case 'probes':
      return {
        askedMs: 1000 * seenSeconds + c,
        isUnderWay: d % 2 === 1,
        overMs: b * 1e10 + c / 8,
        result: PROBE_RESULTS[c % PROBE_RESULTS.length] ?? 'unanswered',
        quarantinedSeconds: d * 0x0101_0101,
        cleanInRow: e,
        testSeenSeconds: b,
        seenSeconds,
        why: `127.${c}.${d}.${e} is listed`,
      }
    case 'messages':
      return b % 2 === 0
        ? { kind: 'accepted', seenSeconds }
        : { kind: 'rejected', message: '550 \xe4'.repeat(1 + c).slice(0, ((d << 8) | e) % LONGEST_TEXT), seenSeconds }
  }
}

/** Whether a value is one that the field of this name may have, by the layout alone. */
export function isOfItsType(kind: EntryKind, name: string, value: string | number | boolean): boolean {
  if (name === 'askedMs' || name === 'overMs') return typeof value === 'number'
  if (name === 'isUnderWay') return typeof value === 'boolean'
  if (name === 'result') return PROBE_RESULTS.some(result => result === value)
  if (name === 'reasons') return typeof value === 'string' && value.length < SLOT_BYTES[kind]
  if (name === 'reference') return typeof value === 'string' && /^[0-9A-Z]{10}$/.test(value)
  if (name === 'why') return typeof value === 'string' && value.length < SLOT_BYTES[kind]
  if (name === 'score') return typeof value === 'number'
  if (name === 'kind') return value === 'accepted' || value === 'rejected'
  if (name === 'message') return typeof value === 'string' && value.length < SLOT_BYTES[kind]
  if (!Number.isInteger(value)) return false
  const number = value as number
  return name.endsWith('Seconds') ? number >= 0 && number <= MAX_UINT32 : Math.abs(number) <= MAX_UINT32
}
