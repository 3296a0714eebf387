import t from 'tap'
import { type DnsServerOptions, type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, tryExecutable } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

const ZONE: DnsZone = {
  'example.org': { MX: [[10, 'mail.example.org']], A: ['192.0.2.80'] },
  'mail.example.org': { A: ['192.0.2.10'] },
}
const ACCEPTED = /^action=PREPEND X-policyd-weight: {2}NOT_IN_LIST=-1.5 CL_IP_EQ_FROM_MX=-3.1; rate: -4.6\n\n$/
const LIST_IN_TROUBLE = /^action=PREPEND X-policyd-weight: {2}LIST=ERR\(-1.5\) /
/** The list has not answered, and nothing else speaks against the mail. */
const DEFERRED = /^action=DEFER_IF_PERMIT 4\.4\.3 .*\n\n$/
const PASSED = /^action=PREPEND X-policyd-weight: passed - too many local DNS-errors in list.example lookups\n\n$/
/** No list is in the way of it: nobody answers at all. */
const OUTAGE = /^action=PREPEND X-policyd-weight: passed - too many local DNS-errors in DNS lookups\n\n$/

/** A pointer to itself in place of the first name: RFC 1035 4.1.4 allows none of it. */
function pointerLoop(reply: Buffer): Buffer {
  const looped = Buffer.from(reply)
  looped.writeUInt16BE(0xc00c, 12)
  return looped
}

function wrongId(reply: Buffer): Buffer {
  const wrong = Buffer.from(reply)
  wrong.writeUInt16BE((wrong.readUInt16BE(0) + 1) & 0xffff, 0)
  return wrong
}

interface Case {
  readonly label: string
  readonly zone?: DnsZone
  readonly tamper?: DnsServerOptions['tamper']
  readonly maxErrors?: number
  readonly rejectLevel?: number
  readonly want: RegExp
}

const CASES: Case[] = [
  { label: 'honest', want: ACCEPTED },
  { label: 'silent', tamper: () => [], maxErrors: 1, want: PASSED },
  {
    label: 'silent, with fewer lists than count: an outage all the same',
    tamper: () => [],
    maxErrors: 3,
    want: OUTAGE,
  },
  { label: 'nothing but garbage', tamper: () => [Buffer.alloc(200, 0xff)], maxErrors: 1, want: PASSED },
  { label: 'lies first, then the truth', tamper: reply => [wrongId(reply), Buffer.alloc(3), reply], want: ACCEPTED },
  { label: 'answers another question', tamper: reply => [pointerLoop(reply), reply], want: ACCEPTED },
  { label: 'a loop of compression pointers alone', tamper: reply => [pointerLoop(reply)], maxErrors: 1, want: PASSED },
  {
    label: 'replies cut in the middle of a record',
    tamper: (reply, { name }) => (name === 'example.org' ? [reply.subarray(0, reply.length - 3)] : undefined),
    want: /^action=/,
  },
  {
    label: 'truncated: asked again over TCP',
    zone: { ...ZONE, 'example.org': { ...ZONE['example.org'], tc: true } },
    want: ACCEPTED,
  },
  {
    label: 'a loop of CNAMEs on the list',
    zone: {
      ...ZONE,
      '10.2.0.192.list.example': { CNAME: ['b.list.example'] },
      'b.list.example': { CNAME: ['10.2.0.192.list.example'] },
    },
    want: LIST_IN_TROUBLE,
  },
  {
    label: 'a loop of CNAMEs in the sender domain',
    zone: { 'example.org': { CNAME: ['b.example.org'] }, 'b.example.org': { CNAME: ['example.org'] } },
    maxErrors: 2,
    rejectLevel: -10,
    want: DEFERRED,
  },
  {
    label: 'SERVFAIL for everything the client chose',
    zone: { 'example.org': { rcode: 'SERVFAIL' }, 'mail.example.org': { rcode: 'SERVFAIL' } },
    rejectLevel: -10,
    want: DEFERRED,
  },
  {
    label: 'the same, and the mail is accepted as it is scored',
    zone: { 'example.org': { rcode: 'SERVFAIL' }, 'mail.example.org': { rcode: 'SERVFAIL' } },
    want: /^action=PREPEND X-policyd-weight: {2}NOT_IN_LIST=-1.5 .*; rate: /,
  },
]

t.test('name servers that do not keep to the rules', async t => {
  for (const { label, zone = ZONE, tamper, maxErrors = 3, rejectLevel = 1, want } of CASES) {
    const dns = await startDnsServer(zone, tamper ? { tamper } : {})
    const parameters = {
      NS: `127.0.0.1:${dns.port}`,
      DNS_RETRIES: 0,
      DNS_RETRY_IVAL: 1,
      MAXDNSERR: maxErrors,
      REJECTLEVEL: rejectLevel,
      dnsbl_score: ['list.example', 4, -1.5, 'LIST'],
      rhsbl_score: [],
    }
    const tried = await tryExecutable(t.testdir(), { parameters, input: requestBytes(attributesOf()) })
    await dns.close()
    t.match(tried.stdout, want, `${label}: answer`)
    t.equal(tried.status, 0, `${label}: status`)
    t.equal(tried.stderr, '', `${label}: descriptor 2`)
    t.ok(tried.peakMegabytes < 80, `${label}: ${tried.peakMegabytes.toFixed(0)} MB`)
    t.ok(dns.queries.length <= 60, `${label}: ${dns.queries.length} queries`)
  }
})

t.test('a flood of exchanges and of labels costs a bounded number of queries', async t => {
  const flood: DnsZone = {}
  const zone = flood as Record<string, DnsZone[string]>
  let name = 'flood.example'
  for (let level = 0; level < 30; level++) {
    zone[name] = { MX: Array.from({ length: 40 }, (_, i) => [i, `mx${i}.level${level}.example`] as const) }
    name = `a.${name}`
  }
  const dns = await startDnsServer(zone)
  const parameters = { NS: `127.0.0.1:${dns.port}`, dnsbl_score: [], rhsbl_score: [] }
  const input = requestBytes(attributesOf({ sender: `x@${name}`, helo_name: `b.${name}`, client_name: 'unknown' }))
  const tried = await tryExecutable(t.testdir(), { parameters, input })
  await dns.close()
  t.match(tried.stdout, /^action=\S.*\n\n$/)
  t.ok(dns.queries.length <= 120, `${dns.queries.length} queries`)
  t.match(tried.log.join('\n'), /followed 16 of the 40 exchanges/)
  t.match(tried.log.join('\n'), /sent no more than 120 DNS queries/)
})
