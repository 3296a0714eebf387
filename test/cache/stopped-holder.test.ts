import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { addonFile } from '../../scripts/build-addon.ts'
import { openStore, Store } from '../../src/cache/store.ts'
import { testNative } from '../../testkit/native.ts'
import { bundleProgram, startNode } from '../../testkit/node-program.ts'

t.test(
  'a process that is stopped while it holds the lock costs others one bounded wait a second, and no more',
  async t => {
    const directory = t.testdir()
    const native = testNative()
    const waits: number[] = []
    const warnings: string[] = []
    let nowMs = 1_000_000
    const store = openStore({
      directory,
      fileName: 'polw.cache',
      limits: { spam: { size: 10, maxSize: 20 }, ham: { size: 10, maxSize: 20 } },
      configuration: 1,
      native: {
        ...native,
        lock: (descriptor, waitMs) => {
          waits.push(waitMs)
          return native.lock(descriptor, waitMs)
        },
      },
      nowMs: () => nowMs,
      warn: text => warnings.push(text),
    })
    if (!(store instanceof Store)) throw new Error(store.why)
    t.teardown(() => store.close())
    waits.length = 0

    const program = join(directory, 'lock-holder.cjs')
    bundleProgram('test/cache/lock-holder.ts', program)
    const holder = startNode([program, join(directory, 'polw.cache'), addonFile(process.arch)])
    t.teardown(() => holder.kill('SIGKILL'))
    if (!holder.stdout) throw new Error('no pipe')
    const [held] = await once(holder.stdout, 'data')
    t.equal(String(held), 'held\n')
    holder.kill('SIGSTOP')

    for (let request = 0; request < 10; request++)
      t.equal(
        store.transact(() => 1),
        undefined,
      )
    nowMs += 1000
    t.equal(
      store.transact(() => 1),
      undefined,
    )
    t.strictSame(waits, [50, 2, 2, 2, 2, 2, 2, 2, 2, 2, 50])
    t.equal(warnings.length, 1)

    holder.kill('SIGKILL')
    await once(holder, 'close')
    t.equal(
      store.transact(({ counters }) => counters.read().get('locksNotHad')),
      11,
      'the kernel gave the lock back',
    )
  },
)
