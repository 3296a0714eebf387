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
 * Invariants: each question settles exactly once, by its deadline, which covers all of the above; one id stays with a
 * question through all its tries, so that a late reply to an earlier try counts; at most one timer is set, and it
 * alone keeps the process alive, only while something is outstanding. There is none where the transport is waited for:
 * `wait` sees to the time.
 * Failure: an outcome. No answer: `timeout`; nothing but refusals: `unreachable`; both after a failure: that failure.
 *
 * Sources: RFC 5452 9; specification, chapter "DNS and lists" Transport.
 */
import { monotonicMs } from './clock.ts'
import { decodeReply, encodeQuery, messageId } from './message.ts'
import type { Outcome, Question } from './outcome.ts'
import { QueryIds } from './query-ids.ts'
import type { NameServer } from './resolv-conf.ts'
import type { OpenTransport, Transport } from './transport.ts'

/** How to ask. */
export interface ResolverOptions {
  /** In the order in which they are asked; at least one. */
  readonly servers: readonly NameServer[]
  /** Packets for one question, the first included: 1 + `$DNS_RETRIES`. */
  readonly tries: number
  /** How long to wait for each, `$DNS_RETRY_IVAL` in milliseconds. */
  readonly tryMs: number
  readonly transport: OpenTransport
  /** The clock of all deadlines, in milliseconds; clock.ts unless a test has its own. */
  readonly now?: () => number
}

interface Pending {
  readonly id: number
  readonly question: Question
  readonly deadlineMs: number
  readonly index: number
  readonly settled: (index: number, outcome: Outcome) => void
  /** Tries made; try n went to server (n - 1) modulo their number. */
  tries: number
  /** Those of them that were refused, and the latest of these. */
  refusals: number
  refusedTry: number
  /** The server of the latest try, and whether its query carried EDNS0. */
  server: number
  edns: boolean
  packet: Uint8Array | undefined
  /** When the latest try is over. */
  dueMs: number
  /** The first failure a server answered with. */
  failure: Outcome | undefined
  /** Set once the latest try went over to TCP: gives that exchange up, or does nothing if it is over. */
  cancelTcp: (() => void) | undefined
}

export class Resolver {
  /** Queries sent so far, over UDP and TCP. */
  packetsSent = 0
  /**
   * Absent where the event loop brings replies. Otherwise nothing settles but by this, which stands still until a reply
   * has come or a try is over, so many milliseconds at most. A promise it returns is awaited before the next call.
   */
  readonly wait: ((atMostMs?: number) => Promise<void> | undefined) | undefined
  readonly #servers: number
  readonly #tries: number
  readonly #tryMs: number
  readonly #now: () => number
  readonly #transport: Transport
  readonly #ids = new QueryIds()
  readonly #pending = new Map<number, Pending>()
  /** Servers that do not understand EDNS0. */
  readonly #withoutEdns = new Set<number>()
  #timer: NodeJS.Timeout | undefined
  #timerMs = Number.POSITIVE_INFINITY
  #isArming = false

