import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { renderDefaults } from '../../src/cli/defaults.ts'
import { showConfiguration } from '../../src/cli/show-config.ts'
import type { KeySource } from '../../src/config/key-ring.ts'
import { loadConfig } from '../../src/config/load.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../src/config/read.ts'
import { FORMS } from '../config/perl-forms.ts'
import { EXECUTABLE } from '../../testkit/executable.ts'

const TEXT = { changed: false, json: false }
const CHANGED = { changed: true, json: false }

function show(text: string, options = CHANGED): string {
  return showConfiguration({ ...readConfiguration(text, 'x.conf'), path: 'x.conf' }, options).text
}

t.test('what differs from the defaults, and the line that says so', t => {
  const text = `$REJECTLEVEL = 2.5;
$NTTL = 1;
@helo_score = (1, "-2.5"); push @dnsbl_checks_only_regexps, qr{a/b\\.\\Qc.\\E}i, 'd$e';
$REJECTMSG = "550 don't\\t\\$\\x{e4}";
$PTIME = 5400;
@rhsbl_score = (
  'BL.example=127.0.0.[2;4..6]', 3, -1.5, 'MY BL');
`
  t.equal(
    show(text),
    `# x.conf: 7 of 118 parameters differ from their defaults in the profile 'classic'
$REJECTLEVEL = 2.5; # x.conf:1
$REJECTMSG = "550 don't\\x{9}\\$\\x{e4}"; # x.conf:4
@rhsbl_score = (
  'bl.example=127.0.0.[2;4..6]', 3, -1.5, 'MY BL',
); # x.conf:6
@dnsbl_checks_only_regexps = (qr!a/b\\.c\\.!i, qr'd$e'); # x.conf:3
@helo_score = (1, -2.5); # x.conf:3
$CACHEREJECTMSG = "550 don't\\x{9}\\$\\x{e4} [cached]"; # follows $REJECTMSG
$PTIME = '90m'; # x.conf:5
`,
  )
  t.end()
})

