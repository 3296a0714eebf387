/** Keys of subscribers that a file holds: where they get, and where not; what serves without one. */
import { chmodSync, chownSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { SETTLED_MS } from '../../src/config/kept.ts'
import { KeyFiles } from '../../src/config/key-files.ts'
import type { KeySource } from '../../src/config/key-ring.ts'
import { loadConfig } from '../../src/config/load.ts'
import { readConfiguration } from '../../src/config/read.ts'

const KEY = 'abcdefghij0123456789klmnop'
const IS_ROOT = process.geteuid?.() === 0

/** `/dqs` and `/abusix` hold keys, nothing else does. */
const KEYS: KeySource = {
  open: (_, path) =>
    path === '/dqs' || path === '/abusix'
      ? { kind: 'key', key: path === '/dqs' ? KEY.toUpperCase() : 'ABUSIX00KEY', remark: undefined }
      : { kind: 'no-key', expected: 'a file with a key in it' },
}
const SET = "$DQS_KEY_FILE = '/dqs';"

t.test('where a key gets', t => {
  const zen = `${KEY}.zen.dq.spamhaus.net`
  const cases: [label: string, text: string, wantHosts: string[]][] = [
    ['in quotes', `${SET} @dnsbl_score = ("$DQS_KEY.zen.dq.spamhaus.net", 1, 0, 'A');`, [zen]],
    [
      'with braces and a filter',
      `${SET} @dnsbl_score = ("\${DQS_KEY}.zen.dq.spamhaus.net=127.0.0.2", 1, 0, 'A');`,
      [zen],
    ],
    ['joined', `${SET} @dnsbl_score = ($DQS_KEY . '.zen.dq.spamhaus.net', 1, 0, 'A');`, [zen]],
    ['by a name of its own', `${SET} my $z = "$DQS_KEY.zen.dq.spamhaus.net"; @dnsbl_score = ($z, 1, 0, 'A');`, [zen]],
    ['added', `${SET} @dnsbl_score = (); push @dnsbl_score, ("$DQS_KEY.zen.dq.spamhaus.net", 1, 0, 'A');`, [zen]],
    [
      'both',
      `${SET} $ABUSIX_KEY_FILE = '/abusix';
       @dnsbl_score = ("$ABUSIX_KEY.combined.mail.abusix.zone", 1, 0, 'B', "$DQS_KEY.zen.dq.spamhaus.net", 1, 0, 'A');`,
      ['abusix00key.combined.mail.abusix.zone', zen],
    ],
    [
      'one that the file itself sets',
      "my $DQS_KEY = 'own'; @dnsbl_score = (\"$DQS_KEY.zen.dq.spamhaus.net\", 1, 0, 'A');",
      ['own.zen.dq.spamhaus.net'],
    ],
    ['set again', `my $DQS_KEY = 'own'; ${SET} @dnsbl_score = ("$DQS_KEY.zen.dq.spamhaus.net", 1, 0, 'A');`, [zen]],
  ]
  for (const [label, text, want] of cases) {
    const { config, findings } = readConfiguration(text, 'x', KEYS)
    t.strictSame(
      config.dnsbl_score.map(({ host }) => host),
      want,
      label,
    )
    t.strictSame(
      findings.filter(({ severity }) => severity === 'error'),
      [],
      label,
    )
    t.equal(config.configError, '', label)
  }
  t.end()
})

t.test('a key in single quotes is none: told where, and with what helps', async t => {
  const behind = `, 3, 0, 'A');`
  const cases: [label: string, text: string, want: RegExp][] = [
    ['single quotes', `@dnsbl_score = ('$DQS_KEY.zen.dq.spamhaus.net=127.0.0.2'${behind}`, /^x:2:18: /],
    [
      'braces',
      `@rhsbl_score = ('\${DQS_KEY}.dbl.dq.spamhaus.net'${behind}`,
      /^x:2:18: .*"\$\{DQS_KEY\}\.\.\." in double/,
    ],
    ['q()', `@dnsbl_score = (q($DQS_KEY.zen.dq.spamhaus.net)${behind}`, /^x:2:19: /],
    ['qw()', `@dnsbl_score = qw($DQS_KEY.zen.dq.spamhaus.net 3 0 A);`, /^x:2:19: /],
    ['joined', `@dnsbl_score = ('$DQS_KEY' . '.zen.dq.spamhaus.net'${behind}`, /^x:2:17: /],
    ['by a name of its own', `my $z = '$DQS_KEY.zen.dq.spamhaus.net';\n@dnsbl_score = ($z${behind}`, /^x:3:17: /],
    ['another name', `my $zone = 'a.test'; @dnsbl_score = ('bl.$zone'${behind}`, /"\$zone\.\.\." in double quotes/],
  ]
  for (const [label, text, want] of cases) {
    const { findings } = readConfiguration(`${SET}\n${text}`, 'x', KEYS)
    const told = findings
      .filter(({ severity }) => severity === 'error')
      .map(({ file, position, message }) => `${file}:${position?.line}:${position?.column}: ${message}`)
    t.equal(told.length, 1, label)
    t.match(told[0], want, label)
    t.match(
      told[0],
      /expected "\$.*\.\.\." in double quotes: '\.\.\.', q\(\) and qw\(\) put nothing in the place of \$/,
      label,
    )
  }
})

t.test('a list without its key is told, not asked, and scores as one that lists nobody', t => {
  const list = `@dnsbl_score = ("$DQS_KEY.zen.dq.spamhaus.net=127.0.0.2", 3, -1.5, 'A', 'b.example', 2, 0, 'B');`
  const unkeyed = 'zen.dq.spamhaus.net..no-key'
  const cases: [label: string, text: string, wantHost: string, wantFindings: RegExp[]][] = [
    [
      'no file is named',
      list,
      unkeyed,
      [
        /^x:1:17: @dnsbl_score: found ""\$DQS_KEY\.zen\.dq.*, expected \$DQS_KEY_FILE above this, .*; the list is not asked$/,
      ],
    ],
    ['it is named below', `${list}\n${SET}`, unkeyed, [/^x:1:17: .* expected \$DQS_KEY_FILE above this/]],
    [
      'the file has none',
      `$DQS_KEY_FILE = '/x';\n${list}`,
      unkeyed,
      [
        /^x:1:17: \$DQS_KEY_FILE: found "'\/x'", expected a file with a key in it$/,
        /^x:2:17: @dnsbl_score: ""\$DQS_KEY\.zen.*"" is not asked: \$DQS_KEY_FILE has no key$/,
      ],
    ],
    ['the file is taken back', `${SET} $DQS_KEY_FILE = '';\n${list}`, unkeyed, [/^x:2:17: /]],
    [
      'it is the other key',
      `${SET}\n${list.replace('DQS', 'ABUSIX')}`,
      'misplaced..no-key',
      [/^x:2:17: .* under mail\.abusix\.zone/],
    ],
    [
      'another operator would see it',
      `${SET}\n${list.replace('.dq.spamhaus.net', '.example.net')}`,
      'misplaced..no-key',
      [/^x:2:17: .*expected "\$DQS_KEY\." in front of a list under dq\.spamhaus\.net: nobody else is to see that key/],
    ],
    [
      'it is no label of its own',
      `${SET}\n${list.replace('$DQS_KEY', () => `$${'{DQS_KEY}x'}`)}`,
      'default',
      [/^x:2:17: .*expected the host name of a list.* in "\$DQS_KEYzen\.dq/],
    ],
    [
      'added to twice, it is told once',
      `${list}\npush @dnsbl_score, ('c.example', 1, 0, 'C');\npush @dnsbl_score, ('d.example', 1, 0, 'D');`,
      unkeyed,
      [/^x:1:17: /],
    ],
  ]
  for (const [label, text, wantHost, wantFindings] of cases) {
    const { config, findings } = readConfiguration(text, 'x', KEYS)
    const [first, second] = config.dnsbl_score
    if (wantHost !== 'default') {
      t.strictSame([first?.host, first?.hit, first?.miss], [wantHost, 3, -1.5], label)
      t.equal(second?.host, 'b.example', label)
    }
    t.equal(findings.length, wantFindings.length, label)
    t.match(
      findings.map(({ text }) => text),
      wantFindings,
      label,
    )
    t.not(config.configError, '', label)
  }
  t.end()
})

t.test('nowhere else', t => {
  const cases = [
    '$REJECTMSG = "550 $DQS_KEY";',
    '$LOGFILE = "/$DQS_KEY";',
    '$NTTL = $DQS_KEY;',
    '$NS = "127.0.0.1 $DQS_KEY";',
    '@strong_lists = ("$DQS_KEY");',
    '@dnsbl_checks_only_regexps = (qr/$DQS_KEY/);',
    '@zone_codes = ("$DQS_KEY.dq.spamhaus.net", \'ipv4\');',
    '@helo_score = ($DQS_KEY, 1);',
    "@dnsbl_score = ('a.example', $DQS_KEY, 0, 'A');",
    '@dnsbl_score = (\'a.example\', 1, 0, "$DQS_KEY");',
    '@dnsbl_score = ("a.example=$DQS_KEY", 1, 0, \'A\');',
    '$DQS_KEY_FILE = "/$DQS_KEY";',
  ]
  for (const text of cases) {
    const { config, findings } = readConfiguration(`${SET} ${text}`, 'x', KEYS)
    t.equal(findings.filter(({ severity }) => severity === 'error').length, 1, text)
    t.notMatch(JSON.stringify([config, findings]).toLowerCase(), KEY, text)
    t.notMatch(JSON.stringify(config), /[\ufdd0\ufdd1]/, text)
  }
  t.end()
})

t.test('what file holds a key', t => {
  const folder = t.testdir({
    good: `${KEY}\nanother line\n`,
    blank: `  ${KEY} \r\n`,
    bare: KEY,
    empty: '',
    'first-line-empty': `\n${KEY}\n`,
    words: 'the key is abc\n',
    short: 'abc1234\n',
    long: `${'a'.repeat(64)}\n`,
    wide: KEY,
    open: KEY,
    folder: {},
  })
  for (const name of ['good', 'blank', 'bare']) chmodSync(join(folder, name), 0o640)
  chmodSync(join(folder, 'wide'), 0o644)
  chmodSync(join(folder, 'open'), 0o666)
  symlinkSync('good', join(folder, 'link'))
  const cases: [name: string, want: object][] = [
    ['good', { kind: 'key', key: KEY, remark: undefined }],
    ['blank', { kind: 'key', key: KEY }],
    ['bare', { kind: 'key', key: KEY }],
    ['link', { kind: 'key', key: KEY }],
    ['wide', { kind: 'key', key: KEY, remark: /more users .*: chmod 640/ }],
    ['open', { kind: 'no-key', expected: /not everybody may write to: chmod 640/ }],
    ['empty', { kind: 'no-key', expected: /first line, which is empty/ }],
    ['first-line-empty', { kind: 'no-key', expected: /first line, which is empty/ }],
    ['words', { kind: 'no-key', expected: /8 to 63 letters and digits/ }],
    ['short', { kind: 'no-key', expected: /8 to 63/ }],
    ['long', { kind: 'no-key', expected: /8 to 63/ }],
    ['folder', { kind: 'no-key', expected: /plain file/ }],
    ['missing', { kind: 'no-key', expected: /\(ENOENT\): write it there/ }],
  ]
  for (const [name, want] of cases) {
    const files = new KeyFiles(process.geteuid?.() ?? 0)
    t.match(files.open('DQS_KEY', join(folder, name)), want, name)
    const isKey = 'key' in want
    t.equal(files.sources.length, isKey ? 1 : 0, `${name}: made of it`)
    t.equal(files.isWhole, isKey, `${name}: may be kept`)
    t.equal(files.keys.get('DQS_KEY'), isKey ? KEY : undefined, name)
  }
  t.match(new KeyFiles(0).open('DQS_KEY', 'good'), { kind: 'no-key', expected: /path begins with \// })
  t.match(new KeyFiles(0).open('DQS_KEY', '/dev/zero'), { kind: 'no-key', expected: /plain file/ }, 'never ends')
  t.end()
})

t.test('root reads no key for another user', { skip: !IS_ROOT && 'takes root' }, t => {
  const folder = t.testdir({ theirs: KEY, ours: KEY })
  chownSync(join(folder, 'theirs'), 12345, 0)
  const open = (owner: number, name: string): string => new KeyFiles(owner).open('DQS_KEY', join(folder, name)).kind
  t.equal(open(12345, 'ours'), 'no-key', "root's key, a user's configuration")
  t.equal(open(12345, 'theirs'), 'key', 'his own')
  t.equal(open(0, 'theirs'), 'key', "root's configuration")
  t.end()
})

t.test('a daemon of systemd has it as a credential', t => {
  const folder = t.testdir({ 'dqs-key': KEY, own: 'another0key\n' })
  const { CREDENTIALS_DIRECTORY } = process.env
  t.teardown(() => {
    if (CREDENTIALS_DIRECTORY === undefined) delete process.env.CREDENTIALS_DIRECTORY
    else process.env.CREDENTIALS_DIRECTORY = CREDENTIALS_DIRECTORY
  })
  process.env.CREDENTIALS_DIRECTORY = folder
  const files = new KeyFiles(0)
  t.match(files.open('DQS_KEY', '/no/such/file'), { kind: 'key', key: KEY, remark: undefined })
  t.equal(files.isWhole, false, 'others have none, so it is not kept')
  t.match(new KeyFiles(0).open('DQS_KEY', join(folder, 'own')), { key: 'another0key' }, 'the file comes first')
  t.match(
    new KeyFiles(0).open('ABUSIX_KEY', '/no/such/file'),
    { kind: 'no-key', expected: /ENOENT/ },
    'of that there is none',
  )
  process.env.CREDENTIALS_DIRECTORY = '.'
  t.match(new KeyFiles(0).open('DQS_KEY', '/no/such/file'), { kind: 'no-key' }, 'a place that depends on the directory')
  t.end()
})

t.test('what is kept holds no key for who may not read it, and is made anew when the key changes', async t => {
  const folder = t.testdir({ conf: '', key: `${KEY}\n`, kept: {} })
  const [conf, key, place] = [join(folder, 'conf'), join(folder, 'key'), join(folder, 'kept', 'x.12345678.kept')]
  writeFileSync(conf, `$DQS_KEY_FILE = '${key}'; @dnsbl_score = ("$DQS_KEY.zen.dq.spamhaus.net", 1, 0, 'A');`)
  chmodSync(conf, 0o644)
  chmodSync(key, 0o640)
  chmodSync(join(folder, 'kept'), 0o755)
  const load = async (): Promise<{ host: string | undefined; outcome: string }> => {
    const { config, keep } = await loadConfig({ file: conf, keptPlaces: () => [place] })
    return { host: config.dnsbl_score[0]?.host, outcome: keep?.().kind ?? 'was kept' }
  }
  const [withKey, without] = [`${KEY}.zen.dq.spamhaus.net`, 'zen.dq.spamhaus.net..no-key']
  t.strictSame(await load(), { host: withKey, outcome: 'young' }, 'the key was written a moment ago')
  await setTimeout(SETTLED_MS + 100)
  t.strictSame(await load(), { host: withKey, outcome: 'kept' })
  t.equal(statSync(place).mode & 0o007, 0, 'not for others')
  t.ok(readFileSync(place, 'latin1').includes(KEY), 'it is in there')
  t.strictSame(await load(), { host: withKey, outcome: 'was kept' })
  chmodSync(key, 0o600)
  t.strictSame(await load(), { host: withKey, outcome: 'young' }, 'who may read the key has changed')
  writeFileSync(key, 'another0key')
  t.strictSame(await load(), { host: 'another0key.zen.dq.spamhaus.net', outcome: 'young' })
  rmSync(key)
  t.strictSame(await load(), { host: without, outcome: 'not-kept' }, 'that others may have it')
  await setTimeout(SETTLED_MS + 100)
  t.strictSame(await load(), { host: without, outcome: 'not-kept' })
})
