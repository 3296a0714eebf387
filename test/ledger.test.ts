/**
 * The ledger equals what the name server counted: processes as spawn(8) starts them, several at once, and the daemon; with lists
 * that are silent, slow, truncated, refusing, or whose server knows no EDNS0; and what processes that are killed leave.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readLedger } from '../src/cache/ledger-reader.ts'
import { type ListCounts, noCounts } from '../src/cache/ledger-format.ts'
import { connectTo, socketFolder, startDaemon } from '../testkit/daemon-process.ts'
import { type DnsServer, startDnsServer } from '../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE } from '../testkit/executable.ts'
import { configurationText, inEmptyEnvironment, type Parameters, requestBytes } from '../testkit/policy-process.ts'
import { waitFor } from '../testkit/wait-for.ts'

const KEY = 'abcdefghij0123456789'
const LISTS = ['listing', 'clean', 'silent', 'long', 'refusing', 'failing', 'late'].map(name => `${name}.bl.example`)
const DQS = `${KEY}.zen.dq.spamhaus.net`
const DOMAINS = ['domains.bl.example']

/** A configuration, and how a process of it is given mails. `pathOf`: where the ledger is in a folder of the test's. */
function setUp(t: Test, dns: DnsServer, pathOf = (folder: string): string => join(folder, 'ledger')): SetUp {
  const folder = socketFolder(t)
  const [configuration, log, cache] = ['conf', 'log', 'cache'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(cache, { mode: 0o700 })
  const ledger = pathOf(folder)
  writeFileSync(configuration, configurationText({ ...settings(dns, ledger), LOCKPATH: cache, LOGFILE: log }))
  return {
    ledger,
    log,
    begin: input => {
      const { file, args, env } = inEmptyEnvironment([process.execPath, EXECUTABLE, '-f', configuration], {})
      const child = spawn(file, args, { env, stdio: ['pipe', 'ignore', 'inherit'] })
      child.stdin.on('error', () => {})
      child.stdin.end(input)
      return child
    },
  }
}

interface SetUp {
  readonly ledger: string
  readonly log: string
  readonly begin: (input: Buffer) => ChildProcess
}

async function endOf(child: ChildProcess): Promise<number | string> {
  const [code, signal] = await once(child, 'close')
  return signal ?? code
}

/** Lists as their first label says; of no other name there is anything. */
async function startLists(t: Test): Promise<DnsServer> {
  const dns = await startDnsServer(
    { 'a.root-servers.net': { A: ['198.41.0.4'] } },
    {
      madeUp: name => {
        const [, kind] = /(?:^|\.)(\w+)\.bl\.example$/.exec(name) ?? []
        switch (kind) {
          case 'listing':
            return { A: ['127.0.0.2'] }
          case 'silent':
            return { drop: true }
          case 'long':
            return { A: ['127.0.0.2'], tc: true }
          case 'refusing':
            return { A: ['127.255.255.254'] }
          case 'failing':
            return { rcode: 'SERVFAIL' }
          case 'late':
            // After the first try, and before the last is over.
            return { A: ['127.0.0.2'], delay: 300 }
          default:
            return undefined
        }
      },
    },
  )
  t.teardown(() => dns.close())
  return dns
}

const entries = (hosts: readonly string[]): (string | number)[] =>
  hosts.flatMap((host, index) => [host, 0.01, 0, `L${index}`])

function settings(dns: DnsServer, ledger: string): Parameters {
  return {
    NS: `127.0.0.1:${dns.port}`,
    LEDGER: ledger,
    CACHESIZE: 0,
    POSCACHESIZE: 0,
    DNS_RETRIES: 2,
    DNS_RETRY_IVAL: 0.2,
    BL_ERROR_SKIP: 100_000,
    MAXDNSERR: 100,
    MAXDNSBLHITS: 99,
    dnsbl_score: entries([...LISTS, DQS]),
    rhsbl_score: entries(DOMAINS),
  }
}

/** Queries that the server has received, by list. */
function receivedBy({ queries }: DnsServer): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { name, type } of queries) {
    const host = [...LISTS, ...DOMAINS, DQS].find(list => type === 'A' && name.endsWith(`.${list}`))
    if (host === undefined) continue
    const shown = host === DQS ? 'zen.dq.spamhaus.net' : host
    counts[shown] = (counts[shown] ?? 0) + 1
  }
  return counts
}

