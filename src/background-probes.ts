/**
 * Probes that no mail waits for: they are asked beside one, and may be answered behind its answer.
 *
 *   consult.ts: lists whose probe is due → BackgroundProbes.begin → (the mail is judged, and answered) → asked-probe.ts
 *
 * Loaded when a probe is due. The daemon notes an answer when it comes. A process that Postfix starts notes it when it has nothing
 * else to do: before it reads the next request, for which it waits as long as it likes, and before it ends, for which it does
 * not wait.
 *
 * Guarantees: no answer waits for any of it; each probe is over PROBE_MS behind its start, and noted then, or given up with the
 * process; a list has one under way on the host (cache/probes.ts).
 * Failure: a probe that is given up is due again a tenth of `$BL_PROBE_INTERVAL` later. Of a list that is slower than a process
 * lives behind its mail only probes by longer-lived ones are noted.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import { type AskedProbe, askProbe, isAnswered, noteAnswers, type Probing } from './asked-probe.ts'
import { giveProbeUp } from './cache/probes.ts'
import type { Evaluator } from './evaluate.ts'

/** What they are made with; `notesAtOnce`: answers may be noted when they come, whatever else is done. */
export interface BackgroundProbing extends Probing {
  readonly evaluator: Pick<Evaluator, 'probe' | 'hear'>
  readonly notesAtOnce: boolean
}

export class BackgroundProbes {
  readonly #probing: BackgroundProbing
  readonly #pending = new Set<AskedProbe>()

  constructor(probing: BackgroundProbing) {
    this.#probing = probing
  }

  /** Whether an answer is waited for, or has not been noted. */
  get isPending(): boolean {
    return this.#pending.size > 0
  }

  /** Asks the lists that were claimed at `askedMs`. */
  begin(hosts: readonly string[], askedMs: number): void {
    // Behind whatever is done with the reply.
    const answered = this.#probing.notesAtOnce ? (): unknown => setImmediate(() => this.#note()) : undefined
    for (const host of hosts) this.#pending.add(askProbe(host, askedMs, this.#probing, answered))
    answered?.()
  }

  /**
   * Waits for the probe of a list that this process has under way, for a mail which needs the list's word: nobody else may ask
   * meanwhile. Undefined: there is none, or it is noted without anybody waiting for it.
   */
  settle(host: string): Promise<void> | undefined {
    if (this.#probing.notesAtOnce) return undefined
    for (const one of this.#pending) if (one.probe.host === host) return this.#settle(one)
    return undefined
  }

  /**
   * Notes what comes until all have come or there is something to read from the descriptor `input`; without it, what lies ready, and
   * gives up the others.
   */
  async rest(input?: number): Promise<void> {
    const isOver = (): boolean => {
      this.#note()
      return !this.isPending || input === undefined
    }
    await this.#probing.evaluator.hear(isOver, input)
    this.#note()
    if (input === undefined) this.end()
  }

  /** Nothing is noted any more: the next mail may ask. */
  end(): void {
    for (const { probe, fanOut, askedMs } of this.#pending) {
      fanOut.end()
      this.#probing.cache.transact(({ probes }) => giveProbeUp(probes, probe.host, askedMs))
    }
    this.#pending.clear()
  }

  async #settle(one: AskedProbe): Promise<void> {
    while (!isAnswered(one)) await one.fanOut.arrived()
    this.#note()
  }

  #note(): void {
    for (const one of this.#pending) {
      if (!isAnswered(one)) continue
      this.#pending.delete(one)
      one.fanOut.end()
      noteAnswers(one, this.#probing)
    }
  }
}
