/**
 * The decisions that are asked about, the newest first, with those that they repeat.
 *
 *   records of a journal or a log → findDecisions → FoundDecisions
 *
 * Bounded: of more than MOST the newest are kept. Whatever order they come in, torn and foreign lines left out by whoever reads.
 *
 * Pure over what it is given, total.
 */
import type { DecisionRecord } from '../../journal/decision-record.ts'

/** Decisions that are kept. */
const MOST = 1000

export interface FoundDecisions {
  /** The newest first. */
  readonly decisions: readonly DecisionRecord[]
  /** Those that answers from memory repeat, by id. */
  readonly originals: ReadonlyMap<string, DecisionRecord>
  /** Whether older ones are left out. */
  readonly isCut: boolean
  /** All that were looked at. */
  readonly seen: number
}

/** Reads anew whatever there is since then, and perhaps more, in any order. */
export type OpenRecords = (sinceMs: number) => Iterable<DecisionRecord> | AsyncIterable<DecisionRecord>

/** `sinceMs`: what is older is left out, but for what a newer one repeats. */
export async function findDecisions(
  open: OpenRecords,
  isWanted: (record: DecisionRecord) => boolean,
  sinceMs: number,
): Promise<FoundDecisions> {
  let decisions: DecisionRecord[] = []
  let seen = 0
  let isCut = false
  for await (const record of open(sinceMs)) {
    seen++
    // What cannot be read as a time is not left out for its age.
    if (Date.parse(record.time) < sinceMs || !isWanted(record)) continue
    decisions.push(record)
    if (decisions.length < 2 * MOST) continue
    decisions = newestFirst(decisions).slice(0, MOST)
    isCut = true
  }
  const sorted = newestFirst(decisions)
  const kept = sorted.slice(0, MOST)
  return { decisions: kept, originals: await originalsOf(kept, open), isCut: isCut || sorted.length > MOST, seen }
}

async function originalsOf(
  decisions: readonly DecisionRecord[],
  open: OpenRecords,
): Promise<ReadonlyMap<string, DecisionRecord>> {
  const originals = new Map<string, DecisionRecord>()
  const ids = new Set(decisions.flatMap(({ repeats }) => repeats ?? []))
  if (ids.size === 0) return originals
  for await (const record of open(0)) {
    if (record.by === undefined && ids.has(record.id)) originals.set(record.id, record)
    if (originals.size === ids.size) break
  }
  return originals
}

/** Of two at one time the later one in the file first. */
function newestFirst(records: readonly DecisionRecord[]): DecisionRecord[] {
  const order = (one: DecisionRecord, other: DecisionRecord): number =>
    one.time < other.time ? 1 : one.time > other.time ? -1 : 0
  return records.toReversed().toSorted(order)
}
