/** What is built: the same file each time, so that two builds of one source can be told from two sources. */
import t from 'tap'
import { bundle } from '../../scripts/build.ts'

const first = await bundle()

t.test('the same sources make the same executable, byte for byte', async t => {
  const second = await bundle()
  t.ok(first.executable === second.executable, 'twice the same')
})

t.test('a head that says what it is, the parts in a comment, and what Node runs', async t => {
  const { executable } = first
  const [, head = '', comment = '', code = ''] =
    /^(#!.*\n(?:\/\/ .*\n)+)(const PARTS=.*?\*\/\};\n)(.*)$/s.exec(executable) ?? []
  t.match(head, /^#!\/usr\/bin\/env node\n\/\/ policyd-weight \d.*GPL-2\.0-or-later/)
  t.match(head, /src\//, 'where its source is')
  t.ok(comment.startsWith('const PARTS=()=>{/*\n//: src/main.ts\n(function('), 'programs as text')
  t.ok(comment.endsWith('\n//: */};\n'))
  t.equal(comment.indexOf('*/'), comment.length - '*/};\n'.length, 'no end of the comment before its end')
  t.match(comment, /\n\/\/: src\/score\/scoring-program\.ts\n\(function/)
  t.match(comment, /\n\/\/: src\/config\/full\.ts\n[\w+/]+=*\n/, 'what hardly a start needs, compressed')
  t.match(comment, /\n\/\/: src\/cli\/command-line\.ts\n[\w+/]+=*\n/)
  t.ok(code.startsWith('require=process.getBuiltinModule;'), "Node's own require stays unused")
  t.notMatch(executable, /[^\n -~\t\x01-\x1f]/, 'ASCII')
})
