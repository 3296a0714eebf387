import t from 'tap'
import { translatePattern } from '../../src/config/pattern.ts'

t.test('patterns match what they match in Perl', t => {
  const cases: [label: string, source: string, flags: string, matches: string[], others: string[]][] = [
    ['plain', 'mail', '', ['xmailx'], ['MAIL']],
    ['flag i', 'mail', 'i', ['MAIL'], ['mal']],
    ['flag i at the beginning', '(?i)mail', '', ['MAIL'], ['mal']],
    ['flags as Perl prints them', '(?^xi) m a il', '', ['MAIL'], ['m a il']],
    ['flag x drops blanks and comments', 'a b # c\n d', 'x', ['abd'], ['a b d', 'abcd']],
    ['flag x keeps escaped blanks and classes', 'a\\ b[ #]', 'x', ['a b#', 'a b '], ['ab#']],
    ['flag s', 'a.b', 's', ['a\nb'], ['ab']],
    ['flag m', '^b$', 'm', ['a\nb\nc'], ['abc']],
    ['\\A and \\z, whatever the flags', '\\Ab\\z', 'm', ['b'], ['a\nb', 'b\n']],
    ['\\Z allows a last line end', 'b\\Z', 'm', ['b', 'b\n'], ['b\nc']],
    ['POSIX classes', '^[[:alpha:][:digit:]-]+$', '', ['ab-12'], ['a_b', 'a b']],
    ['a bracket first in a class', '^[]x]+$', '', [']x'], ['[']],
    ['a bracket first in a negated class', '^[^]x]+$', '', ['[ab'], [']']],
    ['a bracket in a class', '^[a[]+$', '', ['a['], [']']],
    ['\\h, also in classes', '^\\h[\\h,]$', '', [' \t', '\t,'], ['ab']],
    ['numbers of characters', '^\\x41\\x{42}\\e\\a\\0$', '', ['AB\x1b\x07\0'], ['AB']],
    ['a comment in a group', 'a(?#b)c', '', ['ac'], ['abc']],
    ['groups', '^(?:a|b)(?=c)(?!cd)c(?<=ac|bc)(?<n>.?)$', '', ['ac', 'bce'], ['acd', 'c']],
    ['a back reference', '^(a|b)\\1$', '', ['aa', 'bb'], ['ab']],
    ['signs with a backslash', '^\\.\\-\\/\\@\\$\\#\\[$', '', ['.-/@$#['], ['x-/@$#[']],
    ['quantifiers', '^a{2}b{1,}c{0,1}d*?e+?f??$', '', ['aabe', 'aabbcdef'], ['abe']],
    ['a $ at the end of an alternative', '^(a$|b$)', '', ['a', 'b'], ['ab']],
    [
      'client names of the documentation',
      '^mail\\d+\\.example\\.org$',
      '',
      ['mail7.example.org'],
      ['mail.example.org'],
    ],
  ]
  for (const [label, source, flags, matches, others] of cases) {
    const pattern = translatePattern(source, flags)
    if (!(pattern instanceof RegExp)) {
      t.fail(`${label}: ${pattern.expected}`)
      continue
    }
    for (const text of matches) t.ok(pattern.test(text), `${label}: ${pattern} matches ${JSON.stringify(text)}`)
    for (const text of others) t.notOk(pattern.test(text), `${label}: ${pattern} leaves ${JSON.stringify(text)}`)
  }
  t.end()
})

t.test('what cannot be translated is refused at its place', t => {
  const cases: [label: string, source: string, flags: string, wantAt: number][] = [
    ['another flag', 'a', 'ig', 3],
    ['an atomic group', 'ab(?>c)', '', 2],
    ['recursion', 'a(?R)', '', 1],
    ['code', 'a(?{ 1 })', '', 1],
    ['a verb', 'a(*FAIL)', '', 1],
    ['a condition', '(?(1)a|b)', '', 0],
    ['flags in the middle', 'a(?i)b', '', 1],
    ['flags of a group', '(?i:a)', '', 0],
    ['a possessive quantifier', 'ab++', '', 2],
    ['a property', '\\p{L}', '', 0],
    ['quoting', 'a\\Qb\\E', '', 1],
    ['a kind of boundary', '\\b{wb}', '', 0],
    ['an octal number', '\\012', '', 0],
    ['a character by name', '\\N{U+41}', '', 0],
    ['a back reference of two digits', '\\10', '', 0],
    ['a backslash at the end', 'a\\', '', 1],
    ['a variable', 'a$b', '', 1],
    ['a variable in braces', `a\${b}`, '', 1],
    ['an array', 'a@b', '', 1],
    ['a variable in a class', '[$a]', '', 1],
    ['a POSIX class that does not exist', '[[:letter:]]', '', 1],
    ['a negated POSIX class', '[[:^alpha:]]', '', 1],
    ['an open class', 'ab[c', '', 2],
    ['an open group', '(a', '', 0],
    ['a closed group', 'a)', '', 0],
    ['nothing to repeat', '*a', '', 0],
  ]
  for (const [label, source, flags, wantAt] of cases) {
    const pattern = translatePattern(source, flags)
    t.match(pattern, { kind: 'bad-pattern', at: wantAt, expected: String }, `${label}: ${source}`)
  }
  t.end()
})

t.test('a pattern cut anywhere is translated or refused', t => {
  const source = '(?x)^(?:[[:alpha:]\\h-]+ # c\n|\\x{41}\\Z)(?<=a)\\1{2,3}?$'
  for (let length = 0; length <= source.length; length++) {
    const pattern = translatePattern(source.slice(0, length), 'i')
    t.ok(pattern instanceof RegExp || pattern.kind === 'bad-pattern', source.slice(0, length))
  }
  t.end()
})
