import t from 'tap'
import { findWrongCallers } from '../../scripts/references/drawings.ts'
import { findDisorder } from '../../scripts/references/house.ts'
import { anchorsOf, findBrokenLinks, findMissingFiles } from '../../scripts/references/links.ts'
import { type Fault, filesNamed, readTree } from '../../scripts/references/tree.ts'
import { findUnread } from '../../scripts/references/unread.ts'

/** A small checkout in which nothing is wrong; each case below changes one file of it. */
const SOUND: Readonly<Record<string, string>> = {
  'docs/rules.md': '# Rules\n\nSee [limits](rules.md#the-limits), [code](../src/a.ts), `b.ts`.\n\n## The `limits`\n',
  'src/a.ts': `/**
 * Does a.
 *
 *   b.ts: text → a → c.ts
 *
 * Source: docs/rules.md#the-limits; src/b.ts, not lists.md of others: of README.md.
 */
export const SIZES = { small: 1, large: 2 } as const
export const UNIT = 3 ${'//'} as in b.ts
`,
  'src/b.ts': `import { SIZES, UNIT } from './a.ts'\nconsole.log(SIZES.small, SIZES.large, UNIT, config.LEVEL)\n`,
  'src/c.ts': '',
  'src/lists.md': '',
  'src/config/parameters/parameter.ts': 'interface ParameterOfKind {\n  readonly range?: number\n}\n',
  'src/config/parameters/rows.ts': `const ROWS = [
  { name: 'LEVEL', doc: 'Counts.' },
  { name: 'OLD', doc: 'Accepted and not used.' },
]
`,
  'src/d.ts': 'console.log(row.range)\n',
  'CHANGELOG.md': 'src/gone.ts is gone\n',
  'README.md': '',
}

function faultsOf(changes: Readonly<Record<string, string>>): Fault[] {
  const tree = new Map(Object.entries({ ...SOUND, ...changes }))
  return [findBrokenLinks, findMissingFiles, findWrongCallers, findUnread, findDisorder].flatMap(find => find(tree))
}

t.test('a sound checkout has no faults', t => {
  t.same(faultsOf({}), [])
  t.end()
})

const change = (path: string, from: string, to: string): Readonly<Record<string, string>> => ({
  [path]: (SOUND[path] as string).replace(from, to),
})
const FAULTY: readonly [label: string, changes: Readonly<Record<string, string>>, want: string][] = [
  [
    'a comment links to no heading',
    change('src/a.ts', '#the-limits', '#limits'),
    'src/a.ts:6: docs/rules.md has no heading #limits',
  ],
  [
    'a comment links to no page',
    change('src/a.ts', 'docs/rules.md#the-limits;', 'docs/rule.md#x;'),
    'src/a.ts:6: there is no docs/rule.md',
  ],
  [
    'a page links to no heading',
    change('docs/rules.md', '#the-limits', '#limits'),
    'docs/rules.md:3: docs/rules.md has no heading #limits',
  ],
  ['a page links to no file', change('docs/rules.md', '../src/a.ts', '../src/x'), 'docs/rules.md:3: there is no src/x'],
  ['a header names no file', change('src/a.ts', 'src/b.ts', 'src/x.ts'), 'src/a.ts:6: there is no file src/x.ts'],
  ['a line of comment does', change('src/a.ts', 'as in b.ts', 'as in x.ts'), 'src/a.ts:9: there is no file x.ts'],
  ['a page does', change('docs/rules.md', '`b.ts`', '`x/b.ts`'), 'docs/rules.md:3: there is no file x/b.ts'],
  [
    'a caller that is none, with a colon',
    change('src/a.ts', 'b.ts: text', 'd.ts: text'),
    'src/a.ts:4: d.ts is drawn as a caller, and neither file imports the other',
  ],
  [
    'with an arrow',
    change('src/a.ts', 'b.ts: text', 'd.ts'),
    'src/a.ts:4: d.ts is drawn as a caller, and neither file imports the other',
  ],
  [
    'the second of two callers',
    change('src/a.ts', 'b.ts: text', 'b.ts, d.ts: text'),
    'src/a.ts:4: d.ts is drawn as a caller, and neither file imports the other',
  ],
  [
    'nobody imports a constant',
    { 'src/b.ts': (SOUND['src/b.ts'] as string).replaceAll(', UNIT', '') },
    'src/a.ts:9: nobody reads UNIT',
  ],
  [
    'another file has one of its name',
    {
      'src/b.ts': "import { SIZES } from './a.ts'\nconsole.log(SIZES, config.LEVEL)\n",
      'src/c.ts': 'const UNIT = 1\nconsole.log(UNIT)\n',
    },
    'src/a.ts:9: nobody reads UNIT',
  ],
  ['nobody asks for a field', change('src/b.ts', 'SIZES.large', '0'), 'src/a.ts:8: nobody reads SIZES.large'],
  [
    'nobody reads a column',
    { 'src/d.ts': '' },
    'src/config/parameters/parameter.ts:2: nobody reads the column range of ParameterOfKind',
  ],
  [
    'nobody reads a parameter',
    change('src/b.ts', 'config.LEVEL', '0'),
    'src/config/parameters/rows.ts:2: nobody reads LEVEL',
  ],
  [
    'somebody reads one that is not used',
    change('src/b.ts', 'config.LEVEL', 'config.LEVEL, config.OLD'),
    'src/config/parameters/rows.ts:3: OLD is read, and said not to be',
  ],
  [
    'a room imports one above',
    { 'src/dns/e.ts': "import type { X } from '../d.ts'\n" },
    'src/dns/e.ts:1: imports src/d.ts, which is in a room above (house.ts has the order)',
  ],
  ['a file imports itself', { 'src/c.ts': "import './c.ts'\n" }, 'src/c.ts:1: is in a circle of imports'],
  ['two files of one name', { 'src/dns/c.ts': '' }, 'src/dns/c.ts:1: c.ts is the name of something in src/c.ts'],
  [
    'two types of one name',
    { 'src/c.ts': 'export interface X {}\n', 'src/d.ts': 'console.log(row.range)\nexport type X = 1\n' },
    'src/d.ts:2: X is the name of something in src/c.ts',
  ],
  [
    'a file of 301 lines',
    { 'src/c.ts': '\n'.repeat(301) },
    'src/c.ts:301: has 301 lines, and no file of ours has more than 300',
  ],
]

