/**
 * One target, fuzzed: its program made, a folder for it, a thread, and the folder gone again.
 *
 *   run.ts, corpus.test.ts: target, what to do → fuzz → what came of it, and the blocks of its program
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Block, bundleInstrumented } from './instrument.ts'
import type { NamedTarget } from './targets.ts'
import { type Ended, runThread } from './thread.ts'
import { type Order, TheInput } from './worker.ts'

const MEMORY = '/dev/shm'

/** What to do; what is left out: seed 1, no end but that of the time, nothing to begin with, nothing to distill. */
export type Wish = Partial<Pick<Order, 'seed' | 'milliseconds' | 'executions' | 'corpus' | 'more' | 'distills'>>

export async function fuzz(
  { target, exported }: NamedTarget,
  wish: Wish,
): Promise<{ readonly ended: Ended; readonly blocks: readonly Block[] }> {
  const { text, blocks, words } = await bundleInstrumented(
    `import { ${exported} } from './test/fuzz/targets/${target.name}.ts'
     import { work } from './test/fuzz/worker.ts'
     void work(${exported})`,
  )
  // In memory, where there is such a place: files of the cache have more than a megabyte.
  const place = existsSync(MEMORY) ? MEMORY : tmpdir()
  const folder = mkdtempSync(join(place, `policyd-weight-fuzz-${target.name}-`))
  try {
    const work = join(folder, 'work')
    mkdirSync(work)
    const ended = await runThread(join(folder, 'program.cjs'), text, {
      seed: 1,
      milliseconds: Number.POSITIVE_INFINITY,
      executions: Number.POSITIVE_INFINITY,
      corpus: [],
      more: [],
      distills: false,
      ...wish,
      words,
      folder: work,
      shared: TheInput.room(target.maxBytes),
    })
    return { ended, blocks }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
