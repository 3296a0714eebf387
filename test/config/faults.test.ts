/**
 * What a slip costs: the statement it is in, and nothing else.
 */
import t from 'tap'
import type { Parameter } from '../../src/config/parameters/parameter.ts'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../src/config/read.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import { randomFrom } from '../support/random.ts'

const REJECTS_NOTHING = { REJECTLEVEL: 1e15, MAXDNSBLSCORE: 1e15, MAXDNSBLHITS: 1e15 }

t.test('a value or statement that cannot be used, and what is in force then', t => {
  const cases: [label: string, text: string, want: Partial<Config>, wantError: string][] = [
    ['a bad number', "$NTTL = 'many'; $PTTL = 5;", { PTTL: 5 }, 'default for $NTTL'],
    ['out of range', '$TCP_PORT = 99999; $PTTL = 5;', { PTTL: 5 }, 'default for $TCP_PORT'],
    ['a bad list', "@rhsbl_score = ('a.example', 1, 0); $PTTL = 5;", { PTTL: 5 }, 'default for @rhsbl_score'],
    [
      'a bad pattern',
      '@dnsbl_checks_only_regexps = (qr/(a/); $PTTL = 5;',
      { PTTL: 5 },
      'default for @dnsbl_checks_only_regexps',
    ],
    ['a function', '$NTTL = int(3.5); $PTTL = 5;', { PTTL: 5 }, 'default for $NTTL'],
    ['the last value counts, though it is bad', "$NTTL = 3; $NTTL = 'x';", {}, 'default for $NTTL'],
    ['a good one behind a bad one', "$NTTL = 'x'; $NTTL = 3;", { NTTL: 3 }, ''],
    ['a level: nothing is rejected by it', "$REJECTLEVEL = 'high';", { REJECTLEVEL: 1e15 }, 'default for $REJECTLEVEL'],
    [
      'all three levels',
      "$REJECTLEVEL = ''; $MAXDNSBLSCORE = '8,5'; $MAXDNSBLHITS = -1;",
      REJECTS_NOTHING,
      'default for $REJECTLEVEL, $MAXDNSBLSCORE, $MAXDNSBLHITS',
    ],
    [
      'a level that refers to one',
      "$REJECTLEVEL = 'x'; $MAXDNSBLSCORE = $REJECTLEVEL;",
      { REJECTLEVEL: 1e15, MAXDNSBLSCORE: 1e15 },
      'default for $REJECTLEVEL',
    ],
    ['a message, and what follows it', "$REJECTMSG = ''; $PTTL = 5;", { PTTL: 5 }, 'default for $REJECTMSG'],
    [
      'what refers to a bad value has its default',
      '$USER = foo(); $GROUP = $USER;',
      { GROUP: 'polw' },
      'default for $USER',
    ],
    ['a list for a number', '@NTTL = (3); $PTTL = 5;', { PTTL: 5 }, 'default for $NTTL'],
    [
      'many: the first three are named',
      "$NTTL = 'x'; $PTTL = 'x'; $NTIME = 'x'; $CACHESIZE = 'x'; $SOMAXCONN = 'x';",
      {},
      'default for $NTTL, $PTTL, $NTIME and 2 more',
    ],
    // Code.
    ['a block', 'if ($x) {\n $NTTL = 3;\n $NS = "192.0.2.1";\n}\n$PTTL = 5;', { PTTL: 5 }, 'default for $NTTL, $NS'],
    [
      'a block changes what is set',
      '$NTTL = 3;\nif ($x) { $NTTL = 4; }\n$PTTL = 5;',
      { NTTL: 3, PTTL: 5 },
      'without line 2',
    ],
    ['a condition behind', '$NTTL = 3;\n$NTTL = 4 if $x;\n$PTTL = 5;', { NTTL: 3, PTTL: 5 }, 'without line 2'],
    [
      'a condition behind, and nothing else',
      '$REJECTLEVEL = 4 if $x;',
      { REJECTLEVEL: 1e15 },
      'default for $REJECTLEVEL',
    ],
    ['a function of its own', 'sub f {\n  return "};";\n}\n$PTTL = 5;', { PTTL: 5 }, 'without line 1'],
    ['another file', "require '/etc/more.pl'; $PTTL = 5;", { PTTL: 5 }, 'without line 1'],
    ['a loop', 'foreach my $x (@y) { push @dnsbl_score, $x; }\n$PTTL = 5;', { PTTL: 5 }, 'default for @dnsbl_score'],
    ['a module', 'use POSIX qw(floor);\n$PTTL = 5;', { PTTL: 5 }, 'without line 1'],
    ['output', 'print "$x;\\n";\n$PTTL = 5;', { PTTL: 5 }, 'without line 1'],
    ['a here-document', '$REJECTMSG = <<EOT;\n$PTTL = 9;\nEOT\n$PTTL = 5;', { PTTL: 5 }, 'default for $REJECTMSG'],
    ['output of a command', 'sub f { my $x = `a }`; qx/}/; $NTTL = 3; }\n$PTTL = 5;', { PTTL: 5 }, 'default for $NTTL'],
    [
      'elements of hashes in a function',
      'sub f { my $x = $_[0]->{a}; $h{$x}{b} = @$x{c}; $REJECTLEVEL = @{$x}; }\n$PTTL = 5;',
      { PTTL: 5, REJECTLEVEL: 1e15 },
      'default for $REJECTLEVEL',
    ],
    ['an element in a condition', 'if ($ENV{A} eq "b") { $NTTL = 3; }\n$PTTL = 5;', { PTTL: 5 }, 'default for $NTTL'],
    ['an element of a hash', '$ENV{PATH} = "/bin";\n$PTTL = 5;', { PTTL: 5 }, 'without line 1'],
    [
      'names that are quotes elsewhere',
      'sub f { $h{q} = $h{ s }; $h{y}{m} = { tr=>1, qq => 2 }; $NTTL = 9; }\n$PTTL = 5;',
      { PTTL: 5 },
      'default for $NTTL',
    ],
    [
      'documentation in a function',
      "sub f {\n\n=pod\n\n} isn't\n\n=cut\n\n$NTTL = 9;\n}\n$PTTL = 5;",
      { PTTL: 5 },
      'default for $NTTL',
    ],
    ['a value of a hash', '$USER = $ENV{USER};\n$PTTL = 5;', { PTTL: 5 }, 'default for $USER'],
    ['a function as a value', 'my $f = sub {\n  $NTTL = 9;\n};\n$PTTL = 5;', { PTTL: 5 }, 'default for $NTTL'],
    [
      'patterns that hold braces',
      'sub f { /}/; return /}/ if split /}/, $x; $x =~ s#}#{#g; s,},{,; $NTTL = 9 / 3; }\n$PTTL = 5 / 1; # /',
      { PTTL: 5 },
      'default for $NTTL',
    ],
    [
      'here-documents in a function',
      'sub f {\n  print <<A . <<B;\n}\nA\n}\nB\n  print <<C;\n}\nC\n  $NTTL = 9;\n}\n$PTTL = 5;',
      { PTTL: 5 },
      'default for $NTTL',
    ],
    ['an end that may not come', 'return 1 if $x;\n$PTTL = 5;', { PTTL: 5 }, 'without line 1'],
    ['++ in front of a value', '$PTTL = 5; $NTTL = ++$PTTL;', { PTTL: 5 }, 'default for $NTTL'],
    ['-- in front of a level', '$REJECTLEVEL = --$PTTL;', { REJECTLEVEL: 1e15 }, 'default for $REJECTLEVEL'],
    ['a range', '@helo_score = (1..2); $PTTL = 5;', { PTTL: 5 }, 'default for @helo_score'],
    ['a list that is repeated', '@helo_score = (3) x 2; $PTTL = 5;', { PTTL: 5 }, 'default for @helo_score'],
    ['whole numbers only', 'use integer;\n$PTTL = 5;', { PTTL: 5 }, 'without line 1'],
    // What is only added to.
    [
      'a push that cannot be used',
      "@rhsbl_score = ('a.example', 1, 0, 'A');\npush @rhsbl_score, ('b c', 1, 0, 'B');",
      { rhsbl_score: [{ host: 'a.example', filter: undefined, hit: 1, miss: 0, label: 'A' }] },
      'without line 2',
    ],
    ['a push of code', 'push @rhsbl_score, more();\n$PTTL = 5;', { PTTL: 5 }, 'default for @rhsbl_score'],
    [
      '.= that cannot be used',
      "$POSCACHEMSG = 'a';\n$POSCACHEMSG .= $nothing;",
      { POSCACHEMSG: 'a' },
      'without line 2',
    ],
    [
      'an element that is none',
      '@helo_score = (1, 2);\n$helo_score[7] = 3;',
      { helo_score: { bad: 1, good: 2 } },
      'without line 2',
    ],
    // Slips of the pen.
    ['a missing sign', '$REJECTLEVEL 4; $PTTL = 5;', { PTTL: 5, REJECTLEVEL: 1e15 }, 'default for $REJECTLEVEL'],
    ['another sign', '$REJECTLEVEL == 4; $PTTL = 5;', { PTTL: 5, REJECTLEVEL: 1e15 }, 'default for $REJECTLEVEL'],
    ['a missing $', 'REJECTLEVEL = 4; $PTTL = 5;', { PTTL: 5, REJECTLEVEL: 1e15 }, 'default for $REJECTLEVEL'],
    ['a missing @', 'rhsbl_score = (); $PTTL = 5;', { PTTL: 5 }, 'default for @rhsbl_score'],
    ['a missing sign, for a value that stands above', '$NTTL = 3;\n$NTTL 4;', { NTTL: 3 }, 'without line 2'],
    ['a missing semicolon', '$NTTL = 3\n$PTTL = 5;\n$NTIME = 6;', { PTTL: 5, NTIME: 6 }, 'default for $NTTL'],
    [
      'a missing quote',
      "$USER = 'x;\n$PTTL = 5;\n$NS = '192.0.2.1';",
      { PTTL: 5, NS: ['192.0.2.1'] },
      'default for $USER',
    ],
    ['a missing parenthesis', '@helo_score = (1, 2;\n$PTTL = 5;', { PTTL: 5 }, 'default for @helo_score'],
    ['a missing brace', 'if ($x) { $NTTL = 3;\n$PTTL = 5;', { PTTL: 5 }, 'default for $NTTL'],
    ['a brace too many', '$NTTL = 3; }\n$PTTL = 5;', { NTTL: 3, PTTL: 5 }, 'without line 1'],
    ['typographic quotes', '$USER = \u201cmail\u201d;\n$PTTL = 5;', { PTTL: 5 }, 'default for $USER'],
    [
      'typographic apostrophes with a semicolon',
      '$USER = \u2018a;b\u2019; $PTTL = 5;',
      { PTTL: 5 },
      'default for $USER',
    ],
  ]
  for (const [label, text, want, wantError] of cases) {
    const { config, findings } = readConfiguration(text, 'x.conf')
    const configError = wantError === '' ? '' : `${wantError} due to config-error`
    t.same(config, builtinConfig({ ...want, configError }), label)
    t.ok(
      findings.some(({ severity }) => severity === 'error'),
      `${label}: told`,
    )
  }
  t.end()
})

