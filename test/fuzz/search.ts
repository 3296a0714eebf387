/**
 * The search: inputs that run new code are kept, and changed to find more.
 *
 *   worker.ts: trial, counters of blocks, stored corpus → Search.next, again and again → a failure, or more inputs
 *
 * What an input does is described by features: a block and how often it was run, in four classes (1, 2, 3 to 15, more). An
 * input with a feature that no other had is kept; of several with the same feature the
 * shortest owns it, and one that owns nothing any more is dropped. So the corpus stays small and its inputs short.
 *
 * Invariant: with the same random numbers, corpus and target the same inputs are tried in the same order: nothing here
 * looks at a clock.
 * Failure: an exception of the trial, or more steps than the target allows, is a `Failure`; the search ends with it.
 */
import { mutate, plain, type Random, replaced } from './mutate.ts'
import { propertyOf, type Target, type Trial } from './target.ts'

/** An input that a property does not hold for. */
export interface Failure {
  readonly input: Uint8Array
  readonly property: string
  /** With its stack, where it has one. */
  readonly details: string
}

export interface SearchOptions {
  readonly target: Target
  readonly trial: Trial
  /** How often each block was run; the trial's program adds to it. */
  readonly counters: Uint32Array
  readonly words: readonly Uint8Array[]
  readonly random: Random
  /** Told of each input before it is tried. */
  readonly trying?: (input: Uint8Array) => void
}

interface Entry {
  readonly input: Uint8Array
  readonly steps: number
  /** Features of which it is the shortest input. */
  owned: number
}

const CLASSES = 4
const MAX_SHRINKING_TRIALS = 3000
/** One in so many is chosen among those that were found last. */
const RECENT_IN = 2
const RECENT = 24

export const STEPS_PROPERTY = 'ends within a number of steps that grows with its length alone'

export class Search {
  executions = 0
  /** Inputs that were kept, the stored ones not counted. */
  found = 0
  mostSteps = 0
  readonly #options: SearchOptions
  readonly #entries: Entry[] = []
  readonly #owners: (Entry | undefined)[]
  readonly #blocks: Uint8Array
  /** Of the input that was tried last. */
  #steps = 0

  constructor(options: SearchOptions) {
    this.#options = options
    this.#owners = new Array(options.counters.length * CLASSES)
    this.#blocks = new Uint8Array(options.counters.length)
  }

  /** How many blocks have been run so far. */
  get blocksReached(): number {
    return this.#blocks.reduce((sum, reached) => sum + reached, 0)
  }

  /** By number: 1 for a block that has been run. */
  get reached(): Uint8Array {
    return this.#blocks
  }

  /** The inputs that are kept. */
  get corpus(): readonly Uint8Array[] {
    return this.#entries.map(({ input }) => input)
  }

  /** Tries a stored input. */
  async seed(stored: Uint8Array): Promise<Failure | undefined> {
    const input = plain(stored)
    const failure = await this.#try(input)
    if (!failure) this.#keepIfNew(input)
    return failure
  }

  /** Tries the next input; undefined: it is as it should be. */
  async next(): Promise<Failure | undefined> {
    const { target, words, random } = this.#options
    const input = mutate(this.#choose(), this.#choose(), target, words, random)
    const failure = await this.#try(input)
    if (failure) return this.#shrink(failure)
    if (this.#keepIfNew(input)) this.found++
    return undefined
  }

  /** Runs an input and returns the blocks it reaches, by their numbers; undefined if it fails. */
  async blocksOf(input: Uint8Array): Promise<readonly number[] | undefined> {
    if (await this.#try(input)) return undefined
    const blocks: number[] = []
    for (const [block, count] of this.#options.counters.entries()) if (count > 0) blocks.push(block)
    return blocks
  }

  /** The shortest input, found by leaving out pieces, for which `holds` still does. */
  async shorten(input: Uint8Array, holds: (input: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
    let shortest = input
    let trials = 0
    for (let size = Math.ceil(input.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < shortest.length && trials < MAX_SHRINKING_TRIALS; trials++) {
        const shorter = replaced(shortest, at, Math.min(shortest.length, at + size), new Uint8Array())
        if (await holds(shorter)) shortest = shorter
        else at += size
      }
    }
    return shortest
  }

  async #shrink(failure: Failure): Promise<Failure> {
    let latest = failure
    await this.shorten(failure.input, async input => {
      const again = await this.#try(input)
      if (again?.property !== failure.property) return false
      latest = again
      return true
    })
    return latest
  }

  /** Of two inputs the one that takes fewer steps: in the same time more of those are tried. */
  #choose(): Uint8Array {
    if (this.#entries.length === 0) return new Uint8Array()
    const [one, other] = [this.#any(), this.#any()]
    return (one.steps <= other.steps ? one : other).input
  }

  #any(): Entry {
    const { random } = this.#options
    const entries = this.#entries
    const among = random(RECENT_IN) === 0 ? Math.min(RECENT, entries.length) : entries.length
    return entries[entries.length - 1 - random(among)] as Entry
  }

  async #try(input: Uint8Array): Promise<Failure | undefined> {
    const { target, trial, counters, trying } = this.#options
    trying?.(input)
    this.executions++
    counters.fill(0)
    try {
      // Most trials are over when they return, and an await takes longer than they do.
      const running = trial(input)
      if (running instanceof Promise) await running
    } catch (error) {
      const details = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { input, property: propertyOf(error), details }
    }
    let steps = 0
    for (let block = 0; block < counters.length; block++) steps += counters[block] as number
    this.#steps = steps
    if (steps > this.mostSteps) this.mostSteps = steps
    const allowed = target.maxSteps(input.length)
    if (steps <= allowed) return undefined
    return {
      input,
      property: STEPS_PROPERTY,
      details: `${input.length} bytes took ${steps} steps, more than ${allowed}`,
    }
  }

  /** Keeps what was tried last if it has a feature that no other input has, or none so short. */
  #keepIfNew(input: Uint8Array): boolean {
    const { counters } = this.#options
    let entry: Entry | undefined
    let isNew = false
    for (let block = 0; block < counters.length; block++) {
      const count = counters[block] as number
      if (count === 0) continue
      this.#blocks[block] = 1
      const feature = block * CLASSES + classOf(count)
      const owner = this.#owners[feature]
      if (owner && owner.input.length <= input.length) continue
      if (!owner) isNew = true
      entry ??= { input: input.slice(), steps: this.#steps, owned: 0 }
      entry.owned++
      this.#owners[feature] = entry
      if (owner && --owner.owned === 0) this.#entries.splice(this.#entries.indexOf(owner), 1)
    }
    if (entry) this.#entries.push(entry)
    return isNew
  }
}

/** `1` → 0, `2` → 1, `3` → 2, `16` → 3. */
function classOf(count: number): number {
  return count < 3 ? count - 1 : count < 16 ? 2 : 3
}
