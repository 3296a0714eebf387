/** `why` and `explain` of the executable: a mail is refused, looked up, explained; and what is missing or wrong. */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type DnsZone, startDnsServer } from '../../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE, type Tried, tryExecutable } from '../../../testkit/executable.ts'
import { configurationText, type Parameters, requestBytes } from '../../../testkit/policy-process.ts'
import { schemaFaults } from '../../support/json-schema.ts'

const SCHEMA = JSON.parse(readFileSync(new URL('../../../docs/why.schema.json', import.meta.url), 'utf8'))
/** A client that two lists have, with a name that leads back to it, and a HELO that does not. */
const ZONE: DnsZone = {
  '9.113.0.203.one.example': { A: ['127.0.0.2'] },
  'example.org': { MX: [[10, 'mx.example.org']], A: ['192.0.2.80'] },
  'mx.example.org': { A: ['192.0.2.25'] },
  '9.113.0.203.in-addr.arpa': { PTR: ['other.example.com', 'host.example.com'] },
  'other.example.com': { A: ['192.0.2.1'] },
  'host.example.com': { A: ['203.0.113.9'] },
}
const MAIL = {
  client_address: '203.0.113.9',
  client_name: 'host.example.com',
  helo_name: 'mail.example.org',
  sender: 'Alice@example.org',
  recipient: 'info@example.net',
}

type Run = (input: string | Buffer, ...args: readonly string[]) => Promise<Tried>

async function setUp(t: Test, parameters: Parameters = {}, zone = ZONE): Promise<{ folder: string; run: Run }> {
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const folder = t.testdir({ cache: {}, journal: {} })
  const file = join(folder, 'conf')
  writeFileSync(
    file,
    configurationText({
      NS: `127.0.0.1:${dns.port}`,
      LOCKPATH: `${folder}/cache`,
      LOGFILE: join(folder, 'log'),
      JOURNAL: join(folder, 'journal', 'journal'),
      ADD_REFERENCE: 1,
      EXCEPTIONS: join(folder, 'exceptions'),
      DNS_RETRIES: 0,
      dnsbl_score: ['one.example', 5, -1, 'ONE', 'two.example', 1, 0, 'TWO'],
      rhsbl_score: [],
      REJECTLEVEL: 4,
      DEFER_STRING: '',
      helo_score: [1, -2],
      ...parameters,
    }),
  )
  const run: Run = (input, ...args) =>
    tryExecutable(folder, { file, input, command: () => [process.execPath, EXECUTABLE, '-f', file, ...args] })
  return { folder, run }
}

