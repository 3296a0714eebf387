/**
 * `policyd-weight exempt`: what it writes, what it refuses, what it leaves as it is.
 */
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { limitsOf } from '../../../src/cache/cache.ts'
import { openStore } from '../../../src/cache/store.ts'
import { type ExemptOptions, exempt } from '../../../src/cli/exempt/exempt.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { verdictHash } from '../../../src/config/verdict-hash.ts'
import { CACHE_FILE_NAME } from '../../../src/serve.ts'
import { socketFolder } from '../../../testkit/daemon-process.ts'
import { EXECUTABLE } from '../../../testkit/executable.ts'
import { testNative } from '../../../testkit/native.ts'
import { configurationText, inEmptyEnvironment } from '../../../testkit/policy-process.ts'

const NOW = Date.UTC(2026, 10, 29, 12)

function setUp(t: Test, text?: string) {
  // Not below a directory that anybody but us decides about.
  const folder = socketFolder(t)
  chmodSync(folder, 0o755)
  const path = join(folder, 'e')
  if (text !== undefined) writeFileSync(path, text, { mode: 0o644 })
  const config = builtinConfig({ EXCEPTIONS: path, LOCKPATH: `${folder}/cache/` })
  mkdirSync(join(folder, 'cache'))
  const run = (options: ExemptOptions, width?: number, configuration?: string) =>
    exempt(options, { loaded: { config, path: configuration }, native: testNative(), nowMs: NOW, width })
  return { folder, path, config, run, read: () => readFileSync(path, 'utf8') }
}

const FILE = `# Who is who.

192.0.2.0/24\tACCEPT   # friends
.example.org ACCEPT until=2026-11-01 # it is over
 foo bar
192.0.2.7 SKIP
192.0.2.7/32 DRY # the last one counts
sender:.example.com ACCEPT`

t.test('what it writes', async t => {
  const cases: readonly (readonly [label: string, options: ExemptOptions, want: (text: string) => string])[] = [
    [
      'a new one, behind a last line without an end',
      { who: 'Mail.Example.net' },
      text => `${text}\nmail.example.net ACCEPT\n`,
    ],
    [
      'with everything',
      { who: '2001:DB8::/32', action: 'dry', until: '30d', note: ' ticket 4711 ' },
      text => `${text}\n2001:db8::/32 DRY until=2026-12-29 # ticket 4711\n`,
    ],
    [
      'until a day',
      { who: 'helo:friend', until: '2027-01-31' },
      text => `${text}\nhelo:friend ACCEPT until=2027-01-31\n`,
    ],
    [
      'in the place of another',
      { who: '192.0.2.0/24', action: 'SKIP' },
      text => text.replace('192.0.2.0/24\tACCEPT   # friends', '192.0.2.0/24 SKIP # friends'),
    ],
    [
      'in the place of one that is over',
      { who: '.example.org', until: '4w', note: 'again' },
      text => text.replace('until=2026-11-01 # it is over', 'until=2026-12-27 # again'),
    ],
    [
      'of two the one that counts',
      { who: '192.0.2.7' },
      text => text.replace('192.0.2.7 SKIP\n', '').replace('192.0.2.7/32 DRY', '192.0.2.7 DRY'),
    ],
    ['one that says so already, to the byte', { who: '192.0.2.0/24', action: 'ACCEPT', note: 'friends' }, text => text],
    ['taken away', { remove: '192.0.2.0/24' }, text => text.replace('192.0.2.0/24\tACCEPT   # friends\n', '')],
    [
      'both taken away',
      { remove: '192.0.2.7' },
      text => text.replace('192.0.2.7 SKIP\n192.0.2.7/32 DRY # the last one counts\n', ''),
    ],
    ['the last line', { remove: 'sender:.example.com' }, text => text.replace('\nsender:.example.com ACCEPT', '')],
  ]
  for (const [label, options, want] of cases) {
    const { run, read } = setUp(t, FILE)
    const { text, status } = run(options)
    t.equal(status, 0, `${label}: ${text}`)
    t.equal(read(), want(FILE), label)
  }
})

