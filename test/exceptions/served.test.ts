/**
 * Exceptions as Postfix meets them: a process of spawn(8) that lives from one request to the next, and the daemon. Each change of the file
 * takes effect without a restart, and what was remembered of the client keeps nobody out.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { CACHE_FILE_NAME } from '../../src/serve.ts'
import { readStore } from '../../src/cache/store.ts'
import { connectTo, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { configurationText, inEmptyEnvironment, type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

/** Everybody is listed. */
const ZONE = {
  '10.2.0.192.l.test': { A: ['127.0.0.2'] },
  'example.org': { MX: [[10, 'mail.example.org'] as const], A: ['203.0.113.1'] },
}
const LIMITS = { spam: { size: 2000, maxSize: 4000 }, ham: { size: 1000, maxSize: 2000 } }

interface Setting {
  readonly folder: string
  readonly parameters: Parameters
  /** Puts the file in place whole. */
  readonly write: (text: string) => void
  readonly remove: () => void
  /** How often each was used. */
  readonly uses: () => Record<string, number>
  readonly log: () => string
}

async function setUp(t: Test): Promise<Setting> {
  const dns = await startDnsServer(ZONE)
  t.teardown(() => dns.close())
  const folder = socketFolder(t)
  const path = join(folder, 'exceptions')
  const log = join(folder, 'log')
  return {
    folder,
    parameters: {
      NS: `127.0.0.1:${dns.port}`,
      LOCKPATH: `${folder}/cache/`,
      LOGFILE: log,
      EXCEPTIONS: path,
      dnsbl_score: ['l.test', 9, 0, 'L'],
      rhsbl_score: [],
      MAXDNSBLHITS: 0,
      MAX_PROC: 1,
    },
    write: text => {
      writeFileSync(`${path}.new`, text, { mode: 0o644 })
      renameSync(`${path}.new`, path)
    },
    remove: () => rmSync(path),
    uses: () => {
      const store = readStore(join(folder, 'cache', CACHE_FILE_NAME), LIMITS)
      if (store.kind !== 'tables') return {}
      return Object.fromEntries([...store.tables.exceptions.entries()].map(([who, { count }]) => [who, count]))
    },
    log: () => (existsSync(log) ? readFileSync(log, 'latin1') : ''),
  }
}

let mails = 0
const mail = (attributes: Record<string, string> = {}): Buffer =>
  requestBytes(attributesOf({ instance: `i${mails++}`, client_name: 'unknown', ...attributes }))

/** One process, as smtpd(8) keeps it for its connections. */
function openProcess(t: Test, { folder, parameters }: Setting): (request: Buffer) => Promise<string> {
  const conf = join(folder, 'conf')
  writeFileSync(conf, configurationText(parameters))
  const { file, args, env } = inEmptyEnvironment([process.execPath, EXECUTABLE, '-f', conf])
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  t.teardown(() => child.stdin.end())
  let output = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text
  })
  return async request => {
    output = ''
    child.stdin.write(request)
    await waitFor('an answer', () => output.endsWith('\n\n'))
    return output.trim()
  }
}

/** The same for each: what is asked, until it is answered so. */
async function tryAll(t: Test, setting: Setting, ask: (request: Buffer) => Promise<string>): Promise<void> {
  const { write, remove, uses, log } = setting
  const becomes = async (label: string, want: RegExp, attributes: Record<string, string> = {}): Promise<void> => {
    let answer = ''
    await waitFor(`${label}: ${want}`, async () => {
      answer = await ask(mail(attributes))
      return want.test(answer)
    })
    t.match(answer, want, label)
  }
  t.match(await ask(mail()), /^action=550 /, 'without a file')
  t.match(await ask(mail()), /^action=550 .*retrying too fast/, 'which is remembered')
  write('192.0.2.0/24 ACCEPT # friends\nfoo bar\n')
  await becomes('a client', /^action=PREPEND X-policyd-weight:.* EXEMPT; rate: 9$/)
  write('192.0.2.10 SKIP\n')
  await becomes('a client that is not looked at', /^action=DUNNO exempt \(192\.0\.2\.10\)$/)
  write('recipient:.example.net DRY\n')
  await becomes('a recipient', /^action=PREPEND X-policyd-weight: would 550 /, { recipient: 'x@example.net' })
  t.match(await ask(mail({ recipient: 'x@example.com' })), /^action=550 /, 'another one')
  write('.example.org ACCEPT\n')
  await becomes('a name', / EXEMPT; rate: 9$/, { client_name: 'a.b.example.org' })
  write('helo:friend ACCEPT\n')
  await becomes('HELO', / EXEMPT; rate: 9$/, { helo_name: 'FRIEND' })
  write('sender:.example.org ACCEPT\n')
  await becomes('a sender that is not theirs', /^action=550 /, { sender: 'a@example.org', helo_name: 'friend' })
  await waitFor('the log to say why', () => /warning: exception sender:\.example\.org ACCEPT not applied/.test(log()))
  await becomes('a sender that is, by the name of the client', / EXEMPT; rate: 9$/, {
    sender: 'a@example.org',
    client_name: 'x.example.org',
  })
  write('sender!:.example.org ACCEPT\n')
  await becomes('a sender without proof', / EXEMPT; rate: 9$/, { sender: 'a@example.org' })
  remove()
  await becomes('no file any more', /^action=550 /)
  t.match(log(), /exceptions:2:5: "bar" is no action: .*; the line is not used\n/)
  t.equal(log().split('"bar" is no action').length, 2, 'which is told once')
  await waitFor('the uses to be counted', () => (uses()['192.0.2.10'] ?? 0) >= 1)
  const counted = uses()
  for (const who of [
    '192.0.2.0/24',
    'recipient:.example.net',
    '.example.org',
    'helo:friend',
    'sender:.example.org',
    'sender!:.example.org',
  ])
    t.ok((counted[who] ?? 0) >= 1, `${who}: ${counted[who]}`)
}

t.test('a process that lives from one request to the next', async t => {
  const setting = await setUp(t)
  await tryAll(t, setting, openProcess(t, setting))
})

t.test('the daemon', async t => {
  const setting = await setUp(t)
  const daemon = await startDaemon(setting.folder, setting.parameters)
  t.teardown(() => daemon.stop())
  const client = await connectTo(daemon.socketPath)
  let received = 0
  await tryAll(t, setting, async request => {
    client.socket.write(request)
    await waitFor('an answer', () => client.received().length > received && client.received().endsWith('\n\n'))
    const answer = client.received().slice(received).trim()
    received = client.received().length
    return answer
  })
  client.socket.destroy()
})
