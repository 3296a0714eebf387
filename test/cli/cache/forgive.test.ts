import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { limitsOf } from '../../../src/cache/cache.ts'
import { rememberHam } from '../../../src/cache/ham.ts'
import { rememberMessage } from '../../../src/cache/mails.ts'
import { rememberSpam, type SpamKey } from '../../../src/cache/spam.ts'
import { openStore, type Store } from '../../../src/cache/store.ts'
import { forgive, whoIsMeant } from '../../../src/cli/cache/forgive.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'
import { verdictHash } from '../../../src/config/verdict-hash.ts'
import { testNative } from '../../../testkit/native.ts'
import { requestOf } from '../../support/scoring.ts'

const native = testNative()
const NOW = Math.floor(Date.now() / 1000)
const V6 = '2001:0db8:0000:0001:0000:0000:0000:0009'

function openIn(folder: string, config: Config): { readonly place: Place; readonly store: Store } {
  const directory = join(folder, 'cache')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const place = { directory, fileName: 'x.cache' }
  const own = { native, limits: limitsOf(config), configuration: verdictHash(config), nowMs: Date.now }
  const store = openStore({ ...place, ...own, warn: why => t.fail(why) })
  if (store.kind === 'unavailable') throw new Error(store.why)
  return { place, store }
}

interface Place {
  readonly directory: string
  readonly fileName: string
}

t.test('who is meant', t => {
  const cases = [
    { wanted: '203.0.113.9', want: { kind: 'client', client: '203.0.113.9' } },
    { wanted: '[203.0.113.9]', want: { kind: 'client', client: '203.0.113.9' } },
    { wanted: '::ffff:203.0.113.9', want: { kind: 'client', client: '203.0.113.9' } },
    { wanted: '2001:db8:0:1::9', want: { kind: 'client', client: V6 } },
    { wanted: '7qk2-moxn4b', want: { kind: 'reference', reference: '7QK2M0XN4B' } },
    { wanted: '<A@Example.org>', want: { kind: 'sender', sender: 'a@example.org' } },
    { wanted: '@example.org', want: { kind: 'sender', sender: '@example.org' } },
    { wanted: 'Example.org.', want: { kind: 'sender', sender: '@example.org' } },
    { wanted: ' 203.0.113.9 ', want: { kind: 'client', client: '203.0.113.9' } },
    { wanted: '550 5.7.1 x; ref 7QK2M0XN4B', want: { kind: 'reference', reference: '7QK2M0XN4B' } },
    { wanted: '203.0.113', want: undefined },
    { wanted: 'info', want: undefined },
    { wanted: '', want: undefined },
    { wanted: 'a@', want: undefined },
  ]
  for (const { wanted, want } of cases) t.strictSame(whoIsMeant(wanted), want, wanted)
  t.end()
})

t.test('what is forgotten, and what stays', t => {
  const config = { ...builtinConfig(), CACHE_PER_DOMAIN: true, CACHE_IPV6_PREFIX: 64 }
  const one = { client: '203.0.113.9', from: 'a@example.org', domain: 'example.org', sender: 'a+x@example.org' }
  const other = { client: '203.0.113.90', from: 'b@example.net', domain: 'example.net', sender: 'b@example.net' }
  const six = { client: V6, from: 'c@example.com', domain: 'example.com', sender: 'c@example.com' }
  /** Everything that can be remembered of three clients. */
  const fill = (store: Store): void => {
    store.transact(({ spam, ham, messages }) => {
      for (const [number, who] of [one, other, six].entries()) {
        const request = { ...requestOf(), ...who, instance: `i${number}` }
        const reference = `REF000000${number}`
        for (const key of ['client', 'client-domain', 'client-sender'] as SpamKey[])
          rememberSpam(spam, request, key, 5, config, NOW, 'IN_X=5', reference)
        rememberHam(ham, request, -2, config, NOW, reference)
        rememberMessage(messages, request, { kind: 'rejected', message: '550 no' }, NOW, reference)
      }
    })
  }
  const left = (store: Store): string[] =>
    store.transact(({ spam, ham, messages }) =>
      [spam, ham, messages].flatMap(table => [...table.entries()].map(([key]) => key.split('\n').slice(-2).join(' '))),
    ) ?? []
  const all = [one, other, six].flatMap(({ client, from, domain }) => {
    const network = client === V6 ? '20010db800000001/64' : client
    return [network, `${network} @${domain}`, `${network}-${from}`, `${client}-${domain}`, `${client} ${from}`]
  })
  const except = (pattern: RegExp): string[] => all.filter(key => !pattern.test(key)).sort()
  const cases = [
    { label: 'a client', wanted: '203.0.113.9', want: except(/^203\.0\.113\.9\b/), lines: 5 },
    {
      label: 'an address inside of a remembered network',
      wanted: '2001:db8:0:1::77',
      want: except(/^20010db8/),
      lines: 3,
    },
    { label: 'and the very one', wanted: '2001:db8:0:1::9', want: except(/^2001/), lines: 5 },
    { label: 'another network', wanted: '2001:db8:0:2::9', want: except(/^$/), lines: 0 },
    {
      label: 'a sender, whatever its extension',
      wanted: 'A+y@example.org',
      want: except(/.@?example\.org$/),
      lines: 4,
    },
    {
      label: 'another sender of the domain',
      wanted: 'z@example.org',
      want: except(/ @example\.org|9-example\.org/),
      lines: 2,
    },
    { label: 'a domain', wanted: '@example.org', want: except(/example\.org$/), lines: 4 },
    { label: 'not what ends alike', wanted: '@ample.org', want: except(/^$/), lines: 0 },
    { label: 'a reference stands for its client', wanted: 'REF0000001', want: except(/^203\.0\.113\.90/), lines: 5 },
    { label: 'of a network as well', wanted: 'REF0000002', want: except(/^2001/), lines: 5 },
  ]
  for (const { label, wanted, want, lines } of cases) {
    const { place, store } = openIn(t.testdir(), config)
    fill(store)
    t.strictSame(left(store).sort(), [...all].sort(), `${label}: there before`)
    const { text, status } = forgive(wanted, config, place, native, '/b.conf')
    t.strictSame(left(store).sort(), want, `${label}: a running process sees it at once`)
    t.equal(status, lines > 0 ? 0 : 69, label)
    const isStill = wanted.includes('@') && lines > 0
    const still = /^Still refused, .* 203\.0\.113\.9\. To .*: policyd-weight -f \/b\.conf forgive 203\.0\.113\.9$/m
    t.equal(still.test(text), isStill, `${label}: the client is told of`)
    t.equal(text.split('\n').filter(line => line.startsWith('  ')).length, lines, text)
    store.close()
  }
  t.end()
})

