/**
 * Which name servers understand EDNS0.
 *
 *   resolver.ts: replies → learn → is a query to this server to carry an OPT record?
 *
 * A server that says FORMERR or NOTIMP does not. A server or a firewall that drops what has an OPT record looks like silence:
 * so the last try of a question that met nothing but silence goes without, and the only try of one where earlier ones did; a
 * server that answers such a query, and never answered one with an OPT record, is asked without from then on. The control
 * question never has one: it is to find out whether anybody is there.
 *
 * Total. For as long as the process lives.
 * Source: RFC 6891 6.2.2, 7.
 */
import { isLastHope, type Query } from './query.ts'
import { hasAdditional } from './wire.ts'

export class Edns {
  readonly #without = new Set<number>()
  readonly #with = new Set<number>()
  readonly #doubted = new Set<number>()

  /** Whether the try of a query that is about to be made carries an OPT record. */
  isForTry(query: Query): boolean {
    const { server, question } = query
    if (question.type === 'NS' || this.#without.has(server)) return false
    return !isLastHope(query, this.#isDoubted(server))
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
  #isDoubted(server: number): boolean {
    return this.#doubted.has(server) && !this.#with.has(server)
  }

  /** It has answered a query whose latest packet had an OPT record, or had none. */
  answered(server: number, { edns, question }: Query, reply: Uint8Array): void {
    if (this.#with.has(server) || question.type === 'NS') return
    if (edns || hasAdditional(reply)) this.#with.add(server)
    else this.#without.add(server)
  }
}
