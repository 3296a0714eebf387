import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { emptyCache } from '../../src/cli/empty-cache.ts'
import { DISK_LIMITS, makeCacheFile } from '../support/cache-on-disk.ts'

t.test('a running instance begins anew, within a second', t => {
  let nowMs = 1_760_000_000_000
  const { path, store } = makeCacheFile(t.testdir(), () => nowMs)
  t.teardown(() => store.close())
  const { text, status } = emptyCache(path, DISK_LIMITS)
  t.equal(status, 0)
  t.match(
    text,
    /x\.cache: removed \(forgotten: 1 rejected, 0 accepted, 1 mails, 0 lists, all counters\)\. .*second\.\n$/,
  )
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
    { label: 'a directory stays', name: 'directory', wantStatus: 73, want: /cannot be removed \(EISDIR\); .*ls -ld/ },
    { label: 'below a file', name: 'target/x', wantStatus: 73, want: /cannot be removed \(ENOTDIR\)/ },
  ]
  for (const { label, name, wantStatus, want } of cases) {
    const { text, status } = emptyCache(join(folder, name), DISK_LIMITS)
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
  const { text, status } = emptyCache('/proc/version', DISK_LIMITS)
  t.equal(status, 77)
  t.match(text, /cannot be removed \((?:EPERM|EACCES)\); run this as root or as the user of the service\n$/)
  t.end()
})
