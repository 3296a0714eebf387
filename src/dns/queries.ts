/**
 * The queries of a process that are under way, found by id and by question.
 *
 *   resolver.ts: begin → byId, byKey → end
 *
 * Invariants: no two have one id; there are MAX_PENDING at most; of two about the same question the latest is found.
 * Failure: RangeError beyond MAX_PENDING: whoever lets requests in has counted wrongly.
 */
import type { Question } from './outcome.ts'
import { newQuery, type Query } from './query.ts'
import { QueryIds } from './query-ids.ts'
import { MAX_PENDING } from './resolver-options.ts'

export class Queries {
  readonly #ids = new QueryIds()
  readonly #byId = new Map<number, Query>()
  readonly #byKey = new Map<string, Query>()

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

  begin(key: string, question: Question, order: readonly number[], nowMs: number): Query {
    if (this.isFull) throw new RangeError(`more than ${MAX_PENDING} DNS queries under way`)
    const id = this.#ids.next(id => this.#byId.has(id))
    const query = newQuery(id, key, question, order, nowMs)
    this.#byId.set(id, query)
    this.#byKey.set(key, query)
    return query
  }

  end(query: Query): void {
    this.#byId.delete(query.id)
    if (this.#byKey.get(query.key) === query) this.#byKey.delete(query.key)
  }
}
