/**
 * Asks name servers: ids, tries, deadlines. One per process.
 *
 * Question → packet → (transport) → reply → outcome. A question goes to the first server, then, a try's time later,
 * to the next one, in a circle, until its tries are used up or its deadline is reached. What moves on sooner:
 *
 * - A server that is not there (refused): the next one is asked at once. If each was asked, the try's time is waited
 *   for all the same, so that a local resolver that is being restarted is found again by a later try.
 * - A failure a server answers with (SERVFAIL, REFUSED, an unreadable packet …): a server that was not asked yet is
 *   asked at once. There is none: the failure is the outcome. No server that failed is asked twice.
 * - FORMERR or NOTIMP to a query with EDNS0: the same server again without, and from then on without for all.
 * - A truncated reply: the same server over TCP, within the same try.
 *
 * A server or a firewall that drops what has an OPT record looks like silence. So the last try of a question that met
 * nothing but silence goes without, and the only try of one where earlier ones did; a server that answers such a query, and never answered one with an OPT record, is
 * asked without from then on.
 *
 * Equal questions of different requests that are under way together share one query. Each is waited for by its own
 * tries and deadline; the query lives as long as one of them waits, two rounds of tries at most.
 *
 * Invariants: each question settles exactly once, by its deadline, which covers all of the above, or never once it is
 * cancelled; one id stays with a query through all its tries, so that a late reply to an earlier try counts; there
 * are MAX_PENDING queries under way at most; the transport is told to wake it while something is outstanding, and only
 * then.
 * Failure: an outcome. No answer: `timeout`; nothing but refusals: `unreachable`; nothing but a truncated reply: `malformed`;
 * all of them after a failure: that failure.
 *
 * Sources: RFC 5452 9; RFC 6891 6.2.2; docs/behaviour/dns-and-lists.md#how-name-servers-are-asked.
 */
import { monotonicMs } from '../system/clock.ts'
import { Edns } from './edns.ts'
import { decodeReply, encodeQuery, messageId } from './wire.ts'
import { type Outcome, type Question, questionKey } from './outcome.ts'
import {
  type Asking,
  dueOf,
  isLastHope,
  isLastTry,
  type Listener,
  newQuery,
  outcomeWithoutAnswer,
  type Query,
  TIMEOUT,
  type Waiter,
} from './query.ts'
import { QueryIds } from './query-ids.ts'
import { MAX_PENDING, type ResolverOptions } from './resolver-options.ts'
import type { Transport } from './transport.ts'

export class Resolver {
  /** Queries sent so far, over UDP and TCP. */
  packetsSent = 0
  readonly #servers: number
  readonly #tries: number
  readonly #tryMs: number
  readonly #now: () => number
  readonly #transport: Transport
  readonly #ids = new QueryIds()
  readonly #pending = new Map<number, Query>()
  /** The same, by question; of two about the same question the latest. */
  readonly #byQuestion = new Map<string, Query>()
  readonly #edns = new Edns()
  /** What the transport was told last. */
  #wakeMs = Number.POSITIVE_INFINITY

