/**
 * A list that dies and lists everybody, or answers what is no listing: no mail is refused on its word, by processes that
 * Postfix starts and by the daemon.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type DnsServer, type DnsZone, startDnsServer, type ZoneNode } from '../testkit/dns-server.ts'
import { connectTo, socketFolder, startDaemon } from '../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE } from '../testkit/executable.ts'
import {
  configurationText,
  inEmptyEnvironment,
  type Parameters,
  requestBytes,
  runPolicyProcess,
} from '../testkit/policy-process.ts'

const LIST = 'zen.spamhaus.org'
const [GOOD, BAD] = ['192.0.2.10', '192.0.2.66']
const reversed = (address: string): string => address.split('.').reverse().join('.')

/** What the list says to all that its zone does not name. */
type Mode = 'sane' | 'everybody' | 'refusing' | 'parked' | 'silent'
const SAYS: Readonly<Record<Mode, ZoneNode | undefined>> = {
  sane: undefined,
  everybody: { A: ['127.0.0.4'] },
  refusing: { A: ['127.255.255.254'] },
  parked: { A: ['203.0.113.5'] },
  silent: { drop: true },
}

const ZONE: DnsZone = {
  'mail.example.org': { A: [GOOD] },
  [`${reversed(GOOD)}.in-addr.arpa`]: { PTR: ['mail.example.org'] },
  'example.org': { MX: [[10, 'mail.example.org']], TXT: [`v=spf1 ip4:${GOOD} -all`] },
  'bad.test': { A: [BAD], MX: [[10, 'bad.test']] },
  [`${reversed(BAD)}.in-addr.arpa`]: { PTR: ['bad.test'] },
  [`${reversed(BAD)}.${LIST}`]: { A: ['127.0.0.4'] },
}

interface List {
  readonly dns: DnsServer
  mode: Mode
}

async function startList(t: Test): Promise<List> {
  const list: List = {
    mode: 'sane',
    dns: await startDnsServer(ZONE, { madeUp: name => (name.endsWith(`.${LIST}`) ? SAYS[list.mode] : undefined) }),
  }
  t.teardown(() => list.dns.close())
  return list
}

let mails = 0
const mail = (client: string, name: string): Record<string, string> =>
  attributesOf({
    client_address: client,
    client_name: name,
    helo_name: name,
    sender: `a@${name.replace('mail.', '')}`,
    instance: `m${++mails}`,
  })
const goodMail = (): Record<string, string> => mail(GOOD, 'mail.example.org')
const badMail = (): Record<string, string> => mail(BAD, 'bad.test')

/** Nothing is remembered, so each mail is judged by what the list says now. */
const SETTINGS: Parameters = { PROFILE: 'modern', DNS_RETRY_IVAL: 0.2, BL_ERROR_SKIP: 1000, NTIME: 0, POSCACHESIZE: 0 }

interface Server {
  ask(attributes: Record<string, string>): Promise<string>
  log(): string
  /** The cache begins anew. */
  forget(): void
}

function spawned(t: Test, dns: DnsServer, more: Parameters = {}): Server {
  const folder = t.testdir()
  let caches = 0
  const log = join(folder, 'log')
  const file = join(folder, 'conf')
  const write = (): void =>
    writeFileSync(
      file,
      configurationText({
        LOCKPATH: `${folder}/cache${caches}/`,
        LOGFILE: log,
        NS: `127.0.0.1:${dns.port}`,
        ...SETTINGS,
        ...more,
      }),
    )
  write()
  return {
    ask: async attributes =>
      (await runPolicyProcess([process.execPath, EXECUTABLE, '-f', file], requestBytes(attributes))).stdout
        .replace(/^action=/, '')
        .trimEnd(),
    log: () => readFileSync(log, 'utf8'),
    forget: () => {
      caches++
      write()
    },
  }
}

const MODES: readonly (readonly [mode: Mode, good: RegExp, bad: RegExp])[] = [
  ['everybody', /^PREPEND .*SBL_XBL_SPAMHAUS=SKIP/, /^PREPEND .*SBL_XBL_SPAMHAUS=SKIP/],
  ['parked', /^PREPEND /, /^PREPEND .*SBL_XBL_SPAMHAUS=SKIP/],
  ['refusing', /^PREPEND /, /^450 /],
  ['silent', /^PREPEND /, /^450 /],
]

