import t from 'tap'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../src/config/read.ts'

/** Severity, code and place of all findings: `['error syntax 1:5']`. */
function findings(text: string): string[] {
  return readConfiguration(text, 'x.conf').findings.map(
    ({ severity, code, position }) => `${severity} ${code} ${position?.line}:${position?.column}`,
  )
}

t.test('values of every kind', t => {
  const entry = { host: 'bl.example', filter: undefined, hit: 3, miss: -1.5, label: 'BL' }
  const cases: [label: string, text: string, want: Partial<Config>][] = [
    ['nothing', '', {}],
    ['only comments', '# x\n1;\n', {}],
    ['a score', '$REJECTLEVEL = -1.5;', { REJECTLEVEL: -1.5 }],
    ['a score as text', '$REJECTLEVEL = " 2.5 ";', { REJECTLEVEL: 2.5 }],
    [
      'no negative zero',
      '$REJECTLEVEL = -0; @helo_score = ("-0", -0.0);',
      { REJECTLEVEL: 0, helo_score: { bad: 0, good: 0 } },
    ],
    ['a count', '$MAXDNSBLHITS = 1_0;', { MAXDNSBLHITS: 10 }],
    ['a count with a fraction of zero', '$MAXDNSBLHITS = 4.0;', { MAXDNSBLHITS: 4 }],
    [
      'switches',
      '$DEBUG = 1; $ADD_X_HEADER = "0"; $VERBOSE = "";',
      { DEBUG: true, ADD_X_HEADER: false, VERBOSE: false },
    ],
    [
      'undef',
      '$ADD_X_HEADER = undef; $NS = undef; $REJECTLEVEL = undef;',
      { ADD_X_HEADER: false, NS: [], REJECTLEVEL: 0 },
    ],
    ['seconds', '$DNS_RETRY_IVAL = 0.5; $NTIME = "60";', { DNS_RETRY_IVAL: 0.5, NTIME: 60 }],
    ['a duration without a unit', '$PTIME = 90;', { PTIME: 90 }],
    ['a duration in seconds', "$PTIME = '90s';", { PTIME: 90 }],
    ['a duration in minutes', "$PTIME = '15m';", { PTIME: 900 }],
    ['a duration in hours', "$PTIME = '3h';", { PTIME: 10_800 }],
    ['a duration in days', "$TEMP_PTIME = '2d';", { TEMP_PTIME: 172_800 }],
    ['a duration as text without a unit', "$PTIME = '90';", { PTIME: 90 }],
    ['words', "$NS = ' 192.0.2.1\t192.0.2.2 ';", { NS: ['192.0.2.1', '192.0.2.2'] }],
    ['no words', "$DEFER_STRING = '';", { DEFER_STRING: [] }],
    ['a number as text', '$DEFER_ACTION = 451;', { DEFER_ACTION: '451' }],
    ['numbers in texts', '$REJECTMSG = "550 score " . 1.50 . " of $REJECTLEVEL";', { REJECTMSG: '550 score 1.5 of 1' }],
    ['an empty message where it may be', "$CLIENTDNSERRMSG = '';", { CLIENTDNSERRMSG: '' }],
    ['a pair', '@helo_score = (1.25, "-2");', { helo_score: { bad: 1.25, good: -2 } }],
    ['a list', "@rhsbl_score = ('BL.example.', 3, -1.5, 'BL');", { rhsbl_score: [entry] }],
    ['a list as words', '@rhsbl_score = qw(bl.example 3 -1.5 BL);', { rhsbl_score: [entry] }],
    ['an empty list', '@rhsbl_score = ();', { rhsbl_score: [] }],
    [
      'a list with a filter',
      "@rhsbl_score = ('bl.example=127.0.0.[2;4..6]', 3, -1.5, 'BL');",
      {
        rhsbl_score: [
          {
            ...entry,
            filter: {
              kind: 'filter',
              octets: [
                [{ first: 127, last: 127 }],
                [{ first: 0, last: 0 }],
                [{ first: 0, last: 0 }],
                [
                  { first: 2, last: 2 },
                  { first: 4, last: 6 },
                ],
              ],
            },
          },
        ],
      },
    ],
    [
      'patterns',
      "@dnsbl_checks_only_regexps = (qr/^a\\.b/i, 'c$');",
      {
        dnsbl_checks_only_regexps: [
          { source: '^a\\.b', flags: 'i', engine: 'linear' },
          { source: 'c$', flags: '', engine: 'linear' },
        ],
      },
    ],
    ['the last one wins', '$REJECTLEVEL = 2; $REJECTLEVEL = 3;', { REJECTLEVEL: 3 }],
    [
      'a parameter that refers to itself',
      '$REJECTMSG = "$REJECTMSG!";',
      {
        REJECTMSG: `${builtinConfig().REJECTMSG}!`,
      },
    ],
  ]
  for (const [label, text, want] of cases) {
    const { config, findings } = readConfiguration(text, 'x.conf')
    t.same(findings, [], `${label}: nothing to complain about`)
    t.same(config, builtinConfig(want), label)
  }
  t.end()
})