t.test('mail from 203.0.113.9 to info@ was refused this morning', async t => {
  const { folder, run } = await setUp(t)
  t.match(await run('', 'why', '203.0.113.9'), {
    status: 69,
    stdout: /^ {2}Nothing about 203\.0\.113\.9 since .*--since 30d/s,
  })
  const first = await run(requestBytes(attributesOf({ ...MAIL, instance: 'a' })))
  const reference = /; ref ([0-9A-Z]{10})\n/.exec(first.stdout)?.[1] ?? ''
  t.match(first.stdout, /^action=550 /)
  const second = await run(requestBytes(attributesOf({ ...MAIL, instance: 'b' })))
  t.match(second.stdout, new RegExp(`^action=550 .*; ref ${reference}`), 'out of memory, with the same reference')

  for (const words of [
    [reference],
    [reference.toLowerCase()],
    ['203.0.113.9', 'info@'],
    ['alice@example.org'],
    ['example.com'],
    ['one.example'],
    ['ONE', 'info@'],
  ]) {
    const { status, stdout, stderr } = await run('', 'why', ...words)
    t.equal(status, 0, `${words}`)
    t.equal(stderr, '')
    t.match(stdout, /Without the list one\.example \(\+5\) it would have been accepted/, `${words}: what decided`)
    t.match(stdout, new RegExp(`\\n  policyd-weight -f \\S+ forgive ${reference}\\n`), `${words}: what helps`)
  }
  const found = await run('', 'why', '203.0.113.9')
  t.match(found.stdout, /^2 decisions\n(?: .*\n)+\nMail/, 'both, and the page of the newer one')
  t.match(found.stdout, new RegExp(`it repeats the decision ${reference}`))
  t.match(await run('', 'why', '203.0.113.9', '--since', '2099-01-01'), { status: 69 })
  t.match(await run('', 'why', '203.0.113.9', '--since', 'x'), { status: 64, stderr: /--since x: neither/ })
  t.match(
    (await run('', 'why', 'one.example')).stdout,
    /^Mail /,
    'the decision that the list had a part in, and no repetition',
  )
  t.match(await run('', 'why', 'two.example'), { status: 69 }, 'a list that did not have the client')
  t.match(await run('', 'why', '203.0.113.9', 'sales@'), { status: 69 }, 'all words have to fit')
  t.match(await run('', 'why', '192.0.2.77', 'info@'), { status: 69 }, 'the first of them, too')
  t.match(await run('', 'why', '203.0.113.9', '--since', '1m', '--since', '2h'), { status: 0 }, 'the last of options')

  const json = JSON.parse((await run('', 'why', reference, '--json')).stdout)
  t.same(schemaFaults(SCHEMA, json), [])
  t.equal(json.source, 'journal')
  const clue = json.explained.clues.find(({ name }: { name: string }) => name === 'one.example')
  t.match(clue, { kind: 'list', points: 5, without: { kind: 'changed', fates: ['accepted'] } })

  const log = join(folder, 'log')
  const logged = await run('', 'why', '203.0.113.9', '--log', log)
  t.match(logged, { status: 0, stdout: /IN_ONE.*\$JOURNAL set, the next refusal can be explained in full/s })
  const copy = join(folder, 'journal', 'journal')
  t.match(
    await run('', 'why', reference, '--log', copy),
    { status: 0, stdout: /Without the list one\.example/ },
    'a copy',
  )
  t.match(await run('', 'why', reference, '--log', join(folder, 'none')), {
    status: 69,
    stderr: /there is no file \S+none/,
  })
  t.match(await run('', 'why', '203.0.113.0/24'), { status: 0, stdout: /^2 decisions/ }, 'a network')
  t.match(await run('', 'why', '203.0.113.9/24'), { status: 64, stderr: /the network is 203\.0\.113\.0\/24/ })
  t.match(await run('', 'why', ...`550 5.7.1 x; ref ${reference}`.split(' ')), { status: 0, stdout: /one\.example/ })
  t.match(
    await run('', 'why'),
    { status: 0, stdout: /^2 decisions\n.*\n\nTo have one explained\n {2}policyd-weight -f \S+ why [0-9A-Z]{10}\n/s },
    'without a word, what was refused of late',
  )
  t.match((await run('', 'why', '--help')).stdout, /why 203\.0\.113\.9 info@ .*reference of a refusal/s)
})

t.test('the commands that it names let the mail in', async t => {
  const { run } = await setUp(t)
  await run(requestBytes(attributesOf({ ...MAIL, instance: 'a' })))
  const { stdout } = await run('', 'why', '203.0.113.9')
  const commands = [...stdout.matchAll(/^ {2}policyd-weight -f \S+ (.*)$/gm)].map(([, words = '']) => words.split(' '))
  t.same(
    commands.map(([name]) => name),
    ['forgive', 'exempt'],
  )
  const [forgive = [], exempt = []] = commands
  t.match(await run('', ...forgive), { status: 0, stderr: '' })
  t.match((await run(requestBytes(attributesOf({ ...MAIL, instance: 'b' })))).stdout, /^action=550 /, 'refused afresh')
  t.match(await run('', 'why', '203.0.113.9', '--since', '1h'), { stdout: /^2 decisions/ })
  t.match(await run('', ...exempt), { status: 0 })
  t.match((await run(requestBytes(attributesOf({ ...MAIL, instance: 'c' })))).stdout, /^action=PREPEND .*EXEMPT/)
  const passed = await run('', 'why', '203.0.113.9', '--json')
  t.match(JSON.parse(passed.stdout).decisions[0], { fate: 'accepted', action: /EXEMPT/ })
})

t.test('a journal of somebody else', async t => {
  const { folder, run } = await setUp(t)
  await run(requestBytes(attributesOf(MAIL)))
  const journal = join(folder, 'journal', 'journal')
  writeFileSync(journal, `\n{"v":1,"time":"2026\n{"v":1,"id":5}\n${readFileSync(journal, 'utf8')}\n{"v":1,"ti`)
  t.match(await run('', 'why', '203.0.113.9'), { status: 0, stdout: /one\.example/ }, 'what is torn is skipped')
  if (process.getuid?.() === 0) return
  chmodSync(journal, 0)
  t.match(await run('', 'why', '203.0.113.9'), { status: 77, stderr: /run this as root/ })
})