t.test('what is not named of an exception that there is stays as it was', async t => {
  const cases: readonly (readonly [
    label: string,
    before: string,
    options: ExemptOptions,
    after: string,
    said: RegExp,
  ])[] = [
    ['nothing is named', 'DRY until=2026-12-24 # a', {}, 'DRY until=2026-12-24 # a', /\n {2}as before\n/],
    [
      'the action',
      'ACCEPT until=2026-12-24 # a',
      { action: 'dry' },
      'DRY until=2026-12-24 # a',
      /\n {2}changed: action from ACCEPT to DRY\n/,
    ],
    [
      'the end',
      'SKIP until=2026-12-24 # a',
      { until: '2w' },
      'SKIP until=2026-12-13 # a',
      /\n {2}changed: until from 2026-12-24 to 2026-12-13\n.*\n {2}not scored\n/,
    ],
    ['no end', 'SKIP until=2026-12-24 # a', { until: 'never' }, 'SKIP # a', /until from 2026-12-24 to never\n/],
    ['the note', 'SKIP # a', { note: ' b ' }, 'SKIP # b', /\n {2}changed: note from "a" to "b"\n/],
    ['no note', 'SKIP until=2026-12-24 # a', { note: '' }, 'SKIP until=2026-12-24', /note from "a" to none\n/],
    [
      'everything',
      'DRY',
      { action: 'ACCEPT', until: '2027-01-31', note: 'b' },
      'ACCEPT until=2027-01-31 # b',
      /changed: action from DRY to ACCEPT; until from never to 2027-01-31; note from none to "b"\n/,
    ],
    [
      'two lines, of which the first did not count',
      'SKIP # a\n192.0.2.7 DRY # b',
      { until: '2027-01-31' },
      'DRY until=2027-01-31 # b',
      /until from never to 2027-01-31\n {2}removed, for it did not count: 192\.0\.2\.7 SKIP # a\n/,
    ],
    ['a new end of one that is over', 'DRY until=2026-11-01', { until: '1d' }, 'DRY until=2026-11-30', /2026-11-01 to/],
    ['no end of one that is over', 'DRY until=2026-11-01', { until: 'never' }, 'DRY', /2026-11-01 to never/],
  ]
  for (const [label, before, options, after, said] of cases) {
    const { run, read } = setUp(t, `192.0.2.7 ${before}\n`)
    const { text, status } = run({ who: '192.0.2.7', ...options })
    t.equal(status, 0, `${label}: ${text}`)
    t.equal(read(), `192.0.2.7 ${after}\n`, label)
    t.match(text, said, label)
    t.ok(text.includes(`: 192.0.2.7 ${after}\n`), `${label}: the line as it stands`)
  }
  const over = '192.0.2.7 DRY until=2026-11-01 # a\n'
  const { run, read } = setUp(t, over)
  for (const options of [{}, { action: 'ACCEPT' }, { note: 'b' }])
    t.match(run({ who: '192.0.2.7', ...options }), { status: 64, text: /until 2026-11-01, which is over; --until 30d/ })
  t.equal(read(), over, 'an end that is over is not kept in silence, nor dropped')
  t.notMatch(setUp(t).run({ who: '192.0.2.7' }).text, /as before|changed/, 'a new one has nothing that stays')
})

t.test('WHO as people type it', async t => {
  const taken: readonly (readonly [typed: string, want: string])[] = [
    [' 192.0.2.9\n', '192.0.2.9 ACCEPT\n'],
    ['[192.0.2.9]', '192.0.2.9 ACCEPT\n'],
    ['mail.example.net.', 'mail.example.net ACCEPT\n'],
  ]
  for (const [typed, want] of taken) {
    const { run, read } = setUp(t, '')
    t.equal(run({ who: typed }).status, 0, typed)
    t.equal(read(), want, typed)
  }
  const refused: readonly (readonly [typed: string, want: RegExp])[] = [
    ['192.0.2.9 ACCEPT', /is more than one word/],
    ['192.0.2.*', /perhaps 192\.0\.2\.0\/24\?/],
    ['192.0', /perhaps 192\.0\.0\.0\/16\?/],
    ['192.0.2.9.', /perhaps 192\.0\.2\.9\?/],
    ['*.example.net', /perhaps \.example\.net\?/],
    ['7QK2M0XN4B', /why 7QK2M0XN4B says which/],
    ['550 5.7.1 x; ref 7QK2M0XN4B', /why 7QK2M0XN4B says which/],
    ['@example.com', /sender:\.example\.com or recipient:\.example\.com/],
    ['info@', /is an address of mail: recipient:info@/],
    ['sender:example.com', /or \.example\.com with all below/],
    [' ', /^WHO is empty/],
    ['list', /exempt alone lists/],
  ]
  for (const [typed, want] of refused) {
    const { run, read } = setUp(t, '')
    t.match(run({ who: typed }), { status: 64, text: want }, typed)
    t.equal(read(), '', `${typed}: nothing is written`)
  }
})

