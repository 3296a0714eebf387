import t from 'tap'
import { renderDefaults } from '../../src/cli/defaults.ts'
import { builtinConfig } from '../../src/config/parameters.ts'
import { readQuickly } from '../../src/config/quick.ts'
import { readConfiguration } from '../../src/config/read.ts'

const PLAIN = `# comment
$REJECTLEVEL = 3; # behind it
$ADD_X_HEADER=0;
   $NS = "127.0.0.1:5353 192.0.2.53";
$LOGFILE = '/var/log/polw'
  ;
$REJECTMSG = '550 5.7.1 No, "thanks"';
$DEFER_STRING = '';
@helo_score = (1.5, -2.25);
@dnsbl_score = (
  'zen.spamhaus.org=127.0.0.[2..9]', 4.35, -1.5, 'SBL',
  'Bl.Example.', 0, -1, 'x.y-z', # and a comment
);
@rhsbl_score = ();
$NTIME = 45;
$PTIME = '6h';
$TEMP_PTIME = 90;
1;
`

t.test('a plain configuration is read, and just as the full reader reads it', t => {
  const config = readQuickly(PLAIN)
  t.match(config, { REJECTLEVEL: 3, ADD_X_HEADER: false, helo_score: [1.5, -2.25], rhsbl_score: [], faulty: false })
  const full = readConfiguration(PLAIN, 'x')
  t.strictSame(full.findings, [])
  t.strictSame(config, full.config)
  t.strictSame(readQuickly(''), builtinConfig())
  t.end()
})

t.test('statements it reads and statements it leaves to the full reader', t => {
  const read = [
    '$DEBUG = 1;',
    '$BL_ERROR_SKIP = 0;',
    '@helo_score = (1, 2);',
    "$LOCKPATH = '/run/x/';",
    "$LOCKPATH = 'a # (b)';",
    '$DEBUG\n=1\n;',
    '@helo_score = (1, # bad\n 2);',
    '@rhsbl_score = (\'a.b\', 1, 2, "X", );',
    '1;',
    '# x',
    '  # \u00fcber \ufeff\xa0\n$DEBUG = 1;\n\t# \u20ac',
    ' ',
  ]
  const left = [
    ...['$DEBUG # comment\n=1;', '@helo_score = (1, 2 # )\n);'],
    ...['$DEBUG = 2;', "$REJECTLEVEL = '3';", '$REJECTLEVEL = 1e3;', '$REJECTLEVEL = .5;', '$REJECTLEVEL = 007;'],
    ...['$REJECTLEVEL = 3', 'my $DEBUG = 1;', '$UNKNOWN = 1;', '$__proto__ = 1;', '@DEBUG = (1);', '$helo_score = 1;'],
    ...['@helo_score = (1);', "@helo_score = (1, 'x');", '@helo_score = (1 2);', '$MAXDNSERR = 1.5;', '$NTIME = -1;'],
    ...["$REJECTMSG = '550';", "$REJECTMSG = '';", "$REJECTMSG = 'RC: x';", "$REJECTMSG = '550 \u00e4';"],
    ...['$LOCKPATH = "$SPATH";', '$LOCKPATH = "a\\n";', "$LOCKPATH = 'a\\'b';", "$LOCKPATH = 'a' . 'b';"],
    ...[
      "$NS = 'localhost';",
      "$NS = '::1';",
      "$NS = '999.0.2.53';",
      "$NS = '192.0.2.53:99999';",
      "$NS = '192.0.2.53:0';",
      "$DEFER_ACTION = '550';",
      "$syslog_facility = 'nonsense';",
      'use strict;',
      '$DEBUG = 1; # \u00fc',
      "# \u00fc\n$LOCKPATH = 'a\n# \u00fc\n';",
      '# \u00fc\r$DEBUG = 1;',
      "$LOCKPATH = 'a\tb';",
      '$LOCKPATH = "a@b";',
      "$PTIME = '007';",
    ],
    ...[
      '=pod\n=cut\n',
      '__END__',
      '$DEBUG = 1;\r\n',
      '\ufeff1;',
      '@dnsbl_score = (1, 2, 3, 4);',
      "$PTIME = '3x';",
      "$PTIME = '-1d';",
      '$PTIME = 1.5;',
      "$PTIME = '999999d';",
    ],
    ...["@dnsbl_score = ('a.b', 1, 2);", "@dnsbl_score = ('a', 1, 2, 'X');", "@dnsbl_score = ('a.b=1', 1, 2, 'X');"],
    ...['@dnsbl_checks_only_regexps = (qr/x/);', '$CACHESIZE = 99999999999;', '$DEBUG = 1; garbage'],
  ]
  for (const text of read) t.ok(readQuickly(text), JSON.stringify(text))
  for (const text of left) t.equal(readQuickly(text), undefined, JSON.stringify(text))
  t.end()
})

t.test('whatever it reads, the full reader reads the same and has nothing to say', t => {
  const seeds = [PLAIN, renderDefaults()]
  let state = 7
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >>> 8) % below
  }
  const pieces = [
    "'",
    '"',
    '\\',
    '(',
    ')',
    ',',
    ';',
    '#',
    '=',
    '$',
    '@',
    '0',
    '1',
    '-',
    '.',
    ' ',
    '\n',
    'x',
    '\u00e4',
    '\t',
  ]
  let quick = 0
  for (let i = 0; i < 3000; i++) {
    let text = seeds[i % 10 === 0 ? 1 : 0] as string
    for (let edits = random(3); edits >= 0; edits--) {
      const at = random(text.length)
      text =
        text.slice(0, at) + (pieces[random(pieces.length)] as string).repeat(random(2)) + text.slice(at + random(2))
    }
    const config = readQuickly(text)
    if (!config) continue
    quick++
    const full = readConfiguration(text, 'x')
    if (full.findings.length > 0 || JSON.stringify(full.config) !== JSON.stringify(config))
      t.strictSame({ config: full.config, findings: full.findings }, { config, findings: [] }, text)
  }
  t.ok(quick > 300 && quick < 2700, `${quick} of 3000 texts are read quickly`)
  t.end()
})

t.test('a hostile file costs no more than its length', t => {
  for (const piece of ['(', '#', ' ', "'", '$x=', '@a=(1,', '1;', '# \n', '$DEBUG = 1;\n']) {
    const text = piece.repeat((1 << 20) / piece.length)
    t.doesNotThrow(() => readQuickly(text), piece)
  }
  t.end()
})
