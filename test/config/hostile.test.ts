/**
 * Files that were made to hold up the mail: as large as a file may be, and of one piece, or of one trick.
 *
 * Each must be read in one go, in a time that grows with its length; a reader that looks at everything behind each
 * character would take hours here, and the runner's time limit ends it.
 */
import t from 'tap'
import { readConfiguration } from '../../src/config/read.ts'

const BYTES = 1024 * 1024

t.test('a megabyte of one piece', t => {
  const pieces = [
    '(',
    ')',
    '{',
    '}',
    '[',
    '$',
    '@',
    '%',
    '\\',
    "'",
    '"',
    '.',
    ',',
    '=',
    '-',
    '#',
    '\0',
    '\n',
    'a',
    '1',
    '\u20ac',
    'q(',
    'q(;',
    'qq{',
    'qw(a ',
    'qr/[',
    '$' + '{',
    '$a',
    '"$',
    '"@a',
    '"\\x',
    '<<E',
    '<<E\n',
    '=pod\n',
    '=cut\n\n',
    '1_',
    '1.',
    '1e',
    'a::',
    '$A=1;',
    '$A=;',
    '$A=(',
    "$A='",
    '$A="$A$A";',
    '$REJECTLEVL=1;',
    '@A=(1,2);',
    '}{;',
    ...['if(', '$A[', '\u201c', 'push @A,', '"\\Q', '\n$A=', '$A=1 if {', '$A = s/', 'qr/(', '@A=(@A,@A);', '$A.=$A;'],
  ]
  for (const piece of pieces) {
    const { findings } = readConfiguration(piece.repeat(BYTES / piece.length), 'x')
    t.ok(findings.length <= 102, `${JSON.stringify(piece)}: ${findings.length} findings`)
  }
  t.end()
})

t.test('one statement of a megabyte', t => {
  const statements: [label: string, text: string, wantCode: string][] = [
    ['parentheses', `$NS = ${'('.repeat(BYTES)}`, 'syntax'],
    ['joined texts', `$NS = ${"'' . ".repeat(BYTES / 5)}'';`, ''],
    ['a list', `@rhsbl_score = (${'1,'.repeat(BYTES / 2)});`, 'syntax'],
    ['an open list', `@rhsbl_score = (${'1,'.repeat(BYTES / 2)}`, 'syntax'],
    ['words', `@rhsbl_score = qw(${'a '.repeat(BYTES / 2)});`, 'syntax'],
    ['an open text', `$NS = '${'a'.repeat(BYTES)}`, 'syntax'],
    ['a text', `$NS = '${'a'.repeat(BYTES)}';`, 'syntax'],
    ['a name', `$${'A'.repeat(BYTES)} = 1;`, 'unknown-parameter'],
    ['a number', `$REJECTLEVEL = ${'1'.repeat(BYTES)};`, 'syntax'],
    ['blanks in braces', `$NS = "$\{${' '.repeat(BYTES)}}";`, 'syntax'],
  ]
  for (const [label, text, wantCode] of statements)
    t.equal(readConfiguration(text, 'x').findings[0]?.code ?? '', wantCode, label)
  t.end()
})

t.test('texts do not grow without bound', t => {
  const text = `$POSCACHEMSG = 'aaaaaaaaaaaaaaaa';${'$POSCACHEMSG = "$POSCACHEMSG$POSCACHEMSG";'.repeat(100)}`
  const { config, findings } = readConfiguration(text, 'x')
  t.ok(config.POSCACHEMSG.length <= 8192)
  t.equal(findings[0]?.code, 'too-long')
  t.end()
})

t.test('a pattern cannot smuggle in what is evaluated', t => {
  for (const source of ['(?{ die })', '(??{ die })', '@{[ die ]}', '$' + '{\\ die }']) {
    const { findings } = readConfiguration(`@dnsbl_checks_only_regexps = (qr!${source}!);`, 'x')
    t.match(findings, [{ code: 'bad-pattern' }], source)
  }
  t.end()
})

t.test('findings are one line of printable characters', t => {
  const { findings } = readConfiguration('$A = \x1b[2J\u202e\n; $B\x07 = 1;\n$NS = "\\x07\\x{1b}";', 'a\nb\x1b')
  t.equal(findings.length, 3)
  for (const { text } of findings) t.match(text, /^[\x20-\x7e]+$/)
  t.end()
})
