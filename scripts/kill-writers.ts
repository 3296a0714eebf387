/**
 * Kills writers of the cache, for as long as one likes: `npx tsx scripts/kill-writers.ts 10000 [SEED]`.
 *
 * What is done and checked: test/cache/kill-writers.ts, which CI runs with 250 rounds. Ten thousand take minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runKillWriters } from '../test/support/kill-writers-run.ts'

const [rounds = '10000', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-kill-'))
try {
  console.log(`seed ${seed}`)
  const { status, output } = await runKillWriters(folder, Number(rounds), Number(seed))
  console.log(output.trimEnd())
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
