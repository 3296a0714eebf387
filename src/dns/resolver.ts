/**
 * Asks name servers: ids, tries, deadlines. One per process.
 *
 * Question → packet → (transport) → reply → outcome. A question goes to the first server, then, a try's time later,
 * to the next one, in a circle, until its tries are used up or its deadline is reached. Servers that are known to be silent come
 * last (hearing.ts). What moves on sooner:
 *
 * - A server that is not there (refused): the next one is asked at once. If each was asked, the try's time is waited
 *   for all the same, so that a local resolver that is being restarted is found again by a later try.
 * - A failure a server answers with (SERVFAIL, REFUSED, an unreadable packet …): a server that was not asked yet is
 *   asked at once. There is none: the failure is the outcome. No server that failed is asked twice.
 * - FORMERR or NOTIMP to a query with EDNS0: the same server again without (edns.ts).
 * - A truncated reply: the same server over TCP, within the same try.
 *
 * Invariants: each question settles exactly once, by its deadline, which covers all of the above, or never once it is
 * cancelled; one id stays with a query through a round of tries, so that a late reply to an earlier one counts, unless somebody
 * guesses ids: then ports and ids are exchanged, and no deadline moves (strays.ts); there are MAX_PENDING queries under way at most;
 * the transport is told to wake it while something is outstanding, and only then.
 * Failure: an outcome. No answer: `timeout`; nothing but refusals: `unreachable`; nothing but a truncated reply: `malformed`;
 * all of them after a failure: that failure.
 *
 * Sources: RFC 5452 9; RFC 6891 6.2.2; docs/behaviour/dns-and-lists.md#how-name-servers-are-asked.
 */
import { monotonicMs } from '../system/clock.ts'
import { Due } from './due.ts'
import { Edns } from './edns.ts'
import { Hearing, inOrderGiven, isEvidence } from './hearing.ts'
import { decodeReply, encodeQuery, messageId } from './wire.ts'
import { type Outcome, type Question, questionKey } from './outcome.ts'
import { Queries } from './queries.ts'
import {
  type Inquiry,
  type Asking,
  isLastTry,
  type Listener,
  outcomeWithoutAnswer,
  type Query,
  TIMEOUT,
  probeOf,
  takeWaiters,
  type Waiter,
  type Interest,
  mayAnswer,
  newWaiter,
  MAX_RENEWALS,
} from './query.ts'
import type { ResolverOptions } from './resolver-options.ts'
import type { RestUntil, Transport } from './transport.ts'

export class Resolver {
  /** Queries sent so far, over UDP and TCP. */
  packetsSent = 0
  readonly #tries: number
  readonly #tryMs: number
  readonly #now: () => number
  readonly #transport: Transport
  readonly #queries: Queries
  readonly #sentToList: ResolverOptions['sentToList']
  readonly #edns = new Edns()
  readonly #hearing: Hearing
  readonly #due = new Due(ms => this.#transport.wakeAt(ms))

