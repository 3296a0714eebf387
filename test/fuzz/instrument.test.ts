import t from 'tap'
import { COUNTERS } from './instrument-names.ts'
import { type Block, bundleInstrumented, instrument } from './instrument.ts'

/** Runs a source that ends in an expression statement `result = …`, and says how often each of its lines was counted. */
function run(source: string): { result: unknown; counts: Record<number, number[]> } {
  const blocks: Block[] = []
  const text = instrument(source, 'src/x.ts', blocks, new Set())
  const counters = new Uint32Array(blocks.length)
  const result = new Function(COUNTERS, `let result\n${text}\nreturn result`)(counters)
  const counts: Record<number, number[]> = {}
  for (const [number, { line }] of blocks.entries())
    counts[line] = [...(counts[line] ?? []), counters[number] as number]
  return { result, counts }
}

t.test('blocks are counted, and what they do stays as it is', t => {
  const cases: { label: string; source: string; want: unknown; wantCounts: Record<number, number[]> }[] = [
    {
      label: 'both branches of an if',
      source: 'let n: number = 0\nif (n === 0) n = 5\nelse n = 6\nresult = n',
      want: 5,
      wantCounts: { 2: [1], 3: [0] },
    },
    {
      label: 'an else that is not there',
      source: 'if (1 > 2) {\nresult = 1\n}',
      want: undefined,
      wantCounts: { 1: [0, 1] },
    },
    {
      label: 'an else if',
      source: 'if (1 > 2) result = 1\nelse if (2 > 1) result = 2\nelse result = 3',
      want: 2,
      wantCounts: { 1: [0], 2: [1, 1], 3: [0] },
    },
    {
      label: 'loops without braces',
      source: 'let n = 0\nfor (let i = 0; i < 3; i++)\nn += i\nwhile (n < 9)\nn += 4\nresult = n',
      want: 11,
      wantCounts: { 3: [3], 5: [2] },
    },
    {
      label: 'the second half of what is decided by the first',
      source: 'const f = (a: unknown) =>\na &&\n1\nresult = [f(0) ||\n2, null ??\n3, f(1) ?\n4 :\n5]',
      want: [2, 3, 4],
      wantCounts: { 2: [2], 3: [1], 5: [1], 6: [1], 7: [1], 8: [0] },
    },
    {
      label: 'cases',
      source: "switch ('b' as string) {\ncase 'a':\nresult = 1\nbreak\ncase 'b':\ndefault:\nresult = 2\n}",
      want: 2,
      wantCounts: { 2: [0], 5: [1], 6: [1] },
    },
    {
      label: 'a catch',
      source: 'try {\nthrow new Error()\n} catch {\nresult = 1\n} finally {\nresult += 1\n}',
      want: 2,
      wantCounts: { 1: [1], 3: [1], 5: [1] },
    },
    {
      label: 'functions of all kinds',
      source:
        'class A {\nreadonly #n = 2\nget n() { return this.#n }\nm() { return this.n * 2 }\n}\nresult = [1].map(x =>\n({ x, m: new A().m() }))',
      want: [{ x: 1, m: 4 }],
      wantCounts: { 3: [1], 4: [1], 7: [1] },
    },
  ]
  for (const { label, source, want, wantCounts } of cases) {
    const { result, counts } = run(source)
    t.same(result, want, label)
    t.same(counts, wantCounts, `${label}: counts`)
  }
  t.end()
})

t.test('texts are words, but for those that name modules', t => {
  const words = new Set<string>()
  const placeholder = '$' + '{x}'
  const source = `import { x } from "./y.ts"\nexport const z = [x, 'needle', \`head${placeholder}\`, '', 'w'.repeat(9)]`
  instrument(source, 'src/x.ts', [], words)
  t.same([...words], ['needle', 'head', 'w'])
  t.end()
})

t.test('a program counts what it takes from src/, and is the same each time', async t => {
  const contents = "import { finishAction } from './src/policy/reply.ts'\nfinishAction('\\x07', 'DUNNO')\nexport {}"
  const [one, again] = [await bundleInstrumented(contents), await bundleInstrumented(contents)]
  t.same(one, again)
  t.ok(one.blocks.length > 5)
  t.same([...new Set(one.blocks.map(({ file }) => file))].sort(), [
    'src/policy/reference.ts',
    'src/policy/reply.ts',
    'src/system/bytes.ts',
    'src/system/random.ts',
    'src/text/mask.ts',
  ])
  t.ok(one.words.includes('PREPEND'))
})
