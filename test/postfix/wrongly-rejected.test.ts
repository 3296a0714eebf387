/**
 * A mail that was wrongly refused, from the complaint to its delivery, with a real Postfix and swaks, without a restart: once with
 * processes that spawn(8) starts, once with the daemon.
 */
import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { freePort } from '../../testkit/free-port.ts'
import { PARTNER, PARTNER_ZONE } from '../support/partner.ts'
import { swaksArguments } from '../support/swaks.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { headersOf } from './support/header.ts'
import { type Site, startSite } from './support/site.ts'

/** So soon everything has to count. */
const SOON_MS = 2000

interface Sent {
  readonly isAccepted: boolean
  /** What Postfix says to RCPT TO. */
  readonly reply: string
  /** The reference in a refusal. */
  readonly reference: string | undefined
}

/** Of `why --json`, what is looked at here; docs/why.schema.json. */
interface Explained {
  readonly clues: readonly {
    readonly kind: string
    readonly name: string
    readonly without: { readonly kind: string }
  }[]
}

/** How often the only exception was used. */
function usesIn(json: string): number | undefined {
  const { exceptions } = JSON.parse(json) as { exceptions: readonly { readonly uses: number | null }[] }
  return exceptions[0]?.uses ?? undefined
}

async function send(port: number): Promise<Sent> {
  const run = promisify(execFile)('swaks', swaksArguments(PARTNER, port), { env: process.env })
  const said = await run.then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  )
  const [reply = said] = /^<\*\* 5.*$/m.exec(said) ?? []
  return {
    isAccepted: /^<- {2}250 2\.0\.0 Ok: queued/m.test(said),
    reply,
    reference: /; ref ([0-9A-Z]{10})$/.exec(reply)?.[1],
  }
}

/** A site with a journal and exceptions, and its policyd-weight for a postmaster, who is root. */
async function startWithJournal(t: Test, way: 'spawned' | 'daemon') {
  const port = await freePort()
  const site: Site = await startSite(t, {
    zone: PARTNER_ZONE,
    parameters: folder => ({
      PROFILE: 'modern',
      JOURNAL: join(folder, 'log', 'journal'),
      EXCEPTIONS: join(folder, 'exceptions'),
      PIDFILE: join(folder, 'log', 'pid'),
      USER: 'polw',
      GROUP: 'polw',
      TCP_PORT: port,
      MAX_PROC: 2,
    }),
    ...(way === 'daemon' && {
      smtpdOptions: `  -o { smtpd_recipient_restrictions = reject_unauth_destination, check_policy_service inet:127.0.0.1:${port} }`,
    }),
  })
  const command = ['/usr/bin/env', '-i', 'PATH=/usr/bin:/bin', join(site.folder, 'node')]
  const own = [join(site.folder, 'policyd-weight'), '-f', join(site.folder, 'policyd-weight.conf')]
  const policydWeight = (...args: string[]): string => {
    const [file = '', ...rest] = [...command, ...own, ...args]
    return execFileSync(file, rest, { encoding: 'utf8' })
  }
  if (way === 'daemon') {
    t.match(policydWeight('start'), /started, process/)
    t.teardown(() => policydWeight('stop'))
  }
  return { site, policydWeight }
}

for (const way of ['spawned', 'daemon'] as const)
  t.test(`from a refusal to a delivered mail, without a restart: ${way}`, async t => {
    const { site, policydWeight } = await startWithJournal(t, way)
    const first = await send(site.port)
    t.match(first.reply, /^<\*\* 550 5\.7\.1 .*; ref [0-9A-Z]{10}$/)
    const again = await send(site.port)
    t.equal(again.reference, first.reference, 'a refusal from memory has the reference of the first')

    const reference = first.reference ?? ''
    const why = policydWeight('why', reference)
    t.match(why, /zen\.spamhaus\.org/)
    const { explained } = JSON.parse(policydWeight('why', reference, '--json')) as { explained: Explained }
    t.match(
      explained.clues.filter(({ without }) => without.kind === 'changed'),
      [{ kind: 'list', name: 'zen.spamhaus.org' }],
      'which single clue would have changed the verdict',
    )

    const queries = site.dns.queries.length
    t.match(policydWeight('forgive', reference), /203\.0\.113\.9/)
    const anew = await send(site.port)
    t.match(anew.reply, /^<\*\* 550 5\.7\.1 /, 'still refused')
    t.not(anew.reference, reference, 'but not from memory')
    t.ok(site.dns.queries.length > queries, 'and looked up anew')

    policydWeight('exempt', PARTNER.client, '--until', '30d', '--note', 'ticket 4711')
    await waitFor('it to be accepted', async () => (await send(site.port)).isAccepted, SOON_MS)
    const [mail = ''] = await site.delivered(1)
    t.match(headersOf(mail), [/ EXEMPT; rate: \S+$/], 'with the reasons, and that it is exempt')
    await waitFor('the use to be counted', () => usesIn(policydWeight('exempt', '--json')) === 1, SOON_MS)
    t.match(policydWeight('why', PARTNER.client), /exempt/i)

    policydWeight('exempt', '--remove', PARTNER.client)
    await waitFor('it to be refused again', async () => !(await send(site.port)).isAccepted, SOON_MS)
    t.notMatch(site.postfixLog(), /(warning|error|fatal|panic):/)
  })