  constructor(options: ResolverOptions) {
    this.#tries = options.tries
    this.#tryMs = options.tryMs
    this.#now = options.now ?? monotonicMs
    this.#queries = new Queries(this.#now)
    this.#sentToList = options.sentToList
    this.#hearing = new Hearing(options.health ?? inOrderGiven(options.servers.length), options.tryMs)
    this.#transport = options.transport(options.servers, {
      received: (server, datagram) => this.#received(server, datagram),
      unreachable: server => this.#unreachable(server),
      timeUp: () => this.#timeUp(),
    })
  }

  /** Queries under way. */
  get pending(): number {
    return this.#queries.size
  }

  /**
   * Asks; the names are those that `nameToAsk` returned. The listener is told the outcome of each question, by its index,
   * `timeout` at `deadlineMs` (a point in time of the resolver's clock) at the latest; at once if that has passed.
   * `tries`: packets for each of these questions. Throws RangeError beyond MAX_PENDING: whoever lets requests in has
   * counted wrongly.
   */
  ask(questions: readonly Question[], deadlineMs: number, listener: Listener, tries = this.#tries): Asking {
    const nowMs = this.#now()
    const waiters = questions.map((question, index) => {
      const isLast = index === questions.length - 1
      const asked = { key: questionKey(question), question, order: this.#hearing.order }
      return this.#wait(asked, { listener, index, deadlineMs }, tries, nowMs, isLast)
    })
    return {
      cancel: () => {
        for (const waiter of waiters) this.#cancel(waiter)
      },
      stopRetrying: () => {
        for (const waiter of waiters) waiter.lastTry = Math.min(waiter.lastTry, waiter.query.tries)
      },
    }
  }

  /**
   * Asks one server the control question, once for each `turn`, whoever else is asked it. The listener is told as by `ask`; at
   * once, `timeout`, if there is no place for it.
   */
  probe(server: number, turn: number, deadlineMs: number, listener: Listener): void {
    if (this.#queries.isFull) listener.settled(0, TIMEOUT)
    else this.#wait(probeOf(server, turn), { listener, index: 0, deadlineMs }, 1, this.#now())
  }

  /** See `Transport.rest`. */
  rest(isOver: () => boolean, until?: RestUntil): Promise<void> {
    return this.#transport.rest(isOver, until)
  }

  /** Closes the sockets. What is outstanding settles as `timeout`. */
  close(): void {
    this.#transport.close()
    for (const query of this.#queries.values()) this.#settle(query, TIMEOUT)
  }

  /** Has somebody wait for a question: for the query of it that is under way, or for a new one. */
  #wait(asked: Inquiry, by: Interest, tries: number, nowMs: number, isLast = true): Waiter {
    const underWay = this.#queries.byKey(asked.key)
    const isNew = !underWay || underWay.tries > this.#tries
    const query = isNew ? this.#queries.begin(asked, nowMs) : underWay
    query.isEvidence ||= isEvidence(asked.question)
    const waiter = newWaiter(by, query, tries)
    query.waiters.push(waiter)
    if (isNew) this.#tryAgainOrSettle(query, nowMs, isLast)
    else this.#due.arm(query)
    return waiter
  }

  #cancel(waiter: Waiter): void {
    const { query } = waiter
    const wasWaiting = takeWaiters(query, each => each === waiter).length > 0
    if (wasWaiting && query.waiters.length === 0) this.#end(query)
  }

  /**
   * The next try, if there is one to make: after a failure only with a server that was not asked yet. `isLast`: no other
   * question's first try is made right behind it.
   */
  #tryAgainOrSettle(query: Query, nowMs: number, isLast = true): void {
    const { order } = query
    if (query.failure && query.tries >= Math.min(this.#tries, order.length)) {
      this.#settle(query, query.failure)
      return
    }
    this.#settleSome(query, ({ lastTry, deadlineMs }) => query.tries >= lastTry || nowMs >= deadlineMs)
    if (query.waiters.length === 0) {
      this.#hearing.gaveUp(query, nowMs)
      return
    }
    // A round of tries is over, and others wait for it.
    if (query.tries > 0 && query.tries % this.#tries === 0) this.#queries.renew(query)
    query.renewals = 0
    query.cancelTcp?.()
    query.cancelTcp = undefined
    query.server = order[query.tries % order.length] as number
    query.tries++
    query.edns = this.#edns.isForTry(query)
    query.tryOverMs = nowMs + this.#tryMs
    this.#due.arm(query)
    this.#send(query, nowMs, isLast)
  }

  /** Tells those who wait no longer: the failure, or that there was no reply. */
  #settleSome(query: Query, isOver: (waiter: Waiter) => boolean): void {
    const over = takeWaiters(query, isOver)
    if (over.length === 0) return
    if (query.waiters.length === 0) this.#end(query)
    const outcome = outcomeWithoutAnswer(query)
    for (const { listener, index } of over) listener.settled(index, outcome)
  }

  #send(query: Query, nowMs: number, isLast: boolean): void {
    this.packetsSent++
    query.owed++
    this.#sentToList?.(query.question.list)
    query.packet = encodeQuery(query)
    this.#transport.send(query.server, query.packet, nowMs, isLast)
  }

  #received(server: number, datagram: Uint8Array): void {
    const query = this.#queries.byId(messageId(datagram))
    const reply = query && mayAnswer(query, server) ? decodeReply(datagram, query) : undefined
    if (!query || !reply || reply.kind === 'not-ours') {
      if (this.#queries.isGuessing(server, datagram)) this.#renew(server)
      return
    }
    query.owed--
    this.#hearing.heard(server, this.#now())
    const latest = server === query.server
    switch (reply.kind) {
      case 'reply':
        this.#edns.answered(server, query, datagram)
        this.#answered(query, latest, reply.outcome, server)
        return
      case 'truncated':
        query.wasTruncated = true
        // That there is a reply is all that is asked of it.
        if (query.question.type === 'NS') this.#answered(query, latest, { kind: 'nodata' }, server)
        else if (latest && !query.cancelTcp) this.#askByTcp(query)
        return
      case 'try-without-edns':
        this.#edns.refused(server)
        if (!latest) return
        query.edns = false
        this.#send(query, this.#now(), true)
    }
  }

  /** Somebody guesses what a server is asked: he is to begin anew. No try takes longer for it. */
  #renew(server: number): void {
    this.#transport.renew(server)
    for (const query of [...this.#queries.values()]) {
      if (query.server !== server || query.cancelTcp || query.renewals++ >= MAX_RENEWALS) continue
      this.#queries.renew(query)
      this.#send(query, this.#now(), true)
    }
  }

  #answered(query: Query, latest: boolean, outcome: Outcome, server: number): void {
    if (outcome.kind !== 'failed' || query.question.type === 'NS') this.#hearing.answered(query)
    if (outcome.kind !== 'failed') {
      this.#settle(query, outcome, server)
      return
    }
    query.failure ??= outcome
    if (latest) this.#tryAgainOrSettle(query, this.#now())
  }

  #askByTcp(query: Query): void {
    this.packetsSent++
    const done = (message: Uint8Array | undefined): void => {
      const reply = message && decodeReply(message, query)
      if (reply?.kind === 'reply') this.#answered(query, true, reply.outcome, query.server)
      else this.#refused(query)
    }
    const sent = (): void => this.#sentToList?.(query.question.list)
    query.cancelTcp = this.#transport.exchange(query.server, encodeQuery(query), done, sent)
  }

  #unreachable(server: number): void {
    for (const query of this.#queries.values()) if (query.server === server && !query.cancelTcp) this.#refused(query)
  }

  /** The latest try came to nothing: on to a server that was not asked yet, or wait till the try is over. */
  #refused(query: Query): void {
    // Every packet to a dead server brings an error of its own.
    if (query.refusedTry === query.tries) return
    query.refusedTry = query.tries
    query.refusals++
    const isLast = isLastTry(query)
    const nobodyLeft = isLast && query.refusals === query.tries
    if (nobodyLeft || (!isLast && query.tries < query.order.length)) this.#tryAgainOrSettle(query, this.#now())
  }

  #settle(query: Query, outcome: Outcome, server?: number): void {
    const waiters = takeWaiters(query, () => true)
    this.#end(query)
    for (const { listener, index } of waiters) listener.settled(index, outcome, server)
  }

  /** Nobody waits for it any more. */
  #end(query: Query): void {
    this.#queries.end(query)
    query.cancelTcp?.()
    query.cancelTcp = undefined
    if (this.#queries.size === 0) this.#due.never()
  }

  #timeUp(): void {
    this.#due.passed()
    const nowMs = this.#now()
    for (const query of this.#queries.values()) {
      if (query.dueMs > nowMs) this.#due.arm(query)
      else if (query.tryOverMs <= nowMs) this.#retry(query, nowMs)
      else {
        this.#settleSome(query, ({ deadlineMs }) => nowMs >= deadlineMs)
        if (query.waiters.length > 0) this.#due.arm(query)
      }
    }
  }

  #retry(query: Query, nowMs: number): void {
    const { refusedTry, tries, wasTruncated, edns, server } = query
    const isSilent = refusedTry !== tries && !wasTruncated
    if (isSilent) query.silent = [...query.silent, server]
    if (isSilent && edns) this.#edns.silent(server)
    this.#tryAgainOrSettle(query, nowMs)
    if (!isSilent) return
    for (const { listener, index } of [...query.waiters]) listener.retried?.(index)
  }
}
