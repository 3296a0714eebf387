import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { limitsOf, openCache } from '../../src/cache/cache.ts'
import { rememberHam } from '../../src/cache/ham.ts'
import { rememberMessage } from '../../src/cache/mails.ts'
import { recall } from '../../src/cache/recall.ts'
import { rememberSpam } from '../../src/cache/spam.ts'
import { openStore, Store } from '../../src/cache/store.ts'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { verdictHash } from '../../src/config/verdict-hash.ts'
import { CACHE_FILE_NAME } from '../../src/serve.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { testNative } from '../../testkit/native.ts'
import { configurationText, type Parameters, requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import { requestOf } from '../support/scoring.ts'

// Two instances, or one whose configuration was changed, and one file. What an instance has decided holds for those that
// would have decided alike.
const native = testNative()
const nowMs = (): number => 1_760_000_000_000
const NOW = nowMs() / 1000

const openWith = (directory: string, overrides: Partial<Config>) => {
  const config = builtinConfig({ LOCKPATH: directory, ...overrides })
  const warn = (text: string): never => {
    throw new Error(text)
  }
  return { config, cache: openCache(config, 'x.cache', () => native, nowMs, warn) }
}

t.test('whether one instance believes what another one has decided', t => {
  const cases: { label: string; one?: Partial<Config>; other: Partial<Config>; want: boolean }[] = [
    { label: 'the same configuration', other: {}, want: true },
    { label: 'another text', other: { REJECTMSG: '554 No', POSCACHEMSG: 'known' }, want: true },
    {
      label: 'another log, other sizes, another resolver',
      other: { DEBUG: true, CACHESIZE: 5, NS: ['192.0.2.53'] },
      want: true,
    },
    { label: 'another threshold', other: { REJECTLEVEL: 4 }, want: false },
    { label: 'another weight', other: { helo_score: { bad: 1.5, good: -2.5 } }, want: false },
    { label: 'no lists', other: { dnsbl_score: [] }, want: false },
    { label: 'other times', other: { TEMP_PTIME: 60 }, want: false },
    {
      label: 'nothing but lists',
      other: { dnsbl_checks_only_regexps: [{ source: '.', flags: '', engine: 'linear' }] },
      want: false,
    },
    { label: 'rejections that are not for good', other: { REJECTMSG: '450 Later' }, want: false },
    {
      label: 'both the same changes',
      one: { REJECTLEVEL: 4, rhsbl_score: [] },
      other: { rhsbl_score: [], REJECTLEVEL: 4, DEBUG: true },
      want: true,
    },
  ]
  for (const { label, one = {}, other, want } of cases) {
    const directory = t.testdir()
    const writer = openWith(directory, one)
    const reader = openWith(directory, other)
    const rejected = requestOf({ client_address: '192.0.2.66', instance: 'i1' })
    const accepted = requestOf({ client_address: '192.0.2.10', instance: 'i2' })
    writer.cache.transact(({ spam, ham }) => {
      rememberSpam(spam, rejected, 'client', 9, writer.config, NOW)
      rememberHam(ham, accepted, -6, writer.config, NOW)
    })
    const recalled = reader.cache.transact(tables => [
      recall(tables, rejected, reader.config, 1000 * (NOW + 1)),
      recall(tables, accepted, reader.config, 1000 * (NOW + 1)),
    ])
    t.match(recalled, [{ kind: want ? 'spam' : 'open' }, { kind: 'open' }], `${label}: rejected`)
    t.equal('cachedHamScore' in (recalled?.[1] ?? {}), want, `${label}: accepted`)
  }
  t.end()
})

t.test('a configuration that is changed between two recipients of a mail changes nothing for that mail', t => {
  const directory = t.testdir()
  const before = openWith(directory, {})
  const after = openWith(directory, { REJECTLEVEL: 100, REJECTMSG: '450 Later' })
  const request = requestOf({ instance: 'i1' })
  const memo = { kind: 'rejected', message: '550 no' } as const
  before.cache.transact(({ messages }) => rememberMessage(messages, request, memo, NOW))
  t.match(
    after.cache.transact(tables => recall(tables, request, after.config, 1000 * (NOW + 1))),
    { kind: 'message', memo },
  )
  t.end()
})

t.test('the executable, with a configuration file, comes to the same number', async t => {
  const dns = await startDnsServer({})
  t.teardown(() => dns.close())
  const lists = ['bl.example=127.0.0.[2..9]', 3.5, -1.25, 'BL']
  const cases: { label: string; written: Parameters; believed: Partial<Config>; want: boolean }[] = [
    { label: 'built-in values', written: {}, believed: {}, want: true },
    {
      label: 'values of a file',
      written: { REJECTLEVEL: 2.5, PTIME: '2h' },
      believed: { REJECTLEVEL: 2.5, PTIME: 7200 },
      want: true,
    },
    {
      label: 'a list of a file',
      written: { dnsbl_score: lists },
      believed: {
        dnsbl_score: [
          {
            host: 'bl.example',
            filter: {
              kind: 'filter',
              octets: [...[127, 0, 0].map(octet => [{ first: octet, last: octet }]), [{ first: 2, last: 9 }]],
            },
            hit: 3.5,
            miss: -1.25,
            label: 'BL',
          },
        ],
      },
      want: true,
    },
    { label: 'another threshold', written: { REJECTLEVEL: 2.5 }, believed: {}, want: false },
  ]
  for (const { label, written, believed, want } of cases) {
    const directory = t.testdir()
    const config = builtinConfig(believed)
    const store = openStore({
      directory,
      fileName: CACHE_FILE_NAME,
      limits: limitsOf(config),
      configuration: verdictHash(config),
      native,
      nowMs: Date.now,
      warn: text => t.fail(text),
    })
    if (!(store instanceof Store)) throw new Error(store.why)
    const request = requestOf()
    store.transact(({ spam }) => rememberSpam(spam, request, 'client', 9, config, Date.now() / 1000))
    store.close()
    const file = join(directory, 'conf')
    const own = { LOCKPATH: directory, LOGFILE: join(directory, 'log'), NS: `127.0.0.1:${dns.port}` }
    writeFileSync(file, configurationText({ ...own, ...written }))
    const { stdout } = await runPolicyProcess([process.execPath, EXECUTABLE, '-f', file], requestBytes(attributesOf()))
    t.equal(/retrying too fast/.test(stdout), want, `${label}: ${stdout.trim()}`)
    t.equal(dns.queries.length > 0, !want)
    dns.queries.length = 0
  }
})
