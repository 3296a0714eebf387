/**
 * What a resolver is told before it asks anything.
 *
 *   consult.ts, doctor: $DNS_RETRIES, $DNS_RETRY_IVAL, resolv.conf(5) → ResolverOptions → resolver.ts
 */
import type { ServerHealth } from './hearing.ts'
import type { NameServer } from './resolv-conf.ts'
import type { OpenTransport } from './transport.ts'

/** How to ask. */
export interface ResolverOptions {
  /** In the order in which they are asked; at least one. */
  readonly servers: readonly NameServer[]
  /** Packets for one question, the first included: 1 + `$DNS_RETRIES`. */
  readonly tries: number
  /** How long to wait for each, `$DNS_RETRY_IVAL` in milliseconds. */
  readonly tryMs: number
  readonly transport: OpenTransport
  /** What the host knows of the servers; without it they are asked in the order given. */
  readonly health?: ServerHealth | undefined
  /** Told of each packet, with the list's host; undefined: it is to none. */
  readonly sentToList?: ((list: string | undefined) => void) | undefined
  /** The clock of all deadlines, in milliseconds; clock.ts unless a test has its own. */
  readonly now?: () => number
}

/** Queries of one process under way at most: half of the ids there are, so that one that is free is found at once. */
export const MAX_PENDING = 32_768
