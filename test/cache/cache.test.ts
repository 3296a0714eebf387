import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Cache, limitsOf, openCache } from '../../src/cache/cache.ts'
import { MAX_UNDER_WAY } from '../../src/cache/under-way.ts'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import type { Native, NativeUnavailable } from '../../src/system/native/native.ts'
import { testNative } from '../../testkit/native.ts'

const SPAM = { score: 7.5, retriesLeft: 1, seenSeconds: 1000 }
const NONE: NativeUnavailable = { kind: 'unavailable', why: 'there is no native part for darwin x64' }
const native = testNative()

/** Two processes' caches over one configuration, in a directory that is ours. */
function openTwo(t: Test, overrides: Partial<Config>, part: Native | NativeUnavailable, mode = 0o700) {
  const directory = t.testdir()
  chmodSync(directory, mode)
  const warnings: string[] = []
  const counts = { nativeLoads: 0 }
  const getNative = (): Native | NativeUnavailable => {
    counts.nativeLoads++
    return part
  }
  const config = builtinConfig({ LOCKPATH: directory, ...overrides })
  const open = () =>
    openCache(
      config,
      'x.cache',
      getNative,
      () => 1_000_000,
      text => warnings.push(text),
    )
  return { caches: [open(), open()] as const, counts, warnings, isOnDisk: existsSync(join(directory, 'x.cache')) }
}

t.test('shared if it can be, private if not', t => {
  const cases: {
    label: string
    overrides?: Partial<Config>
    part?: NativeUnavailable
    mode?: number
    wantShared: boolean
    wantWarning?: RegExp
  }[] = [
    { label: 'a directory of ours', wantShared: true },
    { label: 'one size of 0', overrides: { POSCACHESIZE: 0 }, wantShared: true },
    { label: 'both sizes 0: off, on purpose', overrides: { CACHESIZE: 0, POSCACHESIZE: 0 }, wantShared: false },
    {
      label: 'a maximum of 0 switches nothing off',
      overrides: { CACHEMAXSIZE: 0, POSCACHESIZE: 0 },
      wantShared: true,
    },
    {
      label: 'switched off, without the native part',
      overrides: { CACHESIZE: 0, POSCACHESIZE: 0 },
      part: NONE,
      wantShared: false,
    },
    { label: 'no native part', part: NONE, wantShared: false, wantWarning: /know nothing of each other: .*darwin/ },
    {
      label: 'a directory everybody can write to',
      mode: 0o777,
      wantShared: false,
      wantWarning: /know nothing of each other: .* is writable for everybody/,
    },
    {
      label: 'a directory that cannot be made',
      overrides: { LOCKPATH: '/proc/none/' },
      wantShared: false,
      wantWarning: /know nothing of each other: .*\/proc\/none/,
    },
  ]
  for (const { label, overrides = {}, part = native, mode, wantShared, wantWarning } of cases) {
    t.test(label, t => {
      const { caches, counts, warnings, isOnDisk } = openTwo(t, overrides, part, mode)
      const [one, other] = caches
      const messages = { kind: 'accepted', seenSeconds: 1000 } as const
      t.ok(
        one.transact(tables => tables.messages.set('i1', messages)),
        'a process knows its own mails',
      )
      t.ok(one.transact(tables => tables.messages.get('i1')))
      t.equal(other.transact(tables => tables.messages.get('i1')) !== undefined, wantShared, 'those of others')
      t.equal(isOnDisk, wantShared)
      const isOff = !wantShared && !wantWarning
      t.equal(counts.nativeLoads, isOff ? 0 : 2, 'the native part is loaded only for a cache')
      t.match(warnings, wantWarning ? [wantWarning, wantWarning] : [])
      t.equal(warnings.length, wantWarning ? 2 : 0, 'one for each process')
      t.end()
    })
  }
  t.end()
})