t.test('addresses that are hidden are found', async t => {
  const { run } = await setUp(t, { JOURNAL_PRIVACY: 1 })
  await run(requestBytes(attributesOf(MAIL)))
  t.match(await run('', 'why', 'alice@example.org'), { status: 0, stdout: /sender {5}~[0-9a-f]{12}@example\.org/ })
  t.match(await run('', 'why', 'bob@example.org'), { status: 69 })
  t.match(await run('', 'why', 'info@'), { status: 69, stdout: /hidden \(\$JOURNAL_PRIVACY\)/ }, 'half of one is not')
})

t.test('an exception that came later, or did not count', async t => {
  const { folder, run } = await setUp(t)
  const exceptions = join(folder, 'exceptions')
  await run(requestBytes(attributesOf(MAIL)))
  t.notMatch((await run('', 'why', '203.0.113.9')).stdout, /by now/)
  writeFileSync(exceptions, 'sender:.example.org ACCEPT\n', { mode: 0o644 })
  const sender = (await run('', 'why', '203.0.113.9')).stdout.replace(/\s+/g, ' ')
  t.match(sender, /by now, sender:\.example\.org ACCEPT: it counts only where SPF or DNS/)
  writeFileSync(exceptions, '203.0.113.0/24 ACCEPT\n', { mode: 0o644 })
  const client = (await run('', 'why', '203.0.113.9')).stdout.replace(/\s+/g, ' ')
  t.match(client, /by now, 203\.0\.113\.0\/24 ACCEPT: it counts for the next such mail/)
})

t.test('what $DRY_RUN lets pass', async t => {
  const { run } = await setUp(t, { DRY_RUN: 1 })
  await run(requestBytes(attributesOf(MAIL)))
  t.match(await run('', 'why'), { status: 0, stdout: /^1 decision\n.*accepted \(else refused\) {2}203\.0\.113\.9/s })
  const { stdout } = await run('', 'why', '203.0.113.9')
  t.match(stdout, /Without the list one\.example \(\+5\) it would have been accepted/, 'what decided')
})

t.test('an old log that is named is read as a whole', async t => {
  const { folder, run } = await setUp(t)
  const log = join(folder, 'mail.log.1')
  const who = '<client=unknown[203.0.113.9]> <helo=x> <from=a@b.example> <to=info@example.net>'
  const line = `2026-01-02T08:30:02Z mx postfix/policyd-weight[1]: decided action=550 x; ${who}; delay: 0s\n`
  writeFileSync(log, line)
  t.match(await run('', 'why', '203.0.113.9', '--log', log), { status: 0, stdout: /refused/ })
  const late = await run('', 'why', '203.0.113.9', '--log', log, '--since', '2099-01-01')
  t.match(late, { status: 69, stdout: /Look further back/ }, 'unless --since says otherwise')
})

