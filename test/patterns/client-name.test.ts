import t from 'tap'
import { readConfiguration } from '../../src/config/read.ts'
import { pooledTransport } from '../../src/dns/event-transport.ts'
import { Evaluator } from '../../src/evaluate.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { unlimited } from '../support/places.ts'
import { requestOf } from '../support/scoring.ts'

t.test(
  'patterns are held against the client name; one that takes too long is told once, and matches nobody',
  async t => {
    const dns = await startDnsServer({})
    t.teardown(() => dns.close())
    const text = `@dnsbl_checks_only_regexps = (qr/(?!q)(x+x+)+[yz]/, qr/^mail\\d\\./i);
    @dnsbl_score = ('l.test', 5, -1, 'L'); $NS = '127.0.0.1:${dns.port}'; $NTTL = 'x';`
    const { config } = readConfiguration(text, 'x')
    const evaluator = new Evaluator(config, pooledTransport(1))
    t.teardown(() => evaluator.close())
    const evaluate = async (client_name: string) =>
      (await evaluator.evaluate(requestOf({ client_name }), {}, { places: unlimited('192.0.2.10') })).judgement
    const matched = await evaluate('mail7.example')
    t.equal(
      matched.action,
      'PREPEND X-policyd-weight: default for $NTTL due to config-error  NOT_IN_L=-1 (only DNSBL check requested (regex-nr: 2))',
    )
    t.same(matched.notes, [])
    t.equal(dns.queries.length, 1, 'nothing but the list is asked')
    const evil = 'x'.repeat(60)
    t.match((await evaluate(evil)).notes, [/^@dnsbl_checks_only_regexps: pattern 1 takes too many steps/])
    t.same((await evaluate(evil)).notes, [])
    t.notMatch((await evaluate(evil)).action, /only DNSBL check/)
  },
)
