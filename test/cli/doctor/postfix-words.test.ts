import t from 'tap'
import { inBraces, splitArguments, splitWords } from '../../../src/cli/doctor/postfix-words.ts'

t.test('words of main.cf', t => {
  const cases: [label: string, text: string, want: string[]][] = [
    ['nothing', '', []],
    ['blanks and commas alone', ' ,\t,\n ', []],
    ['commas and blanks separate alike', 'a,b c,  d', ['a', 'b', 'c', 'd']],
    ['braces hold together', 'a { b, c } d', ['a', '{ b, c }', 'd']],
    ['braces inside of braces', '{ a, { b = c d } } e', ['{ a, { b = c d } }', 'e']],
    ['a table with braces', 'inline:{ { x = y }, { z = w } } a', ['inline:{ { x = y }, { z = w } }', 'a']],
    ['a brace that does not end holds the rest', 'a { b, c', ['a', '{ b, c']],
    ['an end without a beginning is a character', 'a} b', ['a}', 'b']],
  ]
  for (const [label, text, want] of cases) t.strictSame(splitWords(text), want, label)
  t.end()
})

t.test('arguments of master.cf', t => {
  t.strictSame(splitArguments('user=polw argv=/usr/bin/node {/opt/a b/c} -f x,y'), [
    ...['user=polw', 'argv=/usr/bin/node', '/opt/a b/c', '-f', 'x,y'],
  ])
  t.strictSame(splitArguments('-o { a = b, c }'), ['-o', 'a = b, c'])
  t.equal(inBraces('{ a }'), 'a')
  t.equal(inBraces('a'), undefined)
  t.end()
})

t.test('every cut of a text is read to its end', t => {
  const text = 'a, { b { c } d }, e'
  for (let end = 0; end <= text.length; end++) {
    const words = splitWords(text.slice(0, end))
    t.equal(words.join('').replace(/[\s,]/g, ''), text.slice(0, end).replace(/[\s,]/g, ''), `${end} characters`)
  }
  t.end()
})
