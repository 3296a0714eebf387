import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { GOOD_ANSWER, GOOD_ZONE, goodMail, OWN_ZONE } from '../../testkit/attack-scenarios.ts'
import { connectTo, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

const CONNECTIONS = 16
const MAILS = 64
/** For one mail, whatever names are in it. */
const MAX_QUERIES = 120
/** A question that outlives its mail is asked twice more. */
const PARAMETERS = { MAX_PROC: 1, DNS_RETRIES: 2, DNS_RETRY_IVAL: 0.5, CACHESIZE: 0, POSCACHESIZE: 0 }
const ALL_TRIES_MS = 1500

t.test('a client with a zone of his own cannot hang a worker', async t => {
  const dns = await startDnsServer(GOOD_ZONE, { madeUp: OWN_ZONE.says, receiveBufferBytes: 1024 * 1024 })
  t.teardown(() => dns.close())
  const daemon = await startDaemon(join(socketFolder(t), 'd'), { ...PARAMETERS, NS: `127.0.0.1:${dns.port}` })
  t.teardown(() => daemon.stop())

  let sent = 0
  const attacker = await Promise.all(Array.from({ length: CONNECTIONS }, () => connectTo(daemon.socketPath)))
  await Promise.all(
    attacker.map(async client => {
      for (let n = 1; sent < MAILS; n++) await client.ask(requestBytes(attributesOf(OWN_ZONE.mail(sent++))), n)
    }),
  )
  await pause(ALL_TRIES_MS)
  t.ok(dns.queries.length <= MAX_QUERIES * MAILS, `${dns.queries.length} queries for ${MAILS} mails`)

  const other = await connectTo(daemon.socketPath)
  t.equal(
    await other.ask(requestBytes(attributesOf(goodMail(0))), 1),
    GOOD_ANSWER,
    'a good mail is answered behind them',
  )
})
