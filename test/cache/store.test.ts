import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FORMAT_VERSION, geometryFor, renderHeader } from '../../src/cache/format.ts'
import { openStore, readCounters, readStore, Store, type StoreOptions } from '../../src/cache/store.ts'
import type { Limits } from '../../src/cache/tables.ts'
import { testNative } from '../../testkit/native.ts'

const native = testNative()
const LIMITS: Limits = { spam: { size: 10, maxSize: 20 }, ham: { size: 10, maxSize: 20 } }
const SPAM = { score: 7.5, retriesLeft: 1, seenSeconds: 1000 }

/** A directory, a clock that stands still, and what was warned of. */
function setting(t: Test, changed: Partial<StoreOptions> = {}) {
  const directory = t.testdir()
  const clock = { nowMs: 1_000_000 }
  const warnings: string[] = []
  const options: StoreOptions = {
    directory,
    fileName: 'polw.cache',
    limits: LIMITS,
    configuration: 1,
    native,
    nowMs: () => clock.nowMs,
    warn: text => warnings.push(text),
    ...changed,
  }
  return { directory, path: join(directory, 'polw.cache'), clock, warnings, options }
}

function opened(t: Test, options: StoreOptions): Store {
  const store = openStore(options)
  if (!(store instanceof Store)) throw new Error(store.why)
  t.teardown(() => store.close())
  return store
}

/** 1 if the cache is had, else undefined. */
const tried = (store: Store): number | undefined => store.transact(() => 1)

const spamOf = (store: Store, client: string) => store.transact(({ spam }) => spam.get(client))

t.test('what one instance writes another reads', t => {
  const { options, path } = setting(t)
  const one = opened(t, options)
  const other = opened(t, options)
  t.equal(
    one.transact(({ spam }) => spam.set('192.0.2.1', SPAM)),
    true,
  )
  t.strictSame(spamOf(other, '192.0.2.1'), SPAM)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const read = readStore(path, LIMITS)
  t.strictSame(read.kind === 'tables' && [...read.tables.spam.entries()], [['192.0.2.1', SPAM]])
  t.end()
})

t.test('the lock is given back when the transaction throws', t => {
  const { options } = setting(t)
  const one = opened(t, options)
  const other = opened(t, options)
  t.throws(
    () =>
      one.transact(() => {
        throw new Error('of ours')
      }),
    /of ours/,
  )
  t.equal(tried(other), 1)
  t.throws(() => one.transact(() => one.transact(() => 1)), /inside/)
  t.equal(tried(other), 1)
  t.end()
})

t.test('a lock that is not had: no cache, one wait a second, one warning a minute, and it is counted', t => {
  const waits: number[] = []
  const { clock, options, path, warnings } = setting(t, {
    native: { ...native, lock: (descriptor, waitMs) => waits.push(waitMs) > 0 && native.lock(descriptor, 0) },
  })
  const one = opened(t, options)
  const other = opened(t, options)
  waits.length = 0
  const holder = openSync(path, 'r+')
  t.ok(native.lock(holder, 0))
  t.equal(tried(one), undefined)
  t.equal(tried(one), undefined)
  t.same([one.isBusy, other.isBusy], [true, false])
  t.equal(tried(other), undefined)
  t.strictSame(waits, [50, 2, 50])
  t.strictSame(warnings.length, 1, 'for both instances together')
  clock.nowMs += 1000
  t.equal(tried(one), undefined)
  t.strictSame(waits, [50, 2, 50, 50])
  clock.nowMs += 59_000
  t.equal(tried(one), undefined)
  t.strictSame(warnings.length, 2)
  closeSync(holder)
  t.equal(
    one.transact(({ counters }) => counters.read().get('locksNotHad')),
    4,
  )
  t.equal(
    other.transact(({ counters }) => counters.read().get('locksNotHad')),
    5,
  )
  t.same([one.isBusy, other.isBusy], [false, false])
  t.end()
})

t.test('a lock that fails ends the use of the file, with a warning', t => {
  let fails = false
  const { clock, options, warnings } = setting(t, {
    native: { ...native, lock: (descriptor, waitMs) => native.lock(fails ? -1 : descriptor, waitMs) },
  })
  const store = opened(t, options)
  fails = true
  t.equal(tried(store), undefined)
  t.match(warnings, [/not used any more/])
  t.equal(tried(store), undefined)
  t.equal(warnings.length, 1)
  fails = false
  clock.nowMs += 1000
  t.equal(tried(store), 1, 'and is tried again')
  t.end()
})

