import t from 'tap'
import { askLists, askNameServers } from '../../../src/cli/doctor/ask-dns.ts'
import {
  checkList,
  checkLists,
  checkNameServers,
  type ListTrial,
  listsNotAsked,
  listTrials,
} from '../../../src/cli/doctor/check-lists.ts'
import { type Config, builtinConfig } from '../../../src/config/parameters/parameters.ts'
import type { Outcome } from '../../../src/dns/outcome.ts'
import { type NameServer, nameServersOf } from '../../../src/dns/resolv-conf.ts'
import { type DnsZone, startDnsServer } from '../../../testkit/dns-server.ts'

const found = (...values: string[]): Outcome => ({ kind: 'found', values })
const NOTHING: Outcome = { kind: 'nxdomain' }
const failed = (reason: Extract<Outcome, { kind: 'failed' }>['reason']): Outcome => ({ kind: 'failed', reason })

t.test('each list once, with the entries it has to have', t => {
  t.match(listTrials(builtinConfig()), [
    { host: 'zen.spamhaus.org', parameter: 'dnsbl_score', hit: 4.35, listed: { name: '2.0.0.127.zen.spamhaus.org' } },
    { host: 'bl.spamcop.net', unlisted: { type: 'A', name: '1.0.0.127.bl.spamcop.net' } },
    { host: 'bl.mailspike.net' },
    { host: 'dbl.spamhaus.org', parameter: 'rhsbl_score', listed: { name: 'test.dbl.spamhaus.org' } },
    {
      host: 'multi.surbl.org',
      listed: { name: 'test.surbl.org.multi.surbl.org' },
      unlisted: { name: 'invalid.multi.surbl.org' },
    },
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
      checkList({ trial: { ...trial, hit }, listed, unlisted }, builtinConfig()),
      { level, code, about: 'zen.spamhaus.org' },
      label,
    )
  const wild = { trial, listed: found('127.0.0.2'), unlisted: found('127.0.0.2') }
  const silent = { trial, listed: failed('timeout'), unlisted: failed('timeout') }
  t.match(checkList(wild, builtinConfig()).text, /: every mail gets its score of 4\.35$/)
  t.match(checkList(wild, builtinConfig({ BL_PROBE_INTERVAL: 600 })).text, /: it is left alone once a probe finds it/)
  t.match(checkList(silent, builtinConfig()).text, /: each mail waits for it$/)
  t.match(checkList(silent, builtinConfig({ EARLY_VERDICT: true })).text, /: mail that it could decide waits for it$/)
  t.match(listsNotAsked([trial]), [{ level: 'note', text: /^1 not asked/ }])
  t.strictSame(listsNotAsked([]), [])
  t.end()
})

const entry = (host: string) => ({ host, filter: undefined, hit: 1, miss: 0, label: 'X' })
const KEY = 'q7x2kd9w4mzv8h3tj6rp1bn5cy'

/** The trial of one list. */
function trialOf(host: string, parameter: ListTrial['parameter'], overrides: Partial<Config> = {}): ListTrial {
  const [trial] = listTrials(
    builtinConfig({ dnsbl_score: [], rhsbl_score: [], [parameter]: [entry(host)], ...overrides }),
  )
  if (!trial) throw new Error(`${host} is not tried`)
  return trial
}

t.test('the table of lists says what a list is tried with', t => {
  const cases: [
    label: string,
    host: string,
    parameter: ListTrial['parameter'],
    listed: string | undefined,
    unlisted: string | undefined,
  ][] = [
    ['addresses', 'list.example', 'dnsbl_score', '2.0.0.127', '1.0.0.127'],
    ['domains', 'list.example', 'rhsbl_score', 'test', 'invalid'],
    ['SURBL has an entry of its own', 'multi.surbl.org', 'rhsbl_score', 'test.surbl.org', 'invalid'],
    ['URIBL as well', 'black.uribl.com', 'rhsbl_score', 'test.uribl.com', 'invalid'],
    ['hostkarma lists 127.0.0.1 on purpose', 'hostkarma.junkemailfilter.com', 'dnsbl_score', '2.0.0.127', undefined],
    ['no entry is known', 'score.senderscore.com', 'dnsbl_score', undefined, '1.0.0.127'],
    ['addresses asked for domains', 'zen.spamhaus.org', 'rhsbl_score', undefined, 'invalid'],
    [
      'IPv6 alone',
      'bl.ipv6.spameatingmonkey.net',
      'dnsbl_score',
      '2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0',
      '1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0',
    ],
  ]
  for (const [label, host, parameter, listed, unlisted] of cases) {
    const trial = trialOf(host, parameter)
    t.equal(trial.listed?.name, listed && `${listed}.${host}`, `${label}: listed`)
    t.equal(trial.unlisted?.name, unlisted && `${unlisted}.${host}`, `${label}: not listed`)
  }
  const zone_codes = [{ zone: 'list.example', words: 'untested' }]
  t.equal(trialOf('list.example', 'dnsbl_score', { zone_codes }).listed, undefined, 'a configured zone without entries')
  t.strictSame(
    listTrials(builtinConfig({ dnsbl_score: [entry('dbl.spamhaus.org')], rhsbl_score: [] })),
    [],
    'never asked',
  )
  t.end()
})

t.test('what it says of answers follows the table', t => {
  const cases: {
    label: string
    host: string
    parameter?: ListTrial['parameter']
    listed?: Outcome
    unlisted?: Outcome
    want: { level: string; code?: string; text: RegExp; remedy?: RegExp[] }
  }[] = [
    {
      label: 'hostkarma is not said to list everybody',
      host: 'hostkarma.junkemailfilter.com',
      listed: found('127.0.0.2'),
      want: { level: 'ok', text: /^lists what/ },
    },
    {
      label: 'the entry of dnswl is no refusal',
      host: 'list.dnswl.org',
      listed: found('127.0.10.0'),
      unlisted: NOTHING,
      want: { level: 'ok', text: /^lists what/ },
    },
    {
      label: 'what dnswl answers abusers is one',
      host: 'list.dnswl.org',
      listed: found('127.0.10.3'),
      unlisted: found('127.0.10.3'),
      want: {
        level: 'warning',
        code: 'list-blocks',
        text: /\(127\.0\.10\.3: far too many queries/,
        remedy: [/its operator allows 100,000 queries a day/],
      },
    },
    {
      label: 'URIBL refuses in each of its zones',
      host: 'black.uribl.com',
      parameter: 'rhsbl_score',
      listed: found('127.0.0.1'),
      unlisted: found('127.0.0.1'),
      want: { level: 'warning', code: 'list-blocks', text: /the query was refused/ },
    },
    {
      label: 'a list without entries that answers',
      host: 'score.senderscore.com',
      unlisted: NOTHING,
      want: { level: 'ok', text: /^answers; no entry is known/ },
    },
    {
      label: 'a list without entries that lists this one',
      host: 'rep.mailspike.net',
      unlisted: found('127.0.0.14'),
      want: { level: 'ok', text: /^answers; no entry is known/ },
    },
    {
      label: 'a list without entries that is silent',
      host: 'score.senderscore.com',
      unlisted: failed('timeout'),
      want: { level: 'warning', code: 'list-silent', text: /no answer/ },
    },
    {
      label: 'a resolver that is not registered',
      host: 'b.barracudacentral.org',
      listed: failed('servfail'),
      unlisted: failed('servfail'),
      want: {
        level: 'warning',
        code: 'list-fails',
        text: /\(SERVFAIL: the resolver is not registered\)/,
        remedy: [/^register its address at Barracuda Central; or take it out of @dnsbl_score$/],
      },
    },
    {
      label: 'a list that is known to be dead',
      host: 'cbl.abuseat.org',
      listed: NOTHING,
      unlisted: NOTHING,
      want: {
        level: 'warning',
        code: 'list-empty',
        text: /^is dead: /,
        remedy: [/ask zen\.spamhaus\.org in its place$/],
      },
    },
    {
      label: 'a key that is disabled',
      host: `${KEY}.zen.dq.spamhaus.net`,
      listed: found('127.255.255.250'),
      unlisted: found('127.255.255.250'),
      want: { level: 'warning', code: 'list-blocks', text: /the key is disabled/ },
    },
    {
      label: 'a list that takes what it is asked for an address',
      host: 'dbl.spamhaus.org',
      parameter: 'rhsbl_score',
      listed: found('127.0.1.255'),
      unlisted: NOTHING,
      want: { level: 'warning', code: 'list-fails', text: /asked the wrong thing \(127\.0\.1\.255\)/ },
    },
    {
      label: 'an empty one with a key',
      host: `${KEY}.dbl.dq.spamhaus.net`,
      parameter: 'rhsbl_score',
      listed: NOTHING,
      unlisted: NOTHING,
      want: { level: 'warning', code: 'list-empty', text: / entry test\.dbl\.dq\.spamhaus\.net: / },
    },
    {
      label: 'one with a key that lists everybody',
      host: `${KEY}.dbl.dq.spamhaus.net`,
      parameter: 'rhsbl_score',
      listed: found('127.0.1.2'),
      unlisted: found('127.0.1.2'),
      want: { level: 'error', code: 'lists-everybody', text: /also invalid\.dbl\.dq\.spamhaus\.net: / },
    },
  ]
  for (const { label, host, parameter = 'dnsbl_score', listed, unlisted, want } of cases) {
    const diagnosis = checkList({ trial: trialOf(host, parameter), listed, unlisted }, builtinConfig())
    t.match(diagnosis, want, label)
    t.notMatch(JSON.stringify(diagnosis), KEY, `${label}: no key`)
  }
  t.end()
})

t.test('all lists empty at once: somebody filters 127/8, and the lists are not called dead', t => {
  const config = builtinConfig({
    dnsbl_score: ['one.example', 'two.example'].map(entry),
    rhsbl_score: [entry('dbl.spamhaus.org')],
  })
  const trials = listTrials(config)
  const check = (...answers: (readonly [listed: Outcome, unlisted: Outcome])[]) =>
    checkLists(
      answers.map(([listed, unlisted], index) => ({ trial: trials[index] as ListTrial, listed, unlisted })),
      config,
    ).map(({ about, code }) => `${about} ${code ?? 'ok'}`)
  const empty = [NOTHING, NOTHING] as const
  const filtered = 'lists answers-filtered'
  const cases: [label: string, answers: Parameters<typeof check>, want: string[]][] = [
    ['no such name', [empty, empty, empty], [filtered]],
    ['no addresses left', [[{ kind: 'nodata' }, NOTHING], empty, empty], [filtered]],
    [
      'refused by the resolver',
      [
        [failed('refused'), NOTHING],
        [failed('refused'), NOTHING],
        [failed('refused'), NOTHING],
      ],
      [filtered],
    ],
    [
      'one does not answer at all',
      [empty, [failed('timeout'), failed('timeout')], empty],
      [filtered, 'two.example list-silent'],
    ],
    [
      'one is there',
      [empty, [found('127.0.0.2'), NOTHING], empty],
      ['one.example list-empty', 'two.example ok', 'dbl.spamhaus.org list-empty'],
    ],
    [
      'one refuses, with an address of 127/8',
      [empty, [found('127.255.255.254'), found('127.255.255.254')], empty],
      ['one.example list-empty', 'two.example list-blocks', 'dbl.spamhaus.org list-empty'],
    ],
    ['there is only one', [empty], ['one.example list-empty']],
    [
      'all fail in both',
      [
        [failed('servfail'), failed('servfail')],
        [failed('servfail'), failed('servfail')],
      ],
      ['one.example list-fails', 'two.example list-fails'],
    ],
  ]
  for (const [label, answers, want] of cases) t.strictSame(check(...answers), want, label)
  const [diagnosis] = checkLists(
    trials.map(trial => ({ trial, listed: NOTHING, unlisted: NOTHING })),
    config,
  )
  t.match(diagnosis?.text, /^your resolver filters 127\/8 \(rebind protection\)/)
  const dead = builtinConfig({
    dnsbl_score: ['ix.dnsbl.manitu.net', 'dul.dnsbl.sorbs.net'].map(entry),
    rhsbl_score: [],
  })
  t.match(
    checkLists(
      listTrials(dead).map(trial => ({ trial, listed: NOTHING, unlisted: NOTHING })),
      dead,
    ),
    [
      { code: 'list-empty', text: /^is dead since 2025-01-16/ },
      { code: 'list-empty', text: /^is dead since 2024-06-05/ },
    ],
    'lists that are known to be dead',
  )
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
  const known = {
    silent: [
      { server: '192.0.2.53:53', seconds: 74 },
      { server: '192.0.2.54:5300', seconds: 3 },
    ],
    isOutage: false,
  }
  const texts = [failed('timeout'), found('198.41.0.4')].map((outcome, index) => {
    const answers = [{ server: index === 0 ? server : other, outcome }]
    return checkNameServers(answers, builtinConfig(), known)[0]?.text
  })
  t.same(texts, [
    'gives no answer (timeout); mail asks it last, for it has not answered mail for 74 s',
    'answers; mail asks it last, for it has not answered mail for 3 s',
  ])
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
  const config = builtinConfig({
    NS: [`127.0.0.1:${dns.port}`],
    dnsbl_score: [entry('good.example'), entry('refuses.example')],
    rhsbl_score: [entry('domains.example')],
  })
  const servers = nameServersOf(config.NS)
  t.match(await askNameServers(servers, config), [{ server: { port: dns.port }, outcome: { kind: 'found' } }])
  const lists = await askLists(servers, config, listTrials(config))
  t.strictSame(
    checkLists(lists, config).map(({ about, code }) => [about, code]),
    [
      ['good.example', undefined],
      ['refuses.example', 'list-blocks'],
      ['domains.example', undefined],
    ],
  )
})
