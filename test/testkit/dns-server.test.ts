import { Resolver as PlainResolver } from 'node:dns/promises'
import t from 'tap'
import { openTransport } from '../../src/dns/event-transport.ts'
import type { Outcome, Question, RecordType } from '../../src/dns/outcome.ts'
import { Resolver } from '../../src/dns/resolver.ts'
import { answerFromZone, type DnsZone, startDnsServer, type ZoneNode } from '../../testkit/dns-server.ts'

const ZONE: DnsZone = {
  'example.org': {
    A: ['192.0.2.1', '192.0.2.2'],
    AAAA: ['2001:db8::25', '::1'],
    MX: [
      [20, 'B.example.org'],
      [10, 'a.example.org.'],
      [0, '.'],
    ],
  },
  '1.2.0.192.in-addr.arpa': { PTR: ['Mail.example.org', 'mail.example.net'] },
  'deep.under.example.net': { A: ['192.0.2.3'] },
  'text.example': { TXT: ['v=spf1 -ALL', ''] },
  'www.example.org': { CNAME: ['Example.org'] },
  'dangling.example.org': { CNAME: ['gone.example'] },
  'loop.example': { CNAME: ['pool.example'] },
  'pool.example': { CNAME: ['loop.example'] },
  'servfail.example': { A: ['192.0.2.4'], rcode: 'SERVFAIL' },
  'refused.example': { rcode: 'REFUSED' },
  'half.example': { A: ['192.0.2.5'], '@MX': { rcode: 'SERVFAIL' } },
  'odd.example': { rcode: 'YXDOMAIN' },
  'long.example': { A: ['192.0.2.6'], tc: true },
  'late.example': { A: ['192.0.2.7'], delay: 20 },
  'silent.example': { drop: true },
}

const found = (...values: string[]): Outcome => ({ kind: 'found', values })
const CASES: [type: RecordType, name: string, want: Outcome][] = [
  ['A', 'example.org', found('192.0.2.1', '192.0.2.2')],
  ['AAAA', 'example.org', found('2001:0db8:0000:0000:0000:0000:0000:0025', '0000:0000:0000:0000:0000:0000:0000:0001')],
  ['MX', 'example.org', found('b.example.org', 'a.example.org', '')],
  ['PTR', '1.2.0.192.in-addr.arpa', found('mail.example.org', 'mail.example.net')],
  ['TXT', 'text.example', found('v=spf1 -ALL', '')],
  ['TXT', 'example.org', { kind: 'nodata' }],
  ['PTR', 'example.org', { kind: 'nodata' }],
  ['A', 'under.example.net', { kind: 'nodata' }],
  ['A', 'other.example', { kind: 'nxdomain' }],
  ['A', '__proto__', { kind: 'nxdomain' }],
  ['A', 'www.example.org', found('192.0.2.1', '192.0.2.2')],
  ['PTR', 'www.example.org', { kind: 'nodata' }],
  ['A', 'dangling.example.org', { kind: 'nodata' }],
  ['A', 'loop.example', { kind: 'failed', reason: 'malformed' }],
  ['A', 'servfail.example', { kind: 'failed', reason: 'servfail' }],
  ['MX', 'refused.example', { kind: 'failed', reason: 'refused' }],
  ['A', 'half.example', found('192.0.2.5')],
  ['MX', 'half.example', { kind: 'failed', reason: 'servfail' }],
  ['A', 'odd.example', { kind: 'failed', reason: 'other-rcode' }],
  ['A', 'long.example', found('192.0.2.6')],
  ['A', 'late.example', found('192.0.2.7')],
]

t.test('the zone, and what the resolver makes of it over the network', async t => {
  const server = await startDnsServer(ZONE)
  const servers = [{ address: '127.0.0.1', port: server.port, family: 4 }] as const
  const patient = new Resolver({ servers, tries: 1, tryMs: 60_000, transport: openTransport })
  const impatient = new Resolver({ servers, tries: 1, tryMs: 1, transport: openTransport })
  const resolve = (question: Question, resolver = patient) =>
    new Promise<Outcome>(settled =>
      resolver.ask([question], Number.MAX_SAFE_INTEGER, { settled: (_, outcome) => settled(outcome) }),
    )
  t.teardown(async () => {
    patient.close()
    impatient.close()
    await server.close()
  })
  for (const [type, name, want] of CASES) {
    t.same(answerFromZone(ZONE, { type, name }), want, `${type} ${name}`)
    t.same(await resolve({ type, name }), want, `${type} ${name} over the network`)
  }
  t.equal(server.queries.length, CASES.length + 1, 'one query each, and one over TCP')
  t.equal(patient.packetsSent, server.queries.length)

  const silent: Question = { type: 'A', name: 'silent.example' }
  t.same(answerFromZone(ZONE, silent), { kind: 'failed', reason: 'timeout' })
  t.same(await resolve(silent, impatient), { kind: 'failed', reason: 'timeout' })

  server.zone = { 'other.example': { A: ['192.0.2.8'] } }
  t.same(await resolve({ type: 'A', name: 'other.example' }), found('192.0.2.8'), 'the zone can be changed')
})

t.test('names that are made up, where the zone has none', async t => {
  const madeUp = (name: string): ZoneNode | undefined => (name.startsWith('made-up') ? { A: ['192.0.2.9'] } : undefined)
  const server = await startDnsServer({ 'made-up.example.org': { A: ['192.0.2.1'] } }, { madeUp })
  t.teardown(() => server.close())
  const plain = new PlainResolver()
  plain.setServers([`127.0.0.1:${server.port}`])
  t.same(await plain.resolve4('made-up.example.net'), ['192.0.2.9'])
  t.same(await plain.resolve4('made-up.example.org'), ['192.0.2.1'])
  await t.rejects(plain.resolve4('other.example.org'), { code: 'ENOTFOUND' })
})

t.test('a name that cannot exist is answered without asking', t => {
  t.same(answerFromZone({ 'a..b': { A: ['192.0.2.1'] } }, { type: 'A', name: 'a..b' }), { kind: 'nxdomain' })
  t.end()
})