t.test('a client behind a NAT64, by the address that Postfix saw', t => {
  const config = { ...builtinConfig(), NAT64: true }
  const { place, store } = openIn(t.testdir(), config)
  const remember = (): void => {
    store.transact(({ spam }) =>
      rememberSpam(spam, { ...requestOf(), client: '203.0.113.9' }, 'client', 5, config, NOW),
    )
  }
  for (const wanted of ['64:ff9b::cb00:7109', '203.0.113.9']) {
    remember()
    t.match(forgive(wanted, config, place, native), { status: 0, text: /rejected {2}203\.0\.113\.9 / }, wanted)
  }
  store.close()
  t.end()
})

t.test('what was decided under another configuration, too', t => {
  const config = builtinConfig()
  const { place, store } = openIn(t.testdir(), { ...config, REJECTLEVEL: 3 })
  store.transact(({ spam }) => rememberSpam(spam, { ...requestOf(), client: '203.0.113.9' }, 'client', 5, config, NOW))
  t.match(forgive('203.0.113.9', config, place, native), { status: 0, text: /rejected {2}203\.0\.113\.9 {2}score 5, / })
  t.strictSame(
    store.transact(({ spam }) => [...spam.entries()]),
    [],
  )
  store.close()
  t.end()
})

t.test('a reference that the cache has forgotten is looked up in the journal', t => {
  const folder = t.testdir()
  const journal = join(folder, 'journal')
  const config = { ...builtinConfig(), JOURNAL: journal }
  const { place, store } = openIn(folder, config)
  store.transact(({ ham }) => rememberHam(ham, { ...requestOf(), client: '203.0.113.9' }, -2, config, NOW))
  t.match(forgive('7QK2M0XN4B', config, place, native), { status: 69, text: /journal cannot be read \(ENOENT\)/ })
  const record = { v: 1, time: new Date().toISOString(), id: '7QK2M0XN4B', request: { client_address: '203.0.113.9' } }
  writeFileSync(journal, `\n${JSON.stringify(record)}`)
  t.match(forgive('AAAAAAAAAA', config, place, native), { status: 69, text: /nor is it in the journal/ })
  t.match(forgive('7QK2M0XN4B', config, place, native), {
    status: 0,
    text: /^7QK2M0XN4B, client 203\.0\.113\.9: forgotten/,
  })
  store.close()
  t.end()
})

t.test('what cannot be done', t => {
  const config = builtinConfig()
  const { place, store } = openIn(t.testdir(), config)
  store.transact(({ spam }) =>
    rememberSpam(
      spam,
      { ...requestOf(), client: '203.0.113.9', from: 'a\x1b[31m@x' },
      'client-sender',
      5,
      config,
      NOW,
      'x',
    ),
  )
  const cases = [
    { wanted: 'nonsense\x1b[31m', native, want: { status: 64, text: /^nonsense\?\[31m is neither/ } },
    { wanted: '192.0.2.1', native, want: { status: 69, text: /nothing is remembered of 192\.0\.2\.1/ } },
    { wanted: "a;'b@example.org", native, want: { status: 69, text: /conf why 'a;'\\''b@example\.org'\n$/ } },
    { wanted: 'a@example.org', native, want: { status: 69, text: /policyd-weight -f \/b\.conf why a@example\.org/ } },
    {
      wanted: '203.0.113.9',
      native: { kind: 'unavailable', why: 'no native part' } as const,
      want: { status: 73, text: /no native part/ },
    },
    { wanted: '203.0.113.9', native, want: { status: 0, text: /rejected {2}203\.0\.113\.9-a\?\[31m@x/ } },
  ]
  for (const { wanted, native, want } of cases) t.match(forgive(wanted, config, place, native, '/b.conf'), want, wanted)
  const nowhere = { directory: dirname(place.directory), fileName: basename('none') }
  t.match(forgive('203.0.113.9', config, nowhere, native), { status: 69, text: /nothing is remembered/ })
  store.close()
  t.end()
})