t.test('a fault is told where it is, and what belongs there', t => {
  const cases: [label: string, text: string, want: RegExp][] = [
    [
      'the line that lacks its semicolon',
      '$NTTL = 3 # three\n\n$PTTL = 5;',
      /^x:1:10: found the end of the line, expected ";"/,
    ],
    ['in front of the last 1', '$NTTL = 3\n1;', /^x:1:10: /],
    ['typographic quotes', '$USER = \u201cmail\u201d;', /^x:1:9: found ".mail.", expected a plain quote/],
    ['a blank that does not break', '$USER =\u00a0"mail";', /^x:1:8: .* expected a plain blank/],
    ['code', 'if (1) { }', /^x:1:1: found "if", expected an assignment.* data, and code in it is not run/],
    [
      'a name that stands for nothing',
      '$USER = $USR;',
      /^x:1:9: \$USER: found "\$USR", expected .* did you mean \$USER\?/,
    ],
    ['a list in a text', '$USER = "$helo_score";', /@helo_score is a list/],
    ['a text in a sum', "$NTTL = 1 + 'x';", /^x:1:13: \$NTTL: found "'x'", expected a number/],
    ['nothing divides by 0', '$NTTL = 1 / 0;', /^x:1:13: /],
    ['the bad key of a list is cut', `@rhsbl_score = ('${'k'.repeat(300)}', 1, 0, 'A');`, /^.{0,260}$/],
  ]
  for (const [label, text, want] of cases)
    t.match(readConfiguration(text, 'x').findings.find(({ severity }) => severity === 'error')?.text, want, label)
  t.end()
})

