import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connectTo, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { type DnsServer, type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE, logLines, tryExecutable } from '../../testkit/executable.ts'
import { PolicyConversation } from '../../testkit/policy-conversation.ts'
import { configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const SCORED = /^PREPEND X-policyd-weight: {2}.*; rate: /
const UNSCORED = /^PREPEND X-policyd-weight: passed - too many local DNS-errors in /
const DEFERRED = /^DEFER_IF_PERMIT 4\.4\.3 no name server answers/
const ZONE: DnsZone = {
  'good.example': { MX: [[10, 'mail.good.example']] },
  'mail.good.example': { A: ['192.0.2.10'] },
}

/** A name server that can be silenced. */
interface Server {
  readonly dns: DnsServer
  isSilent: boolean
  /** What it was asked since the last call, but for the control question; and how often that. */
  asked(): { questions: number; controls: number }
}

async function startServer(t: Test, isSilent = false): Promise<Server> {
  const dns = await startDnsServer(ZONE, { tamper: () => (server.isSilent ? [] : undefined) })
  t.teardown(() => dns.close())
  const server: Server = {
    dns,
    isSilent,
    asked() {
      const asked = dns.queries.splice(0)
      const controls = asked.filter(({ type }) => type === 'NS').length
      return { questions: asked.length - controls, controls }
    },
  }
  return server
}

let mails = 0
function mail(): Buffer {
  const n = mails++
  return requestBytes(
    attributesOf({
      instance: `i${n}`,
      client_address: `192.0.2.${n % 250}`,
      client_name: 'mail.good.example',
      helo_name: 'mail.good.example',
      sender: `a${n}@good.example`,
    }),
  )
}

function parametersFor(t: Test, servers: readonly Server[], more: Parameters = {}): Parameters {
  const folder = t.testdir({ cache: {} })
  return {
    NS: servers.map(({ dns }) => `127.0.0.1:${dns.port}`).join(' '),
    LOCKPATH: `${join(folder, 'cache')}/`,
    LOGFILE: join(folder, 'log'),
    DNS_RETRY_IVAL: 0.5,
    dnsbl_score: ['l.example', 5, 0, 'L'],
    rhsbl_score: [],
    ...more,
  }
}

/** Asks whoever answers, a mail each time. */
interface Asker {
  ask(): Promise<string>
  log(): readonly string[]
}

const MODES: Readonly<Record<string, (t: Test, parameters: Parameters) => Promise<Asker>>> = {
  'a process for each mail': async (t, parameters) => ({
    ask: async () => {
      const tried = await tryExecutable(t.testdirName, { parameters, input: mail() })
      if (tried.stderr !== '' || tried.status !== 0) throw new Error(`status ${tried.status}: ${tried.stderr}`)
      return tried.stdout.trim().replace(/^action=/, '')
    },
    log: () => logLines(String(parameters.LOGFILE)),
  }),
  'three processes that Postfix goes on asking': async (t, parameters) => {
    const file = join(t.testdirName, 'conf')
    writeFileSync(file, configurationText(parameters))
    const processes = Array.from(
      { length: 3 },
      () => new PolicyConversation([process.execPath, EXECUTABLE, '-f', file]),
    )
    t.teardown(async () => {
      for (const each of processes) {
        const faults = await each.end()
        if (faults.length > 0) throw new Error(faults.join('; '))
      }
    })
    let next = 0
    return {
      ask: () => (processes[next++ % processes.length] as PolicyConversation).ask(mail()),
      log: () => logLines(String(parameters.LOGFILE)),
    }
  },
  'the daemon': async (t, { LOCKPATH: _lock, LOGFILE: _log, ...parameters }) => {
    const daemon = await startDaemon(socketFolder(t), { ...parameters, MAX_PROC: 2 })
    t.teardown(() => daemon.stop())
    const client = await connectTo(daemon.socketPath)
    t.teardown(() => client.socket.destroy())
    let answers = 0
    return {
      ask: async () => {
        const text = await client.ask(mail(), ++answers)
        return (text.split('\n\n')[answers - 1] ?? '').replace(/^action=/, '')
      },
      log: () => daemon.log(),
    }
  },
}

for (const [mode, open] of Object.entries(MODES)) {
  t.test(`${mode}: one of two name servers is silent`, async t => {
    const [one, other] = [await startServer(t), await startServer(t)]
    const asker = await open(t, parametersFor(t, [one, other]))
    t.match(await asker.ask(), SCORED)
    t.equal(other.asked().questions, 0, 'the first one is asked')
    one.isSilent = true
    t.match(await asker.ask(), SCORED, 'the next one answers in its place')
    one.asked()
    for (let n = 0; n < 3; n++) {
      t.match(await asker.ask(), SCORED)
      t.equal(one.asked().questions, 0, 'from the second mail on nobody waits for it')
    }
    one.isSilent = false
    await waitFor('it is asked again', async () => {
      other.asked()
      t.match(await asker.ask(), SCORED)
      return other.asked().questions === 0
    })
    t.ok(one.asked().questions > 0)
    t.notMatch(asker.log().join('\n'), /no name server answers/, 'that was no outage')
  })

  t.test(`${mode}: all are silent, and come back`, async t => {
    for (const [outage, want] of [
      ['accept', UNSCORED],
      ['defer', DEFERRED],
    ] as const) {
      const servers = [await startServer(t, true), await startServer(t, true)]
      const asker = await open(t, parametersFor(t, servers, { DNS_OUTAGE: outage }))
      t.match(await asker.ask(), want, 'it has waited for all of them')
      for (const server of servers) server.asked()
      for (let n = 0; n < 5; n++) t.match(await asker.ask(), want, 'this one has not')
      for (const server of servers) t.equal(server.asked().questions, 0, 'nobody is asked for a mail')
      const begun = asker.log().filter(line => line.includes('answers the control question'))
      t.equal(begun.length, 1, 'the log says so once')
      for (const { dns } of servers) t.ok(begun[0]?.includes(`127.0.0.1:${dns.port}`), 'and names them')
      for (const server of servers) server.isSilent = false
      await waitFor('mail is scored again', async () => SCORED.test(await asker.ask()))
      for (let n = 0; n < 3; n++) t.match(await asker.ask(), SCORED)
      t.equal(asker.log().filter(line => line.includes('answers again')).length, 1)
    }
  })
}
