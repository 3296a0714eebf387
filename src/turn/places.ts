/**
 * The places of one request for questions about names that its client chose, out of those the host has.
 *
 *   consult.ts: begin → dns/client-names.ts: want, noteSilence → consult.ts: end
 *
 * The numbers are kept by cache/under-way.ts. What a request usually asks at first it has from the transaction in which nothing was
 * known of it, which saves one. A request that waits for its turn has none. They are given back inside of the
 * transaction in which a verdict is remembered, but for those of questions that met silence, which linger.
 *
 * Failure: while there is no cache, a request gets what it wants: nothing known is no reason to keep mail waiting. While others keep
 * it from the cache, one place at a time: a host that is so busy has many who ask.
 * Source: cache/under-way.ts.
 */
import type { Cache } from '../cache/cache.ts'
import type { Tables } from '../cache/tables.ts'
import { clientKey, type Places } from '../cache/under-way.ts'
import type { NamePlaces } from '../dns/client-names.ts'

/** How often at most the silence of names is noted, and places are renewed, by one request. */
const NOTE_MS = 1000
/** The client's pointers, three of the sender's domain, three of the HELO name, and the sender's policy. */
const USUAL_PLACES = 8

export class RequestPlaces implements NamePlaces {
  readonly client: string
  silent = 0
  isOwnSilence = false
  areScarce = false
  readonly #cache: Cache
  readonly #nowMs: () => number
  #taken: Places[] = []
  /** Those that are counted nowhere. */
  #uncounted = 0
  #notedMs = Number.NEGATIVE_INFINITY

  /** `client` in normal form; `nowMs`: the wall clock. */
  constructor(cache: Cache, client: string, nowMs: () => number) {
    this.client = clientKey(client)
    this.#cache = cache
    this.#nowMs = nowMs
  }

  get count(): number {
    let count = this.#uncounted
    for (const taken of this.#taken) count += taken.count
    return count
  }

  /** Takes what a request usually asks at first, if there is as much, inside of a transaction. */
  begin({ underWay }: Tables): void {
    this.#add(underWay, USUAL_PLACES, this.#nowMs(), true)
  }

  /** Gives all places back: the request has to wait for its turn. */
  giveUp(): void {
    if (this.count > 0) this.#cache.transact(tables => this.end(tables))
  }

  /** Gives all places back, or lets them linger, inside of a transaction. */
  end({ underWay }: Tables): void {
    let left = this.silent
    for (const taken of this.#taken) {
      const silent = Math.min(left, taken.count)
      if (silent > 0) underWay.linger({ ...taken, count: silent }, this.#nowMs())
      underWay.giveBack({ ...taken, count: taken.count - silent })
      left -= silent
    }
    this.#taken = []
    this.#uncounted = 0
    this.silent = 0
  }

  want(count: number): number {
    const missing = count - this.count
    if (missing === 0) return count
    const isDone = this.#cache.transact(tables => {
      if (missing > 0) this.#take(tables, missing)
      else this.#giveBack(tables, -missing)
      return true
    })
    if (!isDone && missing > 0) this.#uncounted += this.#cache.isBusy ? Number(this.count === 0) : missing
    return this.count
  }

  /** A question has met silence; what is under way goes on, so its places go on to count. */
  noteSilence(): void {
    const nowMs = this.#nowMs()
    if (Math.abs(nowMs - this.#notedMs) < NOTE_MS) return
    this.#notedMs = nowMs
    this.#cache.transact(({ underWay }) => {
      underWay.noteSilence(nowMs)
      this.#taken = this.#taken.map(taken => underWay.renew(taken, nowMs))
    })
  }

  /**
   * Whether what clients choose may have kept others' questions from being answered, of late. Whoever cannot have the cache
   * does not know, and lets nothing pass.
   */
  isSuspect(): boolean {
    return this.#cache.transact(({ underWay }) => underWay.isSuspect(this.#nowMs())) ?? true
  }

  #take({ underWay }: Tables, count: number): void {
    const nowMs = this.#nowMs()
    const added = this.#add(underWay, count, nowMs)
    this.isOwnSilence = added < count && (this.silent > 0 || underWay.isLingering(this.client, nowMs))
  }

  /** Takes places as UnderWay.take does; how many it got. */
  #add(underWay: Tables['underWay'], count: number, nowMs: number, orNone = false): number {
    const taken = underWay.take(this.client, count, nowMs, orNone)
    if (taken.count > 0) this.#taken.push(taken)
    this.areScarce = underWay.isScarce(nowMs)
    return taken.count
  }

  #giveBack({ underWay }: Tables, count: number): void {
    let left = count - this.#uncounted
    this.#uncounted = Math.max(0, -left)
    while (left > 0) {
      const last = this.#taken.pop()
      if (!last) return
      const back = Math.min(left, last.count)
      underWay.giveBack({ ...last, count: back })
      if (back < last.count) this.#taken.push({ ...last, count: last.count - back })
      left -= back
    }
  }
}
