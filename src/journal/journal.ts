/**
 * The journal's writer: decisions, behind their answers, to the end of `$JOURNAL`.
 *
 *   serve.ts, daemon/generation.ts: DecidedRequest, behind its answer → Journal.write → decision-record.ts → one write(2)
 *
 * All processes of the host append to one file. What one has to write at a time, the daemon once a turn of its event loop, is one
 * write(2) to a descriptor opened with O_APPEND, so lines of several never mix. A record begins with a line feed: what a killed
 * process has left of one spoils none behind it.
 *
 * The file is opened by its name each time, or, kept open, compared with what has the name, ten times a second at most, so that nobody
 * goes on writing to one that has been moved away. Whoever finds it too large, or begun on another day (UTC) – one before, or by a clock that was wrong –, moves it away (parts.ts).
 *
 * The file is made where its directory is, by whoever that belongs to, with mode 0600; a name that is not a regular file of ours is
 * left alone, and links are not followed.
 *
 * Failure: what cannot be written is lost, the mail is not; a process says so, once an hour at most. Between an answer and its record a process may be
 * killed: then there is an answer without a record, never a record without its answer having been decided.
 * Sources: write(2), O_APPEND; docs/journal.md.
 */
import { closeSync, constants, fstatSync, statSync } from 'node:fs'
import { latin1Text, readPart, writeText } from '../system/bytes.ts'
import { codeOf, messageOf } from '../system/errno.ts'
import { openOrMake } from '../system/ownership.ts'
import type { Config } from '../config/parameters/parameters.ts'
import { verdictHashText } from '../config/verdict-hash.ts'
import { newReference } from '../policy/reference.ts'
import { dropOldParts, moveAway, partBytes } from './parts.ts'
import { BEGINNING, type DecidedRequest, type Recording, renderDecision } from './decision-record.ts'

const MODE = 0o600
/** So much of a file's beginning names its day: `\n{"v":1,"time":"2026-11-29`. */
const DAY_AT = `\n${BEGINNING}`.length
const DAY_CHARACTERS = '2026-11-29'.length
const DAY_MS = 86_400_000
/** A daemon that could not write last month says so when it cannot again. */
const WARN_EVERY_MS = 3_600_000
/** For so long, and so small a part of a file, it is taken for granted that the one that is open has its name and room. */
const CHECK_MS = 100
const UNCHECKED_PARTS = 16

interface OpenJournal {
  readonly descriptor: number
  readonly inode: number
  /** The day of its first record; undefined: it has none yet. */
  day: string | undefined
}

export class Journal {
  readonly #config: Config
  readonly #warn: (text: string) => void
  readonly #staysOpen: boolean
  #recording: Recording | Promise<Recording> | undefined
  #open: OpenJournal | undefined
  /** When it was looked whether it has its name and room, and what was written since then. */
  #checkedMs = 0
  #uncheckedBytes = 0
  #warnedMs = Number.NEGATIVE_INFINITY

  /** `staysOpen`: for a process that writes all the time. */
  constructor(config: Config, warn: (text: string) => void, staysOpen: boolean) {
    this.#config = config
    this.#warn = warn
    this.#staysOpen = staysOpen
  }

