/**
 * A search thread, watched.
 *
 *   run.ts: program, Order → runThread → Report
 *
 * An input that takes more than a second of processor time, or is not done after a minute however little it takes, has
 * failed; so has one over which the thread ends. Processor time, because a machine that is busy with other things must not
 * make an input look slow; it is that of the whole process, whose other thread only waits.
 *
 * Failure: an error of the thread before its first input is thrown: then the program is wrong, not an input.
 */
import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Failure } from './search.ts'
import { type Order, type Report, TheInput } from './worker.ts'

const CPU_LIMIT_MS = 1000
const WAIT_LIMIT_MS = 60_000
const LOOK_EVERY_MS = 100
const MEMORY_LIMIT_MB = 512

/** What came of a thread; a thread that was ended has nothing to report but the failure. */
export type Ended = Report | { readonly failure: Failure }

/** Writes a program to `path`, which calls `work` (worker.ts), and runs it to its end or to that of our patience. */
export async function runThread(path: string, program: string, order: Order): Promise<Ended> {
  writeFileSync(path, program)
  const atHand = new TheInput(order.shared)
  const worker = new Worker(path, {
    workerData: order,
    execArgv: ['--enable-source-maps'],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT_MB },
  })
  return new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      const details = patience.why(atHand.number)
      if (details === undefined) return
      void worker.terminate()
      end({ failure: { input: atHand.bytes, property: 'ends within a second', details } })
    }, LOOK_EVERY_MS)
    const patience = new Patience()
    const end = (ended: Ended): void => {
      clearInterval(watch)
      resolve(ended)
    }
    const died = (details: string, error: unknown): void => {
      if (atHand.number > 0) end({ failure: { input: atHand.bytes, property: 'the thread goes on', details } })
      else {
        clearInterval(watch)
        reject(error)
      }
    }
    worker.on('message', (report: Report) => end(report))
    worker.on('error', error => died(error.stack ?? error.message, error))
    worker.on('exit', status => died(`it ended with status ${status}`, new Error('the thread did nothing')))
  })
}

/** Watches how long the same input is at hand. */
class Patience {
  #number = -1
  #sinceMs = 0
  #cpuSinceMs = 0

  /** Why the input with this number has taken too long; undefined: it has not. */
  why(number: number): string | undefined {
    const { user, system } = process.cpuUsage()
    const cpuMs = (user + system) / 1000
    const nowMs = performance.now()
    if (number !== this.#number || number === 0) {
      this.#number = number
      this.#sinceMs = nowMs
      this.#cpuSinceMs = cpuMs
      return undefined
    }
    const took = cpuMs - this.#cpuSinceMs
    if (took > CPU_LIMIT_MS) return `it has taken ${Math.round(took)} ms of processor time`
    return nowMs - this.#sinceMs > WAIT_LIMIT_MS ? 'nothing comes of it' : undefined
  }
}
