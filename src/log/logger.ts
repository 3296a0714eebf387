/**
 * Log lines to syslog through logger(1), where there is no native part to call syslog(3).
 *
 * Loaded when the first line is written, behind the first answer. One logger process takes all lines of a flush,
 * one line each, on its standard input: no text ever becomes an argument.
 *
 * Failure: no logger, a logger that hangs (ended after two seconds): the lines are lost, and those behind them; the mail is not.
 * Source: docs/behaviour/configuration.md#log.
 */
import { spawnSync } from 'node:child_process'
import type { Config } from '../config/parameters/parameters.ts'
import { tagOf } from '../system/native/syslog-codes.ts'
import type { LogLine } from './line.ts'

const LOGGER_TIMEOUT_MS = 2000

/** Writes lines under the configured facility, priority and ident; a run of lines of one severity takes one process. */
export function writeWithLogger(lines: readonly LogLine[], config: Config): void {
  const tag = tagOf(config.syslog_ident, config.syslog_options)
  for (let start = 0; start < lines.length; ) {
    const severity = (lines[start] as LogLine).severity
    let end = start + 1
    while (end < lines.length && lines[end]?.severity === severity) end++
    const priority = severity === 'info' ? config.syslog_priority : severity
    const { error } = spawnSync('logger', ['-p', `${config.syslog_facility}.${priority}`, '-t', tag], {
      input: lines
        .slice(start, end)
        .map(line => `${line.text}\n`)
        .join(''),
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: LOGGER_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    // The next one would hang as well, for as long as others wait for this process.
    if (error) return
    start = end
  }
}