  /** Writes decisions down, at once but for a key that is yet to be read. Never throws nor rejects. */
  write(decided: readonly DecidedRequest[]): Promise<void> | undefined {
    this.#recording ??= this.#begin()
    if (this.#recording instanceof Promise)
      return this.#recording.then(recording => {
        this.#recording = recording
        this.#append(decided, recording)
      })
    this.#append(decided, this.#recording)
    return undefined
  }

  close(): void {
    if (this.#open) closeSync(this.#open.descriptor)
    this.#open = undefined
  }

  #begin(): Recording | Promise<Recording> {
    const config = this.#config
    const hash = verdictHashText(config)
    const recording = { config, hash, newId: newReference }
    if (!config.JOURNAL_PRIVACY) return recording
    return import('./hidden-addresses.ts').then(({ hideElsewhere, hideWithKeyBeside }) => {
      const hide = hideWithKeyBeside(config.JOURNAL)
      return { ...recording, hide, hideElsewhere }
    })
  }

  #append(all: readonly DecidedRequest[], recording: Recording): void {
    if (all.length === 0) return
    let text = ''
    for (const decided of all) text += `\n${renderDecision(decided, recording)}`
    const today = text.slice(DAY_AT, DAY_AT + DAY_CHARACTERS)
    try {
      const journal = this.#openFor(text.length, today)
      if (!journal) return
      const written = writeText(journal.descriptor, text)
      journal.day ??= today
      if (written < text.length) this.#complain('its disk is full')
    } catch (error) {
      if (codeOf(error) === undefined) throw error
      this.#complain(messageOf(error))
    } finally {
      if (!this.#staysOpen) this.close()
    }
  }

  /** The file that has the name, with room for so many more bytes of today's. */
  #openFor(bytes: number, today: string): OpenJournal | undefined {
    const { JOURNAL, JOURNAL_SIZE, JOURNAL_DAYS } = this.#config
    this.#uncheckedBytes += bytes
    const sinceMs = Date.now() - this.#checkedMs
    const isChecked =
      sinceMs >= 0 && sinceMs < CHECK_MS && this.#uncheckedBytes < partBytes(JOURNAL_SIZE) / UNCHECKED_PARTS
    if (this.#open && isChecked && this.#open.day === today) return this.#open
    this.#checkedMs = Date.now()
    this.#uncheckedBytes = bytes
    // A second one that is too large was filled by others meanwhile.
    for (let tries = 0; tries < 2; tries++) {
      const journal = this.#openNamed(JOURNAL)
      if (!journal) return undefined
      const { size } = fstatSync(journal.descriptor)
      const isOld = journal.day !== undefined && (journal.day < today || isAhead(journal.day, today))
      if (size === 0 || (!isOld && size + bytes <= partBytes(JOURNAL_SIZE))) return journal
      moveAway(JOURNAL, journal.inode)
      this.close()
      const left = dropOldParts(JOURNAL, JOURNAL_SIZE, JOURNAL_DAYS, Date.now())
      if (left !== undefined)
        this.#warnAtTimes(`old parts of the journal ${JOURNAL} cannot be removed: ${messageOf(left)}`)
    }
    return this.#openNamed(JOURNAL)
  }

  #openNamed(path: string): OpenJournal | undefined {
    if (this.#open) {
      if (statSync(path, { throwIfNoEntry: false })?.ino === this.#open.inode) return this.#open
      this.close()
    }
    const descriptor = openOrMake(path, constants.O_RDWR | constants.O_APPEND, MODE)
    if (descriptor === undefined) {
      // Root that tries a request by hand is not whom this is for.
      if (process.geteuid?.() !== 0)
        this.#complain(`its directory is missing or another user's; see policyd-weight check`)
      return undefined
    }
    const { ino, uid, mode } = fstatSync(descriptor)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || uid !== process.geteuid?.()) {
      closeSync(descriptor)
      this.#complain('it is not a regular file of ours')
      return undefined
    }
    this.#open = { descriptor, inode: ino, day: dayOf(descriptor) }
    return this.#open
  }

  #complain(why: string): void {
    this.#warnAtTimes(`decisions are not written to the journal ${this.#config.JOURNAL}: ${why}`)
  }

  #warnAtTimes(text: string): void {
    const sinceMs = Date.now() - this.#warnedMs
    if (sinceMs >= 0 && sinceMs < WARN_EVERY_MS) return
    this.#warnedMs = Date.now()
    this.#warn(text)
  }
}

/** Whether a day is later than the one after today: then the clock was wrong. One that is a little behind need not be. */
function isAhead(day: string, today: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(day) && Date.parse(day) - Date.parse(today) > DAY_MS
}

/** The day of the first record; of what is none, whatever stands there. */
function dayOf(descriptor: number): string | undefined {
  const { size } = fstatSync(descriptor)
  if (size === 0) return undefined
  return latin1Text(readPart(descriptor, DAY_AT, DAY_CHARACTERS), 0, DAY_CHARACTERS)
}
