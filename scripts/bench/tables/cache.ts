/**
 * Table "cache" of this project alone: what the shared cache costs.
 *
 *   look-up, write    one process, with lock and unlock: the mean of many, the best of five batches
 *   lock wait         16 processes that do nothing but look up and write, on one file (cache-process.ts)
 *
 * A machine that does other work at the same time shows in the lock wait above all: whoever has the lock may have to wait for
 * a processor.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { addonFile } from '../../build-addon.ts'
import { testNative } from '../../../testkit/native.ts'
import { bundleProgram, startNode } from '../../../testkit/node-program.ts'
import { lookUp, openCache, type Waits, write } from '../cache-process.ts'
import type { Measured } from '../results.ts'
import { median, quantile, sum } from '../samples.ts'

const PROCESSES = 16
const START_DELAY_MS = 3000
const DURATION_MS = 2000
const BATCH = 20_000
const BATCHES = 5
/** Microseconds, and milliseconds of the 99th of a hundred waits. */
const TARGETS = { lookUp: 10, write: 20, waitMs: 2 }

/** Microseconds a call, the best of the batches. */
function measure(call: (i: number) => void): number {
  const batches = Array.from({ length: BATCHES }, () => {
    const startMs = performance.now()
    for (let i = 0; i < BATCH; i++) call(i)
    return ((performance.now() - startMs) * 1000) / BATCH
  })
  return Math.min(...batches)
}

async function hammer(folder: string): Promise<Waits> {
  const program = join(folder, 'cache-process.cjs')
  bundleProgram('scripts/bench/cache-process.ts', program)
  const start = String(Date.now() + START_DELAY_MS)
  const results = Array.from({ length: PROCESSES }, async (_, seed) => {
    const child = startNode([program, folder, addonFile(process.arch), String(seed), start, String(DURATION_MS)])
    if (!child.stdout) throw new Error('no pipe')
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')])
    return JSON.parse(output) as Waits
  })
  const all = await Promise.all(results)
  return { waitsMs: all.flatMap(({ waitsMs }) => waitsMs), notHad: sum(all.map(({ notHad }) => notHad)) }
}

export async function measureCache(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
  try {
    const store = openCache(folder, testNative())
    const writes = measure(i => write(store, i, 0))
    const lookUps = measure(i => lookUp(store, i, 0))
    store.close()
    const { waitsMs, notHad } = await hammer(folder)
    const [p50, p99, p999] = [median(waitsMs), quantile(waitsMs, 0.99), quantile(waitsMs, 0.999)]
    return {
      figures: {},
      title: 'The shared cache',
      note: `Microseconds a look-up and a write; milliseconds that each of ${PROCESSES} processes waits for the lock, ${waitsMs.length} waits, ${notHad} in vain.`,
      columns: ['look-up', 'write', 'wait, median', 'wait, p99', 'wait, p99.9'],
      rows: [[lookUps.toFixed(2), writes.toFixed(2), p50.toFixed(4), p99.toFixed(2), p999.toFixed(2)]],
      targets: {
        [`a look-up takes at most ${TARGETS.lookUp} us`]: lookUps <= TARGETS.lookUp,
        [`a write takes at most ${TARGETS.write} us`]: writes <= TARGETS.write,
        [`99 of 100 waits take at most ${TARGETS.waitMs} ms`]: p99 <= TARGETS.waitMs,
      },
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
