/**
 * What the shared cache costs (`npm run bench:cache [-- --strict]`).
 *
 *   look-up, write    one process, with lock and unlock: the mean of many, the best of five batches
 *   lock wait         16 processes that do nothing but look up and write, on one file: the 99th of 100 waits
 *   start             loading the native part and opening a file that exists, in a fresh process
 *
 * Prints a table. A target that is missed is shown, and with --strict it is exit status 1. A machine that does other work
 * at the same time shows in the lock wait above all: whoever has the lock may have to wait for a processor.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { openStore, Store } from '../../src/cache/store.ts'
import { testNative } from '../../testkit/native.ts'
import { bundleProgram, startNode } from '../../testkit/node-program.ts'
import { addonFile } from '../build-addon.ts'

const PROCESSES = 16
const START_DELAY_MS = 3000
const DURATION_MS = 2000
const BATCH = 20_000
const BATCHES = 5

/** Microseconds a call, the best of the batches. */
function measure(call: (i: number) => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < BATCHES; batch++) {
    const startMs = performance.now()
    for (let i = 0; i < BATCH; i++) call(i)
    best = Math.min(best, ((performance.now() - startMs) * 1000) / BATCH)
  }
  return best
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN
}

async function hammer(folder: string): Promise<{ waitsMs: number[]; notHad: number }> {
  const program = join(folder, 'cache-process.cjs')
  bundleProgram('scripts/bench/cache-process.ts', program)
  const start = String(Date.now() + START_DELAY_MS)
  const results = Array.from({ length: PROCESSES }, async (_, seed) => {
    const child = startNode([program, folder, addonFile(process.arch), String(seed), start, String(DURATION_MS)])
    if (!child.stdout) throw new Error('no pipe')
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')])
    return JSON.parse(output) as { waitsMs: number[]; notHad: number }
  })
  const all = await Promise.all(results)
  return { waitsMs: all.flatMap(({ waitsMs }) => waitsMs), notHad: all.reduce((sum, { notHad }) => sum + notHad, 0) }
}

async function main(folder: string): Promise<number> {
  let missed = 0
  const show = (title: string, figure: number, unit: string, target: number): void => {
    if (figure > target) missed++
    console.log(
      `${title.padEnd(34)}${figure.toFixed(2).padStart(9)} ${unit}   at most ${target} ${unit}  ${figure > target ? 'MISS' : 'ok'}`,
    )
  }
  console.log(`Node ${process.version}, ${availableParallelism()} processors\n`)

  const store = openStore({
    directory: folder,
    fileName: 'polw.cache',
    limits: { spam: { size: 2000, maxSize: 4000 }, ham: { size: 1000, maxSize: 2000 } },
    configuration: 1,
    native: testNative(),
    nowMs: Date.now,
    warn: warning => console.log(warning),
  })
  if (!(store instanceof Store)) throw new Error(store.why)
  const client = (i: number): string => `192.0.2.${i % 256}-sender${i % 11}@example.org`
  const write = measure(i =>
    store.transact(({ spam }) => spam.set(client(i), { score: 7.5, retriesLeft: 1, seenSeconds: i })),
  )
  show(
    'look-up',
    measure(i => store.transact(({ spam }) => spam.get(client(i)))),
    'us',
    10,
  )
  show('write', write, 'us', 20)
  store.close()

  const { waitsMs, notHad } = await hammer(folder)
  show(`lock wait, ${PROCESSES} processes, p99`, quantile(waitsMs, 0.99), 'ms', 2)
  console.log(
    `${''.padEnd(34)}${waitsMs.length} waits: median ${quantile(waitsMs, 0.5).toFixed(4)}, p99.9 ${quantile(waitsMs, 0.999).toFixed(2)} ms; not had: ${notHad}`,
  )
  return missed
}

const { values } = parseArgs({ options: { strict: { type: 'boolean', default: false } } })
const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
try {
  const missed = await main(folder)
  process.exitCode = values.strict && missed > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}
