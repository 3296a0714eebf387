import {
  chmodSync,
  closeSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openCounters } from '../../src/cache/count-alone.ts'
import { readCounters } from '../../src/cache/store.ts'
import { makeCacheFile } from '../support/cache-on-disk.ts'
import { testNative } from '../../testkit/native.ts'

const native = testNative()

t.test('what is counted is there for everybody, beside what others count', t => {
  const { path, store } = makeCacheFile(t.testdir(), () => 1_760_000_000_000)
  t.teardown(() => store.close())
  store.transact(({ counters }) => counters.add('nullSenders', 2))
  openCounters(path, native)?.count(['requests', 'nullSenders', 'requests'])
  const read = store.transact(({ counters }) => counters.read())
  t.equal(read?.get('nullSenders'), 3)
  t.equal(read?.get('requests'), 2)
  t.equal(openCounters(join(path, '..', 'none'), native), undefined, 'there is no file')
  t.end()
})

t.test('a file that is not to be trusted, or in use, stays as it is', t => {
  const cases: { label: string; change?: (path: string) => void; name?: string; isHeld?: true; isWithout?: true }[] = [
    { label: 'writable for others', change: path => chmodSync(path, 0o622) },
    { label: 'with another name', change: path => linkSync(path, `${path}.2`) },
    { label: 'a link', change: path => symlinkSync(path, `${path}.2`), name: 'x.cache.2' },
    { label: 'damaged', change: path => writeFileSync(path, 'x', { flag: 'r+' }) },
    { label: 'cut off', change: path => truncateSync(path, 100) },
    { label: 'empty', change: path => truncateSync(path, 0) },
    { label: 'whose lock is held', isHeld: true },
    { label: 'without the native part', isWithout: true },
  ]
  const folder = t.testdir()
  for (const { label, change, name = 'x.cache', isHeld, isWithout } of cases) {
    const directory = mkdtempSync(join(folder, 'c-'))
    const { path, store } = makeCacheFile(directory, () => 1_760_000_000_000)
    store.close()
    change?.(path)
    const before = readFileSync(path)
    const holder = openSync(path, 'r')
    if (isHeld) native.lock(holder, 0)
    openCounters(join(directory, name), isWithout ? { kind: 'unavailable', why: 'none' } : native)?.count(['requests'])
    closeSync(holder)
    t.ok(readFileSync(path).equals(before), label)
    t.notOk(readCounters(path)?.get('requests'))
  }
  t.end()
})
