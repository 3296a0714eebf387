/**
 * Where log lines go: the one door to syslog and to `$LOGFILE`.
 *
 * Events are collected while a request is answered, and made into lines (line.ts) and written by `flush`, which the servers call when the answer
 * has left: logging never delays a mail. With `$LOGFILE` set each line is one write(2) of one whole line, with
 * time and process id in front, so that lines of several processes never mix. Otherwise they go to syslog(3), or
 * through logger(1) where the native part is missing. Neither waits for a log daemon that hangs: its lines are lost, and
 * how many is told when it takes some again.
 *
 * Guarantee: nothing is ever written to descriptor 2, and no failure to log reaches a request. Lines that `$LOGFILE` does not take go
 * to syslog, and what syslog does not take is lost. The queue is bounded.
 *
 * Sources: docs/behaviour/scoring.md#log-lines, docs/behaviour/configuration.md#log.
 */
import { closeSync } from 'node:fs'
import { writeText } from '../system/bytes.ts'
import type { Config } from '../config/parameters/parameters.ts'
import { codeOf } from '../system/errno.ts'
import { EXECUTABLE } from '../system/executable.ts'
import type { Native, NativeUnavailable } from '../system/native/native.ts'
import { facilityCode, priorityCode, tagOf } from '../system/native/syslog-codes.ts'
import { type LogEvent, warning } from './event.ts'
import { type LogLine, lineOf } from './line.ts'
import { openLogFile, stampOf } from './log-file.ts'

/** Events that may wait for a flush; a client that causes more loses the rest. */
const MAX_PENDING_LINES = 1000

export class Log {
  #pending: LogEvent[] = []
  readonly #config: Config
  readonly #native: () => Native | NativeUnavailable
  readonly #append: (path: string, lines: readonly LogLine[]) => void
  /** `$LOGFILE` does not take any, which was told. */
  #isElsewhere = false
  /** Lines that the log daemon did not take, still to be told. */
  #lost = 0

  /** `append`: how lines get into `$LOGFILE`; the daemon keeps it open. */
  constructor(config: Config, native: () => Native | NativeUnavailable, append = appendToFile) {
    this.#config = config
    this.#native = native
    this.#append = append
  }

  add(event: LogEvent | undefined): void {
    if (event && this.#pending.length < MAX_PENDING_LINES) this.#pending.push(event)
  }

  /**
   * Writes what was collected, at once but for logger(1). Errors are swallowed: there is nowhere left to report them.
   */
  flush(): Promise<void> | undefined {
    // Files that were found damaged when they were wanted; the executable has gone on without them.
    for (const path of EXECUTABLE?.damaged.splice(0) ?? [])
      this.add(warning(`${path} is damaged and not used; policyd-weight prepare, run as root, makes it anew`))
    const events = this.#pending
    if (events.length === 0) return undefined
    this.#pending = []
    try {
      const left = this.#intoFile(events.map(event => lineOf(event, this.#config.DEBUG)))
      if (left.length === 0) return undefined
      const native = this.#native()
      if (native.kind !== 'native') return this.#writeWithLogger(left)
      this.#writeSyslog(native, left)
    } catch {
      // Mail goes on without a log.
    }
    return undefined
  }

  /** Appends to `$LOGFILE`, if there is to be one; the lines that have to go to syslog. */
  #intoFile(lines: readonly LogLine[]): readonly LogLine[] {
    const { LOGFILE } = this.#config
    if (LOGFILE === '') return lines
    try {
      this.#append(LOGFILE, lines)
      this.#isElsewhere = false
      return []
    } catch (error) {
      if (this.#isElsewhere) return lines
      this.#isElsewhere = true
      return [lineOf(warning(`${LOGFILE} cannot be written (${codeOf(error)}); lines go to syslog`), false), ...lines]
    }
  }

  async #writeWithLogger(lines: readonly LogLine[]): Promise<void> {
    try {
      const { writeWithLogger } = await import('./logger.ts')
      writeWithLogger(lines, this.#config)
    } catch {
      // As above.
    }
  }

  #writeSyslog(native: Native, lines: readonly LogLine[]): void {
    const { syslog_ident, syslog_options, syslog_facility, syslog_priority } = this.#config
    const tag = tagOf(syslog_ident, syslog_options)
    const facility = facilityCode(syslog_facility)
    const write = ({ severity, text }: LogLine): boolean =>
      native.writeLog(facility + priorityCode(severity === 'info' ? syslog_priority : severity), tag, text)
    if (this.#lost > 0 && write(lineOf(warning(`${this.#lost} lines lost: the log daemon hung`), false))) this.#lost = 0
    for (const line of lines) if (!write(line)) this.#lost++
  }
}

function appendToFile(path: string, lines: readonly LogLine[]): void {
  const file = openLogFile(path)
  try {
    const stamp = stampOf(Date.now())
    for (const line of lines) writeText(file, `${stamp}${line.text}\n`)
  } finally {
    closeSync(file)
  }
}
