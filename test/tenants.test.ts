/**
 * Two customers of one provider who send through the same addresses: what one of them is refused for is none of the other's
 * business, step by step, as processes that Postfix starts and as the daemon.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type DnsZone, startDnsServer } from '../testkit/dns-server.ts'
import { connectTo, socketFolder, startDaemon } from '../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE } from '../testkit/executable.ts'
import { configurationText, type Parameters, requestBytes, runPolicyProcess } from '../testkit/policy-process.ts'

const V4 = '192.0.2.10'
const [V6, V6_TOO, V6_ELSEWHERE] = ['2001:db8::1', '2001:db8::2', '2001:db8:1::1']
const V4_REVERSED = '10.2.0.192'

/** Both tenants have their exchanges elsewhere and the provider in their SPF; one of them is on a list of domains. */
const ZONE: DnsZone = {
  'out.provider.test': { A: [V4], AAAA: [V6] },
  'good.test': { MX: [[10, 'filter.test']], TXT: [`v=spf1 ip4:${V4} ip6:2001:db8::/32 -all`] },
  'listed.test': { MX: [[10, 'filter.test']], TXT: [`v=spf1 ip4:${V4} ip6:2001:db8::/32 -all`] },
  'filter.test': { A: ['203.0.113.5'] },
  'listed.test.dbl.spamhaus.org': { A: ['127.0.1.2'] },
}

type Ask = (attributes: Record<string, string>) => Promise<string>

let mails = 0
const mail = (sender: string, client = V4): Record<string, string> =>
  attributesOf({
    client_address: client,
    client_name: 'out.provider.test',
    helo_name: 'out.provider.test',
    sender,
    instance: `m${++mails}`,
  })

const REFUSED = /^550 5\.7\.1 Mail appeared/
const CACHED = /^550 5\.7\.1 Mail appeared .*client [0-9a-f.:]+; lists: .*\[cached\]/
const ACCEPTED = /^PREPEND /

/** What each mail is answered, in this order, under the profile modern. */
const STORY: readonly (readonly [title: string, sender: string, client: string, want: RegExp])[] = [
  ['a tenant whose domain is listed is refused', 'a@listed.test', V4, REFUSED],
  ['and again, out of the cache', 'a@listed.test', V4, CACHED],
  ['whoever of that domain it is', 'b@listed.test', V4, CACHED],
  ['another tenant is not', 'a@good.test', V4, ACCEPTED],
  ['nor a bounce of the provider', '', V4, ACCEPTED],
  ['the first one still is', 'c@listed.test', V4, CACHED],
  ['over IPv6 it is refused anew', 'a@listed.test', V6, REFUSED],
  ['and remembered for the network, whatever address of it comes', 'a@listed.test', V6_TOO, CACHED],
  ['but for no other network', 'a@listed.test', V6_ELSEWHERE, REFUSED],
  ['nor for the other tenant', 'a@good.test', V6_TOO, ACCEPTED],
]

async function tell(t: Test, ask: Ask): Promise<void> {
  for (const [title, sender, client, want] of STORY) t.match(await ask(mail(sender, client)), want, title)
}

const SETTINGS: Parameters = { PROFILE: 'modern', DNS_RETRY_IVAL: 1 }

/** A process for each mail, as spawn(8) starts them, with one cache. */
function spawned(folder: string, parameters: Parameters): Ask {
  const file = join(folder, 'conf')
  writeFileSync(file, configurationText({ LOCKPATH: `${folder}/`, LOGFILE: join(folder, 'log'), ...parameters }))
  return async attributes => {
    const command = [process.execPath, EXECUTABLE, '-f', file]
    const { stdout } = await runPolicyProcess(command, requestBytes(attributes))
    return stdout.replace(/^action=/, '').trimEnd()
  }
}

t.test('the story of two tenants, spawned', async t => {
  const dns = await startDnsServer(ZONE)
  t.teardown(() => dns.close())
  await tell(t, spawned(t.testdir(), { ...SETTINGS, NS: `127.0.0.1:${dns.port}` }))
})

t.test('the story of two tenants, through the daemon', async t => {
  const dns = await startDnsServer(ZONE)
  t.teardown(() => dns.close())
  const daemon = await startDaemon(socketFolder(t), { ...SETTINGS, NS: `127.0.0.1:${dns.port}` })
  t.teardown(() => daemon.stop())
  const client = await connectTo(daemon.socketPath)
  t.teardown(() => client.socket.destroy())
  let asked = 0
  await tell(t, async attributes => {
    const all = await client.ask(requestBytes(attributes), ++asked)
    return (
      all
        .trimEnd()
        .split('\n\n')
        .at(-1)
        ?.replace(/^action=/, '') ?? ''
    )
  })
})

t.test('with one entry a client, as with the reference, the other tenant is refused', async t => {
  const dns = await startDnsServer(ZONE)
  t.teardown(() => dns.close())
  const off = { CACHE_PER_DOMAIN: 0, HELO_BY_CLIENT_NAME: 0, CHECK_SPF: 0 }
  const ask = spawned(t.testdir(), { ...SETTINGS, ...off, NS: `127.0.0.1:${dns.port}` })
  // A pool whose HELO name leads nowhere.
  const fromPool = (sender: string) => ask({ ...mail(sender), helo_name: 'obe-1.provider.test' })
  t.match(await fromPool('a@listed.test'), REFUSED)
  t.match(await fromPool('a@good.test'), CACHED)
})

t.test('of a client that a strong list names, all mail is refused out of the cache', async t => {
  const dns = await startDnsServer({ ...ZONE, [`${V4_REVERSED}.zen.spamhaus.org`]: { A: ['127.0.0.3'] } })
  t.teardown(() => dns.close())
  const ask = spawned(t.testdir(), { ...SETTINGS, NS: `127.0.0.1:${dns.port}` })
  t.match(
    await ask(mail('a@listed.test')),
    /^550 5\.7\.1 Your mail server or domain is on block lists; client \S+; lists: zen\.spamhaus\.org; removal: https:/,
  )
  const queries = dns.queries.length
  t.match(await ask(mail('a@good.test')), CACHED)
  t.equal(dns.queries.length, queries, 'nothing is looked up for it')
})
