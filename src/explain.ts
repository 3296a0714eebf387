/**
 * `-d`: what was looked up, which rules applied, and what came of it.
 *
 * Printed to standard output before each answer, so that an administrator can pipe a request in and see why a mail
 * is accepted or refused: every lookup in the order asked with its result and latency, every rule in the order
 * applied with its score and the running rate, the number of DNS queries, the verdict in words. Scoring is the very same as
 * without `-d`. What would be logged is printed, too, and goes nowhere else; so is why a request is not answered. One
 * without `request=` is taken for one that has it.
 *
 * Everything a stranger wrote is masked before it is printed, and a subscriber's key to a list is left out.
 * Failure: errors of standard output are those of the server that called.
 */
import type { Config } from './config/parameters/parameters.ts'
import type { Decision } from './decide.ts'
import { writeStandardOutput } from './system/descriptors.ts'
import type { LookupRecord } from './dns/fan-out.ts'
import type { Outcome } from './dns/outcome.ts'
import { shownQuestion } from './lists/shown-host.ts'
import type { LogEvent } from './log/event.ts'
import { lineOf } from './log/line.ts'
import { maskText } from './text/mask.ts'
import type { PolicyRequest } from './policy/request.ts'
import { formatNumber } from './text/number.ts'
import type { Step } from './score/tally.ts'
import type { ServeOptions } from './serve.ts'
import { describeVerdict } from './score/verdict-words.ts'

/** What serves with `-d`: reports, no log, and requests with what they may lack. */
export function explainer(config: Config): Required<Pick<ServeOptions, 'report' | 'log' | 'complete'>> {
  const printed = new WeakSet<LogEvent>()
  let pending: string[] = []
  return {
    report: async (request, decision) => {
      for (const event of decision.events) printed.add(event)
      await writeStandardOutput(renderReport(request, decision, config))
    },
    log: {
      add(event) {
        if (event && !printed.has(event)) pending.push(`log       ${lineOf(event, config.DEBUG).text}\n`)
      },
      flush() {
        const text = pending.join('')
        pending = []
        try {
          return writeStandardOutput(text)?.catch(() => {})
        } catch {
          // What could not be printed cannot be told either; the answer could not, and that is (75).
          return undefined
        }
      },
    },
    complete(text) {
      if (/^request=/m.test(text)) return text
      pending.push(`note      request=${REQUEST_TYPE} is missing, and is added; Postfix always sends it\n`)
      return `request=${REQUEST_TYPE}\n${text}`
    },
  }
}

const REQUEST_TYPE = 'smtpd_access_policy'

/** The report of a decision as text, lines ending in a line feed. */
export function renderReport(request: PolicyRequest, decision: Decision, config: Config): string {
  const client = request.client ?? `${request.clientAddress} (no address)`
  const lines = [
    `request   client=${request.name}[${client}] helo=${request.helo} from=<${request.sender}> to=<${request.recipient}>`,
  ]
  if (config.faulty) lines.push('note      the configuration cannot be used (policyd-weight check): the defaults serve')
  else if (config.configError !== '') lines.push(`note      ${config.configError} (policyd-weight check)`)
  const { evaluated } = decision
  if (!evaluated) lines.push('answered by a short cut, or from the cache of -d (-d -k empties it): nothing looked up')
  else {
    lines.push('', ...renderLookups(evaluated.lookups, config))
    lines.push(`${evaluated.queries} DNS queries`)
    lines.push('', ...renderSteps(evaluated.judgement.steps))
    lines.push(`verdict   ${describeVerdict(evaluated.judgement, config)}`)
  }
  lines.push('', ...decision.events.map(event => `log       ${lineOf(event, config.DEBUG).text}`))
  return `${lines.map(line => maskText(line).trimEnd()).join('\n')}\n\n`
}

function renderLookups(lookups: readonly LookupRecord[], config: Config): string[] {
  return lookups.map(({ question, outcome, latencyMs }) => {
    const latency = latencyMs === undefined ? '' : `${latencyMs.toFixed(1)} ms`
    return `lookup    ${question.type.padEnd(4)}  ${latency.padStart(9)}  ${shownQuestion(question, config.zone_codes)}  ${describeOutcome(outcome)}`
  })
}

function describeOutcome(outcome: Outcome | undefined): string {
  if (!outcome) return '(not waited for)'
  switch (outcome.kind) {
    case 'found':
      return outcome.values.map(value => (value === '' ? '.' : value)).join(' ')
    case 'failed':
      return `failed: ${outcome.reason}`
    default:
      return outcome.kind
  }
}

function renderSteps(steps: readonly Step[]): string[] {
  return steps.map(
    ({ rule, score, rate }) =>
      `rule      ${formatNumber(score).padStart(8)}  rate ${formatNumber(rate).padStart(8)}  ${rule}`,
  )
}
