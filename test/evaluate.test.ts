import t, { type Test } from 'tap'
import { MAX_LOOKED_UP } from '../src/turn/admission.ts'
import { Caller, CallerGone } from '../src/turn/caller.ts'
import { builtinConfig, type Config } from '../src/config/parameters/parameters.ts'
import { pooledTransport } from '../src/dns/event-transport.ts'
import { openEvaluator } from '../src/open-evaluator.ts'
import { type Evaluated, Evaluator, type Resources } from '../src/evaluate.ts'
import { parseFilter } from '../src/lists/filter.ts'
import type { Facts } from '../src/score/scoring.ts'
import { type DnsZone, startDnsServer } from '../testkit/dns-server.ts'
import { testNative } from '../testkit/native.ts'
import { waitingTransport } from '../src/dns/waiting-transport.ts'
import { unlimited } from './support/places.ts'
import { requestOf } from './support/scoring.ts'
import { waitFor } from '../testkit/wait-for.ts'

const LIST = { host: 'l.test', filter: undefined, hit: 5, miss: -1, label: 'L' }

t.test('more requests at once than are looked up at once: each gets its own verdict', async t => {
  const REQUESTS = 700
  const clientOf = (i: number): string => `198.51.${i >> 8}.${i & 255}`
  const zone: DnsZone = Object.fromEntries(
    Array.from(
      { length: REQUESTS },
      (_, i) => [`${i & 255}.${i >> 8}.51.198.l.test`, { A: ['127.0.0.2'], delay: 20 }] as const,
    ).filter((_, i) => i % 7 === 0),
  )
  const dns = await startDnsServer(zone, { receiveBufferBytes: 1024 * 1024 })
  t.teardown(() => dns.close())
  const config = builtinConfig({
    NS: [`127.0.0.1:${dns.port}`],
    dnsbl_score: [LIST],
    dnsbl_checks_only: true,
    LOG_BAD_RBL_ONLY: false,
  })
  const evaluator = new Evaluator(config, pooledTransport(8))
  t.teardown(() => evaluator.close())
  let waiting = 0
  let most = 0
  const evaluated = await Promise.all(
    Array.from({ length: REQUESTS }, async (_, i) => {
      most = Math.max(most, ++waiting)
      const { judgement } = await evaluator.evaluate(
        requestOf({ client_address: clientOf(i) }),
        {},
        { places: unlimited(clientOf(i)) },
      )
      waiting--
      return judgement.action.includes(' IN_L=5')
    }),
  )
  t.equal(most, REQUESTS, 'all were asked for at once')
  t.same(
    evaluated.flatMap((isListed, i) => (isListed === (i % 7 === 0) ? [] : [clientOf(i)])),
    [],
    'clients with the verdict of another',
  )
})

t.test('whoever may not stand still waits in the event loop: a daemon, and what has no native part', async t => {
  const dns = await startDnsServer({ '10.2.0.192.l.test': { A: ['127.0.0.2'] } })
  t.teardown(() => dns.close())
  const config = builtinConfig({ NS: [`127.0.0.1:${dns.port}`], dnsbl_score: [LIST], dnsbl_checks_only: true })
  const native = testNative()
  const cases = [
    { label: 'a daemon', native: () => native, mode: 'daemon' },
    { label: 'no native part', native: () => ({ kind: 'unavailable', why: 'none here' }) as const, mode: 'spawn' },
  ] as const
  for (const { label, native, mode } of cases) {
    const evaluator = await openEvaluator(config, native, mode)
    // This process is the name server as well: it would wait for itself.
    const { judgement } = await evaluator.evaluate(
      requestOf({ client_address: '192.0.2.10' }),
      {},
      { places: unlimited('192.0.2.10') },
    )
    t.match(judgement.action, / IN_L=5/, label)
    evaluator.close()
  }
})

const lists = (...hosts: string[]) => hosts.map(host => ({ host, filter: undefined, hit: 5, miss: -1, label: host }))
const HOSTS = ['a.test', 'b.test', 'c.test']
const PASS = 'PREPEND X-policyd-weight: passed - too many local DNS-errors in '
const FORGED = { client_address: '192.0.2.10', helo_name: 'mail.forged.example', sender: 'a@forged.example' }