t.test('a mail that has not come yet', async t => {
  const { folder, run } = await setUp(t)
  const given = ['--client', '203.0.113.9', '--helo', 'mail.example.org', '--sender', 'alice@example.org']
  const files = (): string[] => ['cache', 'journal'].flatMap(name => readdirSync(join(folder, name)))
  const explained = await run('', 'explain', ...given, '--recipient', 'info@example.net')
  t.match(explained, { status: 0, stderr: '', stdout: /^This mail would be refused\n/ })
  t.match(explained.stdout, /client {5}203\.0\.113\.9, host\.example\.com\n/, 'its name was looked up, and confirmed')
  t.match(explained.stdout, /Without the list one\.example \(\+5\) it would have been accepted/)
  t.same(files(), [], 'neither cache nor journal')
  t.notOk(existsSync(join(folder, 'log')), 'nor log')
  t.match((await run('', 'explain', ...given, '--name', 'x.example')).stdout, /client {5}203\.0\.113\.9, x\.example\n/)
  const text =
    'client_address=203.0.113.9\nhelo_name=MAIL.example.org\nsender=alice@example.org\nrecipient=info@example.net\n\n'
  t.match(await run(text, 'explain'), { status: 0, stdout: /^This mail would be refused\n/ }, 'a request')
  const json = JSON.parse((await run(text, 'explain', '--json')).stdout)
  t.same(schemaFaults(SCHEMA, json), [])

  await run(requestBytes(attributesOf(MAIL)))
  const before = readFileSync(join(folder, 'cache', 'policyd-weight.cache'))
  t.match((await run('', 'explain', ...given)).stdout, /remembered as refused \(rate [\d.]+\)/, 'what the cache knows')
  t.ok(readFileSync(join(folder, 'cache', 'policyd-weight.cache')).equals(before), 'and knows still')

  const wrong: [label: string, args: string[], input: string, want: RegExp][] = [
    [
      'no address',
      ['--client', 'mail.example.org', '--helo', 'x', '--sender', 'y'],
      '',
      /--client "mail\.example\.org" is no address/,
    ],
    ['no HELO', ['--client', '192.0.2.1', '--sender', ''], '', /--helo missing/],
    ['nothing', [], '', /no mail is given/],
    ['a request without an address', [], 'client_address=x\n', /client_address "x" is no address/],
    [
      '8 KB and more',
      ['--client', '192.0.2.1', '--helo', 'x'.repeat(9000), '--sender', ''],
      '',
      /more than 8192 bytes/,
    ],
    ['escapes', ['--client', '\x1b[2J', '--helo', 'x', '--sender', ''], '', /"\?\[2J" is no address/],
  ]
  for (const [label, args, input, want] of wrong)
    t.match(await run(input, 'explain', ...args), { status: 64, stdout: '', stderr: want }, label)
  t.match(await run('', 'explain', '--client', '192.0.2.1', '--helo', 'x', '--sender', ''), {
    status: 0,
    stdout: /sender {5}<> \(a bounce\)[\s\S]*not scored/,
  })
})

t.test('a mail that has not come yet, and for which there is an exception', async t => {
  const { folder, run } = await setUp(t)
  const other = ['--client', '203.0.113.9', '--helo', 'mail.example.org', '--sender', 'alice@example.com']
  const given = [...other.slice(0, -1), 'alice@example.org']
  const cases: readonly (readonly [line: string, mail: readonly string[], answered: RegExp])[] = [
    ['203.0.113.0/24 ACCEPT', given, /answered {3}PREPEND X-policyd-weight: .*IN_ONE=5 .*EXEMPT; rate: [\d.]+ note/],
    ['203.0.113.0/24 SKIP', given, /answered {3}DUNNO exempt \(203\.0\.113\.0\/24\) note/],
    ['203.0.113.0/24 DRY', given, /answered {3}PREPEND X-policyd-weight: would 550 .* note/],
    ['sender!:.example.org SKIP', given, /answered {3}DUNNO exempt \(sender!:\.example\.org\) note/],
    ['sender:.example.com ACCEPT', other, /answered {3}PREPEND X-policyd-weight: .*EXEMPT; rate: [\d.]+ note/],
  ]
  for (const [line, mail, answered] of cases) {
    writeFileSync(join(folder, 'exceptions'), `${line}\n`, { mode: 0o644 })
    const { stdout } = await run('', 'explain', ...mail)
    const page = stdout.replace(/\s*\n\s+/g, ' ').replace(/(?<! ) {3}(?! )/g, '   ')
    t.match(page, /^This mail would be accepted by an exception, and refused without it /, line)
    t.match(page, answered, line)
    t.ok(page.includes(`by the exception ${line} `), line)
    t.match(page, /without it the answer would be: 550 /, line)
    t.match(stdout, /IN_ONE: /, `${line}: it is scored all the same`)
    t.notMatch(stdout, /To let it in/, line)
    const { explained } = JSON.parse((await run('', 'explain', '--json', ...mail)).stdout)
    t.match(explained, { fate: 'accepted', would: /^550 /, exempt: { who: line.split(' ')[0] } }, line)
    t.same(schemaFaults(SCHEMA, { explained }), [], line)
  }
  t.same(readdirSync(join(folder, 'cache')), [], 'no use is counted')

  writeFileSync(join(folder, 'exceptions'), 'sender:.example.org ACCEPT\n', { mode: 0o644 })
  const unproven = (await run('', 'explain', ...given)).stdout.replace(/\s+/g, ' ')
  t.match(unproven, /^This mail would be refused client/, 'a sender that is not shown to be one')
  t.match(unproven, /exception sender:\.example\.org ACCEPT not applied: neither SPF nor/)

  await run(requestBytes(attributesOf(MAIL)))
  writeFileSync(join(folder, 'exceptions'), '203.0.113.9 ACCEPT\n', { mode: 0o644 })
  await run(requestBytes(attributesOf({ ...MAIL, instance: 'b' })))
  writeFileSync(join(folder, 'exceptions'), '', { mode: 0o644 })
  t.match((await run('', 'explain', ...given)).stdout, /remembered as refused/)
  writeFileSync(join(folder, 'exceptions'), '203.0.113.9 ACCEPT\n', { mode: 0o644 })
  const known = (await run('', 'explain', ...given)).stdout.replace(/\s+/g, ' ')
  t.match(known, /^This mail would be accepted by an exception/)
  t.match(known, /remembered as refused \(rate [\d.]+\): without the exception such a mail is refused without/)

  writeFileSync(join(folder, 'exceptions'), '192.0.2.7 ACCEPT\n', { mode: 0o644 })
  const good = [
    '--client',
    '192.0.2.7',
    '--helo',
    'mx.example.org',
    '--sender',
    'alice@example.org',
    '--name',
    'x.example',
  ]
  const accepted = (await run('', 'explain', ...good)).stdout.replace(/\s+/g, ' ')
  t.match(
    accepted,
    /^This mail would be accepted by an exception, and accepted without it .*without it the answer would be: /,
  )
})

