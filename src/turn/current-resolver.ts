/**
 * The resolver of a process: over the name servers that the configuration or resolv.conf(5) names at the moment.
 *
 *   evaluate.ts: take → resolver, its servers, what the host knows of them → leave
 *
 * resolv.conf is read when the first mail is looked up, and again for a mail that comes a second or more after it was read last: so
 * nothing has to be watched, and a process that is not asked reads nothing. When it names other servers the next mail gets a
 * resolver of its own over these; the mails at hand go on with the one they have, which is closed behind the last of them.
 *
 * Guarantee: what is known of a server is never taken for another's.
 * Failure: none.
 * Source: docs/behaviour/dns-and-lists.md#name-servers.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { type NameServer, nameServersOf, SystemServers } from '../dns/resolv-conf.ts'
import { Resolver } from '../dns/resolver.ts'
import type { ResolverOptions } from '../dns/resolver-options.ts'
import type { OpenTransport } from '../dns/transport.ts'
import { monotonicMs } from '../system/clock.ts'
import type { Host } from './server-trouble.ts'
import { ServerWatch } from './server-watch.ts'

/** What a mail is looked up with. */
export interface Current {
  readonly resolver: Resolver
  readonly servers: readonly NameServer[]
  /** Undefined: nothing is shared, and nothing known of them. */
  readonly watch: ServerWatch | undefined
  /** Mails that are looked up with it. */
  users: number
}

export interface CurrentResolverOptions {
  readonly config: Pick<Config, 'NS' | 'DNS_RETRIES' | 'DNS_RETRY_IVAL'>
  readonly transport: OpenTransport
  readonly host?: Host | undefined
  readonly sentToList?: ResolverOptions['sentToList']
  /** Where resolv.conf is, and the clock; for tests. */
  readonly path?: string
  readonly now?: () => number
}

/** How long what was read of resolv.conf is taken for true. */
const READ_AGAIN_MS = 1000

export class CurrentResolver {
  readonly #options: CurrentResolverOptions
  readonly #now: () => number
  readonly #system: SystemServers | undefined
  #current: Current
  #readMs: number

  constructor(options: CurrentResolverOptions) {
    const { config, path, now = monotonicMs } = options
    this.#options = options
    this.#now = now
    this.#system = config.NS.length > 0 ? undefined : new SystemServers(path)
    this.#readMs = now()
    this.#current = this.#open(this.#system?.servers ?? nameServersOf(config.NS))
  }

  /** The one of the last mail. */
  get current(): Current {
    return this.#current
  }

  /** What the next mail is looked up with; to be given back. */
  take(): Current {
    if (this.#system && this.#now() - this.#readMs >= READ_AGAIN_MS) {
      this.#readMs = this.#now()
      if (this.#system.hasChanged()) {
        const retired = this.#current
        this.#current = this.#open(this.#system.servers)
        if (retired.users === 0) retired.resolver.close()
      }
    }
    this.#current.users++
    return this.#current
  }

  leave(taken: Current): void {
    taken.users--
    if (taken.users === 0 && taken !== this.#current) taken.resolver.close()
  }

  close(): void {
    this.#current.resolver.close()
  }

  #open(servers: readonly NameServer[]): Current {
    const { config, transport, host, sentToList, now } = this.#options
    const watch = host && new ServerWatch(servers, host)
    const resolver = new Resolver({
      servers,
      tries: config.DNS_RETRIES + 1,
      tryMs: config.DNS_RETRY_IVAL * 1000,
      transport,
      health: watch,
      sentToList,
      ...(now ? { now } : {}),
    })
    return { resolver, servers, watch, users: 0 }
  }
}
