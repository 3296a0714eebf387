/**
 * The exception there is for a mail, by now.
 *
 *   explain-mail.ts: a mail that has not come; why.ts: one that was kept out → presentException → notes of the page
 *
 * A decision has the exception that was applied. Of one that was kept out people ask why their exception did not help: it came later, or is
 * a sender's, and the mail was not shown to be theirs.
 *
 * Failure: what is wrong with the file is told in its place.
 * Source: docs/exceptions.md.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { ExceptionsWatch } from '../../exceptions/exceptions-watch.ts'
import type { Match } from '../../exceptions/find-exception.ts'
import { behindNat64, type PolicyRequest } from '../../policy/request.ts'
import { ProtocolError } from '../../policy/protocol-error.ts'
import { readAttributes } from './read-attributes.ts'

export interface ExceptionPlace {
  readonly config: Config
  /** The configuration that was read: whose owner may write exceptions. */
  readonly path: string | undefined
  readonly nowMs: () => number
}

export interface PresentException {
  readonly match: Match | undefined
  /** What is wrong with the file. */
  readonly warnings: readonly string[]
}

export async function presentException(
  request: PolicyRequest,
  { config, path, nowMs }: ExceptionPlace,
): Promise<PresentException> {
  const warnings: string[] = []
  const watch = new ExceptionsWatch({
    path: config.EXCEPTIONS,
    configuration: path,
    lookEveryMs: 0,
    nowMs,
    warn: text => warnings.push(text),
  })
  const match = await watch.find(behindNat64(request, config))
  watch.close()
  return { match, warnings }
}

/** What is to be said of it where a mail was kept out: `{ client_address: '203.0.113.9', … }` → notes. */
export async function noteException(
  attributes: Readonly<Record<string, string>>,
  place: ExceptionPlace,
): Promise<readonly string[]> {
  let request: PolicyRequest
  try {
    request = readAttributes(attributes)
  } catch (error) {
    if (error instanceof ProtocolError) return []
    throw error
  }
  const { match, warnings } = await presentException(request, place)
  if (!match) return warnings
  const { who, action, by } = match
  const what =
    by === 'sender' ? 'it counts only where SPF or DNS shows the mail to be theirs' : 'it counts for the next such mail'
  return [`there is an exception by now, ${who} ${action}: ${what}`, ...warnings]
}
