/**
 * What is answered is counted, each answer once and as what it was, whoever gives it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AnswerCount } from '../../src/cache/answer-count.ts'
import { limitsOf } from '../../src/cache/cache.ts'
import { ANSWERS, type Counter } from '../../src/cache/format.ts'
import { openStore, readCounters, Store } from '../../src/cache/store.ts'
import type { Tables } from '../../src/cache/tables.ts'
import { clientKey } from '../../src/cache/under-way.ts'
import { loadConfig } from '../../src/config/load.ts'
import { verdictHash } from '../../src/config/verdict-hash.ts'
import { CACHE_FILE_NAME } from '../../src/serve.ts'
import { VERSION_QUESTION } from '../../src/policy/version.ts'
import { connectTo, DAEMON_USER, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { DNS_FAULTS } from '../support/dns-faults.ts'
import { type DnsServer, startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE, runCommand } from '../../testkit/executable.ts'
import { testNative } from '../../testkit/native.ts'
import { configurationText, type Parameters, requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const CLIENT = '192.0.2.10'
const NOW = Math.floor(Date.now() / 1000)
const LISTS_ONLY: Parameters = { dnsbl_checks_only: 1 }
const HAM = { score: -1, queriesLeft: 60, seenSeconds: NOW - 20, sinceSeconds: NOW - 20, hardSinceSeconds: NOW - 10 }
const REQUEST = requestBytes(attributesOf())
/** One client is listed. */
const LISTED = { client_address: '192.0.2.66' }
const ZONE = {
  '66.2.0.192.l.test': { A: ['127.0.0.2'] },
  'slow.example': { drop: true },
  'example.org': { A: ['192.0.2.10'] },
  'mail.example.org': { A: ['192.0.2.10'] },
}

interface Case {
  readonly label: string
  readonly parameters?: Parameters
  readonly isSilent?: true
  readonly exceptions?: string
  /** What the cache holds. */
  readonly known?: (tables: Tables) => void
  /** Asked before, without being looked at. */
  readonly before?: Buffer
  readonly request: Buffer
  readonly want: Partial<Record<Counter, number>>
}

const evaluated = { requests: 1, evaluations: 1 }
const CASES: readonly Case[] = [
  { label: 'accepted', parameters: LISTS_ONLY, request: REQUEST, want: { ...evaluated, accepted: 1 } },
  {
    label: 'accepted, with the lists alone',
    parameters: { TEMP_PTIME: 86_400 },
    known: ({ ham }) => ham.set(`${CLIENT}-example.org`, HAM),
    request: REQUEST,
    want: { ...evaluated, hamHits: 1, accepted: 1 },
  },
  {
    label: 'rejected',
    parameters: { ...LISTS_ONLY, MAXDNSBLHITS: 0 },
    request: requestBytes(attributesOf(LISTED)),
    want: { ...evaluated, rejected: 1 },
  },
  {
    label: 'deferred',
    parameters: { ...LISTS_ONLY, MAXDNSBLHITS: 0, MAXDNSBLMSG: '450 4.7.1 later' },
    request: requestBytes(attributesOf(LISTED)),
    want: { ...evaluated, deferred: 1 },
  },
  {
    label: 'passed, for nobody answers',
    parameters: { ...LISTS_ONLY, MAXDNSERR: 1 },
    isSilent: true,
    request: REQUEST,
    want: { ...evaluated, passed: 1 },
  },
  {
    label: 'deferred unscored: silent names have all places of the client',
    known: ({ underWay }) => {
      const places = underWay.take(clientKey(CLIENT), 1000, Date.now())
      underWay.linger(places, Date.now())
    },
    request: requestBytes(attributesOf({ sender: 'a@slow.example', helo_name: 'b.slow.example' })),
    want: { ...evaluated, busy: 1 },
  },
  {
    label: 'a further recipient',
    parameters: LISTS_ONLY,
    before: REQUEST,
    request: requestBytes(attributesOf({ recipient: 'carol@example.net' })),
    want: { requests: 1, messageHits: 1 },
  },
  {
    label: 'rejected again',
    parameters: { ...LISTS_ONLY, MAXDNSBLHITS: 0 },
    before: requestBytes(attributesOf(LISTED)),
    request: requestBytes(attributesOf({ ...LISTED, instance: 'i2' })),
    want: { requests: 1, spamHits: 1 },
  },
  {
    label: 'accepted as before',
    parameters: { TEMP_PTIME: 0 },
    known: ({ ham }) => ham.set(`${CLIENT}-example.org`, HAM),
    request: REQUEST,
    want: { requests: 1, hardHamHits: 1 },
  },
  {
    label: 'no sender',
    request: requestBytes(attributesOf({ sender: '' })),
    want: { requests: 1, nullSenders: 1 },
  },
  {
    label: 'to postmaster',
    request: requestBytes(attributesOf({ recipient: 'postmaster@example.net' })),
    want: { requests: 1, roleRecipients: 1 },
  },
  {
    label: 'a client whose address is not known',
    request: requestBytes(attributesOf({ client_address: 'unknown' })),
    want: { requests: 1, unknownClients: 1 },
  },
  {
    label: 'exempt, and not scored',
    exceptions: '192.0.2.10 SKIP\n',
    request: REQUEST,
    want: { requests: 1, exempted: 1 },
  },
  { label: 'a faulty request', request: Buffer.from('GET / HTTP/1.1\n\n'), want: { unanswered: 1 } },
  {
    label: 'the question for the version',
    request: requestBytes(attributesOf({ sender: '', instance: VERSION_QUESTION })),
    want: {},
  },
]