t.test('a file that is replaced while it is open is noticed within a second', t => {
  const cases: { label: string; replace: (path: string) => void }[] = [
    { label: 'removed', replace: path => rmSync(path) },
    { label: 'moved away', replace: path => renameSync(path, `${path}.old`) },
    {
      label: 'another put in its place',
      replace: path => {
        copyFileSync(path, `${path}.copy`)
        renameSync(`${path}.copy`, path)
      },
    },
    {
      label: 'a damaged one put in its place',
      replace: path => {
        writeFileSync(`${path}.copy`, 'nonsense')
        renameSync(`${path}.copy`, path)
      },
    },
  ]
  for (const { label, replace } of cases) {
    t.test(label, t => {
      const { clock, options, path, warnings } = setting(t)
      const store = opened(t, options)
      store.transact(({ spam }) => spam.set('192.0.2.1', SPAM))
      replace(path)
      t.strictSame(spamOf(store, '192.0.2.1'), SPAM, 'not yet')
      clock.nowMs += 1000
      store.transact(({ spam }) => spam.set('192.0.2.2', SPAM))
      const other = opened(t, options)
      t.strictSame(spamOf(other, '192.0.2.2'), SPAM, 'both use the new file')
      t.strictSame(warnings, [])
      t.end()
    })
  }
  t.end()
})

t.test('a file that is lost while it is open: no cache, one warning, and again as soon as it can be had', t => {
  const { clock, directory, options, warnings } = setting(t)
  const store = opened(t, options)
  renameSync(directory, `${directory}.gone`)
  writeFileSync(directory, '')
  t.teardown(() => rmSync(`${directory}.gone`, { recursive: true, force: true }))
  for (let i = 0; i < 3; i++) {
    clock.nowMs += 1000
    t.equal(tried(store), undefined)
  }
  t.match(warnings, [/the cache is not used any more: /])
  rmSync(directory)
  mkdirSync(directory)
  clock.nowMs += 1000
  t.equal(tried(store), 1, 'a file is made in the new directory')
  clock.nowMs += 1000
  store.transact(() => 1)
  t.match(warnings, [/not used any more/, /^the cache is used again$/])
  t.equal(warnings.length, 2, 'each change once')
  t.end()
})

t.test('the file of another version that takes the place of ours is left to it', t => {
  const { clock, options, path, warnings } = setting(t)
  const store = opened(t, options)
  const header = renderHeader(geometryFor({ spam: 20, ham: 20 }))
  header[2] = FORMAT_VERSION + 1
  copyFileSync(path, `${path}.other`)
  writeFileSync(`${path}.other`, header, { flag: 'r+' })
  renameSync(`${path}.other`, path)
  const { ino } = statSync(path)
  clock.nowMs += 1000
  t.equal(tried(store), undefined)
  t.match(warnings, [/another version/])
  t.equal(statSync(path).ino, ino)
  t.end()
})

t.test('a smaller file that takes the place of ours is used; a larger one serves from the start', t => {
  const { clock, options, path } = setting(t)
  const large = opened(t, { ...options, limits: { ...LIMITS, spam: { size: 100, maxSize: 200 } } })
  const largeBytes = statSync(path).size
  const small = opened(t, options)
  small.transact(({ counters }) => counters.add('accepted', 3))
  small.transact(({ spam }) => spam.set('192.0.2.1', SPAM))
  t.strictSame(spamOf(large, '192.0.2.1'), SPAM)
  t.equal(statSync(path).size, largeBytes)
  rmSync(path)
  clock.nowMs += 1000
  small.transact(({ spam, counters }) => {
    spam.set('192.0.2.2', SPAM)
    counters.add('accepted', 5)
  })
  t.strictSame(spamOf(large, '192.0.2.2'), SPAM)
  t.ok(statSync(path).size < largeBytes)
  opened(t, { ...options, limits: { ...LIMITS, ham: { size: 100, maxSize: 200 } } })
  const larger = opened(t, { ...options, limits: { ...LIMITS, spam: { size: 100, maxSize: 200 } } })
  t.ok(larger)
  const { size, ino } = statSync(path)
  t.ok(size > largeBytes, 'room for both')
  t.equal(readCounters(path)?.get('accepted'), 5, 'and what was counted')
  opened(t, options)
  t.equal(statSync(path).ino, ino)
  t.end()
})

t.test('a copy is read without the lock and without the native part', t => {
  const { options, path } = setting(t)
  t.match(readStore(path, LIMITS), { kind: 'unavailable', code: 'missing' })
  opened(t, options)
  const holder = openSync(path, 'r+')
  native.lock(holder, 0)
  t.equal(readStore(path, LIMITS).kind, 'tables')
  closeSync(holder)
  truncateSync(path, 4096)
  t.match(readStore(path, LIMITS), { kind: 'unavailable', code: 'damaged' })
  t.end()
})
