import t from 'tap'
import { quote } from '../../src/text/shell-word.ts'

t.test('a word is one word to the shell', async t => {
  const cases: [word: string, want: string][] = [
    ['/usr/bin/node', '/usr/bin/node'],
    ['a b', "'a b'"],
    ["it's $x", "'it'\\''s $x'"],
    ['', "''"],
  ]
  for (const [word, want] of cases) t.equal(quote(word), want, word)
})
