import t from 'tap'
import { thirdPartyNotices } from '../../scripts/third-party-notices.ts'

const metafile = (...paths: string[]) => ({
  inputs: Object.fromEntries(paths.map(path => [path, { bytes: 1, imports: [] }])),
  outputs: {},
})
const manifest = (name: string, license: string) => JSON.stringify({ name, version: '1.2.3', license })

const root = t.testdir({
  node_modules: {
    outer: {
      'package.json': manifest('outer', 'ISC'),
      'LICENSE.txt': 'Copyright Outer\r\nall of it\r\n\r\n',
      node_modules: { inner: { 'package.json': manifest('inner', 'MIT'), 'LICENSE-MIT.txt': 'Copyright Inner\n' } },
    },
    '@scope': { scoped: { 'package.json': manifest('@scope/scoped', 'MIT'), licence: 'Copyright Scoped\n' } },
    bare: { 'package.json': manifest('bare', 'MIT'), 'licensed.js': '' },
    unused: { 'package.json': manifest('unused', 'MIT'), LICENSE: 'Copyright Unused\n' },
  },
})

t.test('each bundled package once, by name, with its text', t => {
  const bundled = metafile(
    'src/main.ts',
    'node_modules/outer/a.js',
    'node_modules/outer/lib/b.js',
    'node_modules/outer/node_modules/inner/i.js',
    'node_modules/@scope/scoped/x/y.js',
  )
  const rule = `\n${'-'.repeat(72)}\n\n`
  t.equal(
    thirdPartyNotices(bundled, root),
    [
      '@scope/scoped 1.2.3 (MIT)\n\nCopyright Scoped\n',
      'inner 1.2.3 (MIT)\n\nCopyright Inner\n',
      'outer 1.2.3 (ISC)\n\nCopyright Outer\nall of it\n',
    ].join(rule),
  )
  t.end()
})

t.test('no packages, no notices', t => {
  t.equal(thirdPartyNotices(metafile('src/main.ts'), root), '')
  t.end()
})

t.test('a package without a licence file stops the build', t => {
  t.throws(
    () => thirdPartyNotices(metafile('node_modules/bare/index.js'), root),
    /node_modules\/bare .* no licence file/,
  )
  t.end()
})

t.test('the packages we bundle all have one', t => {
  const text = thirdPartyNotices(
    metafile('node_modules/yargs/index.mjs', 'node_modules/dns-packet/index.js', 'node_modules/emoji-regex/index.js'),
  )
  t.match(text, /^dns-packet .*\(MIT\)\n\n.*\nemoji-regex .*\nyargs .*James Halliday/s)
  t.end()
})
