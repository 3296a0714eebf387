/**
 * A list whose name server says nothing, end to end: whoever need not wait for it does not, and it is found out all the same.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connectTo, socketFolder, startDaemon } from '../testkit/daemon-process.ts'
import { type DnsServer, startDnsServer } from '../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE, logLines } from '../testkit/executable.ts'
import { PolicyConversation } from '../testkit/policy-conversation.ts'
import { configurationText, type Parameters, requestBytes } from '../testkit/policy-process.ts'
import { waitFor } from '../testkit/wait-for.ts'

/** Tries so long that nobody waits for one: who does is given up first. */
const ENDLESS = { DNS_RETRIES: 1, DNS_RETRY_IVAL: 60 }
const SHORT = { DNS_RETRIES: 1, DNS_RETRY_IVAL: 0.5 }
const EARLY = 'PREPEND X-policyd-weight:  IN_LISTED=1 ... (only DNSBL check requested)'
const LATE = 'PREPEND X-policyd-weight:  IN_LISTED=1 QUIET=ERR(0) (only DNSBL check requested)'

interface Service {
  readonly dns: DnsServer
  /** Asks about another client each time. */
  ask(): Promise<string>
  log(): readonly string[]
}

/** Everybody is on listed.test; quiet.test is silent. */
async function serve(t: Test, mode: 'spawn' | 'daemon', given: Parameters): Promise<Service> {
  const dns = await startDnsServer(
    {},
    { madeUp: name => (name.endsWith('.quiet.test') ? { drop: true } : { A: ['127.0.0.2'] }) },
  )
  t.teardown(() => dns.close())
  const parameters: Parameters = {
    NS: `127.0.0.1:${dns.port}`,
    EARLY_VERDICT: 1,
    dnsbl_checks_only: 1,
    dnsbl_score: ['listed.test', 1, 0, 'LISTED', 'quiet.test', 1, 0, 'QUIET'],
    BL_ERROR_SKIP: 1,
    CACHESIZE: 0,
    ...given,
  }
  let mails = 0
  const next = (): Buffer =>
    requestBytes(attributesOf({ instance: `i${++mails}`, client_address: `192.0.2.${mails % 256}` }))
  if (mode === 'daemon') {
    const daemon = await startDaemon(join(socketFolder(t), 'd'), { ...parameters, MAX_PROC: 1 })
    t.teardown(() => daemon.stop())
    const client = await connectTo(daemon.socketPath)
    return { dns, ask: async () => lastActionOf(await client.ask(next(), mails)), log: () => daemon.log() }
  }
  const folder = t.testdir()
  mkdirSync(join(folder, 'cache'))
  const own = { LOCKPATH: `${folder}/cache/`, LOGFILE: join(folder, 'log') }
  writeFileSync(join(folder, 'conf'), configurationText({ ...own, ...parameters }))
  const policy = new PolicyConversation([process.execPath, EXECUTABLE, '-f', join(folder, 'conf')])
  t.teardown(() => policy.end())
  return { dns, ask: () => policy.ask(next()), log: () => logLines(own.LOGFILE) }
}

const lastActionOf = (answers: string): string => answers.trimEnd().split('\n\n').at(-1)?.replace('action=', '') ?? ''

const askedQuiet = ({ queries }: DnsServer): string[] =>
  queries.flatMap(({ name }) => (name.endsWith('.quiet.test') ? [name] : []))

for (const mode of ['spawn', 'daemon'] as const) {
  t.test(`${mode}: a mail that a silent list cannot change does not wait for it`, async t => {
    const { dns, ask } = await serve(t, mode, ENDLESS)
    t.equal(await ask(), EARLY)
    t.equal(await ask(), EARLY, 'nor does the next one, though the question of the first is still under way')
    t.equal(askedQuiet(dns).length, 2, 'each has asked it once')
  })

  const waiting: Record<string, Parameters> = {
    'where the list decides': { MAXDNSBLHITS: 1 },
    'where no verdict is to be early': { EARLY_VERDICT: 0 },
  }
  // A test of its own each: a folder of tests is emptied when it is asked for again, and its process still writes there.
  for (const [where, parameters] of Object.entries(waiting))
    t.test(`${mode}: it waits ${where}`, async t => {
      const { dns, ask } = await serve(t, mode, { ...SHORT, ...parameters })
      t.equal(await ask(), LATE)
      t.equal(askedQuiet(dns).length, 2, 'as often as a lookup is tried')
    })

  t.test(`${mode}: a list that nobody waits for is found out to be silent, and is skipped`, async t => {
    const { dns, ask, log } = await serve(t, mode, SHORT)
    const answers: string[] = []
    await waitFor('the list to be skipped', async () => {
      answers.push(await ask())
      return answers.at(-1)?.includes(' QUIET=SKIP(0) ') === true
    })
    t.same([...new Set(answers.slice(0, -1))], [EARLY], 'nobody has waited for it')
    const asked = askedQuiet(dns)
    t.equal(new Set(asked).size, asked.length, 'no question was sent again')
    t.ok(asked.length < answers.length, 'and the last mail has not asked it')
    await waitFor('the log', () => log().some(line => /list quiet\.test .* is skipped 10 times$/.test(line)))
  })
}
