/**
 * Questions that outlive their request: one for each list, from which the process learns that the list is silent.
 *
 *   evaluate.ts: a verdict that did not wait for a list → keep; the next verdict → learned → consult.ts counts it against the list
 *
 * Whoever does not wait for a list would never find out that it is dead, and all would ask it for ever. So the process goes on
 * with one question of the request, as its own: the try that is under way is its last, and what comes of it counts as if
 * the next request had asked. Nothing waits for it and no process lives longer for it: a process that has no request notices with
 * its next one that the time is over, once it has read what lay ready.
 *
 * Invariant: one question under way for each list.
 * Failure: an outcome. What nobody asks for any more is forgotten with the process.
 */
import { monotonicMs } from '../system/clock.ts'
import type { Asker, LookupRecord } from './fan-out.ts'
import { askedName } from './names.ts'
import { isSilence, type Outcome, type Question } from './outcome.ts'

/** A question to a list, and what its outcome says about the list; undefined: nothing. */
export interface OwnQuestion<State> {
  readonly host: string
  readonly question: Question
  readonly read: (outcome: Outcome) => State | undefined
}

export class OwnQuestions<State> {
  readonly #tryMs: number
  readonly #underWay = new Set<string>()
  readonly #silent = new Set<string>()
  #learned = new Map<string, State>()

  readonly #settled: (lookup: LookupRecord) => void

  /** `tryMs`: how long a try takes; `settled`: told of what each question came to. */
  constructor(tryMs: number, settled: (lookup: LookupRecord) => void = () => {}) {
    this.#tryMs = tryMs
    this.#settled = settled
  }

  /** Goes on with questions that are under way with a resolver, but for those of lists that have one. */
  keep(resolver: Pick<Asker, 'ask'>, questions: readonly OwnQuestion<State>[]): void {
    for (const { host, question, read } of questions) {
      const name = askedName(question)
      if (name === undefined || this.#underWay.has(host)) continue
      this.#underWay.add(host)
      const beganMs = monotonicMs()
      const settled = (_: number, outcome: Outcome): void => {
        this.#underWay.delete(host)
        if (isSilence(outcome)) this.#silent.add(host)
        else this.#silent.delete(host)
        this.#settled({ question, outcome, latencyMs: monotonicMs() - beganMs })
        const state = read(outcome)
        if (state !== undefined) this.#learned.set(host, state)
      }
      resolver.ask([{ ...question, name }], monotonicMs() + this.#tryMs, { settled }, 1).stopRetrying()
    }
  }

  /** Whether each of these lists was silent when it was last asked here. */
  areSilent(lists: readonly { readonly host: string }[]): boolean {
    return lists.every(({ host }) => this.#silent.has(host))
  }

  /** How lists have answered since the last call, by host. */
  learned(): ReadonlyMap<string, State> {
    const learned = this.#learned
    if (learned.size > 0) this.#learned = new Map()
    return learned
  }
}
