/**
 * What is logged, as text: one line for an event.
 *
 *   log.ts, explain.ts: LogEvent → lineOf → severity and text
 *
 * Log analysers parse these lines, so they stay byte for byte the reference's. Whatever a stranger wrote is masked to
 * printable ASCII here: a log line is one line.
 *
 * Total, no errors.
 * Sources: docs/behaviour/scoring.md#log-lines, docs/behaviour/deviations.md#d6.
 */
import type { PolicyRequest } from '../policy/request.ts'
import { maskText } from '../text/mask.ts'
import type { LogEvent } from './event.ts'

/** syslog(3) priorities that are used. `info` lines carry the configured priority. */
export type Severity = 'info' | 'warning'

export interface LogLine {
  readonly severity: Severity
  readonly text: string
}

/** `debug`: `$DEBUG`, with which lines say more. */
export function lineOf(event: LogEvent, debug: boolean): LogLine {
  const { kind } = event
  const severity = kind === 'warning' || kind === 'configuration-error' ? 'warning' : 'info'
  return { severity, text: maskText(textOf(event, debug)) }
}

function textOf(event: LogEvent, debug: boolean): string {
  switch (event.kind) {
    case 'weighted-check': {
      const { request, reasons, rate, addresses } = event
      const helo = debug ? ` <helo_ips: ${addresses.join(' ')}>` : ''
      return `weighted check: ${reasons}${helo}; ${parties(request, request.client ?? '', request.from, debug)}; rate: ${rate}`
    }
    case 'decided': {
      const { request, action, delayMs } = event
      // Never negative, whatever the clock does.
      const delay = Math.max(0, Math.floor(delayMs / 1000))
      return `decided action=${action}; ${parties(request, request.clientAddress, request.sender, debug)}; delay: ${delay}s`
    }
    case 'rejected-again': {
      const { request, reasons, rate } = event
      return `rejected again: ${reasons}; <client=${request.name}[${request.client}]>; rate: ${rate}`
    }
    case 'attribute':
      return `attribute: ${event.text}`
    case 'warning':
      return `warning: ${event.text}`
    case 'notice':
      return event.text
    case 'configuration-error':
      return `conf-err: ${event.text}`
  }
}

/** `<client=NAME[CLIENT]> <helo=HELO> <from=FROM> <to=RCPT>`. */
function parties(request: PolicyRequest, client: string, from: string, debug: boolean): string {
  const instance = debug ? `<instance=${request.instance}> ` : ''
  return `${instance}<client=${request.name}[${client}]> <helo=${request.helo}> <from=${from}> <to=${request.recipient}>`
}