  constructor(options: ResolverOptions) {
    this.#servers = options.servers.length
    this.#tries = options.tries
    this.#tryMs = options.tryMs
    this.#now = options.now ?? monotonicMs
    const events = {
      received: (server: number, datagram: Uint8Array) => this.#received(server, datagram),
      unreachable: (server: number) => this.#unreachable(server),
    }
    this.#transport = options.transport(options.servers, events)
    const { wait } = this.#transport
    this.wait = wait && (atMostMs => this.#wait(wait, atMostMs))
  }

  /**
   * Asks; the names are those that `nameToAsk` returned. `settled` is called once for each question, by its index, with
   * `timeout` at `deadlineMs` (a point in time of the resolver's clock) at the latest; at once if that has passed.
   */
  ask(questions: readonly Question[], deadlineMs: number, settled: (index: number, outcome: Outcome) => void): void {
    const nowMs = this.#now()
    for (let index = 0; index < questions.length; index++) {
      const pending: Pending = {
        id: this.#ids.next(id => this.#pending.has(id)),
        question: questions[index] as Question,
        deadlineMs,
        index,
        settled,
        tries: 0,
        refusals: 0,
        refusedTry: 0,
        server: 0,
        edns: true,
        packet: undefined,
        dueMs: deadlineMs,
        failure: undefined,
        cancelTcp: undefined,
      }
      this.#pending.set(pending.id, pending)
      this.#tryAgainOrSettle(pending, nowMs, index === questions.length - 1)
    }
  }

  /** Closes the sockets. What is outstanding settles as `timeout`. */
  close(): void {
    this.#transport.close()
    for (const pending of this.#pending.values()) this.#settle(pending, timeout)
  }

  /**
   * The next try, if there is one to make: after a failure only with a server that was not asked yet. `isLast`: no other
   * question's first try is made right behind it.
   */
  #tryAgainOrSettle(pending: Pending, nowMs: number, isLast = true): void {
    const tries = pending.failure ? Math.min(this.#tries, this.#servers) : this.#tries
    if (pending.tries >= tries || nowMs >= pending.deadlineMs) {
      const refused = pending.tries > 0 && pending.refusals === pending.tries
      this.#settle(pending, pending.failure ?? (refused ? unreachable : timeout))
      return
    }
    pending.cancelTcp?.()
    pending.cancelTcp = undefined
    pending.server = pending.tries % this.#servers
    pending.edns = !this.#withoutEdns.has(pending.server)
    pending.tries++
    pending.dueMs = Math.min(nowMs + this.#tryMs, pending.deadlineMs)
    this.#armTimer(pending.dueMs)
    this.#send(pending, nowMs, isLast)
  }

  #send(pending: Pending, nowMs: number, isLast: boolean): void {
    this.packetsSent++
    pending.packet = encodeQuery(pending)
    this.#transport.send(pending.server, pending.packet, nowMs, isLast)
  }

  #received(server: number, datagram: Uint8Array): void {
    const id = messageId(datagram)
    const pending = id === undefined ? undefined : this.#pending.get(id)
    // A server that was not asked this has nothing to say about it.
    if (!pending || server >= pending.tries) return
    const reply = decodeReply(datagram, pending)
    const latest = server === pending.server
    switch (reply.kind) {
      case 'reply':
        this.#answered(pending, latest, reply.outcome)
        return
      case 'truncated':
        if (latest && !pending.cancelTcp) this.#askByTcp(pending)
        return
      case 'try-without-edns':
        this.#withoutEdns.add(server)
        if (!latest) return
        pending.edns = false
        this.#send(pending, this.#now(), true)
        return
      case 'not-ours':
        return
    }
  }

  #answered(pending: Pending, latest: boolean, outcome: Outcome): void {
    if (outcome.kind !== 'failed') {
      this.#settle(pending, outcome)
      return
    }
    pending.failure ??= outcome
    if (latest) this.#tryAgainOrSettle(pending, this.#now())
  }

  #askByTcp(pending: Pending): void {
    this.packetsSent++
    pending.cancelTcp = this.#transport.exchange(pending.server, encodeQuery(pending), message => {
      const reply = message && decodeReply(message, pending)
      if (reply?.kind === 'reply') this.#answered(pending, true, reply.outcome)
      else this.#refused(pending)
    })
  }

  #unreachable(server: number): void {
    for (const pending of this.#pending.values())
      if (pending.server === server && !pending.cancelTcp) this.#refused(pending)
  }

  /** The latest try came to nothing: on to a server that was not asked yet, or wait till the try is over. */
  #refused(pending: Pending): void {
    // Every packet to a dead server brings an error of its own.
    if (pending.refusedTry === pending.tries) return
    pending.refusedTry = pending.tries
    pending.refusals++
    const isLast = pending.tries >= this.#tries
    const nobodyLeft = isLast && pending.refusals === pending.tries
    if (nobodyLeft || (!isLast && pending.tries < this.#servers)) this.#tryAgainOrSettle(pending, this.#now())
  }

  #settle(pending: Pending, outcome: Outcome): void {
    this.#pending.delete(pending.id)
    pending.cancelTcp?.()
    if (this.#pending.size === 0) this.#stopTimer()
    pending.settled(pending.index, outcome)
  }

  /** Sees to it that the timer goes off at `dueMs` at the latest. */
  #armTimer(dueMs: number): void {
    if (dueMs >= this.#timerMs) return
    this.#timerMs = dueMs
    if (this.#isArming || this.wait) return
    this.#isArming = true
    // After the next poll phase: if all replies are there by then, no timer is needed.
    setImmediate(() => {
      this.#isArming = false
      if (this.#pending.size === 0) return
      if (this.#timer) clearTimeout(this.#timer)
      // After the poll phase as well: a process that was held up first reads the replies that lie ready.
      const waitMs = Math.max(0, Math.ceil(this.#timerMs - this.#now()))
      this.#timer = setTimeout(() => setImmediate(() => this.#timeUp()), waitMs)
    })
  }

  #wait(wait: NonNullable<Transport['wait']>, atMostMs = Number.POSITIVE_INFINITY): Promise<void> | undefined {
    const untilTimeUpMs = Math.max(0, Math.ceil(this.#timerMs - this.#now()))
    const turn = wait(Math.min(atMostMs, untilTimeUpMs))
    if (this.#now() >= this.#timerMs) this.#timeUp()
    return turn
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerMs = Number.POSITIVE_INFINITY
  }

  #timeUp(): void {
    this.#stopTimer()
    const nowMs = this.#now()
    for (const pending of this.#pending.values()) {
      if (pending.dueMs <= nowMs) this.#tryAgainOrSettle(pending, nowMs)
      else this.#armTimer(pending.dueMs)
    }
  }
}

const timeout: Outcome = { kind: 'failed', reason: 'timeout' }
const unreachable: Outcome = { kind: 'failed', reason: 'unreachable' }
