/**
 * Which name servers understand EDNS0.
 *
 *   resolver.ts: replies → learn → is a query to this server to carry an OPT record?
 *
 * A server that says FORMERR or NOTIMP does not. One that answers a query without an OPT record, after nothing but silence
 * to queries with one, and never answered such a query, may sit behind something that drops them: it is asked without.
 *
 * Total. For as long as the process lives.
 * Source: RFC 6891 6.2.2, 7.
 */
import { hasAdditional } from './wire.ts'

export class Edns {
  readonly #without = new Set<number>()
  readonly #with = new Set<number>()
  readonly #doubted = new Set<number>()

  /** Whether a server is asked with an OPT record. */
  isFor(server: number): boolean {
    return !this.#without.has(server)
  }

  /** It has said that it does not understand. */
  refused(server: number): void {
    this.#without.add(server)
  }

  /** It was silent for a try whose query had an OPT record. */
  silent(server: number): void {
    if (!this.#with.has(server)) this.#doubted.add(server)
  }

  /** Whether that may be why: it was silent, and never answered such a query. */
  isDoubted(server: number): boolean {
    return this.#doubted.has(server) && !this.#with.has(server)
  }

  /** It has answered a query whose latest packet had an OPT record, or had none. */
  answered(server: number, hadOpt: boolean, reply: Uint8Array): void {
    if (this.#with.has(server)) return
    if (hadOpt || hasAdditional(reply)) this.#with.add(server)
    else this.#without.add(server)
  }
}
