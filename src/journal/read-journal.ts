/**
 * Reads the journal, the latest decision first.
 *
 *   why: path, since → readJournal → DecisionRecord after DecisionRecord, until no more is wanted
 *
 * Parts are read from their ends, a piece at a time, so that what happened this morning is found without reading two weeks. A record
 * begins behind a line feed and is whole if it is JSON and has what every record has; what a killed process has left is skipped and
 * counted, and so is a line that is longer than any record, of which no more is kept than that. Parts that are moved away or removed meanwhile do no harm: one that was opened stays.
 *
 * Failure: errors of the file system, with their `code`: ENOENT, there is no journal; EACCES, it is another user's.
 * Source: journal.ts, docs/journal.md.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { latin1Text, readPart } from '../system/bytes.ts'
import { codeOf } from '../system/errno.ts'
import { type JournalPart, partsOf } from './parts.ts'
import { BEGINNING, type DecisionRecord } from './decision-record.ts'

const PIECE_BYTES = 1 << 20
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK

/** More than any record has (decision-record.ts): a file that is none may have a line without an end. */
const MOST_LINE_BYTES = 4 << 20
/** Of a file that is moved away as often as it is looked for. */
const MOST_TRIES = 5

/** What a part begins with. */
const FRONT = `\n${BEGINNING}`
const TIME_CHARACTERS = '2026-11-29T08:30:00.005Z'.length

/** What was met on the way. */
export interface Reading {
  /** Lines that are no whole record. */
  torn: number
  /** Bytes that were read. */
  bytes: number
}

/** The records since then (milliseconds), the latest first. `reading` is kept up to date. Throws errors of the system. */
export function* readJournal(
  path: string,
  sinceMs: number,
  reading: Reading = { torn: 0, bytes: 0 },
): Generator<DecisionRecord> {
  const since = new Date(sinceMs).toISOString()
  const { parts, first } = openParts(path)
  // A journal that cannot be opened is no empty one.
  if (parts.length === 0) closeSync(openSync(path, FLAGS))
  let descriptor = first
  try {
    for (const part of parts) {
      if (part.lastWrittenMs < sinceMs) return
      descriptor ??= openPart(part)
      if (descriptor === undefined) continue
      for (const line of linesOf(descriptor, reading)) {
        const record = readRecord(line)
        if (!record) reading.torn++
        // Decisions that were long under way are written behind younger ones.
        else if (record.time >= since) yield record
      }
      closeSync(descriptor)
      descriptor = undefined
    }
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/**
 * All parts, and the first of them open, if it is there: the file that has the name may be moved away between the two, and then it is
 * neither the one that is opened nor in the list.
 */
function openParts(path: string): { readonly parts: readonly JournalPart[]; readonly first: number | undefined } {
  for (let tries = 0; ; tries++) {
    const parts = partsOf(path)
    const [part] = parts
    const first = part && openPart(part)
    const isSame = first !== undefined && fstatSync(first).ino === part?.inode
    if (isSame || part?.path !== path || tries === MOST_TRIES) return { parts, first }
    if (first !== undefined) closeSync(first)
  }
}

/** Undefined: it has been moved away, or removed, meanwhile. */
function openPart({ path }: JournalPart): number | undefined {
  try {
    return openSync(path, FLAGS)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A line → the record that it is; undefined: it is not a whole one. */
export function readRecord(line: string): DecisionRecord | undefined {
  // Half of a file that is no journal would be an exception each.
  if (!line.startsWith('{')) return undefined
  try {
    const record = JSON.parse(line) as Partial<DecisionRecord> | null
    const isRecord = record?.v === 1 && typeof record.id === 'string' && typeof record.time === 'string'
    return isRecord && typeof record.request === 'object' && record.request !== null
      ? (record as DecisionRecord)
      : undefined
  } catch {
    return undefined
  }
}

/** When the first decision of a part was made, `2026-11-29T08:30:00.005Z`; a torn one has less of it. Undefined: it is no journal. Throws errors of the system. */
export function firstTimeOf(path: string): string | undefined {
  const descriptor = openSync(path, FLAGS)
  try {
    const length = Math.min(fstatSync(descriptor).size, FRONT.length + TIME_CHARACTERS)
    const text = latin1Text(readPart(descriptor, 0, length), 0, length)
    return text.startsWith(FRONT.slice(0, length)) ? text.slice(FRONT.length) : undefined
  } finally {
    closeSync(descriptor)
  }
}

/** The lines of a part, the last first. */
function* linesOf(descriptor: number, reading: Reading): Generator<string> {
  let end = fstatSync(descriptor).size
  let rest = ''
  let isTooLong = false
  while (end > 0) {
    const begin = Math.max(0, end - PIECE_BYTES)
    const text = latin1Text(readPart(descriptor, begin, end - begin), 0, end - begin) + rest
    reading.bytes += end - begin
    end = begin
    const lines = text.split('\n')
    rest = lines.shift() ?? ''
    if (isTooLong) {
      // The beginning of it, which is left out as well; or not even that.
      if (lines.pop() === undefined) rest = ''
      else isTooLong = false
    }
    for (const line of lines.reverse()) if (line !== '') yield line
    if (rest.length <= MOST_LINE_BYTES) continue
    rest = ''
    isTooLong = true
    reading.torn++
  }
  if (rest !== '') yield rest
}
