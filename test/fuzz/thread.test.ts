import { join } from 'node:path'
import t from 'tap'
import { bundleInstrumented } from './instrument.ts'
import { type Ended, runThread } from './thread.ts'
import { type Order, TheInput } from './worker.ts'

const MAX_BYTES = 16

/** Runs a target whose trial is this text, on these inputs and no others. */
async function run(
  folder: string,
  trial: string,
  corpus: readonly string[],
  order: Partial<Order> = {},
): Promise<Ended> {
  const { text } = await bundleInstrumented(`
    import { work } from './test/fuzz/worker.ts'
    void work({
      name: 'x', about: /^/, maxBytes: ${MAX_BYTES}, maxSteps: () => 1e9, words: [], mutators: [],
      open: () => ${trial},
    })`)
  return runThread(join(folder, 'program.cjs'), text, {
    seed: 1,
    milliseconds: 60_000,
    executions: 0,
    corpus: corpus.map(input => Buffer.from(input)),
    more: [],
    words: [],
    folder,
    shared: TheInput.room(MAX_BYTES),
    distills: false,
    ...order,
  })
}

const inputOf = ({ failure }: Ended): string | undefined => failure && Buffer.from(failure.input).toString()

t.test('what is found is reported', async t => {
  const ended = await run(t.testdir(), 'input => { if (input[0] === 98) throw new Error("b") }', ['a', 'b', 'c'])
  t.match(ended, { executions: 2, failure: { property: 'throws nothing (Error)' } })
  t.equal(inputOf(ended), 'b')
})

t.test('a search ends after as many inputs, or as much time, as was said', async t => {
  t.match(await run(t.testdir(), '() => {}', ['a'], { executions: 500 }), { executions: 500, failure: undefined })
  const ended = await run(t.testdir(), '() => {}', ['a'], { executions: Number.POSITIVE_INFINITY, milliseconds: 50 })
  t.match(ended, { failure: undefined })
  t.ok('milliseconds' in ended && ended.milliseconds >= 50)
})

t.test('an input that never ends is found, and the thread ended', async t => {
  const ended = await run(t.testdir(), 'input => { while (input[0] === 98); }', ['a', 'b'])
  t.equal(inputOf(ended), 'b')
  t.match(ended.failure, { property: 'ends within a second', details: /ms of processor time/ })
})

t.test('so is one that nothing ever comes of', async t => {
  const ended = await run(t.testdir(), 'input => input[0] === 98 ? new Promise(() => {}) : undefined', ['a', 'b'])
  t.equal(inputOf(ended), 'b')
  t.match(ended.failure, { property: 'the thread goes on', details: 'it ended with status 0' })
})

t.test('and one that takes all memory', async t => {
  const eat = 'input => { const eaten = []; while (input[0] === 98) eaten.push(new Array(1e6).fill(1.5)) }'
  const ended = await run(t.testdir(), eat, ['a', 'b'])
  t.equal(inputOf(ended), 'b')
})

t.test('what is new is distilled', async t => {
  const trial = '(m => input => { for (const byte of input) if (byte === 98) m.maskText("\\x07") })({ maskText })'
  const { text } = await bundleInstrumented(`
    import { maskText } from './src/text/mask.ts'
    import { work } from './test/fuzz/worker.ts'
    void work({
      name: 'x', about: /^/, maxBytes: ${MAX_BYTES}, maxSteps: () => 1e9, words: [], mutators: [], open: () => ${trial},
    })`)
  const folder = t.testdir()
  const ended = await runThread(join(folder, 'program.cjs'), text, {
    seed: 1,
    milliseconds: 60_000,
    executions: 0,
    corpus: [Buffer.from('a')],
    more: [Buffer.from('aaa'), Buffer.from('xxbxx')],
    words: [],
    folder,
    shared: TheInput.room(MAX_BYTES),
    distills: true,
  })
  t.same('distilled' in ended && ended.distilled.map(input => Buffer.from(input).toString()), ['b'])
})

t.test('a program that is wrong is no failure of an input', async t => {
  await t.rejects(run(t.testdir(), '(() => { throw new Error("wrong") })()', ['a']), { message: 'wrong' })
})
