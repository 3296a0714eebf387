/**
 * The log lines of a request, as text.
 *
 * Log analysers parse these lines, so they stay byte for byte the reference's. Written by log.ts, after the answer
 * has left. Whatever a stranger wrote is masked to printable ASCII here: a log line is one line.
 *
 * Total, no errors.
 * Sources: docs/behaviour/scoring.md#log-lines, docs/behaviour/deviations.md#d6.
 */

import type { RequestText } from '../policy/attributes.ts'
import { maskText } from '../text/mask.ts'
import type { PolicyRequest } from '../policy/request.ts'
import type { Judgement } from '../score/verdict.ts'

/** syslog(3) priorities that are used. `info` lines carry the configured priority. */
export type Severity = 'info' | 'warning'

export interface LogLine {
  readonly severity: Severity
  readonly text: string
}

/** `weighted check:  IN_X=4.35 …; <client=NAME[CLIENT]> <helo=HELO> <from=FROM> <to=RCPT>; rate: 4.35`. */
export function weightedCheckLine(request: PolicyRequest, judgement: Judgement, debug: boolean): LogLine | undefined {
  const { weighted } = judgement
  if (!weighted) return undefined
  const addresses = debug ? ` <helo_ips: ${judgement.addresses.join(' ')}>` : ''
  const parties =
    `${instancePart(request, debug)}<client=${request.name}[${request.client}]> <helo=${request.helo}> ` +
    `<from=${request.from}> <to=${request.recipient}>`
  return info(`weighted check: ${weighted.reasons}${addresses}; ${parties}; rate: ${weighted.rate}`)
}

/** `decided action=DUNNO …; <client=NAME[ADDRESS]> <helo=HELO> <from=SENDER> <to=RCPT>; delay: 0s`; never negative, whatever the clock does. */
export function decidedLine(request: PolicyRequest, action: string, delayMs: number, debug: boolean): LogLine {
  const parties =
    `${instancePart(request, debug)}<client=${request.name}[${request.clientAddress}]> <helo=${request.helo}> ` +
    `<from=${request.sender}> <to=${request.recipient}>`
  return info(`decided action=${action}; ${parties}; delay: ${Math.max(0, Math.floor(delayMs / 1000))}s`)
}

/** The attributes of a request as `$VERBOSE` logs them: `attribute: sender=a@example.org`. */
export function attributeLines(text: RequestText): LogLine[] {
  const attributes = text.split('\n').filter(line => line.includes('='))
  return attributes.map(attribute => info(`attribute: ${attribute}`))
}

/** A warning: what happened, what it means for the mail. */
export function warningLine(text: string): LogLine {
  return { severity: 'warning', text: maskText(`warning: ${text}`) }
}

/** Something an operator may want to know, and need do nothing about. */
export function noticeLine(text: string): LogLine {
  return info(text)
}

/** A fault of the configuration file; the built-in defaults serve meanwhile. */
export function configurationErrorLine(text: string): LogLine {
  return { severity: 'warning', text: maskText(`conf-err: ${text}`) }
}

function info(text: string): LogLine {
  return { severity: 'info', text: maskText(text) }
}

function instancePart(request: PolicyRequest, debug: boolean): string {
  return debug ? `<instance=${request.instance}> ` : ''
}
