import t from 'tap'
import { isFault } from '../../../src/config/language/fault.ts'
import { findQuoted, readDouble, readSingle, readWords } from '../../../src/config/language/quoted.ts'

t.test('the end of quoted texts', t => {
  const cases: [label: string, text: string, wantInside: string | undefined][] = [
    ['one delimiter', "'abc'd", 'abc'],
    ['empty', '""', ''],
    ['an escaped delimiter', "'a\\'b'", "a\\'b"],
    ['an escaped backslash at the end', "'a\\\\'b", 'a\\\\'],
    ['brackets nest', '(a(b)c)d', 'a(b)c'],
    ['escaped brackets do not', '(a\\(b)c)', 'a\\(b'],
    ['other brackets do not count', '{a(b}c', 'a(b'],
    ['angle brackets', '<a<b>>', 'a<b>'],
    ['any sign', '!a!b', 'a'],
    ['over lines', "'a\nb'", 'a\nb'],
    ['never closed', "'abc", undefined],
    ['closed once too little', '((a)', undefined],
    ['a backslash at the very end', "'a\\", undefined],
    ['too long', `'${'a'.repeat(9000)}'`, undefined],
  ]
  for (const [label, text, wantInside] of cases) {
    const quoted = findQuoted(text, 0)
    t.equal(isFault(quoted) ? undefined : text.slice(quoted.from, quoted.to), wantInside, label)
  }
  t.end()
})

t.test('single quotes know two escapes', t => {
  const cases: [text: string, want: string][] = [
    ["'a\\nb'", 'a\\nb'],
    ["'a\\'b'", "a'b"],
    ["'a\\\\b'", 'a\\b'],
    ["'$NS @x'", '$NS @x'],
    ['(a\\)b\\(c\\{d)', 'a)b(c\\{d'],
  ]
  for (const [text, want] of cases) {
    const quoted = findQuoted(text, 0)
    t.equal(isFault(quoted) ? undefined : readSingle(text, quoted), want, text)
  }
  t.end()
})

t.test('words have places', t => {
  const text = '( ab\n\tc\\)d )'
  const quoted = findQuoted(text, 0)
  t.same(isFault(quoted) ? [] : readWords(text, quoted), [
    { text: 'ab', at: 2, end: 4 },
    { text: 'c)d', at: 6, end: 10 },
  ])
  t.end()
})

/** Double-quoted texts in short: references as `<NAME>`, arrays as `<@>`, a fault as its offset. */
function double(text: string): string | number {
  const quoted = findQuoted(text, 0)
  if (isFault(quoted)) return quoted.at
  const parts = readDouble(text, quoted)
  if (isFault(parts)) return parts.at
  return parts
    .map(part => {
      if (part.kind === 'characters') return part.text
      if (part.kind === 'case') return `<${part.change}>`
      return part.kind === 'reference' ? `<${part.name}>` : '<@>'
    })
    .join('')
}

t.test('double quotes know the escapes of Perl', t => {
  const cases: [text: string, want: string | number][] = [
    ['"\\n\\t\\r\\f\\b\\a\\e"', '\n\t\r\f\b\x07\x1b'],
    ['"\\\\ \\" \\$ \\@ \\\' \\- \\8"', '\\ " $ @ \' - 8'],
    ['"\\x41\\x4\\x{263a}\\x{ 42 }\\x"', 'A\x04\u263aB\0'],
    ['"\\x4g"', '\x04g'],
    ['"\\101\\0\\08\\1012"', 'A\0\x008A2'],
    ['"\\o{101}\\N{U+41}\\cA\\c?"', 'AA\x01\x7f'],
    ['"\\q\\y"', 'qy'],
    ['{a\\}b\\{c}', 'a}b{c'],
    ['"\\x{110000}"', 1],
    ['"a\\Ub"', 'a<U>b'],
    ['"\\Qa\\E\\u"', '<Q>a<E><u>'],
    ['"\\N{SPACE}"', 1],
    ['"\\x{4g}"', 1],
    ['"\\o{8}"', 1],
  ]
  for (const [text, want] of cases) t.equal(double(text), want, text)
  t.end()
})

t.test('double quotes refer to parameters and nothing else', t => {
  const cases: [text: string, want: string | number][] = [
    ['"$NS"', '<NS>'],
    [`"a\${NS}b"`, 'a<NS>b'],
    [`"\${ NS }"`, '<NS>'],
    ['"$NS [cached]"', '<NS> [cached]'],
    [`"\${NS}[0]{a}"`, '<NS>[0]{a}'],
    ['"$LOCKPATH/x-$NS: $NS->x"', '<LOCKPATH>/x-<NS>: <NS>->x'],
    ['"$NS[0]"', 1],
    ['"$NS{a}"', 1],
    ['"$NS->[0]"', 1],
    ['"$NS::x"', 1],
    ['"$NS\'s"', 1],
    ['"$1"', 1],
    ['"$$"', 1],
    ['"5 $"', 3],
    ['"5 $ more"', 3],
    [`"\${NS"`, 1],
    [`"\${^W}"`, 1],
    ['{$NS}[0]', '<NS>'],
    ['"a@b.example"', 'a<@>.example'],
    ['"a@ b@"', 'a@ b@'],
    ['"@{[ 1 ]}"', 1],
    ['"@$NS"', 1],
  ]
  for (const [text, want] of cases) t.equal(double(text), want, text)
  t.end()
})