/** Evaluates a mail over a zone of its own; tries take 50 ms, there are two of them. */
async function evaluateOver(
  t: Test,
  zone: DnsZone,
  {
    config = {},
    isDead = false,
    isSuspect = false,
    known = {},
    places = client => unlimited(client, isSuspect),
  }: {
    config?: Partial<Config>
    isDead?: boolean
    isSuspect?: boolean
    known?: Facts
    places?: (client: string) => Resources['places']
  } = {},
): Promise<{ evaluated: Evaluated; asked: string[]; port: number }> {
  const dns = await startDnsServer(zone, { tamper: () => (isDead ? [] : undefined) })
  const evaluator = new Evaluator(
    builtinConfig({
      NS: [`127.0.0.1:${dns.port}`],
      DNS_RETRIES: 1,
      DNS_RETRY_IVAL: 0.05,
      dnsbl_score: lists(...HOSTS),
      rhsbl_score: [],
      ...config,
    }),
    pooledTransport(1),
  )
  t.teardown(() => dns.close())
  t.teardown(() => evaluator.close())
  const evaluated = await evaluator.evaluate(requestOf(FORGED), known, { places: places('192.0.2.10') })
  return { evaluated, asked: dns.queries.map(({ type, name }) => `${type} ${name}`), port: dns.port }
}

const silent = (...hosts: string[]): DnsZone =>
  Object.fromEntries(hosts.map(host => [`10.2.0.192.${host}`, { drop: true }]))

t.test('three lists are silent, and nothing a client chose can be why: the mail passes', async t => {
  const { evaluated, asked } = await evaluateOver(t, silent(...HOSTS))
  t.equal(evaluated.judgement.action, `${PASS}c.test lookups`)
  t.ok(asked.includes('NS .'), 'the control question was on its way')
  t.same([...evaluated.judgement.listAnswers.values()].length, 3, 'it counts against the lists')
})

t.test('lists are silent while the names of clients are: no pass, the lists are in error', async t => {
  const { evaluated } = await evaluateOver(t, silent(...HOSTS), { isSuspect: true })
  t.match(evaluated.judgement.action, / \(helo\/hostname mismatch\)$/)
  t.match(evaluated.judgement.weighted?.reasons, / a\.test=ERR\(-1\) b\.test=ERR\(-1\) c\.test=ERR\(-1\)/)
})

t.test('entries of one list with different filters are one silent question', async t => {
  const octet = (last: number) => {
    const filter = parseFilter(`127.0.0.${last}`)
    return filter.kind === 'filter' ? filter : undefined
  }
  const dnsbl_score = [2, 3, 4].map(last => ({
    host: 'a.test',
    filter: octet(last),
    hit: 4,
    miss: 0,
    label: `A${last}`,
  }))
  const { evaluated } = await evaluateOver(t, silent('a.test'), { config: { dnsbl_score } })
  t.match(evaluated.judgement.action, / \(helo\/hostname mismatch\)$/)
})

t.test('nobody answers anything: an outage of our own, in which every mail passes', async t => {
  const cases: { label: string; hosts: string[]; known?: Facts; want: string }[] = [
    { label: 'as many lists as it takes', hosts: HOSTS, want: `${PASS}c.test lookups` },
    { label: 'fewer', hosts: ['a.test'], want: `${PASS}DNS lookups` },
    {
      label: 'lists are skipped',
      hosts: HOSTS,
      known: { skippedLists: new Set(['a.test']) },
      want: `${PASS}DNS lookups`,
    },
    { label: 'no list at all', hosts: [], want: `${PASS}DNS lookups` },
  ]
  for (const { label, hosts, known = {}, want } of cases) {
    for (const isSuspect of [false, true]) {
      const { evaluated, port } = await evaluateOver(
        t,
        {},
        {
          isDead: true,
          config: { dnsbl_score: lists(...hosts) },
          isSuspect,
          known,
        },
      )
      t.equal(evaluated.judgement.action, want, label)
      t.ok(evaluated.judgement.notes.join().includes(`no name server answers (127.0.0.1:${port})`), 'whose fault it is')
      t.equal(evaluated.judgement.listAnswers.size, 0, "not the lists'")
    }
  }
})

