/**
 * Runs kill-writers.ts: 250 rounds, or as many as KILL_ROUNDS says, which is what `npm run test:kill-writers` does for minutes.
 * The same KILL_SEED kills at the same moments, as far as the machine allows.
 */
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { addonFile } from '../../scripts/build-addon.ts'
import { bundleProgram, compileAddon, startNode } from '../../testkit/node-program.ts'

const { KILL_ROUNDS = '250', KILL_SEED = '1' } = process.env

t.setTimeout(3_600_000)

t.test('eight writers that are killed: only whole entries, counters forwards, the lock free', async t => {
  const folder = t.testdir()
  const [program, fork, cache] = ['kill-writers.cjs', 'fork.node', 'cache'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  bundleProgram('test/cache/kill-writers.ts', program)
  compileAddon('test/support/fork.c', fork)
  mkdirSync(cache)
  const flags = ['--single-threaded', '--v8-pool-size=0']
  const child = startNode([...flags, program, cache, addonFile(process.arch), fork, KILL_ROUNDS, KILL_SEED])
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('no pipes')
  const [[status], output, errors] = await Promise.all([once(child, 'close'), text(stdout), text(stderr)])
  t.match(output, new RegExp(`^${KILL_ROUNDS} rounds, \\d{4,} entries checked, \\d{4,} transactions\n$`))
  t.equal(errors, '')
  t.equal(status, 0)
})
