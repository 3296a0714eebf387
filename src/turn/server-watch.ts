/**
 * The name servers of a resolver, as its process sees them: all is well until one is silent.
 *
 *   current-resolver.ts: name servers → ServerWatch → server-trouble.ts, once one is silent
 *
 * While every server answers this costs nothing: they are asked in the order given, and nothing is loaded, read or written.
 *
 * Failure: none. Source: docs/behaviour/dns-and-lists.md#a-name-server-that-does-not-answer.
 */
import type { ServerHealth } from '../dns/hearing.ts'
import type { NameServer } from '../dns/name-server.ts'
import type { Host, Prober, ServerTrouble } from './server-trouble.ts'

export class ServerWatch implements ServerHealth {
  readonly #servers: readonly NameServer[]
  readonly #host: Host
  readonly #orderGiven: readonly number[]
  #loading: Promise<ServerTrouble> | undefined
  #trouble: ServerTrouble | undefined

  /** `servers`: those of a resolver, in its order. */
  constructor(servers: readonly NameServer[], host: Host) {
    this.#servers = servers
    this.#host = host
    this.#orderGiven = servers.map((_, server) => server)
  }

  get order(): readonly number[] {
    return this.#trouble?.order ?? this.#orderGiven
  }

  /** Whether there is anything to `rest` for: a silent server is asked whether it is back, or is about to be noted. */
  get isProbing(): boolean {
    return this.#trouble ? this.#trouble.isProbing : this.#loading !== undefined
  }

  heard(server: number): void {
    this.#trouble?.heard(server)
  }

  silent(servers: readonly number[], isControl: boolean, sinceMs: number): void {
    if (this.#trouble) this.#trouble.silent(servers, isControl, sinceMs)
    else void this.#load().then(trouble => trouble.silent(servers, isControl, sinceMs))
  }

  /** Nothing is known of any server but good. */
  clear(): void {
    this.#trouble?.clear()
  }

  /** See ServerTrouble.isOutage. */
  async isOutage(prober: Prober): Promise<boolean> {
    return (await this.#load()).isOutage(prober)
  }

  /** See ServerTrouble.rest. */
  async rest(prober: Prober, input?: number): Promise<void> {
    if (this.#loading) await (await this.#loading).rest(prober, input)
  }

  #load(): Promise<ServerTrouble> {
    this.#loading ??= import('./server-trouble.ts').then(({ ServerTrouble }) => {
      this.#trouble = new ServerTrouble(this.#servers, this.#host)
      return this.#trouble
    })
    return this.#loading
  }
}
