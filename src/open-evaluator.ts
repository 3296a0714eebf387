/**
 * Opens the evaluator of a process: over which transport DNS is asked, and whether what lists are asked is counted.
 *
 *   open-consultant.ts: configuration → openEvaluator → evaluate.ts
 *   cli/doctor/ask-dns.ts → Resolver, of which the command line has no copy
 *
 * Loaded for the first request that has to be evaluated.
 *
 * Failure: without the native part the event loop brings the replies.
 */
import type { Config } from './config/parameters/parameters.ts'
import type { OpenTransport } from './dns/transport.ts'
import { waitingTransport } from './dns/waiting-transport.ts'
import { Evaluator } from './evaluate.ts'
import { ListAccounts } from './list-accounts.ts'
import type { Native, NativeUnavailable } from './system/native/native.ts'
import type { Host } from './turn/server-trouble.ts'

export { Resolver } from './dns/resolver.ts'

/** Sockets of a daemon's worker to each name server: replies to many requests come in at once, and a port is one of so many. */
const DAEMON_SOCKETS_PER_SERVER = 8

/**
 * The evaluator of a process. In spawn mode it stands still while it waits for DNS, if the native part lets it; elsewhere the
 * event loop brings the replies.
 */
export async function openEvaluator(
  config: Config,
  native: () => Native | NativeUnavailable,
  mode: 'spawn' | 'daemon',
  host?: Host,
): Promise<Evaluator> {
  const part = mode === 'spawn' ? native() : undefined
  const accounts = config.LEDGER === '' ? undefined : new ListAccounts(config, native)
  const open = (transport: OpenTransport): Evaluator => new Evaluator(config, transport, undefined, host, accounts)
  if (part?.kind === 'native') return open(waitingTransport(part))
  const { pooledTransport } = await import('./dns/event-transport.ts')
  return open(pooledTransport(mode === 'spawn' ? 1 : DAEMON_SOCKETS_PER_SERVER))
}