/** A statement, what it sets, and the same statement with a slip in it. */
interface Setting {
  readonly name: string
  readonly good: string
  readonly bad: string
}

const random = randomFrom(15)

function pick<T>(all: readonly T[]): T {
  return all[random(all.length)] as T
}

function someSetting(name: string, kind: string): Setting {
  const sigil = ['score-pair', 'lists', 'zones', 'patterns', 'labels', 'names'].includes(kind) ? '@' : '$'
  const statement = (value: string): string =>
    pick([`${sigil}${name} = ${value};`, `   ${sigil}${name}=${value} ;  # ${name}`, `${sigil}${name} =\n\t${value};`])
  const [good, bad] = someValues(kind)
  return {
    name,
    good: statement(good),
    bad: pick([() => statement(bad), () => `${sigil}${name} = ${good}`, () => `${sigil}${name} = f(${good});`])(),
  }
}

/** A value that can be used, and one that cannot. */
function someValues(kind: string): readonly [good: string, bad: string] {
  const number = String(random(100) + 1)
  switch (kind) {
    case 'switch':
      return [pick(['0', '1', "'1'"]), 'qr/x/']
    case 'count':
      return [pick([number, `'${number}'`, `0x${random(9) + 1}`]), pick(["'x'", '-5', '1.5'])]
    case 'score':
    case 'seconds':
      return [pick([`${number}.25`, `'${number}'`]), pick(["'x'", '"1,5"', "''"])]
    case 'duration':
      return [pick([number, `'${number}m'`, `"${number}h"`]), pick(["'3 weeks'", "'h'"])]
    case 'score-pair':
      return [pick([`(${number}, -1.5)`, `(${number},0,)`, '(1.5, -2)']), pick(["('a', 1)", '(1, qr/a/)'])]
    case 'lists':
      return [
        `(\n  'a${number}.example', 1, 0, 'A', # a;\n  qw(b.example 2 -1 B),\n)`,
        pick(["('a.example', 1, 0)", "('a b', 1, 0, 'A')"]),
      ]
    case 'zones':
      return [
        `('bl${number}.example', 'ipv4 refused=127.0.0.1', 'b.example' => 'domain')`,
        pick(["('bl.example')", "('bl.example', 'x')"]),
      ]
    case 'labels':
      return [`('A${number}', "B")`, pick(["('a b')", "('')"])]
    case 'names':
      return [`('192.0.2.${number}', '2001:db8::${number}', 'example.org')`, pick(["('a b')", "('x')"])]
    case 'patterns':
      return [`(qr/^a${number}\\./i)`, '(qr/(a/)']
    case 'message':
      return [pick([`'550 No ${number}; "never"'`, `"450 4.7.1 Later ${number}"`]), pick(["''", 'undef'])]
    case 'words':
      return [`'192.0.2.${number}'`, '"\\x07"']
    default:
      return ["'0644'", '"\\x07"']
  }
}

