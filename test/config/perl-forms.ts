/**
 * Forms of the configuration's language, for the tests: a text, and the values its parameters have behind it.
 *
 * Lists are written flat and patterns as `source/flags`. Data only.
 */

export interface Form {
  readonly label: string
  readonly text: string
  readonly want: Readonly<Record<string, unknown>>
}

const BUILTIN_RHSBL = ['dbl.spamhaus.org', 4, 0, 'DBL_SPAMHAUS', 'multi.surbl.org', 4, 0, 'SURBL']
const A = ['a.example', 1, 0, 'A']
const B = ['b.example', 2, 0, 'B']
const LIST_A = "@rhsbl_score = ('a.example', 1, 0, 'A');"

export const FORMS: readonly Form[] = [
  // Around the assignments.
  { label: 'use strict, use warnings', text: 'use strict;\nuse warnings;\n$NTTL = 3;', want: { NTTL: 3 } },
  { label: 'use utf8 and no warnings', text: "use utf8; no warnings 'once'; $NTTL = 3;", want: { NTTL: 3 } },
  { label: 'no strict', text: 'no strict; $NTTL = 3;', want: { NTTL: 3 } },
  { label: 'use vars', text: 'use vars qw($x @y);\n$NTTL = 3;', want: { NTTL: 3 } },
  { label: 'a version of Perl', text: 'use 5.008; use v5.10.1;\n$NTTL = 3;', want: { NTTL: 3 } },
  { label: 'package main', text: 'package main;\n$NTTL = 3;', want: { NTTL: 3 } },
  { label: 'return 1', text: '$NTTL = 3;\nreturn 1;\n', want: { NTTL: 3 } },
  { label: 'return, and what follows', text: '$NTTL = 3; return; $NTTL = 4;', want: { NTTL: 3 } },
  { label: 'a last 1', text: '$NTTL = 3;\n1;\n', want: { NTTL: 3 } },
  { label: 'a last 1 without a semicolon', text: '$NTTL = 3;\n1', want: { NTTL: 3 } },
  { label: 'a last text', text: "$NTTL = 3;\n'true';", want: { NTTL: 3 } },
  { label: 'a last assignment without a semicolon', text: '$NTTL = 3', want: { NTTL: 3 } },
  { label: 'the first line of a script', text: '#!/usr/bin/perl -w\n$NTTL = 3;', want: { NTTL: 3 } },
  { label: '__END__', text: '$NTTL = 3;\n__END__\n$NTTL = 4;', want: { NTTL: 3 } },
  { label: 'documentation', text: '=pod\n\n$NTTL = 4;\n\n=cut\n\n$NTTL = 3;', want: { NTTL: 3 } },
  {
    label: 'braces around',
    text: '{\n  $NTTL = 3;\n  $NTIME = 4\n}\n$PTTL = 5;',
    want: { NTTL: 3, NTIME: 4, PTTL: 5 },
  },
  { label: 'empty statements', text: ';;$NTTL = 3;;;', want: { NTTL: 3 } },
  { label: 'a comma in front of the semicolon', text: '$NTTL = 3, ;', want: { NTTL: 3 } },
  { label: 'several in a line', text: '$NTTL=3;$NTIME=4;', want: { NTTL: 3, NTIME: 4 } },
  { label: 'comments everywhere', text: '$NTTL # a\n= # b;\n3 # c\n; # d', want: { NTTL: 3 } },
  {
    label: 'a name in braces',
    text: `\${NTTL} = 3; @{helo_score} = (1, 2);`,
    want: { NTTL: 3, helo_score: { bad: 1, good: 2 } },
  },

  // Assignments.
  { label: 'a list of names', text: '($NTTL, $NTIME) = (3, 4);', want: { NTTL: 3, NTIME: 4 } },
  { label: 'a list of names with undef', text: '($NTTL, undef, $NTIME) = (3, 9, 4);', want: { NTTL: 3, NTIME: 4 } },
  { label: 'more values than names', text: '($NTTL, $NTIME) = (3, 4, 5);', want: { NTTL: 3, NTIME: 4 } },
  {
    label: 'a list that takes the rest',
    text: '($NTTL, @helo_score) = (3, 4, 5);',
    want: { NTTL: 3, helo_score: { bad: 4, good: 5 } },
  },
  {
    label: 'names that change places',
    text: '$NTTL = 3; $PTTL = 4; ($NTTL, $PTTL) = ($PTTL, $NTTL);',
    want: { NTTL: 4, PTTL: 3 },
  },
  { label: 'one name in parentheses', text: '($NTTL) = (3, 4);', want: { NTTL: 3 } },
  { label: 'a row of assignments', text: '$NTTL = $PTTL = 3;', want: { NTTL: 3, PTTL: 3 } },
  { label: 'commas between assignments', text: '$NTTL = 3, $PTTL = 4;', want: { NTTL: 3, PTTL: 4 } },
  {
    label: '.=',
    text: "$POSCACHEMSG = 'a'; $POSCACHEMSG .= 'b'; $POSCACHEMSG .= 1.50;",
    want: { POSCACHEMSG: 'ab1.5' },
  },
  { label: '.= to a default', text: "$POSCACHEMSG .= '!';", want: { POSCACHEMSG: 'using cached result!' } },
  { label: '+= and -=', text: '$NTTL = 3; $NTTL += 4; $NTTL -= 2;', want: { NTTL: 5 } },
  { label: '*= and /=', text: '$NTTL = 3; $NTTL *= 4; $NTTL /= 2;', want: { NTTL: 6 } },
  { label: '||= and //=', text: '$NTTL = 0; $NTTL ||= 3; $PTTL //= 5;', want: { NTTL: 3, PTTL: 60 } },
  {
    label: 'undef NAME',
    text: `$NS = '192.0.2.1'; undef $NS; ${LIST_A} undef @rhsbl_score;`,
    want: { NS: [], rhsbl_score: [] },
  },
  {
    label: 'variables of the file itself',
    text: 'my $n = 3; my @pair = (1, 2); $NTTL = $n; @helo_score = @pair;',
    want: { NTTL: 3, helo_score: { bad: 1, good: 2 } },
  },
  { label: 'a declaration alone', text: 'my $n; my ($a, @b); $n = 3; $NTTL = $n;', want: { NTTL: 3 } },
  { label: 'the last assignment counts', text: '$NTTL = 2; $NTTL = 3;', want: { NTTL: 3 } },

  // Lists.
  {
    label: 'push of a list',
    text: `${LIST_A} push @rhsbl_score, ('b.example', 2, 0, 'B');`,
    want: { rhsbl_score: [...A, ...B] },
  },
  {
    label: 'push of values',
    text: `${LIST_A} push @rhsbl_score, 'b.example', 2, 0, 'B';`,
    want: { rhsbl_score: [...A, ...B] },
  },
  {
    label: 'push as a function',
    text: `${LIST_A} push(@rhsbl_score, 'b.example' => 2, 0, 'B');`,
    want: { rhsbl_score: [...A, ...B] },
  },
  {
    label: 'push of qw',
    text: `${LIST_A} push @rhsbl_score, qw(b.example 2 0 B);`,
    want: { rhsbl_score: [...A, ...B] },
  },
  {
    label: 'push to the default',
    text: "push @rhsbl_score, ('a.example', 1, 0, 'A');",
    want: { rhsbl_score: [...BUILTIN_RHSBL, ...A] },
  },
  {
    label: 'unshift',
    text: `${LIST_A} unshift @rhsbl_score, ('b.example', 2, 0, 'B');`,
    want: { rhsbl_score: [...B, ...A] },
  },
  {
    label: 'a list put before more',
    text: `${LIST_A} @rhsbl_score = (@rhsbl_score, 'b.example', 2, 0, 'B');`,
    want: { rhsbl_score: [...A, ...B] },
  },
  {
    label: 'a list put behind more',
    text: `${LIST_A} @rhsbl_score = ('b.example', 2, 0, 'B', @rhsbl_score);`,
    want: { rhsbl_score: [...B, ...A] },
  },
  {
    label: 'a list of the file itself',
    text: `my @b = ('b.example', 2, 0, 'B'); ${LIST_A} push @rhsbl_score, @b;`,
    want: { rhsbl_score: [...A, ...B] },
  },
  { label: 'lists in lists', text: "@rhsbl_score = (('a.example', 1), (), (0, 'A'));", want: { rhsbl_score: A } },
  { label: 'commas too many', text: "@rhsbl_score = ('a.example',,1,0,'A',,);", want: { rhsbl_score: A } },
  { label: 'fat commas', text: "@rhsbl_score = ('a.example' => 1 => 0 => 'A');", want: { rhsbl_score: A } },
  {
    label: 'a word in front of a fat comma',
    text: '@rhsbl_score = (localbl => 1, 0, A => );',
    want: { rhsbl_score: ['localbl', 1, 0, 'A'] },
  },
  { label: 'an empty list', text: '@dnsbl_score = ();', want: { dnsbl_score: [] } },
  {
    label: 'an element',
    text: '$helo_score[0] = 2.5; $helo_score[-1] = -1;',
    want: { helo_score: { bad: 2.5, good: -1 } },
  },
  {
    label: 'an element as a value',
    text: '@helo_score = (1.25, -2); $REJECTLEVEL = $helo_score[0];',
    want: { helo_score: { bad: 1.25, good: -2 }, REJECTLEVEL: 1.25 },
  },
  {
    label: 'an element that is added to',
    text: `my $n = 9; my @n = (1, 'x'); $n[0] += 1; $n[1] .= 'y'; $NTTL = $n[0]; $USER = $n[1];`,
    want: { NTTL: 2, USER: 'xy', GROUP: 'xy' },
  },
  {
    label: 'a label with blanks',
    text: "@rhsbl_score = ('a.example', 1, 0, 'MY LIST');",
    want: { rhsbl_score: ['a.example', 1, 0, 'MY LIST'] },
  },
  {
    label: 'an empty label',
    text: "@rhsbl_score = ('a.example', 1, 0, '');",
    want: { rhsbl_score: ['a.example', 1, 0, ''] },
  },
  {
    label: 'a number for a label',
    text: "@rhsbl_score = ('a.example', 1, 0, 12);",
    want: { rhsbl_score: ['a.example', 1, 0, '12'] },
  },
  {
    label: 'scores as texts',
    text: "@rhsbl_score = ('a.example', '1.50', \"-0\", 'A');",
    want: { rhsbl_score: ['a.example', 1.5, 0, 'A'] },
  },
  { label: 'a pair of one', text: '@helo_score = (1.5);', want: { helo_score: { bad: 1.5, good: 0 } } },
  { label: 'a pair of three', text: '@helo_score = (1.5, -2, 7);', want: { helo_score: { bad: 1.5, good: -2 } } },
  { label: 'a pair of none', text: '@helo_score = ();', want: { helo_score: { bad: 0, good: 0 } } },
  { label: 'a pair without parentheses', text: '@helo_score = 1.5;', want: { helo_score: { bad: 1.5, good: 0 } } },

  // Numbers.
  { label: 'an octal number', text: '$NTTL = 0644;', want: { NTTL: 420 } },
  { label: 'a hexadecimal number', text: '$NTTL = 0x1f;', want: { NTTL: 31 } },
  { label: 'a binary number', text: '$NTTL = 0b101;', want: { NTTL: 5 } },
  { label: 'underscores', text: '$NTTL = 1_000;', want: { NTTL: 1000 } },
  { label: 'exponents', text: '$NTTL = 1e3; $REJECTLEVEL = 2.5E-1;', want: { NTTL: 1000, REJECTLEVEL: 0.25 } },
  { label: 'no digits in front of the point', text: '$REJECTLEVEL = .5;', want: { REJECTLEVEL: 0.5 } },
  { label: 'no digits behind the point', text: '$REJECTLEVEL = 5.;', want: { REJECTLEVEL: 5 } },
  { label: 'signs', text: '$REJECTLEVEL = - 1.5; $DEFER_LEVEL = +2;', want: { REJECTLEVEL: -1.5, DEFER_LEVEL: 2 } },
  { label: 'two signs', text: '$REJECTLEVEL = - -1.5;', want: { REJECTLEVEL: 1.5 } },
  { label: 'a number as a text', text: '$NTTL = \'3\'; $REJECTLEVEL = " 2.5 ";', want: { NTTL: 3, REJECTLEVEL: 2.5 } },
  { label: 'a leading zero in a text', text: "$NTTL = '010';", want: { NTTL: 10 } },
  { label: 'a product', text: '$NTIME = 60 * 60 * 2;', want: { NTIME: 7200 } },
  { label: 'precedence', text: '$NTTL = 2 + 3 * 4 - 10 / 5; $PTTL = (2 + 3) * 4;', want: { NTTL: 12, PTTL: 20 } },
  { label: 'a remainder', text: '$NTTL = 17 % 5; $PTTL = -17 % 5;', want: { NTTL: 2, PTTL: 3 } },
  {
    label: 'a calculation with another',
    text: '$CACHESIZE = 100; $CACHEMAXSIZE = 2 * $CACHESIZE;',
    want: { CACHESIZE: 100, CACHEMAXSIZE: 200 },
  },
  {
    label: 'a negative reference',
    text: '$REJECTLEVEL = 3; $DEFER_LEVEL = -$REJECTLEVEL;',
    want: { REJECTLEVEL: 3, DEFER_LEVEL: -3 },
  },
  { label: 'undef for a number', text: '$NTTL = undef;', want: { NTTL: 0 } },
  { label: 'a decimal comma: its digits count for nothing', text: '$REJECTLEVEL = 2,5;', want: { REJECTLEVEL: 2 } },
  { label: 'a list for one value: its last', text: '$NTTL = (2, 3);', want: { NTTL: 3 } },

  // Switches: on is what equals 1.
  { label: "'yes' is off", text: "$ADD_X_HEADER = 'yes';", want: { ADD_X_HEADER: false } },
  {
    label: "'on' and 'true' are off",
    text: "$ADD_X_HEADER = 'on'; $LOG_BAD_RBL_ONLY = 'true';",
    want: { ADD_X_HEADER: false, LOG_BAD_RBL_ONLY: false },
  },
  {
    label: '2 and -1 are off',
    text: '$ADD_X_HEADER = 2; $LOG_BAD_RBL_ONLY = -1;',
    want: { ADD_X_HEADER: false, LOG_BAD_RBL_ONLY: false },
  },
  { label: 'a text that begins with 1 is on', text: "$dnsbl_checks_only = '1x';", want: { dnsbl_checks_only: true } },
  {
    label: "1.0 and '1.0' are on",
    text: "$dnsbl_checks_only = 1.0; $IGNORE_RFC1918_A = '1.0';",
    want: { dnsbl_checks_only: true, IGNORE_RFC1918_A: true },
  },
  {
    label: 'empty and undef are off',
    text: "$ADD_X_HEADER = ''; $LOG_BAD_RBL_ONLY = undef;",
    want: { ADD_X_HEADER: false, LOG_BAD_RBL_ONLY: false },
  },
  {
    label: '$DEBUG is on unless it is empty or 0',
    text: "$DEBUG = 'yes'; $VERBOSE = 2;",
    want: { DEBUG: true, VERBOSE: true },
  },
  { label: "$DEBUG = '0' is off", text: "$DEBUG = '0'; $VERBOSE = '';", want: { DEBUG: false, VERBOSE: false } },

  // Texts.
  { label: 'single quotes', text: "$POSCACHEMSG = 'a\\'b\\n\\\\';", want: { POSCACHEMSG: "a'b\\n\\" } },
  {
    label: 'escapes',
    text: '$POSCACHEMSG = "\\x41\\x{42}\\103\\o{104}\\N{U+45}\\$\\@\\"\\q";',
    want: { POSCACHEMSG: 'ABCDE$@"q' },
  },
  { label: 'q and qq', text: '$POSCACHEMSG = q(a(b)) . qq{c{d}};', want: { POSCACHEMSG: 'a(b)c{d}' } },
  { label: 'quotes with other delimiters', text: '$POSCACHEMSG = q!a! . qq|b| . q#c#;', want: { POSCACHEMSG: 'abc' } },
  {
    label: 'texts and numbers joined',
    text: '$POSCACHEMSG = \'a\' . 1.50 . "b" . 1e3 . 0x10;',
    want: { POSCACHEMSG: 'a1.5b100016' },
  },
  { label: 'over several lines', text: "$POSCACHEMSG = 'a' .\n  # b\n  'c';", want: { POSCACHEMSG: 'ac' } },
  {
    label: 'references',
    text: `$USER = 'x'; $POSCACHEMSG = "a $USER-\${USER}b" . $USER;`,
    want: { USER: 'x', POSCACHEMSG: 'a x-xbx' },
  },
  {
    label: 'upper and lower case',
    text: '$POSCACHEMSG = "\\Uab\\E\\LCD\\Ee\\uf\\lG";',
    want: { POSCACHEMSG: 'ABcdeFg' },
  },
  { label: 'quoted for patterns', text: '$POSCACHEMSG = "\\Qa.b-c\\E.d";', want: { POSCACHEMSG: 'a\\.b\\-c.d' } },
  { label: 'repeated', text: "$POSCACHEMSG = '-' x 3;", want: { POSCACHEMSG: '---' } },
  { label: 'a number for a text', text: '$DEFER_ACTION = 451;', want: { DEFER_ACTION: '451' } },
  {
    label: 'a code alone where a text always follows',
    text: "$DNSERRMSG = '450'; $MAXDNSBLMSG = '450'; $CACHEREJECTMSG = '450';",
    want: { DNSERRMSG: '450', MAXDNSBLMSG: '450', CACHEREJECTMSG: '450' },
  },
  { label: 'times with units', text: "$PTIME = 3 . 'h'; $TEMP_PTIME = '90';", want: { PTIME: 10_800, TEMP_PTIME: 90 } },
  {
    label: 'name servers with commas',
    text: "$NS = '192.0.2.1, 192.0.2.2,192.0.2.3';",
    want: { NS: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] },
  },
  {
    label: 'an empty group is the user',
    text: '$USER = \'mail\'; $GROUP = "";',
    want: { USER: 'mail', GROUP: 'mail' },
  },

  // Patterns.
  {
    label: 'qr with other delimiters',
    text: '@dnsbl_checks_only_regexps = (qr/a\\.b$/i, qr{c/d}, qr!e!x);',
    want: { dnsbl_checks_only_regexps: ['a\\.b$/i', 'c/d/', 'e/x'] },
  },
  {
    label: 'texts as patterns',
    text: '@dnsbl_checks_only_regexps = (\'a\\.b$\', "c\\\\.d");',
    want: { dnsbl_checks_only_regexps: ['a\\.b$/', 'c\\.d/'] },
  },
  {
    label: 'quoted parts of patterns',
    text: 'my $d = "a.b"; @dnsbl_checks_only_regexps = (qr/\\.\\Q$d\\E$/);',
    want: { dnsbl_checks_only_regexps: ['\\.a\\.b$/'] },
  },
  {
    label: 'flags in a pattern',
    text: '@dnsbl_checks_only_regexps = (qr/a(?i:b)[[:^digit:]]/);',
    want: { dnsbl_checks_only_regexps: ['a(?i:b)[[:^digit:]]/'] },
  },
  {
    label: 'a pattern in a pattern',
    text: 'my $p = qr/a|b/i; @dnsbl_checks_only_regexps = (qr/^$p$/, $p);',
    want: { dnsbl_checks_only_regexps: ['^(?^i:a|b)$/', 'a|b/i'] },
  },
  {
    label: 'push of patterns',
    text: '@dnsbl_checks_only_regexps = (qr/a/); push @dnsbl_checks_only_regexps, qr/b/, qr/c/;',
    want: { dnsbl_checks_only_regexps: ['a/', 'b/', 'c/'] },
  },
]
