/**
 * `$LOGFILE`: how it is opened and what stands in front of its lines; and, for a process that writes to it all the time, one
 * descriptor, kept open.
 *
 *   log.ts: lines → LogFile → the file's end
 *
 * Each write(2) is of whole lines and has at most so many bytes as even a pipe takes in one piece, so lines of several
 * processes never mix. Whoever moves the file away has the daemon read its configuration again (SIGHUP, as
 * logrotate(8) does): a new LogFile then opens a new one.
 *
 * Failure: a file that cannot be opened or written is an exception, as in log.ts, and opened anew at the next flush: that of a file server may
 * be gone for good, or a FIFO whose reader has made another one.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { writeText } from '../system/bytes.ts'
import type { LogLine } from './line.ts'
import { formatTimestamp } from './timestamp.ts'

/** PIPE_BUF of Linux. */
const MAX_WRITE_BYTES = 4096

/** Opens a log for appending. Not blocking: a FIFO that nobody reads must not hold up a mail. */
export function openLogFile(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o640)
}

/** What stands in front of each line: the time and the process id. */
export function stampOf(nowMs: number): string {
  return `${formatTimestamp(nowMs)} [${process.pid}]: `
}

export class LogFile {
  #file: { readonly path: string; readonly descriptor: number } | undefined
  #stamp = ''
  #stampMs = 0

  /** Writes lines, each with the time and the process id in front. */
  readonly append = (path: string, lines: readonly LogLine[]): void => {
    try {
      this.#write(this.#open(path), lines)
    } catch (error) {
      // It may never take a line again, and another one have its name by now.
      this.close()
      throw error
    }
  }

  close(): void {
    if (this.#file) closeSync(this.#file.descriptor)
    this.#file = undefined
  }

  #write(descriptor: number, lines: readonly LogLine[]): void {
    const stamp = this.#stampOf(Date.now())
    let text = ''
    for (const line of lines) {
      const next = `${stamp}${line.text}\n`
      if (text.length + next.length > MAX_WRITE_BYTES && text !== '') {
        writeText(descriptor, text)
        text = ''
      }
      text += next
    }
    if (text !== '') writeText(descriptor, text)
  }

  #open(path: string): number {
    if (this.#file?.path === path) return this.#file.descriptor
    this.close()
    const descriptor = openLogFile(path)
    this.#file = { path, descriptor }
    return descriptor
  }

  #stampOf(nowMs: number): string {
    if (nowMs !== this.#stampMs) {
      this.#stampMs = nowMs
      this.#stamp = stampOf(nowMs)
    }
    return this.#stamp
  }
}