t.test('references stand for what was set above, else for the default', t => {
  const cases: [label: string, text: string, name: keyof Config, want: unknown][] = [
    ['a value set above', '$REJECTMSG = "550 x"; $MAXDNSBLMSG = $REJECTMSG;', 'MAXDNSBLMSG', '550 x'],
    ['not one set below', '$MAXDNSBLMSG = $REJECTMSG; $REJECTMSG = "550 x";', 'MAXDNSBLMSG', builtinConfig().REJECTMSG],
    ['a default that follows another', '$LOCKPATH = "/x"; $PIDFILE = "$SPATH.pid";', 'PIDFILE', '/x/polw.sock.pid'],
    ['a number', '$CACHEMAXSIZE = 10; $CACHESIZE = $CACHEMAXSIZE;', 'CACHESIZE', 10],
    ['the default of a number', '$POSCACHESIZE = $CACHESIZE;', 'POSCACHESIZE', 2000],
    ['the default of a duration', '$TEMP_PTIME = $PTIME;', 'TEMP_PTIME', 10_800],
    ['the default of words', '$DEFER_STRING = "X= $DEFER_STRING";', 'DEFER_STRING', ['X=', 'IN_SPAMCOP=', 'BOGUS_MX=']],
    ['a switch', '$DEBUG = $ADD_X_HEADER;', 'DEBUG', true],
    ['in a list', '@helo_score = ($REJECTLEVEL, -2);', 'helo_score', { bad: 1, good: -2 }],
    ['in braces', `$LOGFILE = "\${LOCKPATH}log";`, 'LOGFILE', '/var/run/policyd-weight/log'],
    ['what follows still does', '$REJECTMSG = "554 No";', 'CACHEREJECTMSG', '554 No [cached]'],
    ['the group follows the user', '$USER = "mail";', 'GROUP', 'mail'],
  ]
  for (const [label, text, name, want] of cases) {
    const { config, findings } = readConfiguration(text, 'x.conf')
    t.same(findings, [], `${label}: nothing to complain about`)
    t.same(config[name], want, label)
  }
  t.end()
})

t.test('variables of the file itself can be used, with a warning', t => {
  const { config, findings } = readConfiguration('my $site = "example"; $REJECTMSG = "550 $site";', 'x.conf')
  t.equal(config.REJECTMSG, '550 example')
  t.match(findings, [{ severity: 'warning', code: 'unknown-parameter', position: { line: 1, column: 4 } }])
  t.end()
})

