import t from 'tap'
import { isBadPattern, readPattern, whyUnmatched } from '../../src/patterns/pattern.ts'
import { matches as matchesPattern } from '../../src/patterns/match.ts'
import { Steps } from '../../src/patterns/steps.ts'

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
    ['negated POSIX classes', '^[[:^digit:]][^[:^digit:]]$', '', ['a1'], ['11', 'aa']],
    ['flags of a group', '^a(?i:b)c$', '', ['abc', 'aBc'], ['Abc', 'abC']],
    ['flags in the middle', '^a(?i)b|c$', '', ['aB', 'C'], ['AB']],
    ['flags taken back', '(?^:a)(?-i:b)c', 'i', ['abC'], ['Abc', 'aBc']],
    ['flag n', '(a)|b', 'n', ['a'], ['c']],
    ['flag xx', '[a b]', 'xx', ['a', 'b'], [' ']],
    ['atomic groups', '^(?>a*)a', '', [], ['aaa']],
    ['possessive quantifiers', '^a++b|^c*+c', '', ['ab'], ['ccc']],
    ['properties', '^\\p{L}\\P{Nd}\\pL$', '', ['a-b'], ['1ab', 'a1b']],
    ['octal numbers', '^\\101\\o{102}[\\103]$', '', ['ABC'], ['abc']],
    ['a character by its number', '^\\N{U+41}\\cA$', '', ['A\x01'], ['a']],
    ['a number that is no group', '^\\10$', '', ['\b'], ['10']],
    ['groups by number and name', "^(a)(?<n>b)(?'m'c)\\g1\\g{-2}\\k<m>\\k{n}(?P=n)$", '', ['abcabcbb'], ['abcabc']],
    ['a group that has not matched', '^(?:(a)|b)\\1$', '', ['aa'], ['b', 'ba']],
    ['a brace that stands for itself', '^a{x}{$', '', ['a{x}{'], ['ax']],
    ['at most', '^a{,2}$', '', ['', 'aa'], ['aaa']],
    ['$ in front of the last line end', '^a$', '', ['a', 'a\n'], ['a\n\n']],
    ['letters that mean nothing', '^\\i\\y$', '', ['iy'], ['y']],
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
    const pattern = readPattern(source, flags)
    if (isBadPattern(pattern)) {
      t.fail(`${label}: ${pattern.expected}`)
      continue
    }
    const isMatch = (text: string) => matchesPattern(pattern, text, new Steps(10_000))
    for (const text of matches) t.equal(isMatch(text), true, `${label}: ${source} matches ${JSON.stringify(text)}`)
    for (const text of others) t.equal(isMatch(text), false, `${label}: ${source} leaves ${JSON.stringify(text)}`)
  }
  t.end()
})

t.test('what is no pattern to Perl is refused at its place', t => {
  const cases: [label: string, source: string, flags: string, wantAt: number][] = [
    ['another flag', 'a', 'ig', 3],
    ['another flag in a group', '(?y:a)', '', 3],
    ['a backslash at the end', 'a\\', '', 1],
    ['a POSIX class that does not exist', '[[:letter:]]', '', 1],
    ['another notation of classes', '[[.a.]]', '', 1],
    ['a range backwards', '[b-a]', '', 1],
    ['an open class', 'ab[c', '', 2],
    ['an open group', '(a', '', 0],
    ['a closed group', 'a)', '', 1],
    ['nothing to repeat', '*a', '', 0],
    ['a quantifier behind another', 'a{2}{3}', '', 4],
    ['too many', 'a{70000}', '', 1],
    ['a group that does not exist', 'a\\2', '', 1],
    ['a name that does not exist', '\\k<a>', '', 0],
    ['a group of a kind that does not exist', '(?~a)', '', 0],
    ['too many groups in each other', `${'('.repeat(101)}a${')'.repeat(101)}`, '', 99],
  ]
  for (const [label, source, flags, wantAt] of cases) {
    const pattern = readPattern(source, flags)
    t.match(pattern, { kind: 'bad-pattern', at: wantAt, expected: String }, `${label}: ${source}`)
  }
  t.end()
})

t.test('how a pattern is matched', t => {
  const cases: [source: string, want: string][] = [
    ['^mail\\d+\\.(?:example|test)\\.org$', 'linear'],
    ['(a*)*b', 'linear'],
    ['a(?i:b)[[:^digit:]]', 'linear'],
    ['(?<!x)a', 'bounded'],
    ['(a)\\1', 'bounded'],
    ['a++', 'bounded'],
    ['a(?R)', 'none'],
    ['a(?{ 1 })', 'none'],
    ['a(*ACCEPT)', 'none'],
    ['(?(1)a|b)', 'none'],
    ['\\b{wb}', 'none'],
    ['\\p{Greek}', 'none'],
    ['(?|(a)|(b))\\1', 'none'],
    ['(?:\\k<n>|(?<n>a)|b)+', 'none'],
    ['(?:a{100}){1000}', 'none'],
  ]
  for (const [source, want] of cases) {
    const pattern = readPattern(source, '')
    t.match(pattern, { source, flags: '', engine: want }, source)
    if (want === 'none' && !isBadPattern(pattern)) {
      t.match(whyUnmatched(pattern), /^it (?:has .|is too large$)/, `${source}: why`)
      t.equal(matchesPattern(pattern, 'a', new Steps(1000)), false, `${source} matches nobody`)
    }
  }
  t.end()
})

t.test('a pattern cut anywhere is read or refused', t => {
  const source = '(?x)^(?:[[:alpha:]\\h-]+ # c\n|\\x{41}\\Z)(?<=a)(b)\\1{2,3}?(?<n>.)\\k<n>\\p{L}$'
  for (let length = 0; length <= source.length; length++) {
    const pattern = readPattern(source.slice(0, length), 'i')
    t.ok(isBadPattern(pattern) || pattern.engine, source.slice(0, length))
  }
  t.end()
})
