import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, tryExecutable } from '../../testkit/executable.ts'
import { refusingServer } from '../support/name-servers.ts'
import { type Parameters, requestBytes } from '../../testkit/policy-process.ts'

const MAILS = 10
const UNSCORED = /^action=PREPEND X-policyd-weight: passed - too many local DNS-errors in /

/** Mails of as many clients, with all caches at work. */
function mail(n: number): Buffer {
  return requestBytes(
    attributesOf({
      instance: `i${n}`,
      client_address: `192.0.2.${n + 1}`,
      client_name: `mail.a${n}.example`,
      helo_name: `mail.a${n}.example`,
      sender: `alice@a${n}.example`,
    }),
  )
}

function parametersFor(t: Test, port: number): Parameters {
  const cache = join(t.testdir(), 'cache')
  mkdirSync(cache)
  return { NS: `127.0.0.1:${port}`, LOCKPATH: `${cache}/`, DNS_RETRIES: 0, DNS_RETRY_IVAL: 0.2 }
}

/** What the log of an outage has to name: whom nobody has heard from. */
function namesServer(log: readonly string[], port: number): boolean {
  return log.some(line => line.startsWith('warning: ') && line.includes(`127.0.0.1:${port}`))
}

interface Outage {
  readonly title: string
  start(t: Test): Promise<number>
}

const OUTAGES: Outage[] = [
  {
    title: 'the name server is silent',
    start: async t => {
      const dns = await startDnsServer({}, { tamper: () => [] })
      t.teardown(() => dns.close())
      return dns.port
    },
  },
  { title: 'the name server is not there', start: async () => (await refusingServer()).port },
]

for (const { title, start } of OUTAGES) {
  t.test(`an outage of our own, ${title}: the tenth mail passes like the first`, async t => {
    const port = await start(t)
    const parameters = parametersFor(t, port)
    const input = Buffer.concat(Array.from({ length: MAILS }, (_, n) => mail(n)))
    const tried = await tryExecutable(t.testdir(), { parameters, input })
    const answers = tried.stdout.split('\n\n').slice(0, -1)
    t.equal(answers.length, MAILS)
    for (const [n, answer] of answers.entries()) t.match(answer, UNSCORED, `mail ${n + 1}, in one process`)
    t.ok(namesServer(tried.log, port), 'a warning names the server')
  })

  t.test(`an outage of our own, ${title}: the same in a process for each mail`, async t => {
    const port = await start(t)
    const parameters = parametersFor(t, port)
    for (let n = 0; n < MAILS; n++) {
      const tried = await tryExecutable(t.testdir(), { parameters, input: mail(n) })
      t.match(tried.stdout, UNSCORED, `mail ${n + 1}`)
      t.ok(namesServer(tried.log, port), `mail ${n + 1}: a warning names the server`)
    }
  })
}