t.test('errors and warnings', t => {
  const cases: [label: string, text: string, want: string[]][] = [
    ['an unknown name', '$REJECTLVL = 3;', ['warning unknown-parameter 1:1']],
    ['an unknown list', '@foo = (1, 2);', ['warning unknown-parameter 1:1']],
    ['another case', '$rejectlevel = 3;', ['warning unknown-parameter 1:1']],
    ['a list as a scalar', '$dnsbl_score = 4;', ['error wrong-sigil 1:1']],
    ['a scalar as a list', '@REJECTLEVEL = (4);', ['error wrong-sigil 1:1']],
    ['a list for a scalar', '$REJECTLEVEL = (1, 2);', ['warning odd-value 1:1']],
    ['a decimal comma', '$REJECTLEVEL = 1,5;', ['warning odd-value 1:18']],
    ['no value in parentheses', '$REJECTLEVEL = ();', ['error bad-value 1:1']],
    ['a word for a number', "$REJECTLEVEL = 'high';", ['error bad-value 1:16']],
    ['an empty number', "$REJECTLEVEL = '';", ['error bad-value 1:16']],
    ['infinity', "$REJECTLEVEL = '1e999';", ['error out-of-range 1:16']],
    ['not a number', "$REJECTLEVEL = 'NaN';", ['error bad-value 1:16']],
    ['hexadecimal text', "$REJECTLEVEL = '0x10';", ['error bad-value 1:16']],
    ['a fraction for a count', '$CACHESIZE = 1.5;', ['error bad-value 1:14']],
    ['a negative count', '$CACHESIZE = -1;', ['error out-of-range 1:14']],
    ['a port', '$TCP_PORT = 65536;', ['error out-of-range 1:13']],
    ['no time to answer', '$DNS_RETRY_IVAL = 0;', ['error out-of-range 1:19']],
    ['a switch that is neither', '$ADD_X_HEADER = 2;', ['warning odd-value 1:17']],
    ['a switch in words', "$DEBUG = 'yes';", ['warning odd-value 1:10']],
    ['a pattern for a switch', '$DEBUG = qr/a/;', ['error bad-value 1:10']],
    ['an unknown unit', "$PTIME = '3w';", ['error unknown-unit 1:10']],
    ['a unit in capitals', "$PTIME = '3H';", ['error unknown-unit 1:10']],
    ['a fraction of a unit', "$PTIME = '1.5h';", ['error bad-value 1:10']],
    ['a negative time', '$PTIME = -5;', ['error bad-value 1:10']],
    ['a time without end', "$PTIME = '99999d';", ['error out-of-range 1:10']],
    ['half a pair', '@helo_score = (1);', ['warning odd-value 1:1']],
    ['more than a pair', '@helo_score = (1, 2, 3);', ['warning odd-value 1:1']],
    ['a word in a pair', "@helo_score = (1, 'x');", ['error bad-value 1:19']],
    ['a pattern for a text', '$USER = qr/x/;', ['error bad-value 1:9']],
    ['a pattern in a text', '$USER = "a" . qr/x/;', ['error syntax 1:15']],
    ['a number for a pattern', '@dnsbl_checks_only_regexps = (1);', ['error bad-value 1:31']],
    ['a broken pattern', '@dnsbl_checks_only_regexps = (qr/a/, qr/b(c/);', ['error bad-pattern 1:42']],
    ['a broken pattern as text', "@dnsbl_checks_only_regexps = ('b(');", ['error bad-pattern 1:33']],
    ['a pattern that runs code', '@dnsbl_checks_only_regexps = (qr/a(?{1})/);', ['warning bad-pattern 1:31']],
    ['an unknown flag', '@dnsbl_checks_only_regexps = (qr/ab/ig);', ['error bad-pattern 1:38']],
    ['a control character', '$LOGFILE = "/tmp/x\\0y";', ['error bad-value 1:12']],
    ['an empty message', "$REJECTMSG = '';", ['error bad-message 1:14']],
    ['an undefined message', '$REJECTMSG = undef;', ['error bad-message 1:14']],
    ['a message of digits', '$REJECTMSG = 550;', ['error bad-message 1:14']],
    ['nothing to defer with', "$DEFER_ACTION = '';", ['error bad-message 1:17']],
    ['an odd message', "$REJECTMSG = 'Go away';", ['warning odd-value 1:14']],
    ['an odd word to defer with', "$DEFER_ACTION = '550';", ['warning odd-value 1:17']],
    ['an odd facility', "$syslog_facility = 'post';", ['warning odd-value 1:20']],
    ['a reference to nothing', '$REJECTMSG = "550 $NOTHING";', ['error bad-reference 1:19']],
    ['a reference to a list', '$REJECTMSG = "550 $helo_score";', ['error bad-reference 1:19']],
    ['an address in double quotes', '$REJECTMSG = "550 ask a@b.example";', ['warning array-in-text 1:24']],
    [
      'a text too long',
      `$A = '${'x'.repeat(5000)}'; $USER = "$A$A";`,
      ['warning unknown-parameter 1:1', 'error too-long 1:5018'],
    ],
    [
      'nine values',
      "@rhsbl_score = (\n'a.example', 1, 0, 'A',\n'b.example', 1, 0, 'B',\n'c.example');",
      ['error list-length 4:1'],
    ],
    [
      'a label is missing in the middle',
      "@rhsbl_score = ('a.example', 1, 0, 'b.example', 1, 0, 'B');",
      ['error bad-list-entry 1:49'],
    ],
    ['a host is a number', "@rhsbl_score = (1, 2, 3, 'A');", ['error bad-list-entry 1:17']],
    ['a host is none', "@rhsbl_score = ('a b', 2, 3, 'A');", ['error bad-list-entry 1:18']],
    ['a score is a word', "@rhsbl_score = ('a.example', 'x', 3, 'A');", ['error bad-list-entry 1:30']],
    ['a score is undefined', "@rhsbl_score = ('a.example', 1, undef, 'A');", ['error bad-list-entry 1:33']],
    ['a label is empty', "@rhsbl_score = ('a.example', 1, 2, '');", ['warning odd-value 1:36']],
    ['a label has blanks', "@rhsbl_score = ('a.example', 1, 2, 'A B');", ['warning odd-value 1:36']],
    ['a label has a line end', '@rhsbl_score = ("a.example", 1, 2, "A\\n");', ['error bad-list-entry 1:36']],
    ['a code alone, glued to a text', "$MAXDNSBLMSG = '450';", ['warning odd-value 1:16']],
    ['a code alone that refuses, glued to a text', "$MAXDNSBLMSG = '550';", ['error bad-message 1:16']],
    ['a name server that is none', "$NS = '192.0.2.1 ns.example';", ['error bad-value 1:7']],
    ['code', 'if ($x) { $DEBUG = 1; }', ['error code 1:1']],
    ['code behind an assignment', '$NTTL = 3 if $x;', ['error syntax 1:11']],
    ['a missing semicolon', '$NTTL = 3\n$PTTL = 4;', ['error missing-semicolon 1:10']],
    ['typographic quotes', '$USER = \u2018polw\u2019;', ['error typographic 1:9']],
    ['what follows return', 'return 1;\n$NTTL = 3;', ['warning code 2:1']],
    ['a broken filter', "@rhsbl_score = ('a.example=127.0.0.300', 1, 2, 'A');", ['error bad-filter 1:36']],
    [
      'a broken filter behind an escape',
      '@rhsbl_score = ("a.\\x65xample=127.0", 1, 2, "A");',
      ['error bad-filter 1:17'],
    ],
    ['a host of one label', "@rhsbl_score = ('local', 1, 2, 'A');", ['warning odd-value 1:17']],
    [
      'the prototype of objects',
      '$__proto__ = 1; $constructor = 2;',
      ['warning unknown-parameter 1:1', 'warning unknown-parameter 1:17'],
    ],
    ['Windows line ends', '$A\r\n= 1;\r\n$NTTL = -2;', ['warning unknown-parameter 1:1', 'error out-of-range 3:9']],
    ['a byte order mark', '\ufeff$NTTL = -2;', ['error out-of-range 1:9']],
  ]
  for (const [label, text, want] of cases) {
    t.same(findings(text), want, label)
    const isFaulty = want.some(finding => finding.startsWith('error'))
    t.equal(readConfiguration(text, 'x.conf').config.configError !== '', isFaulty, `${label}: marked or not`)
  }
  t.end()
})

