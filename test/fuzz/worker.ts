/**
 * A search in a thread of its own, so that an input that never ends can be seen from outside.
 *
 *   run.ts: Order → work → reports
 *
 * The thread's program is made by instrument.ts and calls `work` with its target. The input at hand lies in memory that
 * both threads see (`TheInput`): when the thread hangs or dies, run.ts knows over what.
 *
 * Failure: whatever ends the thread before it has said so is a failure of the input at hand.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { randomFrom } from '../support/random.ts'
import { COUNTERS } from './instrument-names.ts'
import { Search } from './search.ts'
import { hashOf, type Target } from './target.ts'

/** What the thread is to do. */
export interface Order {
  readonly seed: number
  /** Until this many milliseconds have passed, or so many inputs were tried. */
  readonly milliseconds: number
  readonly executions: number
  readonly corpus: readonly Uint8Array[]
  /** Inputs to begin with that are not stored ones. */
  readonly more: readonly Uint8Array[]
  readonly words: readonly string[]
  readonly folder: string
  readonly shared: SharedArrayBuffer
  /** Whether inputs that reach blocks which the stored ones do not reach are wanted. */
  readonly distills: boolean
}

/** What it found. */
export interface Report {
  readonly executions: number
  readonly milliseconds: number
  readonly found: number
  readonly kept: number
  readonly mostSteps: number
  /** By number: 1 for a block that was run. */
  readonly reached: Uint8Array
  readonly failure: { readonly input: Uint8Array; readonly property: string; readonly details: string } | undefined
  readonly distilled: readonly Uint8Array[]
}

/** How often the clock is looked at, in inputs. */
const INPUTS_BETWEEN_LOOKS = 16
const NUMBER_WORD = 0
const LENGTH_WORD = 1
const HEAD_BYTES = 8

/** The input at hand, in memory that two threads see. */
export class TheInput {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array

  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared, 0, 2)
    this.#bytes = new Uint8Array(shared, HEAD_BYTES)
  }

  static room(maxBytes: number): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_BYTES + maxBytes)
  }

  /** Grows by one with each input. */
  get number(): number {
    return Atomics.load(this.#words, NUMBER_WORD)
  }

  get bytes(): Uint8Array {
    return this.#bytes.slice(0, Atomics.load(this.#words, LENGTH_WORD))
  }

  set(input: Uint8Array): void {
    this.#bytes.set(input)
    Atomics.store(this.#words, LENGTH_WORD, input.length)
    Atomics.add(this.#words, NUMBER_WORD, 1)
  }
}

/** Searches as `workerData` says, and posts one Report. */
export async function work(target: Target): Promise<void> {
  const order = workerData as Order
  const counters = (globalThis as unknown as Readonly<Record<typeof COUNTERS, Uint32Array>>)[COUNTERS]
  const atHand = new TheInput(order.shared)
  const search = new Search({
    target,
    trial: target.open(order.folder),
    counters,
    words: [...order.words, ...target.words].map(word => Buffer.from(word, 'utf8')),
    random: randomFrom((order.seed ^ hashOf(target.name)) >>> 0),
    trying: input => atHand.set(input),
  })
  const startMs = performance.now()
  let failure: Report['failure']
  for (const input of order.corpus) failure ??= await search.seed(input)
  const stored = search.reached.slice()
  for (const input of order.more) failure ??= await search.seed(input.subarray(0, target.maxBytes))
  while (!failure && search.executions < order.executions) {
    if (search.executions % INPUTS_BETWEEN_LOOKS === 0 && performance.now() - startMs >= order.milliseconds) break
    failure = await search.next()
  }
  const report: Report = {
    executions: search.executions,
    milliseconds: performance.now() - startMs,
    found: search.found,
    kept: search.corpus.length,
    mostSteps: search.mostSteps,
    reached: search.reached,
    failure,
    distilled: order.distills && !failure ? await distill(search, stored) : [],
  }
  parentPort?.postMessage(report)
}

/** A few inputs that together reach what the stored ones do not, made short: first those that reach most of it. */
async function distill(search: Search, stored: Uint8Array): Promise<Uint8Array[]> {
  const candidates: { readonly input: Uint8Array; news: readonly number[] }[] = []
  for (const input of search.corpus) {
    const news = (await search.blocksOf(input))?.filter(block => !stored[block]) ?? []
    candidates.push({ input, news })
  }
  const distilled: Uint8Array[] = []
  for (;;) {
    candidates.sort((one, other) => other.news.length - one.news.length || one.input.length - other.input.length)
    const [best] = candidates
    if (!best || best.news.length === 0) return distilled
    const { input, news } = best
    const reachesThem = async (shorter: Uint8Array): Promise<boolean> => {
      const blocks = new Set(await search.blocksOf(shorter))
      return news.every(block => blocks.has(block))
    }
    distilled.push(await search.shorten(input, reachesThem))
    for (const candidate of candidates) candidate.news = candidate.news.filter(block => !news.includes(block))
  }
}