t.test('a process that starts while there can be no shared cache shares it as soon as there can be one', t => {
  const cases: { label: string; hinder: (directory: string) => () => void; wantWarning: RegExp }[] = [
    {
      label: 'the directory is missing, and the one it is in',
      hinder: directory => () => mkdirSync(directory, { recursive: true, mode: 0o700 }),
      wantWarning: /ENOENT/,
    },
    {
      label: 'the directory is not to be trusted yet',
      hinder: directory => {
        mkdirSync(directory, { recursive: true })
        chmodSync(directory, 0o777)
        return () => chmodSync(directory, 0o700)
      },
      wantWarning: /writable for everybody/,
    },
    {
      label: 'another process is making the file, and takes its time',
      hinder: directory => {
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        const descriptor = openSync(join(directory, 'x.cache.new'), 'w', 0o600)
        native.lock(descriptor, 0)
        return () => closeSync(descriptor)
      },
      wantWarning: /is being written by another process/,
    },
    {
      label: 'something else has its name',
      hinder: directory => {
        mkdirSync(join(directory, 'x.cache'), { recursive: true, mode: 0o700 })
        chmodSync(directory, 0o700)
        return () => rmSync(join(directory, 'x.cache'), { recursive: true })
      },
      wantWarning: /x\.cache/,
    },
  ]
  for (const { label, hinder, wantWarning } of cases) {
    t.test(label, t => {
      const directory = join(t.testdir(), 'in', 'here')
      const clock = { nowMs: 1_000_000 }
      const warnings: string[] = []
      const opens = { count: 0 }
      const counting: Native = {
        ...native,
        map: (...args) => {
          opens.count++
          return native.map(...args)
        },
      }
      const open = () =>
        openCache(
          builtinConfig({ LOCKPATH: directory }),
          'x.cache',
          () => counting,
          () => clock.nowMs,
          text => warnings.push(text),
        )
      const remove = hinder(directory)
      const cache = open()
      t.teardown(() => cache.close?.())
      for (let second = 0; second < 3; second++) {
        clock.nowMs += 1000
        t.ok(
          cache.transact(tables => tables.messages.set('i1', { kind: 'accepted', seenSeconds: 1000 })),
          'meanwhile it knows its own mails',
        )
      }
      t.match(warnings, [wantWarning])
      t.equal(warnings.length, 1, 'told once, however often it is tried')
      remove()
      cache.transact(() => 1)
      t.equal(opens.count, 0, 'not tried twice within a second')
      clock.nowMs += 1000
      const other = open()
      t.teardown(() => other.close?.())
      cache.transact(tables => tables.messages.set('i2', { kind: 'accepted', seenSeconds: 1000 }))
      t.ok(
        other.transact(tables => tables.messages.get('i2')),
        'another process sees what it writes',
      )
      t.match(warnings.slice(1), [/^the shared cache is used from now on$/])
      clock.nowMs += 1000
      cache.transact(() => 1)
      t.equal(opens.count, 2, 'then it is left alone')
      t.equal(warnings.length, 2)
      t.end()
    })
  }
  t.end()
})

t.test('a kind that is switched off keeps nothing, in private memory neither', t => {
  const { caches } = openTwo(t, { CACHESIZE: 0 }, NONE)
  t.equal(
    caches[0].transact(({ spam }) => spam.set('192.0.2.1', SPAM)),
    false,
  )
  t.equal(
    caches[0].transact(({ ham }) =>
      ham.set('192.0.2.1-x', { score: -1, queriesLeft: 1, seenSeconds: 1, sinceSeconds: 1, hardSinceSeconds: 1 }),
    ),
    true,
  )
  t.end()
})

t.test('questions under way are counted for all processes, or in private memory up to a share', t => {
  const nowMs = 1_000_000
  const [one, other] = openTwo(t, {}, native).caches
  const take = (cache: Cache) => cache.transact(({ underWay }) => underWay.take('192.0.2.1', 1000, nowMs).count)
  t.equal(take(one), MAX_UNDER_WAY / 6)
  t.equal(take(other), 0, 'the same client, asked about by another process')
  const nowhere = () => NONE
  for (const share of [12, 30]) {
    const alone = openCache(
      builtinConfig(),
      'x.cache',
      nowhere,
      () => nowMs,
      () => {},
      share,
    )
    t.equal(take(alone), Math.floor(share / 6))
  }
  t.end()
})

t.test('a maximum of 0: a kind is purged to its size, and keeps so many', t => {
  const { caches } = openTwo(t, { CACHESIZE: 20, CACHEMAXSIZE: 0 }, NONE)
  caches[0].transact(({ spam }) => {
    for (let i = 0; i < 50; i++) t.ok(spam.set(`192.0.2.${i}`, { ...SPAM, seenSeconds: i }))
    const kept = [...spam.entries()].map(([, { seenSeconds }]) => seenSeconds)
    t.ok(kept.length > 10 && kept.length <= 20, `${kept.length} entries`)
    t.ok(kept.includes(49), 'the youngest')
    t.notOk(kept.includes(0), 'not the oldest')
  })
  t.end()
})

t.test('the configured sizes', t => {
  t.strictSame(limitsOf(builtinConfig({ CACHESIZE: 1, CACHEMAXSIZE: 2, POSCACHESIZE: 3, POSCACHEMAXSIZE: 4 })), {
    spam: { size: 1, maxSize: 2 },
    ham: { size: 3, maxSize: 4 },
  })
  t.strictSame(
    limitsOf(builtinConfig({ CACHESIZE: 10, CACHEMAXSIZE: 0, POSCACHESIZE: 0, POSCACHEMAXSIZE: 4 })),
    { spam: { size: 10, maxSize: 10 }, ham: { size: 0, maxSize: 4 } },
    'a maximum below the size is the size',
  )
  t.end()
})