/** What is answered by somebody, to the end of that. */
type Ask = (folder: string, parameters: Parameters, request: Buffer) => Promise<void>

async function askProcess(folder: string, parameters: Parameters, request: Buffer): Promise<void> {
  const file = join(folder, 'conf')
  writeFileSync(file, configurationText(parameters))
  await runPolicyProcess([process.execPath, EXECUTABLE, '-f', file], request)
}

async function askDaemon(folder: string, parameters: Parameters, request: Buffer): Promise<void> {
  const daemon = await startDaemon(folder, { ...parameters, MAX_PROC: 1 })
  try {
    const client = await connectTo(daemon.socketPath)
    client.socket.write(request)
    await Promise.race([client.closed, waitFor('the answer', () => client.received() !== '')])
    client.socket.destroy()
  } finally {
    await daemon.stop()
  }
}

async function fill(file: string, use: NonNullable<Case['known']>, ownUid: number | undefined): Promise<void> {
  const { config } = await loadConfig({ file })
  const store = openStore({
    directory: config.LOCKPATH,
    fileName: CACHE_FILE_NAME,
    limits: limitsOf(config),
    configuration: verdictHash(config),
    native: testNative(),
    nowMs: Date.now,
    warn: text => {
      throw new Error(text)
    },
    ...(ownUid !== undefined && { ownUid }),
  })
  if (!(store instanceof Store)) throw new Error(store.why)
  store.transact(use)
  store.close()
}

async function tryCase(
  folder: string,
  dns: Record<'answering' | 'silent', DnsServer>,
  { parameters, isSilent, exceptions = '', known, before, request }: Case,
  ask: Ask,
  ownUid?: number,
): Promise<Partial<Record<Counter, number>>> {
  const all: Parameters = {
    NS: `127.0.0.1:${(isSilent ? dns.silent : dns.answering).port}`,
    LOCKPATH: `${folder}/cache/`,
    LOGFILE: join(folder, 'log'),
    DNS_RETRIES: 0,
    DNS_RETRY_IVAL: 1,
    dnsbl_score: ['l.test', 5, 0, 'L'],
    rhsbl_score: [],
    EXCEPTIONS: join(folder, 'exceptions'),
    ...parameters,
  }
  writeFileSync(join(folder, 'exceptions'), exceptions, { mode: 0o644 })
  const read = () => readCounters(join(folder, 'cache', CACHE_FILE_NAME))
  // Makes the cache.
  if (before ?? known) await ask(folder, all, before ?? requestBytes(attributesOf({ sender: '' })))
  if (known) await fill(join(folder, 'conf'), known, ownUid)
  const old = read()
  await ask(folder, all, request)
  return Object.fromEntries(
    [...(read() ?? [])].flatMap(([name, count]) => {
      const added = count - (old?.get(name) ?? 0)
      return added === 0 ? [] : [[name, added]]
    }),
  )
}