/** All days together, should a test run at midnight. */
function ledgerOf(path: string): Map<string, ListCounts> {
  const read = readLedger(path)
  const lists = new Map<string, ListCounts>()
  if (read.kind === 'ledger')
    for (const day of read.days.values())
      for (const [list, counts] of day) {
        const sum = lists.get(list) ?? noCounts()
        for (const name of Object.keys(sum) as (keyof ListCounts)[]) sum[name] += counts[name]
        lists.set(list, sum)
      }
  return lists
}

function sentBy(path: string): Record<string, number> {
  return Object.fromEntries([...ledgerOf(path)].map(([list, { sent }]) => [list, sent]))
}

let mails = 0
function mail(): Buffer {
  const number = ++mails
  return requestBytes(
    attributesOf({ client_address: `192.0.2.${number % 250}`, sender: `a@s${number}.example`, instance: `i${number}` }),
  )
}

t.test('spawned processes, several at once', async t => {
  const dns = await startLists(t)
  const { ledger, begin } = setUp(t, dns)
  const PROCESSES = 6
  const MAILS = 3
  const run = (): Promise<number | string> => endOf(begin(Buffer.concat(Array.from({ length: MAILS }, mail))))
  t.strictSame(
    await Promise.all(Array.from({ length: PROCESSES }, run)),
    Array.from({ length: PROCESSES }, () => 0),
  )
  const all = PROCESSES * MAILS
  t.strictSame(sorted(sentBy(ledger)), sorted(receivedBy(dns)), 'each list, as the server counted')
  const counts = ledgerOf(ledger)
  const wanted: [list: string, want: Partial<ListCounts>][] = [
    ['listing.bl.example', { listed: all }],
    ['clean.bl.example', { clean: all }],
    ['silent.bl.example', { sent: 3 * all, silent: all, milliseconds: 0 }],
    ['refusing.bl.example', { refused: all }],
    ['failing.bl.example', { failed: all }],
    ['late.bl.example', { listed: all }],
    ['domains.bl.example', { clean: all }],
    ['zen.dq.spamhaus.net', { clean: all }],
  ]
  for (const [list, want] of wanted) t.match(counts.get(list), { ...want }, list)
  const late = counts.get('late.bl.example')
  t.ok((late?.milliseconds ?? 0) >= 200 * all, 'how long it took')
  t.notMatch(JSON.stringify([...counts]), KEY)
})

t.test('a server that knows no EDNS0', async t => {
  const dns = await startDnsServer(
    { 'a.root-servers.net': { A: ['198.41.0.4'] } },
    { tamper: (reply, { edns }) => (edns ? [formErr(reply)] : undefined) },
  )
  t.teardown(() => dns.close())
  const { ledger, begin } = setUp(t, dns)
  t.equal(await endOf(begin(mail())), 0)
  const received = receivedBy(dns)
  t.strictSame(sorted(sentBy(ledger)), sorted(received))
  t.ok(
    Object.values(received).some(count => count === 2),
    'asked once more without',
  )
})