t.test('findings are log lines that say what to do', t => {
  const cases: [text: string, want: string][] = [
    ['\n $REJECTLVL = 1;', 'x.conf:2:2: $REJECTLVL is no parameter and has no effect; did you mean $REJECTLEVEL?'],
    ['my $domain = 1;', 'x.conf:1:4: $domain is no parameter and has no effect but where this file refers to it'],
    ['my $REJECTLVL = 1;', 'x.conf:1:4: $REJECTLVL is no parameter and has no effect; did you mean $REJECTLEVEL?'],
    ['@dnsblscore = (1);', 'x.conf:1:1: @dnsblscore is no parameter and has no effect; did you mean @dnsbl_score?'],
    [
      "$REJECTMSG = '550';",
      'x.conf:1:14: $REJECTMSG: found "\'550\'", expected a text behind the code, such as "550 Rejected"; Postfix accepts the mail when the answer is digits alone',
    ],
    [
      '$A = \x07;',
      'x.conf:1:6: found "?", expected a value: a number, a quoted text, $NAME, qw(), qr// or a list in parentheses',
    ],
    [
      '$A =',
      'x.conf:1:5: found the end of the file, expected a value: a number, a quoted text, $NAME, qw(), qr// or a list in parentheses',
    ],
    [
      "@rhsbl_score = ('a.example', 1, 2);",
      'x.conf:1:17: @rhsbl_score: found "\'a.example\', 1, 2", expected a label behind this: host, score if listed, score if not and label, four by four; the list has 3 values, which is no multiple of four',
    ],
  ]
  for (const [text, want] of cases) t.equal(readConfiguration(text, 'x.conf').findings[0]?.text, want)
  t.end()
})

