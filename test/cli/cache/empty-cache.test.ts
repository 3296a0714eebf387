import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { emptyCache } from '../../../src/cli/cache/empty-cache.ts'
import type { Native, NativeUnavailable } from '../../../src/system/native/native.ts'
import { DISK_LIMITS, makeCacheFile } from '../../support/cache-on-disk.ts'
import { testNative } from '../../../testkit/native.ts'

const native = testNative()
const NO_NATIVE = { kind: 'unavailable', why: 'none' } as const

t.test('in place, at once for a running instance, and the counters go on', t => {
  const { path, store } = makeCacheFile(t.testdir(), () => 1_760_000_000_000)
  t.teardown(() => store.close())
  store.transact(({ counters }) => counters.add('accepted', 7))
  const { text, status } = emptyCache(path, DISK_LIMITS, native)
  t.equal(status, 0)
  t.match(text, /x\.cache: emptied \(forgotten: 1 rejected, 0 accepted, 1 mails, 0 lists\)\. The counters go on\.\n$/)
  const left = store.transact(({ spam, ham, messages, lists, counters }) => ({
    entries: [spam, ham, messages, lists].flatMap(table => [...table.entries()]),
    accepted: counters.read().get('accepted'),
    isKept: spam.set('192.0.2.67', { score: 1, retriesLeft: 1, seenSeconds: 1_760_000_000 }),
  }))
  t.match(left, { entries: [], accepted: 7, isKept: true })
  t.equal(left?.entries.length, 0)
  t.end()
})

t.test('what cannot be emptied in place is removed, and a running instance begins anew within a second', t => {
  const folder = t.testdir()
  const cases: { label: string; native: Native | NativeUnavailable; isHeld: boolean; want: RegExp }[] = [
    { label: 'no native part', native: NO_NATIVE, isHeld: false, want: /cannot be emptied in place: none\)/ },
    { label: 'a lock that is held', native, isHeld: true, want: /in place: another process holds its lock\)/ },
  ]
  for (const { label, native: part, isHeld, want } of cases) {
    let nowMs = 1_760_000_000_000
    const { path, store } = makeCacheFile(mkdtempSync(join(folder, 'c-')), () => nowMs)
    const holder = openSync(path, 'r+')
    if (isHeld) native.lock(holder, 0)
    const { text, status } = emptyCache(path, DISK_LIMITS, part)
    closeSync(holder)
    t.equal(status, 0, label)
    t.match(
      text,
      /: removed \(forgotten: 1 rejected, 0 accepted, 1 mails, 0 lists, and all counters, .*second\.\n$/,
      label,
    )
    t.match(text, want, label)
    t.notOk(existsSync(path))
    t.ok(
      store.transact(({ spam }) => spam.get('192.0.2.66')),
      'not yet',
    )
    nowMs += 1000
    t.strictSame(
      store.transact(({ spam }) => [...spam.entries()]),
      [],
    )
    t.ok(existsSync(path), 'there is a new one')
    store.close()
  }
  t.end()
})

t.test('what is in its place', t => {
  const folder = t.testdir({ target: 'precious', damaged: 'x', directory: {} })
  symlinkSync('target', join(folder, 'link'))
  mkdirSync(join(folder, 'directory', 'x'))
  const cases: { label: string; name: string; wantStatus: number; want: RegExp }[] = [
    { label: 'a damaged file is removed', name: 'damaged', wantStatus: 0, want: /removed \(it was no cache: / },
    { label: 'a link is removed', name: 'link', wantStatus: 0, want: /removed \(it was no cache: / },
    { label: 'nothing', name: 'none', wantStatus: 69, want: /^there is no .*: nothing to empty\n$/ },
    {
      label: 'a directory stays',
      name: 'directory',
      wantStatus: 73,
      want: /cannot be removed \(EISDIR\); .*: mv (\S+) \1\.old\n$/,
    },
    {
      label: 'below a file',
      name: 'target/x',
      wantStatus: 73,
      want: /cannot be removed \(ENOTDIR\); .*: policyd-weight -f \/b\.conf check\n$/,
    },
  ]
  for (const { label, name, wantStatus, want } of cases) {
    const { text, status } = emptyCache(join(folder, name), DISK_LIMITS, native, '/b.conf')
    t.equal(status, wantStatus, label)
    t.match(text, want, label)
  }
  t.notOk(existsSync(join(folder, 'damaged')))
  t.equal(readFileSync(join(folder, 'target'), 'utf8'), 'precious', 'what a link leads to is not touched')
  t.ok(existsSync(join(folder, 'directory', 'x')))
  t.end()
})

t.test('what we may not remove', t => {
  // Of a directory of the kernel nobody may remove anything, root included.
  const { text, status } = emptyCache('/proc/version', DISK_LIMITS, native)
  t.equal(status, 77)
  t.match(text, /cannot be removed \((?:EPERM|EACCES)\); run this as root or as the user of the service\n$/)
  t.end()
})
