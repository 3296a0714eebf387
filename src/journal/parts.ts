/**
 * The parts of the journal: the file that is written to, and those that were moved away.
 *
 *   journal.ts: too large, or of another day → moveAway, dropOldParts; read-journal.ts, check: partsOf
 *
 *   /var/log/policyd-weight/journal                              written to
 *   /var/log/policyd-weight/journal.20261129T232045.123Z.4711    moved away then, by that process
 *
 * A part is a sixteenth of `$JOURNAL_SIZE` at most, but for what several processes write at once. Parts whose last record is older than
 * `$JOURNAL_DAYS` go, and the oldest of those that are too many; so a record is kept for `$JOURNAL_DAYS` and up to one day more,
 * unless there is no room.
 *
 * Whoever finds that a file has to go renames it, if it still has the name. Two at once do no harm: the second moves away what
 * others have begun, a part of few lines; nothing is written over, as each name is used once.
 *
 * Failure: errors of the file system but those of files that others have moved or removed meanwhile; a part that cannot be removed keeps
 * neither another one nor a record.
 * Source: rename(2).
 */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '../system/errno.ts'

const MEGABYTE = 1_000_000
const PARTS = 16
const DAY_MS = 86_400_000
/** Behind the journal's name and a full stop. */
const PART_NAME = /^\d{8}T\d{6}\.\d{3}Z\.\d+$/

/** A file of the journal. */
export interface JournalPart {
  readonly path: string
  /** Which file had the name. */
  readonly inode: number
  readonly bytes: number
  readonly lastWrittenMs: number
}

/** How large one may become, in bytes; `journalSize`: `$JOURNAL_SIZE`. */
export function partBytes(journalSize: number): number {
  return (journalSize * MEGABYTE) / PARTS
}

/** Moves away the file that has the name, if it is this one. */
export function moveAway(path: string, inode: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.ino !== inode) return
  const stamp = new Date().toISOString().replace(/[-:]/g, '')
  const moved = `${path}.${stamp}.${process.pid}`
  // Twice in a millisecond: the next one moves it.
  if (statSync(moved, { throwIfNoEntry: false })) return
  try {
    renameSync(path, moved)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** Removes parts that are too old, and the oldest of what is too much; what keeps one from being removed, if anything does. */
export function dropOldParts(path: string, journalSize: number, days: number, nowMs: number): unknown {
  // Room for the one that is begun, and for what several write to it at once.
  let room = (PARTS - 2) * partBytes(journalSize)
  let trouble: unknown
  try {
    for (const part of movedParts(path)) {
      room -= part.bytes
      if (room >= 0 && nowMs - part.lastWrittenMs <= days * DAY_MS) continue
      try {
        rmSync(part.path, { force: true })
      } catch (error) {
        trouble = error
      }
    }
  } catch (error) {
    trouble = error
  }
  return trouble
}

/** All parts that there are, the youngest first. */
export function partsOf(path: string): readonly JournalPart[] {
  return [...partAt(path), ...movedParts(path)]
}

function movedParts(path: string): JournalPart[] {
  const prefix = `${basename(path)}.`
  return readdirSync(dirname(path))
    .filter(name => name.startsWith(prefix) && PART_NAME.test(name.slice(prefix.length)))
    .sort()
    .reverse()
    .flatMap(name => partAt(join(dirname(path), name)))
}

function partAt(path: string): JournalPart[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? [{ path, inode: stat.ino, bytes: stat.size, lastWrittenMs: stat.mtimeMs }] : []
}
