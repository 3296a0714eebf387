/**
 * Serves standard input: one answer per request, in order, until end of file.
 *
 *   descriptor 0 → policy/request.ts → decide.ts → policy/reply.ts → descriptor 1, then the log
 *
 * This is what runs under spawn(8), for as long as the smtpd(8) on the other end keeps its connection, and what a
 * piped request meets. It never ends between requests: Postfix would wait a second at the next one.
 *
 * Failure: on trouble (not the policy protocol, a bound broken, an error of our own, output closed) no answer is
 * sent for the request at hand, a warning is logged, and the exit status is 75; Postfix then asks once more and,
 * failing that, defers the mail. Nothing is ever accepted or refused because something broke here.
 * Source: SMTPD_POLICY_README; specification, chapter "Postfix".
 */
import { MessageMemory } from './cache/memory.ts'
import type { LoadedConfig } from './config/load.ts'
import { type Decision, decide, type Instance } from './decide.ts'
import { StandardInput, writeStandardOutput } from './descriptors.ts'
import { attributeLine, configurationErrorLine, warningLine } from './log/event.ts'
import { Log } from './log/log.ts'
import { renderReply } from './policy/reply.ts'
import { type PolicyRequest, parseRequest, RequestReader } from './policy/request.ts'

/** Exit statuses of a server of standard input (sysexits.h). */
export const EXIT_OK = 0
export const EXIT_TROUBLE = 75

/** What is told of a decision before its answer is written; resolves when it may be. */
export type Report = (request: PolicyRequest, decision: Decision) => Promise<void>

/** Serves until end of file. Resolves to the exit status; never rejects. */
export async function serve(loaded: LoadedConfig, report?: Report): Promise<number> {
  const { config, findings } = loaded
  const log = new Log(config)
  for (const finding of findings) {
    if (finding.severity === 'error') log.add(configurationErrorLine(finding.text))
  }
  const warn = (text: string): void => log.add(warningLine(text))
  let status = EXIT_OK
  try {
    // Errors of callbacks (sockets, timers) reach nobody's await.
    const uncaught = new Promise<never>((_, reject) => process.once('uncaughtException', reject))
    await Promise.race([serveRequests(loaded, log, warn, report), uncaught])
  } catch (error) {
    warn(`no answer sent: ${error instanceof Error ? error.message : String(error)}`)
    status = EXIT_TROUBLE
  }
  await log.flush()
  return status
}

async function serveRequests(
  { config }: LoadedConfig,
  log: Log,
  warn: (text: string) => void,
  report: Report | undefined,
): Promise<void> {
  let evaluator: ReturnType<Instance['evaluator']> | undefined
  const instance: Instance = {
    config,
    memory: new MessageMemory(),
    evaluator: () => (evaluator ??= import('./evaluate.ts').then(({ Evaluator }) => new Evaluator(config))),
    nowMs: Date.now,
  }
  const input = new StandardInput()
  const reader = new RequestReader(warn)
  for (;;) {
    const attributes = reader.next()
    if (!attributes) {
      const bytes = await input.read()
      if (!bytes) break
      reader.push(bytes)
      continue
    }
    if (config.VERBOSE) for (const [name, value] of attributes) log.add(attributeLine(name, value))
    const request = parseRequest(attributes)
    const decision = await decide(request, instance)
    await report?.(request, decision)
    await writeStandardOutput(renderReply(decision.action))
    for (const line of decision.lines) log.add(line)
    await log.flush()
  }
  if (reader.hasPartialRequest) throw new Error('the input ended in the middle of a request')
}
