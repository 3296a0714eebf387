import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type DnsZone, startDnsServer, type ZoneNode } from '../../testkit/dns-server.ts'
import { attributesOf, tryExecutable } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

interface Case {
  readonly label: string
  readonly retries: number
  readonly mails: number
}

const CASES: Case[] = [
  { label: 'as many tries as usual', retries: 2, mails: 3 },
  // Then lists and names are given up at the same time.
  { label: 'one try', retries: 0, mails: 10 },
]

/** The resolver works: the root's name servers are there, and so are the lists for anybody but the attacker. */
const ZONE: DnsZone = {
  '.': { NS: ['a.root-servers.net'] },
  '66.100.51.198.zen.spamhaus.org': { A: ['127.0.0.4'] },
  '66.100.51.198.bl.spamcop.net': { A: ['127.0.0.2'] },
}
const LISTED = { instance: 'listed', client_address: '198.51.100.66', client_name: 'unknown', helo_name: 'x.example' }

/** What has to do with the attacker, his address on lists and his names, is silent. */
function silence(name: string): ZoneNode | undefined {
  return /(?:^|\.)113\.0\.203\.|attacker\.example(?:\.|$)/.test(name) ? { drop: true } : undefined
}

function attackersMail(n: number): Buffer {
  return requestBytes(
    attributesOf({
      instance: `i${n}`,
      client_address: `203.0.113.${n + 1}`,
      client_name: 'unknown',
      helo_name: `h${n}.attacker.example`,
      sender: `a@s${n}.attacker.example`,
    }),
  )
}

for (const { label, retries, mails } of CASES)
  t.test(`lists and the names of a client are silent while the root answers: no pass, ${label}`, async t => {
    const dns = await startDnsServer(ZONE, { madeUp: silence })
    t.teardown(() => dns.close())
    const cache = join(t.testdir(), 'cache')
    mkdirSync(cache)
    const parameters = {
      NS: `127.0.0.1:${dns.port}`,
      LOCKPATH: `${cache}/`,
      DNS_RETRIES: retries,
      DNS_RETRY_IVAL: 0.3,
    }
    for (let n = 0; n < mails; n++) {
      const tried = await tryExecutable(t.testdir(), { parameters, input: attackersMail(n) })
      t.match(tried.stdout, /^action=(?:DEFER|4)/, `mail ${n + 1} is deferred`)
    }
    const tried = await tryExecutable(t.testdir(), { parameters, input: requestBytes(attributesOf(LISTED)) })
    t.match(tried.stdout, /^action=550 Your MTA is listed in too many DNSBLs/, 'the lists are asked about others')
  })