t.test('the daemon', async t => {
  const dns = await startLists(t)
  const folder = socketFolder(t)
  const ledger = join(folder, 'd', 'ledger')
  const daemon = await startDaemon(join(folder, 'd'), settings(dns, ledger))
  const ask = async (count: number): Promise<void> => {
    const client = await connectTo(daemon.socketPath)
    for (let i = 1; i <= count; i++) await client.ask(mail(), i)
    client.socket.destroy()
  }
  await Promise.all(Array.from({ length: 8 }, () => ask(3)))
  await waitFor('the second of each worker', () => isEqual(sentBy(ledger), receivedBy(dns)))
  t.equal(receivedBy(dns)['silent.bl.example'], 3 * 24, 'while it runs')
  // The same question at the same time is one query.
  const same = mail()
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      const client = await connectTo(daemon.socketPath)
      await client.ask(same, 1)
      client.socket.destroy()
    }),
  )
  await ask(2)
  t.equal(await daemon.stop(), 0)
  t.strictSame(sorted(sentBy(ledger)), sorted(receivedBy(dns)), 'and at its end, merged questions included')
})

t.test(
  'a verdict that waits for nobody: what was given up is counted by what the process itself finds out',
  async t => {
    const dns = await startLists(t)
    const folder = socketFolder(t)
    const ledger = join(folder, 'd', 'ledger')
    const daemon = await startDaemon(join(folder, 'd'), { ...settings(dns, ledger), EARLY_VERDICT: 1 })
    const client = await connectTo(daemon.socketPath)
    for (let i = 1; i <= 6; i++) await client.ask(mail(), i)
    client.socket.destroy()
    await waitFor('a silent list to be told', () => (ledgerOf(ledger).get('silent.bl.example')?.silent ?? 0) > 0)
    t.equal(await daemon.stop(), 0)
    t.strictSame(sorted(sentBy(ledger)), sorted(receivedBy(dns)))
  },
)

t.test('a process that is killed loses what it has not written, and nothing of others', async t => {
  const dns = await startLists(t)
  const { ledger, begin } = setUp(t, dns)
  const run = async (killAfterMs: number | undefined): Promise<boolean> => {
    const child = begin(mail())
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    const status = await endOf(child)
    clearTimeout(timer)
    return status === 0
  }
  // Those that are killed are killed at moments all over their lives, which take half a second.
  const lives = Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? undefined : 20 + i * 25))
  const ended: boolean[] = []
  for (let i = 0; i < lives.length; i += 6) ended.push(...(await Promise.all(lives.slice(i, i + 6).map(run))))
  const whole = ended.filter(Boolean).length
  t.ok(whole >= 8 && whole < lives.length, `${whole} of ${lives.length} came to their end`)
  const received = receivedBy(dns)
  for (const [list, { sent, listed, clean, refused, failed, silent }] of ledgerOf(ledger)) {
    const seen = received[list] ?? 0
    t.ok(sent <= seen, `${list}: ${sent} of ${seen}`)
    t.ok(listed + clean + refused + failed + silent >= whole, `${list}: of each that came to its end`)
    t.ok(listed + clean + refused + failed + silent <= lives.length, list)
  }
  t.equal(ledgerOf(ledger).size, LISTS.length + DOMAINS.length + 1)
})

t.test('where its directory is missing there is none, and no word of it', async t => {
  const dns = await startLists(t)
  const places = [
    (folder: string): string => join(folder, 'missing', 'ledger'),
    (): string => '',
    (folder: string): string => join(folder, 'cache'),
  ]
  for (const place of places) {
    const { ledger, log, begin } = setUp(t, dns, place)
    t.equal(await endOf(begin(mail())), 0, ledger)
    t.match(readFileSync(log, 'latin1'), / weighted check: /)
    t.notMatch(readFileSync(log, 'latin1'), /ledger/i)
  }
})

function isEqual(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort()
}

/** What a server says that has never heard of EDNS0: the question, and an error. */
function formErr(reply: Buffer): Buffer {
  let end = 12
  while (reply[end] !== 0) end += (reply[end] as number) + 1
  const packet = Buffer.from(reply.subarray(0, end + 5))
  packet.writeUInt16BE(0x8181, 2)
  for (const at of [6, 8, 10]) packet.writeUInt16BE(0, at)
  return packet
}