t.test('a decided request leaves nothing under way', async t => {
  const zone: DnsZone = {
    '10.2.0.192.a.test': { A: ['127.0.0.2'] },
    '10.2.0.192.b.test': { A: ['127.0.0.2'] },
    '10.2.0.192.in-addr.arpa': { drop: true },
    'forged.example': { drop: true },
    'mail.forged.example': { drop: true },
  }
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const config = builtinConfig({
    NS: [`127.0.0.1:${dns.port}`],
    DNS_RETRY_IVAL: 0.05,
    dnsbl_score: lists('a.test', 'b.test'),
    rhsbl_score: [],
  })
  const evaluator = new Evaluator(config, pooledTransport(1))
  t.teardown(() => evaluator.close())
  const { judgement, queries } = await evaluator.evaluate(requestOf(FORGED), {}, { places: unlimited('192.0.2.10') })
  t.match(judgement.action, /too many DNSBLs/)
  t.equal(evaluator.pending, 0)
  await new Promise(resolve => setTimeout(resolve, 120))
  t.equal(dns.queries.length, queries, 'nothing is sent again')
})

t.test('a caller who goes ends his request, whether it is looked up or waits', async t => {
  const dns = await startDnsServer({}, { tamper: () => [] })
  t.teardown(() => dns.close())
  const config = builtinConfig({ NS: [`127.0.0.1:${dns.port}`], DNS_RETRY_IVAL: 60, dnsbl_score: lists('a.test') })
  const evaluator = new Evaluator(config, pooledTransport(1))
  t.teardown(() => evaluator.close())
  const callers = Array.from({ length: MAX_LOOKED_UP }, () => new Caller())
  const evaluations = callers.map(caller =>
    evaluator.evaluate(requestOf(FORGED), {}, { places: unlimited('192.0.2.10'), caller }),
  )
  const ended = Promise.allSettled(evaluations)
  await waitFor('lookups', () => evaluator.pending > 0)
  for (const caller of callers) caller.leave()
  t.ok((await ended).every(result => result.status === 'rejected' && result.reason instanceof CallerGone))
  t.equal(evaluator.pending, 0)
})

t.test('a mail that has to wait until its time is over is deferred, never passed', async t => {
  const zone: DnsZone = { ...silent(...HOSTS), '10.2.0.192.in-addr.arpa': {} }
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const config = builtinConfig({
    NS: [`127.0.0.1:${dns.port}`],
    DNS_RETRY_IVAL: 60,
    dnsbl_score: lists(...HOSTS),
    rhsbl_score: [],
  })
  const evaluator = new Evaluator(config, pooledTransport(1), 150)
  t.teardown(() => evaluator.close())
  const none = { ...unlimited('192.0.2.10'), count: 0, want: () => 0 }
  const cases: { label: string; places: Resources['places']; zone: DnsZone }[] = [
    { label: 'lists had no time to answer', places: unlimited('192.0.2.10'), zone },
    { label: 'names of its own were never asked for', places: none, zone: {} },
  ]
  for (const { label, places, zone } of cases) {
    dns.zone = zone
    const { judgement } = await evaluator.evaluate(requestOf(FORGED), {}, { places })
    t.equal(judgement.action, 'DEFER_IF_PERMIT 4.3.2 policy service busy, please try again', label)
    t.same(judgement.remember, {}, label)
    t.match(judgement.notes, [/waited/], label)
  }
  const waiting = Array.from({ length: 20 }, () => evaluator.evaluate(requestOf(FORGED), {}, { places: none }))
  for (const { judgement, queries } of await Promise.all(waiting)) {
    t.match(judgement.action, /busy/, 'so are those whose turn never came')
    t.ok(queries <= 11)
  }
})

t.test('lists and names are silent, and the only try of the lists ends first: no pass', async t => {
  const names = ['forged.example', 'mail.forged.example', '10.2.0.192.in-addr.arpa']
  const zone: DnsZone = { ...silent(...HOSTS), ...Object.fromEntries(names.map(name => [name, { drop: true }])) }
  const { evaluated } = await evaluateOver(t, zone, { config: { DNS_RETRIES: 0 } })
  t.notMatch(evaluated.judgement.action, /passed/)
  t.match(evaluated.judgement.weighted?.reasons, / a\.test=ERR\(-1\)/)
})

t.test('lists alone are asked and silent, and the control question is answered: the mail passes', async t => {
  const { evaluated } = await evaluateOver(t, silent(...HOSTS), { config: { dnsbl_checks_only: true } })
  t.equal(evaluated.judgement.action, `${PASS}c.test lookups`)
})

t.test('an outage in which there is no place for names any more: few lists are enough to tell', async t => {
  const places = (client: string): Resources['places'] => ({ ...unlimited(client), count: 0, want: () => 0 })
  for (const hosts of [[], ['a.test']]) {
    const { evaluated, port } = await evaluateOver(
      t,
      {},
      { isDead: true, config: { dnsbl_score: lists(...hosts) }, places },
    )
    t.equal(evaluated.judgement.action, `${PASS}DNS lookups`, `${hosts.length} lists`)
    t.ok(evaluated.judgement.notes.join().includes(`127.0.0.1:${port}`), 'whose fault it is')
  }
})