  constructor(options: ResolverOptions) {
    this.#servers = options.servers.length
    this.#tries = options.tries
    this.#tryMs = options.tryMs
    this.#now = options.now ?? monotonicMs
    this.#transport = options.transport(options.servers, {
      received: (server, datagram) => this.#received(server, datagram),
      unreachable: server => this.#unreachable(server),
      timeUp: () => this.#timeUp(),
    })
  }

  /** Queries under way. */
  get pending(): number {
    return this.#pending.size
  }

  /**
   * Asks; the names are those that `nameToAsk` returned. The listener is told the outcome of each question, by its index,
   * `timeout` at `deadlineMs` (a point in time of the resolver's clock) at the latest; at once if that has passed.
   * `tries`: packets for each of these questions. Throws RangeError beyond MAX_PENDING: whoever lets requests in has
   * counted wrongly.
   */
  ask(questions: readonly Question[], deadlineMs: number, listener: Listener, tries = this.#tries): Asking {
    const nowMs = this.#now()
    const waiters: Waiter[] = []
    for (let index = 0; index < questions.length; index++) {
      const question = questions[index] as Question
      const key = questionKey(question)
      const underWay = this.#byQuestion.get(key)
      const isNew = !underWay || underWay.tries > this.#tries
      const query = isNew ? this.#begin(key, question) : underWay
      const waiter: Waiter = { listener, index, deadlineMs, query, lastTry: query.tries + tries }
      query.waiters.push(waiter)
      waiters.push(waiter)
      if (isNew) this.#tryAgainOrSettle(query, nowMs, index === questions.length - 1)
      else this.#arm(query)
    }
    return {
      cancel: () => {
        for (const waiter of waiters) this.#cancel(waiter)
      },
      stopRetrying: () => {
        for (const waiter of waiters) waiter.lastTry = Math.min(waiter.lastTry, waiter.query.tries)
      },
    }
  }

  /** See `Transport.rest`. */
  rest(isOver: () => boolean): Promise<void> {
    return this.#transport.rest(isOver)
  }

  /** Closes the sockets. What is outstanding settles as `timeout`. */
  close(): void {
    this.#transport.close()
    for (const query of this.#pending.values()) this.#settle(query, TIMEOUT)
  }

  #begin(key: string, question: Question): Query {
    if (this.#pending.size >= MAX_PENDING) throw new RangeError(`more than ${MAX_PENDING} DNS queries under way`)
    const id = this.#ids.next(id => this.#pending.has(id))
    const query = newQuery(id, key, question)
    this.#pending.set(id, query)
    this.#byQuestion.set(key, query)
    return query
  }

  #cancel(waiter: Waiter): void {
    const { query } = waiter
    const at = query.waiters.indexOf(waiter)
    if (at < 0) return
    query.waiters.splice(at, 1)
    if (query.waiters.length === 0) this.#end(query)
  }

  /**
   * The next try, if there is one to make: after a failure only with a server that was not asked yet. `isLast`: no other
   * question's first try is made right behind it.
   */
  #tryAgainOrSettle(query: Query, nowMs: number, isLast = true): void {
    if (query.failure && query.tries >= Math.min(this.#tries, this.#servers)) {
      this.#settle(query, query.failure)
      return
    }
    this.#settleSome(query, ({ lastTry, deadlineMs }) => query.tries >= lastTry || nowMs >= deadlineMs)
    if (query.waiters.length === 0) return
    query.cancelTcp?.()
    query.cancelTcp = undefined
    query.server = query.tries % this.#servers
    query.tries++
    query.edns = this.#edns.isFor(query.server) && !isLastHope(query, this.#edns.isDoubted(query.server))
    query.tryOverMs = nowMs + this.#tryMs
    this.#arm(query)
    this.#send(query, nowMs, isLast)
  }

  /** Tells those who wait no longer: the failure, or that there was no reply. */
  #settleSome(query: Query, isOver: (waiter: Waiter) => boolean): void {
    const over = query.waiters.filter(isOver)
    if (over.length === 0) return
    query.waiters = query.waiters.filter(waiter => !over.includes(waiter))
    if (query.waiters.length === 0) this.#end(query)
    const outcome = outcomeWithoutAnswer(query)
    for (const { listener, index } of over) listener.settled(index, outcome)
  }

  #send(query: Query, nowMs: number, isLast: boolean): void {
    this.packetsSent++
    query.packet = encodeQuery(query)
    this.#transport.send(query.server, query.packet, nowMs, isLast)
  }

  #received(server: number, datagram: Uint8Array): void {
    const id = messageId(datagram)
    const query = id === undefined ? undefined : this.#pending.get(id)
    // A server that was not asked this has nothing to say about it.
    if (!query || server >= query.tries) return
    const reply = decodeReply(datagram, query)
    const latest = server === query.server
    switch (reply.kind) {
      case 'reply':
        this.#edns.answered(server, query.edns, datagram)
        this.#answered(query, latest, reply.outcome)
        return
      case 'truncated':
        query.wasTruncated = true
        // That there is a reply is all that is asked of it.
        if (query.question.type === 'NS') this.#settle(query, { kind: 'nodata' })
        else if (latest && !query.cancelTcp) this.#askByTcp(query)
        return
      case 'try-without-edns':
        this.#edns.refused(server)
        if (!latest) return
        query.edns = false
        this.#send(query, this.#now(), true)
        return
      case 'not-ours':
        return
    }
  }

  #answered(query: Query, latest: boolean, outcome: Outcome): void {
    if (outcome.kind !== 'failed') {
      this.#settle(query, outcome)
      return
    }
    query.failure ??= outcome
    if (latest) this.#tryAgainOrSettle(query, this.#now())
  }

  #askByTcp(query: Query): void {
    this.packetsSent++
    query.cancelTcp = this.#transport.exchange(query.server, encodeQuery(query), message => {
      const reply = message && decodeReply(message, query)
      if (reply?.kind === 'reply') this.#answered(query, true, reply.outcome)
      else this.#refused(query)
    })
  }

  #unreachable(server: number): void {
    for (const query of this.#pending.values()) if (query.server === server && !query.cancelTcp) this.#refused(query)
  }

  /** The latest try came to nothing: on to a server that was not asked yet, or wait till the try is over. */
  #refused(query: Query): void {
    // Every packet to a dead server brings an error of its own.
    if (query.refusedTry === query.tries) return
    query.refusedTry = query.tries
    query.refusals++
    const isLast = isLastTry(query)
    const nobodyLeft = isLast && query.refusals === query.tries
    if (nobodyLeft || (!isLast && query.tries < this.#servers)) this.#tryAgainOrSettle(query, this.#now())
  }

  #settle(query: Query, outcome: Outcome): void {
    const { waiters } = query
    query.waiters = []
    this.#end(query)
    for (const { listener, index } of waiters) listener.settled(index, outcome)
  }

  /** Nobody waits for it any more. */
  #end(query: Query): void {
    this.#pending.delete(query.id)
    if (this.#byQuestion.get(query.key) === query) this.#byQuestion.delete(query.key)
    query.cancelTcp?.()
    query.cancelTcp = undefined
    if (this.#pending.size === 0) this.#wakeAt(Number.POSITIVE_INFINITY)
  }

  /** Sees to it that whoever waits is told in time, and the next try made. */
  #arm(query: Query): void {
    query.dueMs = dueOf(query)
    if (query.dueMs < this.#wakeMs) this.#wakeAt(query.dueMs)
  }

  #wakeAt(ms: number): void {
    this.#wakeMs = ms
    this.#transport.wakeAt(ms)
  }

  #timeUp(): void {
    this.#wakeMs = Number.POSITIVE_INFINITY
    const nowMs = this.#now()
    for (const query of this.#pending.values()) {
      if (query.dueMs > nowMs) this.#arm(query)
      else if (query.tryOverMs <= nowMs) this.#retry(query, nowMs)
      else {
        this.#settleSome(query, ({ deadlineMs }) => nowMs >= deadlineMs)
        if (query.waiters.length > 0) this.#arm(query)
      }
    }
  }

  #retry(query: Query, nowMs: number): void {
    const { refusedTry, tries, wasTruncated, edns, server } = query
    if (edns && refusedTry !== tries && !wasTruncated) this.#edns.silent(server)
    this.#tryAgainOrSettle(query, nowMs)
    if (refusedTry === tries || wasTruncated) return
    for (const { listener, index } of [...query.waiters]) listener.retried?.(index)
  }
}
