import t from 'tap'
import { randomFrom } from '../support/random.ts'
import { type Failure, Search, STEPS_PROPERTY } from './search.ts'
import { expect, type Target, type Trial } from './target.ts'

const TARGET: Target = {
  name: 'planted',
  about: /^/,
  maxBytes: 64,
  maxSteps: bytes => 20 + 4 * bytes,
  words: [],
  mutators: [],
  open: () => () => {},
}
/** The upper three bits of eight bytes: one in sixteen million inputs has them by chance. */
const SECRET = Buffer.from('20e0408060c02080', 'hex')

/** A program of nine blocks that compares byte by byte. */
function planted(): { counters: Uint32Array; trial: Trial } {
  const counters = new Uint32Array(SECRET.length + 1)
  const trial: Trial = input => {
    let at = 0
    const count = (block: number): void => void counters.set([(counters[block] as number) + 1], block)
    while (at < SECRET.length && ((input[at] ?? 0) & 0xe0) === SECRET[at]) count(at++)
    count(SECRET.length)
    expect(at < SECRET.length, 'it stays closed', () => 'it opened')
  }
  return { counters, trial }
}

/** Searches until something fails, or so many inputs were tried. */
async function search(options: { counters: Uint32Array; trial: Trial; seed?: number; words?: readonly Uint8Array[] }) {
  const tried: string[] = []
  const { counters, trial, seed = 1, words = [] } = options
  const trying = (input: Uint8Array): void => void tried.push(Buffer.from(input).toString('latin1'))
  const made = new Search({ target: TARGET, trial, counters, words, random: randomFrom(seed), trying })
  let failure: Failure | undefined
  while (!failure && made.executions < 200_000) failure = await made.next()
  return { failure, tried, search: made }
}

t.test('what no chance would find is found step by step, and made short', async t => {
  const { failure, search: made } = await search(planted())
  t.same(
    failure?.input.map(byte => byte & 0xe0),
    Uint8Array.from(SECRET),
  )
  t.equal(failure?.property, 'it stays closed')
  t.match(failure?.details, /it opened\n.*at /s, 'with its stack')
  t.equal(made.blocksReached, SECRET.length, 'all blocks but that behind the last byte, which has failed')
  t.ok(made.found >= SECRET.length - 1, 'each byte was worth keeping')
  t.ok(made.corpus.every(input => input.length <= TARGET.maxBytes))
})

t.test('a word that is known is found sooner', async t => {
  const [without, withWord] = [await search(planted()), await search({ ...planted(), words: [SECRET] })]
  t.ok(withWord.tried.length < without.tried.length / 4, `${withWord.tried.length} of ${without.tried.length}`)
})

t.test('the same seed tries the same inputs, another one others', async t => {
  const [one, again, other] = [
    await search(planted()),
    await search(planted()),
    await search({ ...planted(), seed: 2 }),
  ]
  t.ok(one.tried.join('\n') === again.tried.join('\n'))
  t.ok(one.tried.join('\n') !== other.tried.join('\n'))
})

t.test('an input that takes more steps than its length allows has failed', async t => {
  const counters = new Uint32Array(1)
  const trial: Trial = input => {
    counters[0] = (counters[0] as number) + input.length ** 2
  }
  const { failure } = await search({ counters, trial })
  t.equal(failure?.property, STEPS_PROPERTY)
  t.ok((failure?.input.length ?? 0) < 12, 'the shortest that does')
})

t.test('an exception is a failure, whatever it is', async t => {
  for (const thrown of [new RangeError('too far'), 'a text']) {
    const counters = new Uint32Array(1)
    const { failure } = await search({
      counters,
      trial: async () => {
        throw thrown
      },
    })
    t.match(failure?.property, /^throws nothing/)
    t.match(failure?.details, thrown instanceof Error ? thrown.message : thrown)
    t.equal(failure?.input.length, 0, 'the shortest that does')
  }
})

t.test('of inputs that do the same the shortest is kept', async t => {
  const counters = new Uint32Array(1)
  const trial: Trial = () => {
    counters[0] = 1
  }
  const made = new Search({ target: TARGET, trial, counters, words: [], random: randomFrom(1) })
  for (const text of ['aaaa', 'aa', 'aaa']) t.equal(await made.seed(Buffer.from(text)), undefined)
  t.same(
    made.corpus.map(input => Buffer.from(input).toString()),
    ['aa'],
  )
})
