/** What is built: the same file each time, so that two builds of one source can be told from two sources. */
import t from 'tap'
import { bundle } from '../../scripts/build.ts'

t.test('the same sources make the same executable, byte for byte', async t => {
  const first = await bundle()
  const second = await bundle()
  t.ok(first.executable === second.executable, 'twice the same')
})

t.test('what unpacks and what is packed stand in a comment of three lines, and nothing else', async t => {
  const [shebang, begin, unpacker = '', packed = '', ...code] = (await bundle()).executable.split('\n')
  t.equal(shebang, '#!/usr/bin/env node')
  t.equal(begin, 'const PARTS=()=>{/*')
  t.match(unpacker, /^\(function\(require,module,exports,executable\)\{.*\}\)$/)
  t.notMatch(unpacker, '*/')
  t.match(packed, /^[!+-~]+\*\/\};$/, 'printable, and no end of a comment before its end')
  t.match(code[0], /^require=process\.getBuiltinModule;/, "Node's own require stays unused")
})