t.test('it says whom an exception is for', async t => {
  const cases: readonly (readonly [options: ExemptOptions, want: RegExp])[] = [
    [
      { who: 'example.com' },
      /\n {2}for clients whose .* is example\.com:\n {2}scored, .*\n.*exempt sender:\.example\.com\n$/,
    ],
    [{ who: '.example.com', action: 'SKIP' }, /is example\.com or ends in \.example\.com:\n {2}not scored\n/],
    [{ who: '192.0.2.0/24' }, /\n {2}for clients in 192\.0\.2\.0\/24:\n.*\n$/],
    [{ who: '192.0.2.7' }, /\n {2}for the client 192\.0\.2\.7:\n/],
    [{ who: 'helo:friend' }, /HELO friend, whoever they are:\n/],
    [{ who: 'recipient:info@', action: 'DRY' }, /mail to info@ of any domain:\n.*the header says/],
    [{ who: 'sender:.example.com' }, /from addresses in example\.com and all below, where SPF or DNS .* theirs:\n/],
    [{ who: 'sender!:a@example.com' }, /mail from a@example\.com, whoever sends it:\n/],
  ]
  for (const [options, want] of cases) t.match(setUp(t).run(options).text, want, `${options.who}`)
})

t.test('commands that it names are about the configuration that was named', async t => {
  const long = `/etc/${'x'.repeat(80)}/b.conf`
  const cases: readonly (readonly [options: ExemptOptions, configuration: string, want: RegExp])[] = [
    [{ who: '7QK2M0XN4B' }, '/etc/b.conf', /: policyd-weight -f \/etc\/b\.conf why 7QK2M0XN4B says/],
    [{ who: 'example.com' }, '/etc/b.conf', /: policyd-weight -f \/etc\/b\.conf exempt sender:\.example\.com\n$/],
    [{}, '/etc/b.conf', /1 line not used:\s+policyd-weight -f \/etc\/b\.conf check\n$/],
    [{}, long, /1 line not used:\n {2}policyd-weight -f \/etc\/x{80}\/b\.conf check\n$/],
  ]
  for (const [options, configuration, want] of cases)
    t.match(setUp(t, FILE).run(options, 80, configuration).text, want, `${JSON.stringify(options)} ${configuration}`)
})

t.test('a file that is not there is made, and everybody may read it', async t => {
  const { run, path, read, folder } = setUp(t)
  const before = process.umask(0o077)
  t.equal(run({ who: '192.0.2.7' }).status, 0)
  t.equal(process.umask(before), 0o077)
  t.equal(read(), '192.0.2.7 ACCEPT\n')
  t.equal(statSync(path).mode & 0o7777, 0o644)
  t.same(readdirSync(folder).sort(), ['cache', 'e'], 'nothing is left behind')
})

t.test('owner, mode and links stay', async t => {
  const { run, path, folder } = setUp(t)
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real', 'list'), '# mine\n', { mode: 0o640 })
  symlinkSync('real/list', path)
  t.equal(run({ who: '192.0.2.7' }).status, 0)
  t.ok(lstatSync(path).isSymbolicLink())
  t.equal(readFileSync(join(folder, 'real', 'list'), 'utf8'), '# mine\n192.0.2.7 ACCEPT\n')
  t.equal(statSync(path).mode & 0o7777, 0o640)
})

t.test('a link to a file that is not there yet stays, too', t => {
  const { run, path, folder } = setUp(t)
  mkdirSync(join(folder, 'real'))
  symlinkSync('real/none', join(folder, 'one'))
  symlinkSync('one', path)
  t.equal(run({ who: '192.0.2.7' }).status, 0)
  t.ok(lstatSync(path).isSymbolicLink())
  t.equal(readFileSync(join(folder, 'real', 'none'), 'utf8'), '192.0.2.7 ACCEPT\n')
  rmSync(path)
  symlinkSync('nowhere/list', path)
  t.match(run({ who: '192.0.2.7' }), { status: 73, text: /ENOENT/ }, 'into no directory')
  t.end()
})

