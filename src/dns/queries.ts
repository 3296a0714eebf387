/**
 * The queries of a process that are under way, found by id and by question.
 *
 *   resolver.ts: begin → byId, byKey → renew, end; what none of them takes → strays.ts
 *
 * Equal questions of different requests that are under way together share one query. Each is waited for by its own tries and
 * deadline; the query lives as long as one of them waits, two rounds of tries at most, each under an id of its own. (With a query
 * each, whoever forges replies would have as many ids to guess one of: RFC 5452 5.)
 *
 * Invariants: no two have one id; there are MAX_PENDING at most; of two about the same question the latest is found.
 * Failure: RangeError beyond MAX_PENDING: whoever lets requests in has counted wrongly.
 */
import { type Inquiry, newQuery, type Query } from './query.ts'
import { QueryIds } from './query-ids.ts'
import { MAX_PENDING } from './resolver-options.ts'
import { Strays } from './strays.ts'

export class Queries {
  readonly #ids = new QueryIds()
  readonly #byId = new Map<number, Query>()
  readonly #byKey = new Map<string, Query>()
  readonly #strays = new Strays()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#byId.size
  }

  get isFull(): boolean {
    return this.#byId.size >= MAX_PENDING
  }

  /** In the order in which they began. */
  values(): Iterable<Query> {
    return this.#byId.values()
  }

  byId(id: number | undefined): Query | undefined {
    return id === undefined ? undefined : this.#byId.get(id)
  }

  byKey(key: string): Query | undefined {
    return this.#byKey.get(key)
  }

  begin(asked: Inquiry, nowMs: number): Query {
    if (this.isFull) throw new RangeError(`more than ${MAX_PENDING} DNS queries under way`)
    const id = this.#ids.next(id => this.#byId.has(id))
    const query = newQuery(id, asked, nowMs)
    this.#byId.set(id, query)
    this.#byKey.set(asked.key, query)
    return query
  }

  /** Gives a query another id: what comes under the one it had is late. */
  renew(query: Query): void {
    this.#free(query)
    query.id = this.#ids.next(id => this.#byId.has(id))
    this.#byId.set(query.id, query)
  }

  end(query: Query): void {
    this.#free(query)
    if (this.#byKey.get(query.key) === query) this.#byKey.delete(query.key)
  }

  /** Counts a datagram that none of them takes; see Strays. */
  isGuessing(server: number, datagram: Uint8Array): boolean {
    return this.#strays.isGuessing(server, datagram, this.#now())
  }

  #free(query: Query): void {
    if (query.owed > 0) this.#strays.expect(query.id, this.#now())
    query.owed = 0
    this.#byId.delete(query.id)
  }
}
