import t from 'tap'
import { askLists, askNameServers, nameServersOf } from '../../../src/cli/doctor/ask-dns.ts'
import { checkList, checkNameServers, listsNotAsked, listTrials } from '../../../src/cli/doctor/check-lists.ts'
import { builtinConfig } from '../../../src/config/parameters.ts'
import type { Outcome } from '../../../src/dns/outcome.ts'
import type { NameServer } from '../../../src/dns/resolv-conf.ts'
import { type DnsZone, startDnsServer } from '../../support/dns-server.ts'

const found = (...values: string[]): Outcome => ({ kind: 'found', values })
const NOTHING: Outcome = { kind: 'nxdomain' }
const failed = (reason: Extract<Outcome, { kind: 'failed' }>['reason']): Outcome => ({ kind: 'failed', reason })

t.test('each list once, with the entries it has to have', t => {
  t.match(listTrials(builtinConfig()), [
    { host: 'zen.spamhaus.org', parameter: 'dnsbl_score', hit: 4.35, listed: { name: '2.0.0.127.zen.spamhaus.org' } },
    { host: 'bl.spamcop.net', unlisted: { type: 'A', name: '1.0.0.127.bl.spamcop.net' } },
    { host: 'bl.mailspike.net' },
    { host: 'dbl.spamhaus.org', parameter: 'rhsbl_score', listed: { name: 'test.dbl.spamhaus.org' } },
    { host: 'multi.surbl.org', unlisted: { name: 'invalid.multi.surbl.org' } },
  ])
  t.equal(listTrials(builtinConfig()).length, 5)
  t.end()
})

t.test('what a list makes of its entries', t => {
  const [trial] = listTrials(builtinConfig({ rhsbl_score: [] }))
  if (!trial) throw new Error('no list')
  const cases: [
    label: string,
    listed: Outcome,
    unlisted: Outcome,
    hit: number,
    level: string,
    code: string | undefined,
  ][] = [
    ['as it should be', found('127.0.0.2'), NOTHING, 3, 'ok', undefined],
    ['listed with a code of its own', found('127.0.0.10', '127.0.0.4'), NOTHING, 3, 'ok', undefined],
    ['refused', found('127.255.255.254'), found('127.255.255.254'), 3, 'warning', 'list-blocks'],
    ['a parked domain', found('203.0.113.5'), found('203.0.113.5'), 3, 'warning', 'list-fails'],
    ['an error', failed('servfail'), failed('servfail'), 3, 'warning', 'list-fails'],
    ['silence', failed('timeout'), failed('timeout'), 3, 'warning', 'list-silent'],
    ['empty', NOTHING, NOTHING, 3, 'warning', 'list-empty'],
    ['lists everybody', found('127.0.0.2'), found('127.0.0.2'), 3, 'error', 'lists-everybody'],
    ['lists everybody, to their good', found('127.0.0.2'), found('127.0.0.2'), -3, 'warning', 'lists-everybody'],
  ]
  for (const [label, listed, unlisted, hit, level, code] of cases)
    t.match(
      checkList({ trial: { ...trial, hit }, listed, unlisted }),
      { level, code, about: 'zen.spamhaus.org' },
      label,
    )
  t.match(listsNotAsked([trial]), [{ level: 'note', text: /^1 not asked/ }])
  t.strictSame(listsNotAsked([]), [])
  t.end()
})

t.test('what name servers make of a name everybody knows', t => {
  const server: NameServer = { address: '192.0.2.53', port: 53, family: 4 }
  const other: NameServer = { address: '192.0.2.54', port: 5300, family: 4 }
  const cases: [label: string, outcomes: Outcome[], want: [string, string | undefined][]][] = [
    ['one that answers', [found('198.41.0.4')], [['ok', undefined]]],
    [
      'one of two is silent',
      [failed('timeout'), found('198.41.0.4')],
      [
        ['warning', 'name-server-silent'],
        ['ok', undefined],
      ],
    ],
    [
      'nobody answers',
      [failed('unreachable'), failed('servfail')],
      [
        ['warning', 'name-server-silent'],
        ['warning', 'name-server-fails'],
        ['error', 'no-name-server'],
      ],
    ],
    [
      'one that knows nothing of the Internet',
      [NOTHING],
      [
        ['warning', 'name-server-fails'],
        ['error', 'no-name-server'],
      ],
    ],
  ]
  for (const [label, outcomes, want] of cases) {
    const answers = outcomes.map((outcome, index) => ({ server: index === 0 ? server : other, outcome }))
    const diagnoses = checkNameServers(answers, builtinConfig())
    t.strictSame(
      diagnoses.map(({ level, code }) => [level, code]),
      want,
      label,
    )
  }
  const [first, second] = checkNameServers(
    [
      { server, outcome: failed('timeout') },
      { server: other, outcome: found('198.41.0.4') },
    ],
    builtinConfig({ NS: ['192.0.2.53', '192.0.2.54:5300'] }),
  )
  t.match(first, { about: 'name server 192.0.2.53', remedy: [/^take it out of \$NS, .* \(2 s\)$/] })
  t.equal(second?.about, 'name server 192.0.2.54:5300')
  t.end()
})

t.test('asked for real', async t => {
  const zone: DnsZone = {
    'a.root-servers.net': { A: ['198.41.0.4'] },
    '2.0.0.127.good.example': { A: ['127.0.0.2'] },
    '2.0.0.127.refuses.example': { A: ['127.255.255.254'] },
    '1.0.0.127.refuses.example': { A: ['127.255.255.254'] },
    'test.domains.example': { A: ['127.0.1.2'] },
  }
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const entry = (host: string) => ({ host, filter: undefined, hit: 1, miss: 0, label: 'X' })
  const config = builtinConfig({
    NS: [`127.0.0.1:${dns.port}`],
    dnsbl_score: [entry('good.example'), entry('refuses.example')],
    rhsbl_score: [entry('domains.example')],
  })
  const servers = nameServersOf(config)
  t.match(await askNameServers(servers, config), [{ server: { port: dns.port }, outcome: { kind: 'found' } }])
  const lists = await askLists(servers, config, listTrials(config))
  t.strictSame(
    lists.map(checkList).map(({ about, code }) => [about, code]),
    [
      ['good.example', undefined],
      ['refuses.example', 'list-blocks'],
      ['domains.example', undefined],
    ],
  )
})