t.test('what it refuses, before anything is touched', async t => {
  const cases: readonly (readonly [options: ExemptOptions, status: number, text: RegExp])[] = [
    [{ who: '192.0.2.5/24' }, 64, /the network is 192\.0\.2\.0\/24/],
    [{ who: 'a@example.org' }, 64, /sender:a@example\.org or recipient:a@example\.org/],
    [{ who: '' }, 64, /WHO is empty/],
    [{ who: '192.0.2.5', action: 'OK' }, 64, /"OK" is no action/],
    [{ who: '192.0.2.5', until: 'tomorrow' }, 64, /a day like 2027-01-31, a span like 30d or 4w, or never/],
    [{ who: '192.0.2.5', until: '2026-11-28' }, 64, /is over/],
    [{ who: '192.0.2.5', until: '99999d' }, 64, /a day like/],
    [{ who: '192.0.2.5', note: 'a\n0.0.0.0/0 ACCEPT' }, 64, /one line/],
    [{ until: '30d' }, 64, /need a WHO/],
    [{ who: '192.0.2.5', remove: '192.0.2.5' }, 64, /stands alone/],
    [{ remove: '192.0.2.5' }, 69, /there is no exception for 192\.0\.2\.5/],
  ]
  for (const [options, status, text] of cases) {
    const { run, path } = setUp(t)
    const got = run(options)
    t.equal(got.status, status, JSON.stringify(options))
    t.match(got.text, text)
    t.notMatch(got.text, /[^ -~\n]/)
    t.notOk(existsSync(path))
  }
  const { run, path, read } = setUp(t, FILE)
  chmodSync(path, 0o664)
  t.match(run({ who: '192.0.2.5' }), { status: 73, text: /others may write to this file/ })
  t.equal(read(), FILE)
  t.match(run({}), { status: 73, text: /chmod go-w/ })
})

t.test('the list, in 80 columns', async t => {
  const long = `recipient:${'a'.repeat(60)}@${'b'.repeat(40)}.example`
  const { run, config } = setUp(t, `${FILE}\n${long} ACCEPT # ${'word '.repeat(20)}\n192.0.2.9 ACCEPT # \x1b[31mred\n`)
  const store = openStore({
    directory: config.LOCKPATH,
    fileName: CACHE_FILE_NAME,
    limits: limitsOf(config),
    configuration: verdictHash(config),
    native: testNative(),
    nowMs: () => NOW,
    warn: () => {},
  })
  if (store.kind !== 'store') throw new Error(store.why)
  store.transact(({ exceptions }) => exceptions.set('192.0.2.0/24', { count: 12, seenSeconds: NOW / 1000 - 7200 }))
  store.close()
  const { text, status } = run({})
  t.equal(status, 0)
  const lines = text.split('\n')
  t.match(lines[0], /^WHO +ACTION +UNTIL +USES +LAST USE +NOTE$/)
  t.match(text, /^192\.0\.2\.0\/24 +ACCEPT +- +12 +2 h ago +friends$/m)
  t.match(text, /^\.example\.org +ACCEPT +2026-11-01 over +0 +- +it is over$/m)
  t.match(text, /: 6 exceptions, 1 over, 1 line not used: policyd-weight check\n$/s)
  t.notMatch(text, /[^ -~\n]/)
  t.same(
    lines.filter(line => line.length > 80),
    [],
  )
  t.ok(text.replace(/\n +/g, '').includes(long), 'nothing is cut off')
  t.match(text, /^ {4}# word word /m, 'a long note stands below')
  const json = JSON.parse(run({ json: true }).text)
  t.match(json, {
    faults: 1,
    exceptions: [
      {
        who: '192.0.2.0/24',
        action: 'ACCEPT',
        until: null,
        over: false,
        note: 'friends',
        line: 3,
        uses: 12,
        lastUse: '2026-11-29T10:00:00.000Z',
      },
    ],
  })
  const none = setUp(t)
  t.match(none.run({}).text, /\/e: 0 exceptions\n$/)
})

t.test('several at once lose nothing', async t => {
  const { folder, path, read } = setUp(t, '# begin\n')
  const conf = join(folder, 'conf')
  writeFileSync(conf, configurationText({ EXCEPTIONS: path, LOCKPATH: `${folder}/cache/` }))
  const run = async (words: readonly string[]): Promise<string> => {
    const { file, args, env } = inEmptyEnvironment([process.execPath, EXECUTABLE, '-f', conf, 'exempt', ...words])
    return (await promisify(execFile)(file, [...args], { env })).stdout
  }
  const clients = Array.from({ length: 12 }, (_, index) => `192.0.2.${index}`)
  const printed = await Promise.all(clients.map(client => run([client, '--note', 'at once'])))
  t.match(printed[0], /\/e: 192\.0\.2\.0 ACCEPT # at once\n/)
  t.same(read().trim().split('\n').sort(), ['# begin', ...clients.map(client => `${client} ACCEPT # at once`)].sort())
  t.match(await run([]), /\n192\.0\.2\.11 +ACCEPT .*12 exceptions\n$/s)
  await t.rejects(run(['192.0.2.5/24']), { code: 64, stderr: /^policyd-weight: "192\.0\.2\.5\/24" has bits set/ })
})