t.test('one run shows all errors, in the order of the file', t => {
  const text = '$REJECTLEVEL = foo();\n$NTTL = -2;\n@helo_score = (1, "x");\n$PTIME = 3h;\n$CACHESIZE = 5;\n'
  t.same(findings(text), ['error syntax 1:16', 'error out-of-range 2:9', 'error bad-value 3:19', 'error syntax 4:10'])
  t.end()
})

t.test('findings are bounded', t => {
  const warnings = findings('$nothing = 1;\n'.repeat(1000))
  t.equal(warnings.length, 51)
  t.equal(warnings[50], 'warning too-many-findings 51:1')
  const errors = findings(`${'$NTTL = -2;\n'.repeat(1000)}$nothing = 1;`)
  t.equal(errors.length, 52, 'many errors leave room for warnings')
  t.equal(errors[51], 'warning unknown-parameter 1001:1')
  t.match(findings('$A = x;\n'.repeat(100)).at(-1), /^error too-many-findings/, 'syntax that is none')
  t.end()
})

t.test('values have places', t => {
  const text = "$NS = '192.0.2.1';\n@rhsbl_score = (\n  'a.example', 1, 0, 'A',\n  'b.example', 1, 0, 'B',\n);"
  const { origins } = readConfiguration(text, 'x.conf')
  t.same(origins.get('NS'), [{ line: 1, column: 7 }])
  t.same(origins.get('rhsbl_score'), [
    { line: 3, column: 3 },
    { line: 4, column: 3 },
  ])
  t.notOk(origins.has('REJECTLEVEL'))
  t.end()
})

t.test('the permissions of a socket are octal digits in quotes', t => {
  const codesOf = (value: string): readonly string[] =>
    readConfiguration(`$SOCKET_MODE = ${value};`, 'x.conf').findings.map(({ code }) => code)
  for (const value of ["'0660'", '"666"', '660']) t.same(codesOf(value), [], value)
  for (const value of ["'0680'", "'66'", "'rw'", "''", '66']) t.same(codesOf(value), ['bad-value'], value)
  t.end()
})

t.test('an address that the daemon could not listen on is found before it tries', t => {
  const codesOf = (value: string): string[] =>
    readConfiguration(`$BIND_ADDRESS = '${value}';`, 'x.conf').findings.map(({ code }) => code)
  for (const value of ['192.0.2.25', '2001:db8::25', 'all', 'ALL', 'localhost', '']) t.same(codesOf(value), [], value)
  for (const value of ['127.0.0.300', 'mx.example.net', '127.0.0.1:25', '*'])
    t.same(codesOf(value), ['bad-value'], value)
  t.end()
})