async function tryAll(t: Test, ask: Ask, ownUid?: number): Promise<void> {
  const dns = {
    answering: await startDnsServer(ZONE),
    silent: await startDnsServer({}, { tamper: DNS_FAULTS['all-silent'] }),
  }
  t.teardown(() => Promise.all([dns.answering.close(), dns.silent.close()]))
  const parent = socketFolder(t)
  for (const [index, { label, want, ...rest }] of CASES.entries()) {
    const folder = join(parent, String(index))
    mkdirSync(folder)
    t.strictSame(await tryCase(folder, dns, { label, want, ...rest }, ask, ownUid), want, label)
  }
}

t.test('a process of spawn(8) counts each kind of answer', t => tryAll(t, askProcess))
t.test('so does the daemon', t => tryAll(t, askDaemon, DAEMON_USER.options.uid))

t.test('every kind of answer is tried', t => {
  const tried = new Set(CASES.flatMap(({ want }) => Object.keys(want)))
  t.strictSame(
    ANSWERS.filter(name => !tried.has(name)),
    [],
  )
  const once = CASES.filter(({ want }) => ANSWERS.filter(name => want[name] === 1).length > 1)
  t.strictSame(once, [], 'and is one kind')
  t.end()
})

t.test('emptying the cache leaves the counters alone, while a process has it open', async t => {
  const folder = t.testdir({ cache: {} })
  const file = join(folder, 'conf')
  writeFileSync(
    file,
    configurationText({
      LOCKPATH: `${folder}/cache/`,
      LOGFILE: join(folder, 'log'),
      NS: '127.0.0.1:1',
      DNS_RETRIES: 0,
    }),
  )
  const path = join(folder, 'cache', CACHE_FILE_NAME)
  const ask = (attributes: Record<string, string>) =>
    runPolicyProcess([process.execPath, EXECUTABLE, '-f', file], requestBytes(attributesOf(attributes)))
  await ask({ sender: '' })
  await ask({ recipient: 'abuse@example.net' })
  await fill(file, ({ ham }) => ham.set(`${CLIENT}-example.org`, HAM), undefined)
  const bytes = readFileSync(path)
  t.ok(bytes.includes(`${CLIENT}-example.org`))
  const counted = readCounters(path)
  t.match(counted?.get('nullSenders'), 1)
  t.match(await runCommand(file, ['-k']), {
    status: 0,
    stdout: /: emptied \(forgotten: 0 rejected, 1 accepted, 0 mails, 0 lists\)\. The counters go on\.\n$/,
  })
  t.strictSame(readCounters(path), counted)
  t.notOk(readFileSync(path).includes(`${CLIENT}-example.org`), 'nothing of it is left')
  await ask({ sender: '' })
  t.equal(readCounters(path)?.get('nullSenders'), 2)
})

t.test('what has to wait is counted with the rest, and a failure costs nothing', async t => {
  const counted: Counter[] = []
  const answers = new AnswerCount(async () => ({ count: counters => counted.push(...counters) }))
  t.ok(answers.isEmpty)
  answers.add('nullSenders')
  const writing = answers.write()
  answers.add('unanswered')
  await writing
  t.strictSame(counted, ['requests', 'nullSenders', 'unanswered'])
  t.ok(answers.isEmpty)
  const broken = new AnswerCount(() => Promise.reject(new Error('no')))
  for (let count = 0; !broken.isFull; count++) {
    if (count > 1000) throw new Error('never full')
    broken.add('nullSenders')
  }
  await broken.write()
  t.ok(broken.isEmpty)
})