t.test('one fault of each kind is found, and no other', t => {
  for (const [label, changes, want] of FAULTY)
    t.same(
      faultsOf(changes).map(({ file, line, message }) => `${file}:${line}: ${message}`),
      [want],
      label,
    )
  t.end()
})

t.test('an object that is used as a whole has no field that nobody reads', t => {
  t.same(faultsOf(change('src/b.ts', 'SIZES.large', 'Object.keys(SIZES)')), [])
  t.end()
})

t.test('the anchor of a heading is the one that Markdown is shown with', t => {
  const cases = [
    { heading: 'Under spawn(8)', want: 'under-spawn8' },
    { heading: "What a list's answer means", want: 'what-a-lists-answer-means' },
    { heading: '`CL_IP_EQ_FROM_MX`, `CL_IP_EQ_HELO_MX`', want: 'cl_ip_eq_from_mx-cl_ip_eq_helo_mx' },
    { heading: '`CLIENT/24_NOT_MX/A_FROM_DOMAIN`', want: 'client24_not_mxa_from_domain' },
    { heading: 'A [link](x.md#y) here', want: 'a-link-here' },
  ]
  for (const { heading, want } of cases) t.same([...anchorsOf(`### ${heading}\n`)], [want], heading)
  t.same([...anchorsOf('# A\n\n## A\n\n```\n# no heading\n```\n')], ['a', 'a-1'], 'twice, and in a block of code')
  t.end()
})

t.test('a name leads to the nearest file that has it', t => {
  const tree = new Map([
    ['src/x.ts', ''],
    ['src/cache/x.ts', ''],
    ['test/support/y.ts', ''],
    ['docs/z.ts', ''],
    ['docs/deep/z.md', ''],
  ])
  t.same(filesNamed('x.ts', 'src/cache/b.ts', tree), ['src/cache/x.ts'], 'in the same folder')
  t.same(filesNamed('cache/x.ts', 'test/b.ts', tree), ['src/cache/x.ts'], 'by the end of its path')
  t.same(filesNamed('x.ts', 'test/b.ts', tree), ['src/x.ts', 'src/cache/x.ts'], 'any that has it')
  t.same(filesNamed('y.cjs', 'test/b.ts', tree), ['test/support/y.ts'], 'what is bundled')
  t.same(filesNamed('z.md', 'src/b.ts', tree), ['docs/deep/z.md'], 'a page')
  t.same(filesNamed('z.ts', 'src/b.ts', tree), [], 'not below src, scripts or test')
  t.end()
})

t.test('a checkout is read without what is not ours', t => {
  const root = t.testdir({
    'README.md': 'r',
    node_modules: { 'a.ts': 'a' },
    dist: { 'b.ts': 'b' },
    src: { 'c.ts': 'c', data: { 'd.bin': 'd' } },
  })
  t.same(
    [...readTree(root)],
    [
      ['README.md', 'r'],
      ['src/c.ts', 'c'],
      ['src/data/d.bin', ''],
    ],
  )
  t.end()
})