t.test('whichever value is broken, all others are in force', t => {
  // Of one that may be empty, or has to be an address, one of a few words or a file with a key, other values are broken than of
  // those of its kind.
  const parameters = PARAMETER_TOPICS.flatMap((topic): readonly Parameter[] => topic.parameters).filter(
    ({ kind, emptyAllowed, address, oneOf, key }) =>
      !(kind === 'message' && emptyAllowed) && !address && !oneOf && !key,
  )
  for (let round = 0; round < 150; round++) {
    const chosen = parameters.filter(() => random(4) === 0)
    const settings = chosen.map(({ name, kind }) => someSetting(name, kind))
    if (settings.length < 2) continue
    const whole = readConfiguration(settings.map(({ good }) => good).join('\n'), 'x')
    t.same(
      whole.findings.filter(({ severity }) => severity === 'error'),
      [],
      'nothing is wrong with the whole',
    )
    const broken = random(settings.length)
    const text = settings.map(({ good, bad }, index) => (index === broken ? bad : good)).join('\n')
    const { config, findings } = readConfiguration(text, 'x')
    const name = settings[broken]?.name as keyof Config
    // A last statement needs no semicolon.
    if (!findings.some(({ severity }) => severity === 'error')) {
      t.equal(broken, settings.length - 1)
      continue
    }
    const others = (Object.keys(config) as (keyof Config)[]).filter(
      each => ![name, 'configError', 'CACHEREJECTMSG', 'SPATH', 'GROUP'].includes(each),
    )
    const differing = others.filter(each => JSON.stringify(config[each]) !== JSON.stringify(whole.config[each]))
    t.same(differing, [], text)
    const unusable: Partial<Config> = { ...builtinConfig(), ...REJECTS_NOTHING }
    const base = name in REJECTS_NOTHING ? unusable[name] : builtinConfig()[name]
    if (!['CACHEREJECTMSG', 'SPATH', 'GROUP'].includes(name)) t.same(config[name], base, `${name}: ${text}`)
    t.match(config.configError, `${name} due to config-error`)
  }
  t.end()
})
