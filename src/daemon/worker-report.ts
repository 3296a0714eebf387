/**
 * What the supervisor says of its workers, for `status`: how many had to be replaced, why, and who does not react.
 *
 *   worker-pool.ts, once a second: WorkerReport → ReportFile: an unnamed file → /proc/PID/fd → readReport → cli/daemon/status.ts
 *
 * A file that only its process has: it needs no path, belongs to no other daemon, and is there for as long as the process,
 * even if that is stopped; then its time tells. Who may look into the process may read it: root, and $USER where the
 * daemon was started as that.
 *
 * One line: `policyd-weight workers TIME REPLACED LASTTIME LASTPID PID:SECONDS,… WHY`. Its reader may be root and its writer
 * is not, so it is read within bounds and believed only if it has that form.
 *
 * Failure: no file, or none that may be read: nothing is known.
 * Source: proc(5).
 */
import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync, writeSync } from 'node:fs'
import { openUnnamedFile, UNNAMED_FILE } from './unnamed-file.ts'

export interface WorkerReport {
  /** When it was written, on the machine's clock that never jumps, in milliseconds; the same for all processes. */
  readonly atMs: number
  /** Workers that had to be replaced, since the daemon was started. */
  readonly replaced: number
  /** The last of them, `pid` 0 if it could not even be started; undefined: none. */
  readonly last: { readonly epochMs: number; readonly pid: number; readonly why: string } | undefined
  /** Those that do not react, and for how long. */
  readonly silent: readonly { readonly pid: number; readonly seconds: number }[]
}

const MAX_BYTES = 4096
const MAX_WHY = 200
const FORM =
  /^policyd-weight workers (\d{1,15}) (\d{1,10}) (\d{1,15}) (\d{1,10}) ((?:\d{1,10}:\d{1,9},)*) ([\x20-\x7e]{0,200})$/

/** `{ atMs: 5, replaced: 0, last: undefined, silent: [] }` → `'policyd-weight workers 5 0 0 0  '`. */
export function renderReport({ atMs, replaced, last, silent }: WorkerReport): string {
  const named = silent.map(({ pid, seconds }) => `${pid}:${Math.floor(seconds)},`).join('')
  const why = (last?.why ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_WHY)
  const numbers = [atMs, replaced, last?.epochMs ?? 0, last?.pid ?? 0].map(Math.floor)
  return `policyd-weight workers ${numbers.join(' ')} ${named} ${why}`
}

/** The opposite; undefined: it is no report. */
export function parseReport(line: string): WorkerReport | undefined {
  const parts = FORM.exec(line)
  if (!parts) return undefined
  const [atMs = 0, replaced = 0, epochMs = 0, lastPid = 0] = parts.slice(1, 5).map(Number)
  const silent = (parts[5] ?? '').split(',').slice(0, -1)
  return {
    atMs,
    replaced,
    last: replaced === 0 ? undefined : { epochMs, pid: lastPid, why: parts[6] ?? '' },
    silent: silent.map(text => {
      const [pid = 0, seconds = 0] = text.split(':').map(Number)
      return { pid, seconds }
    }),
  }
}

export class ReportFile {
  readonly #descriptor = openUnnamedFile()

  write(report: WorkerReport): void {
    if (this.#descriptor === undefined) return
    try {
      writeSync(this.#descriptor, `${renderReport(report)}\n`, 0, 'latin1')
    } catch {
      // The memory for it may be used up; the old one tells by its time that it is.
    }
  }
}

/** The report of a process; undefined: it has none, or we may not look. */
export function readReport(pid: number): WorkerReport | undefined {
  const folder = `/proc/${pid}/fd`
  try {
    for (const name of readdirSync(folder)) {
      const report = readAt(`${folder}/${name}`)
      if (report) return report
    }
  } catch {
    // As if there were none.
  }
  return undefined
}

function readAt(link: string): WorkerReport | undefined {
  if (!UNNAMED_FILE.test(readlinkSync(link))) return undefined
  const descriptor = openSync(link, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const bytes = Buffer.alloc(MAX_BYTES)
    const text = bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, MAX_BYTES, 0))
    // Behind the line there may be the rest of a longer one.
    return parseReport(text.split('\n', 1)[0] ?? '')
  } finally {
    closeSync(descriptor)
  }
}