t.test('all of it, in the order of defaults', t => {
  const text = show('$NTTL = 1;', TEXT)
  const names = (file: string): string[] => file.match(/^[$@]\w+/gm) ?? []
  t.same(names(text), names(renderDefaults({ profile: 'classic', isFull: true })))
  t.match(text, /^\$NTTL = 1; # x\.conf:1$/m, 'a default that is set has a place')
  t.match(text, /^\$PTTL = 60;$/m)
  t.end()
})

t.test('what is printed is the same configuration when it is read again', t => {
  const texts = [...FORMS.map(({ text }) => text), renderDefaults({ profile: 'classic', isFull: true })]
  for (const pattern of [
    'it\'s/a!b,c%d~e"f;g:h',
    '\\/',
    "a\\'b",
    '\\Qx',
    '$',
    'a$|b$',
    '@x',
    '[$@%]',
    'x # y',
    '\u00e4',
  ])
    texts.push(`my $p = '${pattern.replace(/[\\']/g, '\\$&')}'; @dnsbl_checks_only_regexps = ($p, qr/x$p/i);`)
  for (const text of texts) {
    const { config } = readConfiguration(text, 'x.conf')
    for (const options of [TEXT, CHANGED]) {
      const again = readConfiguration(show(text, options), 'y.conf')
      t.same(
        again.findings.filter(({ severity }) => severity === 'error'),
        [],
        text,
      )
      // A pattern may be written another way, and means the same.
      const { dnsbl_checks_only_regexps: _, ...rest } = again.config
      const { dnsbl_checks_only_regexps: patterns, ...want } = config
      t.same(rest, want, text)
      t.equal(again.config.dnsbl_checks_only_regexps.length, patterns.length, text)
    }
  }
  t.end()
})

t.test('a key out of a file is not shown, and what is printed is the same configuration all the same', t => {
  const key = 'ABCDEFGHIJ0123456789'
  const source: KeySource = { open: () => ({ kind: 'key', key, remark: undefined }) }
  const text = `$DQS_KEY_FILE = '/k'; @dnsbl_score = ("$DQS_KEY.zen.dq.spamhaus.net=127.0.0.2", 1, 0, 'A@$b');`
  const read = readConfiguration(text, 'x.conf', source)
  const loaded = { ...read, path: 'x.conf', keys: new Map([['DQS_KEY', key]] as const) }
  for (const options of [TEXT, CHANGED]) {
    const printed = showConfiguration(loaded, options).text
    t.notMatch(printed.toLowerCase(), key.toLowerCase())
    t.match(printed, `"$DQS_KEY.zen.dq.spamhaus.net=127.0.0.2", 1, 0, 'A@$b'`)
    t.same(readConfiguration(printed, 'y.conf', source).config, read.config)
  }
  t.match(show(text), `"$DQS_KEY.zen.dq.spamhaus.net=127.0.0.2", 1, 0, 'A@$b'`, 'nor one that is not there')
  const json = showConfiguration(loaded, { changed: true, json: true }).text
  t.notMatch(json.toLowerCase(), key.toLowerCase())
  t.match(JSON.parse(json).parameters[1].value, [{ host: '$DQS_KEY.zen.dq.spamhaus.net=127.0.0.2' }])
  t.end()
})

t.test('a file with an error: what serves, and status 78', t => {
  const loaded = { ...readConfiguration("$NTTL = 'x';\n$REJECTLEVEL = 'x';\n$PTTL = 5;", 'x'), path: 'x' }
  const { text, status } = showConfiguration(loaded, TEXT)
  t.equal(status, 78)
  t.match(text, /^# x: 2 of 118 .*; default for \$NTTL, \$REJECTLEVEL due to config-error\n/)
  t.match(text, /^\$NTTL = 1; # x:1 cannot be used$/m)
  t.match(text, /^\$REJECTLEVEL = 1e\+15; # x:2 cannot be used$/m)
  t.match(text, /^\$PTTL = 5; # x:3$/m)
  t.equal(readConfiguration(text, 'y').config.REJECTLEVEL, 1e15)
  const refused = { config: builtinConfig({ faulty: true }), path: 'x', findings: [], origins: new Map() }
  t.equal(showConfiguration(refused, CHANGED).text, '# x is not used: the defaults serve\n')
  const none = { config: builtinConfig(), path: undefined, findings: [], origins: new Map() }
  t.equal(showConfiguration(none, CHANGED).text, '# no configuration file: the defaults serve\n')
  t.end()
})

t.test('as JSON', async t => {
  const file = join(t.testdir(), 'conf')
  writeFileSync(file, "\n$NTTL = 7;\n@rhsbl_score = ('a.example=127.0.0.2', 1, 0, 'A');\n$PTTL = 'x';")
  const loaded = await loadConfig({ file, withOrigins: true })
  const shown = JSON.parse(showConfiguration(loaded, { changed: true, json: true }).text)
  t.same(shown, {
    file,
    fileIsUsed: true,
    parameters: [
      {
        name: '@rhsbl_score',
        value: [{ host: 'a.example=127.0.0.2', hit: 1, miss: 0, label: 'A' }],
        isDefault: false,
        line: 3,
        isUnusable: false,
      },
      { name: '$NTTL', value: 7, isDefault: false, line: 2, isUnusable: false },
    ],
  })
  const all = JSON.parse(showConfiguration(loaded, { changed: false, json: true }).text)
  t.equal(all.parameters.length, 118)
  t.match(
    all.parameters.find(({ name }: { name: string }) => name === '$PTTL'),
    { value: 60, isDefault: true, line: 4, isUnusable: true },
  )
})

t.test('the command', t => {
  const folder = t.testdir({ good: '$NTTL = 3;\n', bad: '$NTTL = ;\n' })
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [EXECUTABLE, ...args], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } })
  const good = run('-f', join(folder, 'good'), 'config', '--changed')
  t.match(good, { status: 0, stderr: '', stdout: `$NTTL = 3; # ${join(folder, 'good')}:1\n` })
  t.equal(good.stdout.split('\n').length, 3)
  t.equal(JSON.parse(run('-f', join(folder, 'good'), 'config', '--changed', '--json').stdout).parameters.length, 1)
  t.match(run('-f', join(folder, 'bad'), 'config'), {
    status: 78,
    stderr: /bad:1:9: error: /,
    stdout: /^\$NTTL = 1; # /m,
  })
  t.match(run('config', '--chnged'), { status: 64 })
  t.match(run('-h'), { status: 0, stdout: /config +print the configuration that serves.*--changed/s })
  t.end()
})
