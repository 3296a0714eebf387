/**
 * Lines that had no effect with 0.1.15 and have one now, and lines that have none.
 *
 * Held against the original: what it said of such files, and what it answered.
 */
import t from 'tap'
import { readConfiguration } from '../../src/config/read.ts'

function remarks(text: string): string[] {
  return readConfiguration(text, 'x').remarks.map(
    ({ severity, code, position }) => `${severity} ${code} ${position?.line}:${position?.column}`,
  )
}

t.test('lines that 0.1.15 did not use', t => {
  const cases: [label: string, text: string, want: string[]][] = [
    ['a plain file', '$NTTL = 3;', []],
    ['my', '$NTTL = 3;\nmy $PTTL = 5;', ['warning unused-before 2:4']],
    ['our', 'our $PTTL = 5; our @helo_score = (1, 2);', ['warning unused-before 1:5', 'warning unused-before 1:20']],
    ['another notation of a name', '$main::PTTL = 5;', ['warning unused-before 1:1']],
    ['my, in a list', 'my ($NTTL, $PTTL) = (1, 2);', ['warning unused-before 1:5', 'warning unused-before 1:12']],
    ['a variable of the file itself', 'my $x = 5;\n$NTTL = $x;', []],
    [
      'a name that was not declared: the whole file',
      '$NTTL = 3;\n$foo = 1;\nmy $PTTL = 5;',
      ['warning unused-before 2:1'],
    ],
    ['a name that was', 'my $foo;\n$foo = 1;', []],
    ['no strict', 'no strict;\n$foo = 1;', []],
    ['use vars', 'use vars qw($foo);\n$foo = 1;', []],
    ['a list in a text: the whole file', '$NTTL = 3;\n$POSCACHEMSG = "a@b.example";', ['warning unused-before 2:18']],
    ['a missing semicolon: the whole file', '$NTTL = 3\n$PTTL = 5;\nmy $NTIME = 3;', ['warning unused-before 1:10']],
    ['typographic quotes: the whole file', '$USER = \u201ca\u201d;', ['warning unused-before 1:9']],
    ['a value that cannot be used: Perl could', "$NTTL = 'x';", []],
    ['code: Perl could run it', 'if ($x) { $NTTL = 3; }', []],
    ['a file for this version', "$LOGFILE = '/x'; my $NTTL = 3; $foo = 1;", []],
  ]
  for (const [label, text, want] of cases) t.same(remarks(text), want, label)
  t.match(readConfiguration('$NTTL = 3;\n$foo = 1;', 'x').remarks, [
    { text: /^x:2:1: 0\.1\.15 used nothing of this file, for here \$foo was not declared: .* may change verdicts$/ },
  ])
  t.match(readConfiguration('my $NTTL = 3;', 'x').remarks, [
    {
      text: /^x:1:4: 0\.1\.15 did not use this line, for my \$NTTL is not \$NTTL to Perl: it counts now, and may change/,
    },
  ])
  t.end()
})

t.test('lines without effect', t => {
  const cases: [label: string, text: string, want: string[]][] = [
    ['a parameter set twice', '$NTTL = 3;\n$PTTL = 5;\n$NTTL = 4;', ['warning set-twice 3:1']],
    ['three times', '$NTTL = 3;\n$NTTL = 4;\n$NTTL = 5;', ['warning set-twice 2:1', 'warning set-twice 3:1']],
    ['a list', '@helo_score = (1, 2); @helo_score = (3, 4);', ['warning set-twice 1:23']],
    ['a value that is added to', "$POSCACHEMSG = 'a'; $POSCACHEMSG .= 'b'; push @rhsbl_score, ();", []],
    ['a value that refers to the one before', '$POSCACHEMSG = "a"; $POSCACHEMSG = "$POSCACHEMSG!";', []],
    ['a list that takes up the one before', '@helo_score = (1); @helo_score = (@helo_score, 2);', []],
    ['an element', '@helo_score = (1, 2); $helo_score[0] = 3;', []],
    ['a variable of the file itself', 'my $x = 1; $x = 2;', []],
  ]
  for (const [label, text, want] of cases) t.same(remarks(text), want, label)
  t.match(readConfiguration('\n$NTTL = 3;\n$NTTL = 4;', 'x').remarks, [
    { text: 'x:3:1: $NTTL is set again: line 2 has no effect' },
  ])
  t.end()
})
