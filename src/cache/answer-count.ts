/**
 * Counts what is answered without the cache, and what is not answered: behind the answer, so that nobody waits for it.
 *
 *   serve.ts, daemon/generation.ts: Decision → AnswerCount.add; write → consult.ts, or cache/count-alone.ts → cache/counters.ts
 *
 * A process that has the cache open counts there. One that has answered nothing but short cuts opens the file for that when it
 * ends, or has so many to count that they should not be lost with it.
 *
 * Failure: none; without a shared cache there is nothing to count in, and what was to be counted is forgotten.
 */
import type { Counter } from './format.ts'

/** Who has the counters at hand. */
interface Counting {
  readonly count: (counters: readonly Counter[], uses: ReadonlyMap<string, number>) => void
}

/** What a process that has opened no cache counts for itself. */
const MAX_UNCOUNTED = 200

export class AnswerCount {
  readonly #consultant: (hasUses: boolean) => Counting | Promise<Counting>
  #uncounted: Counter[] = []
  #uses = new Map<string, number>()

  /** `consultant`: who counts, uses of exceptions as well where there are some; opens the cache if that is still to be done. */
  constructor(consultant: (hasUses: boolean) => Counting | Promise<Counting>) {
    this.#consultant = consultant
  }

  /** `usedException`: whom it is for. */
  add(counter: Counter, usedException?: string): void {
    if (usedException !== undefined) this.#uses.set(usedException, (this.#uses.get(usedException) ?? 0) + 1)
    // What could not be read is no request.
    if (counter !== 'unanswered') this.#uncounted.push('requests')
    this.#uncounted.push(counter)
  }

  get isEmpty(): boolean {
    return this.#uncounted.length === 0
  }

  get isFull(): boolean {
    return this.#uncounted.length >= MAX_UNCOUNTED
  }

  /** Counts what there is. Never rejects. */
  async write(): Promise<void> {
    try {
      const consultant = await this.#consultant(this.#uses.size > 0)
      const uses = this.#uses
      this.#uses = new Map()
      consultant.count(this.#uncounted.splice(0), uses)
    } catch {
      // Statistics are no reason to end.
      this.#uncounted = []
      this.#uses.clear()
    }
  }
}
