/**
 * Every stored input, in each target's own program: those that once broke a promise are kept here, with the hard ones.
 *
 * What `npm run fuzz` does before its search: the bounds on steps and time hold, too.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addToCorpus, readCorpus } from './corpus.ts'
import { fuzz } from './fuzz.ts'
import { TARGETS } from './targets.ts'

for (const { target, exported } of TARGETS) {
  t.test(`stored inputs of ${target.name}`, async t => {
    const stored = readCorpus(target.name)
    const { ended } = await fuzz({ target, exported }, { corpus: stored.map(({ input }) => input), executions: 0 })
    const { failure } = ended
    const name = stored.find(({ input }) => failure && Buffer.compare(input, failure.input) === 0)?.name
    t.equal(failure && `${name}: ${failure.property}\n${failure.details}`, undefined, 'nothing is broken')
    t.match(ended, { executions: stored.length }, `all ${stored.length} were tried`)
    t.same(
      stored.filter(({ input }) => input.length > target.maxBytes).map(({ name }) => name),
      [],
      'none is longer than those that are made',
    )
  })
}

t.test('an input is stored as a line, in the order of the names, and read as it was', t => {
  const folder = t.testdir()
  const inputs = {
    text: Buffer.from('sender=a@b.example\n\t"\\"\n'),
    latin: Buffer.from('caf\xe9, a text with one byte that is none', 'latin1'),
    empty: new Uint8Array(),
    bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte),
  }
  for (const [name, input] of Object.entries(inputs)) addToCorpus('x', { name, input }, folder)
  const lines = readFileSync(join(folder, 'x.jsonl'), 'utf8').split('\n')
  t.same(lines.slice(1, 4), [
    '{"name":"empty","text":""}',
    '{"name":"latin","text":"caf\\u00e9, a text with one byte that is none"}',
    '{"name":"text","text":"sender=a@b.example\\n\\t\\"\\\\\\"\\n"}',
  ])
  t.match(lines[0], '{"name":"bytes","base64":"AAEC', 'what is hardly a text is not written as one')
  t.ok(lines.every(line => /^[\x20-\x7e]*$/.test(line)))
  const read = readCorpus('x', folder)
  t.same(
    read.map(({ name }) => name),
    ['bytes', 'empty', 'latin', 'text'],
  )
  for (const { name, input } of read)
    t.equal(Buffer.compare(input, inputs[name as keyof typeof inputs]), 0, `${name} is as it was`)
  addToCorpus('x', { name: 'text', input: inputs.text }, folder)
  t.equal(readCorpus('x', folder).length, 4, 'the same again changes nothing')
  t.throws(() => addToCorpus('x', { name: 'text', input: inputs.latin }, folder), { message: /another input "text"/ })
  t.end()
})

t.test('a file of stored inputs that cannot be right is an exception', t => {
  const cases: [label: string, lines: string, want: RegExp][] = [
    ['nothing in it', '', /no stored inputs of x/],
    ['no input', '{"name":"a"}\n', /x\.jsonl:1: neither/],
    ['no name', '{"text":"a"}\n', /x\.jsonl:1: neither/],
    ['characters that are no bytes', '{"name":"a","text":"\u20ac"}\n', /x\.jsonl:1: neither/],
    ['a name twice', '{"name":"a","text":"1"}\n{"name":"a","text":"2"}\n', /a name is twice/],
    ['no JSON', 'a\n', /JSON/],
  ]
  for (const [label, lines, want] of cases) {
    const folder = t.testdir({ 'x.jsonl': lines })
    t.throws(() => readCorpus('x', folder), { message: want }, label)
  }
  t.throws(() => readCorpus('y', t.testdir()), { code: 'ENOENT' }, 'no file')
  t.end()
})
