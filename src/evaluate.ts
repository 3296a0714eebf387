/**
 * The miss: a request nothing is known of → its score.
 *
 *   decide.ts: PolicyRequest → evaluate: plan → fan-out ⇄ score → Judgement → decide.ts
 *
 * The plan names the first lookups. Scoring says what it needs, the fan-out asks for all of it at once, and when answers
 * have come that make a difference, scoring runs again, until it has a verdict. A verdict that is settled waits for
 * nobody: answers still on their way are abandoned.
 *
 * Failure: a lookup without an answer is an outcome of that lookup. All lookups of a request share one deadline,
 * well before Postfix stops waiting, so an evaluation always ends.
 * Sources: specification, chapters "Scoring" and "DNS and lists" Transport; postconf(5) smtpd_policy_service_timeout.
 */
import type { Config } from './config/parameters.ts'
import { monotonicMs } from './dns/clock.ts'
import { FanOut, type LookupRecord } from './dns/fan-out.ts'
import { planFirstWave } from './dns/plan.ts'
import { parseNameServerList, readNameServers } from './dns/resolv-conf.ts'
import { Resolver } from './dns/resolver.ts'
import type { OpenTransport } from './dns/transport.ts'
import { waitingTransport } from './dns/waiting-transport.ts'
import type { Native, NativeUnavailable } from './native/native.ts'
import type { ScorableRequest } from './score/evaluation.ts'
import type { Known } from './score/score.ts'
import type { Judgement } from './score/verdict.ts'

/** Postfix waits 100 s for an answer; what is left is for it to arrive. */
export const LOOKUP_BUDGET_MS = 80_000

/**
 * Requests of one process that are looked up at the same time; the rest waits. Each has 120 questions out at most,
 * so ids, of which there are 65536, are always plenty.
 */
const MAX_CONCURRENT = 256

const NO_LISTS: ReadonlySet<string> = new Set()

/** A judgement and the lookups it rests on. */
export interface Evaluated {
  readonly judgement: Judgement
  readonly lookups: readonly LookupRecord[]
  /** Questions that were sent to a name server. */
  readonly queries: number
  /** Whether more would have been sent, but for the bound on them. */
  readonly cut: boolean
}

/**
 * The evaluator of a process. `socketsPerServer`: for one that evaluates many requests at once; any other stands still while
 * it waits for DNS, if the native part lets it.
 */
export async function openEvaluator(
  config: Config,
  native: () => Native | NativeUnavailable,
  socketsPerServer?: number,
): Promise<Evaluator> {
  const part = socketsPerServer === undefined ? native() : undefined
  if (part?.kind === 'native') return new Evaluator(config, waitingTransport(part))
  const { pooledTransport } = await import('./dns/event-transport.ts')
  return new Evaluator(config, pooledTransport(socketsPerServer ?? 1))
}

/** Evaluates requests over one resolver; one per process. */
export class Evaluator {
  readonly #config: Config
  readonly #resolver: Resolver
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(config: Config, transport: OpenTransport) {
    this.#config = config
    this.#resolver = new Resolver({
      servers: config.NS.length > 0 ? parseNameServerList(config.NS).servers : readNameServers(),
      tries: config.DNS_RETRIES + 1,
      tryMs: config.DNS_RETRY_IVAL * 1000,
      transport,
    })
  }

  async evaluate(request: ScorableRequest, known: Known = {}): Promise<Evaluated> {
    const deadlineMs = monotonicMs() + LOOKUP_BUDGET_MS
    if (this.#running === MAX_CONCURRENT) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await this.#evaluate(request, known, deadlineMs)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  /** Closes the sockets. Lookups still on their way end as timeouts. */
  close(): void {
    this.#resolver.close()
  }

  async #evaluate(request: ScorableRequest, known: Known, deadlineMs: number): Promise<Evaluated> {
    const fanOut = new FanOut(this.#resolver, deadlineMs)
    const { cachedHamScore, skippedLists = NO_LISTS } = known
    fanOut.start(planFirstWave(request, this.#config, skippedLists, cachedHamScore !== undefined))
    // Compiled while the first answers are on their way; some may lie ready by then.
    const { score } = await import('./score/score.ts')
    await fanOut.polled()
    for (;;) {
      const scored = score(request, fanOut.answers, this.#config, known)
      if (scored.kind === 'verdict') {
        const { lookups, queries, cut } = fanOut
        return { judgement: scored.judgement, lookups, queries, cut }
      }
      fanOut.start(scored.questions)
      await fanOut.arrived()
    }
  }
}
