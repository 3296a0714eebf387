/**
 * Runs test/cache/kill-writers.ts: for its test with few rounds, for scripts/kill-writers.ts with many.
 */
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { addonFile } from '../../scripts/build-addon.ts'
import { bundleProgram, compileAddon, startNode } from '../../testkit/node-program.ts'

/** How it ended; `output` is what it printed, errors included. */
export interface KillWritersResult {
  readonly status: number | null
  readonly output: string
}

/** Runs so many rounds in an empty folder. The same seed kills at the same moments, as far as the machine allows. */
export async function runKillWriters(folder: string, rounds: number, seed: number): Promise<KillWritersResult> {
  const program = join(folder, 'kill-writers.cjs')
  const fork = join(folder, 'fork.node')
  bundleProgram('test/cache/kill-writers.ts', program)
  compileAddon('test/support/fork.c', fork)
  const flags = ['--single-threaded', '--v8-pool-size=0']
  const cache = join(folder, 'cache')
  mkdirSync(cache)
  const child = startNode([...flags, program, cache, addonFile(process.arch), fork, String(rounds), String(seed)])
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('no pipes')
  const [[status], output, errors] = await Promise.all([once(child, 'close'), text(stdout), text(stderr)])
  return { status, output: output + errors }
}
