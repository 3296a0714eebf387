import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import dnsPacket from 'dns-packet'
import t, { type Test } from 'tap'
import { connectTo, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { replyFromZone } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { PolicyConversation } from '../../testkit/policy-conversation.ts'
import { configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const FORGED = 300_000
/** Datagrams between two looks at what else there is to do. */
const AT_ONCE = 50
/** The client is listed; that is what the forger wants unsaid. */
const TARGET = '10.2.0.192.l.example'
const ZONE = { [TARGET]: { A: ['127.0.0.2'] } }
const REFUSED = /^550 /

/** Who asked what is attacked. */
interface Asked {
  readonly packet: Buffer
  readonly port: number
}

/**
 * A name server that says nothing about TARGET until it is told to, and beside it, with its address and port, somebody who forges
 * replies: he has found the port of the first query and knows all of it but the id.
 */
class Forger {
  readonly asked: Asked[] = []
  sent = 0
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (packet, { port }) => {
      if (dnsPacket.decode(packet).questions?.[0]?.name === TARGET) this.asked.push({ packet, port })
      else this.#send(replyFromZone(ZONE, packet) as Buffer, port)
    })
  }

  static async start(t: Test): Promise<{ forger: Forger; port: number }> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    t.teardown(() => socket.close())
    return { forger: new Forger(socket), port: socket.address().port }
  }

  /**
   * Sends replies under all ids but the right one, which comes last in each round, to the port of the first query, until
   * `isOver`.
   */
  async forge(isOver: () => boolean): Promise<void> {
    const [first] = this.asked
    if (!first) throw new Error('nobody has asked')
    const reply = replyFromZone({}, first.packet) as Buffer
    const id = first.packet.readUInt16BE(0)
    while (!isOver()) {
      for (let left = AT_ONCE; left > 0; left--) {
        const forged = Buffer.from(reply)
        forged.writeUInt16BE((id + 1 + this.sent++) & 0xffff, 0)
        this.#send(forged, first.port)
      }
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** The true reply, to the latest query. */
  tell(): void {
    const { packet, port } = this.asked.at(-1) as Asked
    this.#send(replyFromZone(ZONE, packet) as Buffer, port)
  }

  #send(datagram: Buffer, port: number): void {
    this.#socket.send(datagram, port, '127.0.0.1')
  }
}

function parametersFor(port: number, more: Parameters): Parameters {
  return {
    NS: `127.0.0.1:${port}`,
    CACHESIZE: 0,
    POSCACHESIZE: 0,
    dnsbl_score: ['l.example', 50, -50, 'L'],
    rhsbl_score: [],
    MAXDNSBLSCORE: 100,
    ...more,
  }
}

const mail = (n: number): Buffer =>
  requestBytes(attributesOf({ instance: `i${n}`, sender: `a${n}@good.example`, helo_name: 'mail.good.example' }))

/** Hands over mails at once; the answers, in any order. */
type Ask = (mails: readonly Buffer[]) => Promise<string[]>

const MODES: Readonly<Record<string, { mails: number; open(t: Test, parameters: Parameters): Promise<Ask> }>> = {
  'a process that stands still': {
    mails: 1,
    open: async (t, parameters) => {
      const folder = t.testdir()
      const file = join(folder, 'conf')
      writeFileSync(file, configurationText({ LOGFILE: join(folder, 'log'), ...parameters }))
      const policy = new PolicyConversation([process.execPath, EXECUTABLE, '-f', file])
      t.teardown(() => policy.end())
      return mails => Promise.all(mails.map(mail => policy.ask(mail)))
    },
  },
  'the daemon, and a question that three mails share': {
    mails: 3,
    open: async (t, parameters) => {
      const daemon = await startDaemon(socketFolder(t), { ...parameters, MAX_PROC: 1 })
      t.teardown(() => daemon.stop())
      return mails =>
        Promise.all(
          mails.map(async mail => {
            const client = await connectTo(daemon.socketPath)
            t.teardown(() => client.socket.destroy())
            return (await client.ask(mail, 1)).trim().replace(/^action=/, '')
          }),
        )
    },
  },
}

for (const [mode, { mails, open }] of Object.entries(MODES)) {
  t.test(`${mode}: none of ${FORGED} forged replies counts, and the true one does`, async t => {
    const { forger, port } = await Forger.start(t)
    const ask = await open(t, parametersFor(port, { DNS_RETRIES: 0, DNS_RETRY_IVAL: 60 }))
    let isAnswered = false
    const asking = ask(Array.from({ length: mails }, (_, n) => mail(n)))
    void asking.then(() => {
      isAnswered = true
    })
    await waitFor('it is asked', () => forger.asked.length > 0)
    await forger.forge(() => isAnswered || forger.sent >= FORGED)
    t.notOk(isAnswered, 'nobody believes him')
    t.ok(forger.asked.length > 1 && forger.asked.length <= 5, `it was sent ${forger.asked.length} times`)
    const [ids, ports] = [
      forger.asked.map(({ packet }) => packet.readUInt16BE(0)),
      forger.asked.map(({ port }) => port),
    ]
    t.equal(new Set(ids).size, ids.length, 'under another id each time')
    t.equal(new Set(ports).size, ports.length, 'from another port')
    forger.tell()
    for (const answer of await asking) t.match(answer, REFUSED)
  })

  t.test(`${mode}: a flood of them makes no wait longer`, async t => {
    const { forger, port } = await Forger.start(t)
    const ask = await open(t, parametersFor(port, { DNS_RETRIES: 1, DNS_RETRY_IVAL: 1 }))
    let isAnswered = false
    const asking = ask(Array.from({ length: mails }, (_, n) => mail(n)))
    void asking.then(() => {
      isAnswered = true
    })
    await waitFor('it is asked', () => forger.asked.length > 0)
    await forger.forge(() => isAnswered || forger.sent >= 10 * FORGED)
    t.ok(isAnswered, 'while he goes on')
    for (const answer of await asking) t.match(answer, /L=ERR\(-50\)/)
  })
}