t.test('an outage while many mails of one client wait: its silent names are not its doing', async t => {
  const dns = await startDnsServer({}, { tamper: () => [] })
  t.teardown(() => dns.close())
  const config = builtinConfig({
    NS: [`127.0.0.1:${dns.port}`],
    DNS_RETRIES: 1,
    DNS_RETRY_IVAL: 0.05,
    dnsbl_score: lists(...HOSTS),
    rhsbl_score: [],
  })
  // Time for 30 lookups one behind the other; two mails at a time would need 60.
  const evaluator = new Evaluator(config, pooledTransport(1), 3000)
  t.teardown(() => evaluator.close())
  const evaluated = await Promise.all(
    Array.from({ length: 120 }, () => evaluator.evaluate(requestOf(FORGED), {}, { places: unlimited('192.0.2.10') })),
  )
  t.same(
    evaluated.map(({ judgement }) => judgement.action).filter(action => action !== `${PASS}c.test lookups`),
    [],
  )
})

/** So many places, for whoever wants more. */
function atMost(places: number) {
  let count = 0
  return {
    ...unlimited('192.0.2.10'),
    get count() {
      return count
    },
    want: (wanted: number) => (count = Math.min(wanted, places)),
  }
}

t.test('a verdict that is settled waits for no question that was held back', async t => {
  const zone: DnsZone = {
    '10.2.0.192.in-addr.arpa': { PTR: ['mail.example.org'], delay: 50 },
    'example.org': { MX: [[10, 'mail.example.org']] },
    'mail.example.org': { A: ['192.0.2.10'], '@AAAA': { drop: true } },
  }
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const config = builtinConfig({ NS: [`127.0.0.1:${dns.port}`], DNS_RETRY_IVAL: 60, dnsbl_score: [], rhsbl_score: [] })
  const evaluator = new Evaluator(config, pooledTransport(1), 3000)
  t.teardown(() => evaluator.close())
  const { judgement, lookups } = await evaluator.evaluate(requestOf({}), {}, { places: atMost(1) })
  t.match(judgement.action, /CL_IP_EQ_FROM_MX/)
  t.match(
    lookups.filter(({ outcome }) => !outcome),
    [{ question: { type: 'AAAA', name: 'mail.example.org' } }],
    'which nobody has answered',
  )
})

t.test('a lookup that was sent only once, since places were scarce, is no reason to reject', async t => {
  const zone: DnsZone = { 'forged.example': { A: ['203.0.113.9'], '@MX': { drop: true } } }
  const config = { dnsbl_score: [] }
  const { evaluated } = await evaluateOver(t, zone, { config })
  t.match(evaluated.judgement.action, /^550 /, 'with room for each try')
  const { evaluated: hurried } = await evaluateOver(t, zone, { config, places: () => atMost(3) })
  t.match(hurried.judgement.action, /^DEFER_IF_PERMIT 4\.3\.2 /)
  t.same(hurried.judgement.remember, {})
  t.match(hurried.judgement.notes, [/no room for a second try/])
})

t.test('$DEFER_ON_DNSERR defers what an answer to a failed lookup could have prevented', async t => {
  const broken: DnsZone = { 'forged.example': { A: ['203.0.113.9'], '@MX': { rcode: 'SERVFAIL' } } }
  const listed: DnsZone = { '10.2.0.192.a.test': { A: ['127.0.0.2'] }, '10.2.0.192.b.test': { A: ['127.0.0.2'] } }
  const whole: DnsZone = { 'forged.example': { A: ['203.0.113.9'] } }
  const cases: [label: string, zone: DnsZone, config: Partial<Config>, want: RegExp][] = [
    ['not unless it is set', broken, { dnsbl_score: [] }, /^550 /],
    [
      'an exchange that nobody can tell',
      broken,
      { dnsbl_score: [], DEFER_ON_DNSERR: true },
      /^DEFER_IF_PERMIT 4\.4\.3 /,
    ],
    ['nothing has failed', whole, { dnsbl_score: [], DEFER_ON_DNSERR: true }, /^550 /],
    ['nothing could have helped', { ...broken, ...listed }, { DEFER_ON_DNSERR: true, MAXDNSBLHITS: 1 }, /^550 /],
    ['there is no message for it', broken, { dnsbl_score: [], DEFER_ON_DNSERR: true, CLIENTDNSERRMSG: '' }, /^550 /],
  ]
  for (const [label, zone, config, want] of cases) {
    const { evaluated } = await evaluateOver(t, zone, { config })
    const { action, remember, why } = evaluated.judgement
    t.match(action, want, label)
    if (why === 'preventable') t.same(remember, {}, 'nothing is remembered')
  }
})