for (const [mode, good, bad] of MODES)
  t.test(`a list that is ${mode}, spawned`, async t => {
    const list = await startList(t)
    const server = spawned(t, list.dns)
    t.match(await server.ask(goodMail()), /^PREPEND /)
    t.match(await server.ask(badMail()), /^550 /, 'what it lists is refused, while it is in order')
    const probes = list.dns.queries.filter(({ name }) => /\.127\.zen\.spamhaus\.org$/.test(name))
    t.ok(probes.length > 0, 'it was probed before')
    server.forget()
    list.mode = mode
    t.match(await server.ask(badMail()), bad)
    t.match(await server.ask(goodMail()), good)
    const said = server.log().match(/list zen\.spamhaus\.org cannot be trusted/g) ?? []
    t.equal(said.length, bad.source.includes('SKIP') ? 1 : 0, 'the log says so once')
  })

/** Neither what a message says nor when it is used makes a refusal of a list's word. */
const MESSAGES: readonly (readonly [label: string, parameters: Parameters, vouched: RegExp, unvouched: RegExp])[] = [
  ['discarded', { MAXDNSBLMSG: 'DISCARD spam' }, /^DISCARD spam/, /^450 spam/],
  ['held, and its next mails refused', { MAXDNSBLMSG: 'HOLD spam', NTIME: 60 }, /^HOLD spam/, /^HOLD spam/],
  [
    'deferred, and refused for other recipients',
    { MAXDNSBLMSG: '450 listed', MAXDNSBLHITS: 0, TWO_WITNESSES: 0 },
    /^450 listed/,
    /^450 listed/,
  ],
]

for (const [label, parameters, vouched, unvouched] of MESSAGES)
  t.test(`a list that lists everybody, where mail is ${label}`, async t => {
    const list = await startList(t)
    const server = spawned(t, list.dns, parameters)
    t.match(await server.ask(badMail()), vouched, 'what it lists, while it is in order')
    server.forget()
    list.mode = 'refusing'
    const first = badMail()
    t.match(await server.ask(first), unvouched)
    list.mode = 'everybody'
    t.match(await server.ask({ ...first, recipient: 'carol@example.net' }), /^PREPEND /, 'nothing was remembered')
    t.match(await server.ask(badMail()), /^PREPEND /, 'of the client neither')
  })

t.test('lists that die together, the first of which settles it', async t => {
  const died = (name: string): ZoneNode | undefined =>
    name.endsWith('.one.test')
      ? { A: ['127.0.0.2'], delay: 50 }
      : name.endsWith('.two.test')
        ? { A: ['127.0.0.2'] }
        : undefined
  const dns = await startDnsServer(ZONE, { madeUp: died })
  t.teardown(() => dns.close())
  const lists = { dnsbl_score: ['one.test', 20, 0, 'ONE', 'two.test', 20, 0, 'TWO'], TWO_WITNESSES: 0 }
  const server = spawned(t, dns, lists)
  t.match(await server.ask(goodMail()), /^PREPEND .* ONE=SKIP\(0\) TWO=SKIP\(0\)/)
  const probes = dns.queries.filter(({ name }) => /\.127\.(?:one|two)\.test$/.test(name))
  t.equal(probes.length, 2, 'each was probed')
})

/** What the daemon answers to so many mails at once. */
async function askDaemon(
  t: Test,
  dns: DnsServer,
  settings: Parameters = SETTINGS,
): Promise<{
  readonly ask: (mails: Record<string, string>[]) => Promise<string[]>
  readonly log: () => readonly string[]
}> {
  const daemon = await startDaemon(socketFolder(t), { ...settings, NS: `127.0.0.1:${dns.port}` })
  t.teardown(() => daemon.stop())
  const ask = async (attributes: Record<string, string>): Promise<string> => {
    const connection = await connectTo(daemon.socketPath)
    try {
      return (await connection.ask(requestBytes(attributes), 1)).replace(/^action=/, '').trimEnd()
    } finally {
      connection.socket.destroy()
    }
  }
  return { ask: mails => Promise.all(mails.map(ask)), log: daemon.log }
}

const many = (count: number, make: () => Record<string, string>): Record<string, string>[] =>
  Array.from({ length: count }, make)