t.test('where one list was enough, the rest can be looked up now', async t => {
  // The list answers before all else.
  const slow = Object.entries(ZONE).map(([name, node]) => [
    name,
    name.endsWith('.one.example') ? node : { ...node, delay: 300 },
  ])
  const zone: DnsZone = { ...Object.fromEntries(slow), 'mail.example.org': { delay: 300 } }
  const parameters = { MAXDNSBLSCORE: 4, COUNT_LISTS_ONCE: 1, REJECTLEVEL: 1, from_match_regex_failed_helo: [1, 0] }
  const { run } = await setUp(t, parameters, zone)
  t.match((await run(requestBytes(attributesOf(MAIL)))).stdout, /^action=550 Your MTA is listed in too many/)
  const { stdout } = await run('', 'why', '203.0.113.9')
  t.match(stdout, /Of the list one\.example \(\+5\) it cannot be told/)
  const command = /\n {2}policyd-weight -f \S+ (explain --client .*)\n/.exec(stdout)?.[1] ?? ''
  t.equal(
    command,
    'explain --client 203.0.113.9 --name host.example.com --helo mail.example.org --sender alice@example.org --recipient info@example.net',
  )
  const explained = await run('', ...command.split(' '))
  t.match(explained.stdout, /Without the list one\.example \(\+5\) it would have been accepted/)
  t.notMatch(explained.stdout, /cannot be told/)
})

t.test('what is asked for is not there: one status for whoever asks', async t => {
  const { run } = await setUp(t)
  const cases: readonly (readonly [words: readonly string[], stream: 'stdout' | 'stderr', want: RegExp])[] = [
    [['why', '203.0.113.9'], 'stdout', /Nothing about 203\.0\.113\.9/],
    [['why', '203.0.113.9', '--json'], 'stdout', /"explained":null/],
    [['why', '--log', '/nowhere'], 'stderr', /there is no file \/nowhere/],
    [['forgive', '203.0.113.9'], 'stderr', /nothing is remembered/],
    [['exempt', '--remove', '203.0.113.9'], 'stderr', /there is no exception for 203\.0\.113\.9/],
    [['lists', '--release', 'one.example'], 'stderr', /no list is in quarantine/],
  ]
  for (const [words, stream, want] of cases) {
    const tried = await run('', ...words)
    t.match(tried, { status: 69, [stream]: want }, words.join(' '))
    t.equal(tried[stream === 'stdout' ? 'stderr' : 'stdout'], '', words.join(' '))
  }
})

t.test('a configuration with an error', async t => {
  const { folder, run } = await setUp(t)
  const file = join(folder, 'conf')
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n$NTTL = x();\n`)
  t.match(await run('', 'why', '203.0.113.9'), { status: 69, stderr: /error: found "x"/ })
})