t.test('what would become of a mail without some lists, $DEFER_ON_DNSERR included', async t => {
  const zone: DnsZone = {
    'forged.example': { A: ['203.0.113.9'], '@MX': { rcode: 'SERVFAIL' } },
    '10.2.0.192.a.test': { A: ['127.0.0.2'] },
    '10.2.0.192.b.test': { A: ['127.0.0.2'] },
  }
  for (const DEFER_ON_DNSERR of [false, true]) {
    const { evaluated } = await evaluateOver(t, zone, { config: { DEFER_ON_DNSERR, MAXDNSBLHITS: 1 } })
    t.match(evaluated.judgement.action, /^550 /)
    t.match(evaluated.without?.(['a.test', 'b.test'])?.action, DEFER_ON_DNSERR ? /^DEFER_IF_PERMIT 4\.4\.3 / : /^550 /)
  }
})

t.test('what an SPF record includes is waited for so long, and then it says nothing', async t => {
  const zone: DnsZone = {
    'example.org': { TXT: ['v=spf1 include:slow.test -all'], MX: [[10, 'mx.example.org']] },
    'mx.example.org': { A: ['203.0.113.5'] },
    'mail.example.org': { A: ['192.0.2.10'] },
    'slow.test': { drop: true },
  }
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const config = builtinConfig({
    NS: [`127.0.0.1:${dns.port}`],
    dnsbl_score: [],
    rhsbl_score: [],
    CHECK_SPF: true,
    spf_fail_score: { bad: 9, good: 0 },
    SPF_BUDGET: 0.2,
    DNS_RETRY_IVAL: 30,
  })
  for (const transport of [pooledTransport(1), waitingTransport(testNative())]) {
    const evaluator = new Evaluator(config, transport)
    const { judgement, lookups } = await evaluator.evaluate(requestOf(), {}, { places: unlimited('192.0.2.10') })
    evaluator.close()
    t.match(judgement.action, /^PREPEND /)
    t.notMatch(judgement.action, /SPF/)
    const include = lookups.find(({ question }) => question.name === 'slow.test')
    t.match(include, { outcome: { kind: 'failed', reason: 'timeout' } })
    t.ok((include?.latencyMs ?? 0) < 20_000, 'not for the tries that a lookup has')
  }
})

t.test('a client known for good mail waits for a silent list once; then its names are looked up', async t => {
  const zone: DnsZone = {
    ...silent('b.test'),
    'example.org': { MX: [[10, 'mail.example.org']] },
    'mail.example.org': { A: ['192.0.2.10'] },
  }
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const config = builtinConfig({
    NS: [`127.0.0.1:${dns.port}`],
    EARLY_VERDICT: true,
    DNS_RETRIES: 1,
    DNS_RETRY_IVAL: 0.3,
    dnsbl_score: lists('a.test', 'b.test'),
    rhsbl_score: [],
    REJECTLEVEL: 4,
  })
  const evaluator = new Evaluator(config, pooledTransport(1))
  t.teardown(() => evaluator.close())
  const evaluate = async (): Promise<{ asked: string[]; evaluated: Evaluated }> => {
    dns.queries.length = 0
    const evaluated = await evaluator.evaluate(requestOf(), { cachedHamScore: -3 }, { places: unlimited('192.0.2.10') })
    return { asked: dns.queries.map(({ type, name }) => `${type} ${name}`), evaluated }
  }
  const quiet = 'A 10.2.0.192.b.test'
  const first = await evaluate()
  t.match(first.evaluated.judgement.action, /; rate: -3$/)
  t.same(first.evaluated.judgement.listAnswers.get('b.test'), { kind: 'timeout' })
  t.equal(first.asked.filter(each => each === quiet).length, 2, 'as often as a lookup is tried')
  const second = await evaluate()
  t.equal(second.evaluated.judgement.action, first.evaluated.judgement.action)
  t.equal(second.asked.filter(each => each === quiet).length, 1, 'it did not wait for a second try')
  t.ok(second.asked.includes('MX example.org'))
})