t.test('a stranger with many listed mails has a list probed once a second, and no more', async t => {
  const list = await startList(t)
  const { ask, log } = await askDaemon(t, list.dns)
  const startMs = performance.now()
  for (const answer of await ask(many(150, badMail))) t.match(answer, /^550 /)
  const seconds = (performance.now() - startMs) / 1000
  const probes = list.dns.queries.filter(({ name }) => /^\d+\.\d+\.\d+\.127\.zen\.spamhaus\.org$/.test(name)).length
  t.ok(probes >= 1 && probes <= seconds + 1, `${probes} probes in ${seconds.toFixed(1)} s`)
  // What looks like a probe, and is a name of the client's choosing.
  const odd = ['x0123456789a.invalid', '127.83.12.9', 'zen.spamhaus.org', '4.3.2.127.zen.spamhaus.org']
  await ask(odd.map(domain => ({ ...mail('127.83.12.9', domain), sender: `a@${domain}`, client_name: 'unknown' })))
  t.strictSame(
    log().filter(line => /cannot be trusted/.test(line)),
    [],
  )
  t.match(await ask([badMail()]), [/^550 /])
})

t.test('a list that begins to list everybody while mail flows, daemon', async t => {
  const list = await startList(t)
  const { ask, log } = await askDaemon(t, list.dns)
  // Some at a time, so that the list, which is in this process, answers within a try.
  const flow = async (): Promise<string[]> => {
    const answers: string[] = []
    while (answers.length < 40) answers.push(...(await ask(many(10, goodMail))))
    return answers
  }
  for (const answer of await flow()) t.match(answer, /^PREPEND /)
  const exchanged = [flow()]
  list.mode = 'everybody'
  for (let i = 0; i < 4; i++) exchanged.push(flow())
  for (const answer of (await Promise.all(exchanged)).flat()) t.match(answer, /^PREPEND /)
  t.equal(log().filter(line => /cannot be trusted/.test(line)).length, 1, 'told once')
})

/** A list that is slower with what it must not list than any mail is, and lists everybody. */
async function startSlowList(t: Test): Promise<{ readonly dns: DnsServer; readonly settings: Parameters }> {
  const dns = await startDnsServer(ZONE, {
    madeUp: name => (/\.127\.slow\.test$/.test(name) ? { A: ['127.0.0.2'], delay: 700 } : undefined),
  })
  t.teardown(() => dns.close())
  const settings = {
    dnsbl_score: ['slow.test', 3, 0, 'SLOW'],
    rhsbl_score: [],
    BL_PROBE_INTERVAL: 1,
    DNS_RETRY_IVAL: 2,
  }
  return { dns, settings: { ...SETTINGS, ...settings, NS: `127.0.0.1:${dns.port}` } }
}

const SAID =
  /list slow\.test cannot be trusted \(127\.\S+ is listed\).* policyd-weight -f \S+ lists --release slow\.test$/m

/** Waits until the log says so; nobody asks for anything meanwhile. */
async function untilSaid(log: () => string): Promise<void> {
  const endMs = performance.now() + 20_000
  while (!SAID.test(log()) && performance.now() < endMs) await setTimeout(20)
}

t.test('a list that is slower than each mail: its probe is noted behind the answer, daemon', async t => {
  const { dns, settings } = await startSlowList(t)
  const { ask, log } = await askDaemon(t, dns, settings)
  t.match(await ask([goodMail()]), [/^PREPEND /])
  t.match(await ask([goodMail()]), [/^PREPEND /], 'with it the list is asked')
  await untilSaid(() => log().join('\n'))
  t.match(log().join('\n'), SAID)
  t.match(await ask([goodMail()]), [/^PREPEND .*SLOW=SKIP/], 'and the next mail knows')
})

t.test('a list that is slower than each mail: noted by a process that waits for its next request', async t => {
  const { settings } = await startSlowList(t)
  const folder = t.testdir()
  const [file, logPath] = [join(folder, 'conf'), join(folder, 'log')]
  writeFileSync(file, configurationText({ ...settings, LOCKPATH: `${folder}/cache/`, LOGFILE: logPath }))
  const log = (): string => readFileSync(logPath, 'utf8')
  const run = inEmptyEnvironment([process.execPath, EXECUTABLE, '-f', file])
  const child = spawn(run.file, run.args, { env: run.env, stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let answered = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    answered += text
  })
  const ask = async (): Promise<string> => {
    answered = ''
    child.stdin.write(requestBytes(goodMail()))
    while (!answered.endsWith('\n\n')) await once(child.stdout, 'data')
    return answered
  }
  await ask()
  t.match(await ask(), /^action=PREPEND /, 'with it the list is asked')
  await untilSaid(log)
  t.match(log(), SAID)
  t.match(await ask(), /^action=PREPEND .*SLOW=SKIP/, 'and the next mail knows')
  child.stdin.end()
  t.strictSame(await once(child, 'close'), [0, null])
})
