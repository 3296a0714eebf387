import t from 'tap'
import { builtinConfig } from '../src/config/parameters.ts'
import { pooledTransport } from '../src/dns/event-transport.ts'
import { Evaluator, openEvaluator } from '../src/evaluate.ts'
import { type DnsZone, startDnsServer } from './support/dns-server.ts'
import { testNative } from './support/native.ts'
import { requestOf } from './support/scoring.ts'

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
      const { judgement } = await evaluator.evaluate(requestOf({ client_address: clientOf(i) }))
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
    { label: 'a daemon', native: () => native, socketsPerServer: 2 },
    { label: 'no native part', native: () => ({ kind: 'unavailable', why: 'none here' }) as const },
  ]
  for (const { label, native, socketsPerServer } of cases) {
    const evaluator = await openEvaluator(config, native, socketsPerServer)
    // This process is the name server as well: it would wait for itself.
    const { judgement } = await evaluator.evaluate(requestOf({ client_address: '192.0.2.10' }))
    t.match(judgement.action, / IN_L=5/, label)
    evaluator.close()
  }
})
