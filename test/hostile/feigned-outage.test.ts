import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type DnsServer, type DnsZone, type ReceivedQuery, startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, logLines, tryExecutable } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

const MAILS = 4
const TRY_SECONDS = 0.3
const ZONE: DnsZone = {
  '.': { NS: ['a.root-servers.net'] },
  'good.example': { MX: [[10, 'mail.good.example']] },
  'mail.good.example': { A: ['192.0.2.10'] },
}

type Attributes = Readonly<Record<string, string>>

/** What an attacker sends, and what of it the name servers do not answer: all of them, or the first one alone. */
interface Attack {
  readonly title: string
  mail(n: number): Attributes
  isSilent(query: ReceivedQuery, server: number): boolean
}

const OWN = /(?:^|\.)attacker\.example$/
const CLIENT = { client_address: '203.0.113.9', client_name: 'unknown' }
const names = (n: number): Attributes => ({
  ...CLIENT,
  helo_name: `h${n}.attacker.example`,
  sender: `a@s${n}.attacker.example`,
})
/** The address of the attacker, and of nobody else. */
const OF_CLIENT = /^9\.113\.0\.203\./

const ATTACKS: Attack[] = [
  { title: 'names that no server gets an answer for', mail: names, isSilent: ({ name }) => OWN.test(name) },
  {
    title: 'names that the first server gets no answer for, and the next one does',
    mail: names,
    isSilent: ({ name }, server) => server === 0 && OWN.test(name),
  },
  {
    title: 'names and a reverse zone of his own',
    mail: names,
    isSilent: ({ name }) => OWN.test(name) || name.endsWith('.203.in-addr.arpa'),
  },
  {
    title: 'a sender domain that keeps the first server busy when a list is asked for it',
    mail: n => ({ ...CLIENT, helo_name: 'mail.good.example', sender: `a@x.${'y'.repeat(60)}.z${n}.attacker.example` }),
    isSilent: ({ name }, server) => server === 0 && name.includes('attacker.example'),
  },
  {
    title: 'a HELO that is what a list is asked about others',
    mail: n => ({ ...CLIENT, helo_name: `${n}.2.0.192.dead.example`, sender: `a@${n}.2.0.192.dead.example` }),
    isSilent: ({ name }) => name.endsWith('dead.example'),
  },
  {
    title: 'a HELO that is the control question, and the root as a domain',
    mail: () => ({ ...CLIENT, helo_name: '.', sender: 'a@.' }),
    isSilent: ({ name, type }) => type !== 'NS' && (name === '.' || name === ''),
  },
  {
    title: 'all that he is the cause of, his address on lists included',
    mail: names,
    isSilent: ({ name }) => OWN.test(name) || OF_CLIENT.test(name),
  },
]

async function startServers(t: Test, { isSilent }: Attack): Promise<DnsServer[]> {
  return Promise.all(
    [0, 1].map(async server => {
      const tamper = (_: Buffer, query: ReceivedQuery) => (isSilent(query, server) ? [] : undefined)
      const dns = await startDnsServer(ZONE, { tamper })
      t.teardown(() => dns.close())
      return dns
    }),
  )
}

for (const attack of ATTACKS)
  t.test(`no server is left alone, and there is no outage: ${attack.title}`, async t => {
    const [first, next] = (await startServers(t, attack)) as [DnsServer, DnsServer]
    const folder = t.testdir({ cache: {} })
    const parameters = {
      NS: `127.0.0.1:${first.port} 127.0.0.1:${next.port}`,
      LOCKPATH: `${join(folder, 'cache')}/`,
      LOGFILE: join(folder, 'log'),
      DNS_RETRY_IVAL: TRY_SECONDS,
      DNS_RETRIES: 1,
      dnsbl_score: ['l.example', 5, 0, 'L'],
      rhsbl_score: ['d.example', 5, 0, 'D'],
    }
    const ask = async (attributes: Attributes): Promise<string> => {
      const tried = await tryExecutable(t.testdirName, {
        parameters,
        input: requestBytes(attributesOf({ ...attributes })),
      })
      return tried.stdout.trim()
    }
    for (let n = 0; n < MAILS; n++) {
      await ask({ ...attack.mail(n), instance: `attack${n}` })
      const before = next.queries.length
      const good = { client_name: 'mail.good.example', helo_name: 'mail.good.example' }
      const answer = await ask({
        ...good,
        instance: `good${n}`,
        sender: `a${n}@good.example`,
        client_address: `192.0.2.${n + 1}`,
      })
      t.match(answer, /; rate: /, 'a good mail is scored')
      t.equal(next.queries.length, before, 'by the first server')
    }
    t.notMatch(logLines(parameters.LOGFILE).join('\n'), /name server/)
  })
