/**
 * Which name servers are heard, which are silent, and in which order they are asked for it.
 *
 *   resolver.ts: replies, tries that are over → Hearing → ServerHealth, which the host shares (turn/server-watch.ts)
 *
 * Silence is evidence against a server only where nothing else can be the cause, so names that clients choose never count:
 *
 * - A question to a list was answered, and a server that had been asked first has let a whole try pass without any reply, to
 *   this or to anything else since. If nobody answers, the list is silent, and no server is to blame.
 * - The control question had no reply at all by the end of its tries: that is each server it went to.
 *
 * A reply of any kind to a query under way, to whatever question, ends it: then a server is heard.
 *
 * Total. Without anything shared, servers are asked in the order given.
 * Source: docs/behaviour/dns-and-lists.md#a-name-server-that-does-not-answer.
 */
import type { Question } from './outcome.ts'
import type { Query } from './query.ts'

/** What is known of the servers of a resolver; each is given by its index. */
export interface ServerHealth {
  /** All of them, in the order in which they are asked. */
  readonly order: readonly number[]
  /** A server has replied. */
  heard(server: number): void
  /** Servers have let a whole try pass without any reply since a point in time; `isControl`: to the control question. */
  silent(servers: readonly number[], isControl: boolean, sinceMs: number): void
}

/** Servers in the order given. */
export function inOrderGiven(servers: number): ServerHealth {
  return { order: Array.from({ length: servers }, (_, server) => server), heard() {}, silent() {} }
}

/** Whether silence to a question can be a server's: the client can have no hand in it. */
export function isEvidence({ type, counts }: Question): boolean {
  return type === 'NS' || counts === true
}

export class Hearing {
  readonly #health: ServerHealth
  readonly #tryMs: number
  /** When each server was last heard. */
  readonly #heardMs: number[] = []

  /** `tryMs`: how long a try lasts. */
  constructor(health: ServerHealth, tryMs: number) {
    this.#health = health
    this.#tryMs = tryMs
  }

  /** In which order a new query goes round the servers. */
  get order(): readonly number[] {
    return this.#health.order
  }

  /** A server has replied to a query that it was asked. */
  heard(server: number, nowMs: number): void {
    this.#heardMs[server] = nowMs
    this.#health.heard(server)
  }

  /** A query has its answer. */
  answered(query: Query): void {
    if (query.silent.length > 0 && query.isEvidence) this.#tell(query, query.silent)
  }

  /** The tries of a query are used up, and nothing has come of them. */
  gaveUp(query: Query, nowMs: number): void {
    const { question, failure, wasTruncated, beganMs, order, tries } = query
    if (question.type !== 'NS' || failure || wasTruncated || nowMs - beganMs < this.#tryMs) return
    this.#tell(query, order.slice(0, tries))
  }

  #tell({ beganMs, question }: Query, asked: readonly number[]): void {
    const silent = asked.filter(server => !((this.#heardMs[server] ?? Number.NEGATIVE_INFINITY) >= beganMs))
    if (silent.length > 0) this.#health.silent(silent, question.type === 'NS', beganMs)
  }
}
