import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type CacheFile, openCacheFile, type Place, readCacheFile } from '../../src/cache/cache-file.ts'
import { FORMAT_VERSION, geometryFor } from '../../src/cache/format.ts'
import { checksum } from '../../src/system/sum.ts'
import { testNative } from '../../testkit/native.ts'

const native = testNative()
const WANTED = geometryFor({ spam: 0, ham: 0 })
const ownUid = process.geteuid?.() ?? 0
const NOBODY = 65534

const place = (directory: string): Place => ({ directory, fileName: 'polw.cache', ownUid })

function open(where: Place): ReturnType<typeof openCacheFile> {
  const file = openCacheFile(where, WANTED, native, false)
  if (file.kind === 'file') closeSync(file.descriptor)
  return file
}

/** A directory with a file that is as it should be. */
function made(t: Test): { directory: string; path: string; file: CacheFile } {
  const directory = t.testdir()
  const file = open(place(directory))
  if (file.kind !== 'file') throw new Error(file.why)
  return { directory, path: join(directory, 'polw.cache'), file }
}

function change(path: string, at: number, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, at)
  closeSync(descriptor)
}

t.test('a new file has all its bytes on disk, is ours alone, and leaves nothing behind', t => {
  const { directory, path, file } = made(t)
  const stat = statSync(path)
  t.equal(stat.size, file.geometry.fileBytes)
  t.ok(stat.blocks * 512 >= stat.size, 'not sparse')
  t.equal(stat.mode & 0o777, 0o600)
  t.strictSame(readdirSync(directory), ['polw.cache'])
  const again = open(place(directory))
  t.match(again, { kind: 'file', ino: file.ino }, 'and is used from then on')
  t.end()
})

t.test('every single-bit flip of the header: damaged, and replaced', t => {
  const { directory, path } = made(t)
  const good = readFileSync(path)
  for (let bit = 0; bit < 64 * 8; bit++) {
    const { ino } = statSync(path)
    change(path, bit >> 3, Uint8Array.of((good[bit >> 3] as number) ^ (1 << (bit & 7))))
    if (readCacheFile(path).kind !== 'unavailable') t.fail(`bit ${bit} is not seen`)
    // Writing a whole file takes its time: it is done for one bit of each word.
    if (bit % 33 === 0) {
      t.match(open(place(directory)), { kind: 'file' }, `bit ${bit}`)
      t.not(statSync(path).ino, ino)
    } else change(path, bit >> 3, good.subarray(bit >> 3, (bit >> 3) + 1))
  }
  t.ok(readFileSync(path).equals(good))
  t.end()
})

t.test('truncated to every multiple of 512 bytes: damaged, and replaced', t => {
  const { directory, path, file } = made(t)
  const { fileBytes } = file.geometry
  for (let bytes = fileBytes - 512; bytes >= 0; bytes -= 512) {
    truncateSync(path, bytes)
    if (readCacheFile(path).kind !== 'unavailable') t.fail(`${bytes} bytes are not seen`)
    if (bytes % 65536 !== 0 && bytes > 1024) continue
    t.match(open(place(directory)), { kind: 'file' }, `${bytes} bytes`)
    t.equal(statSync(path).size, fileBytes)
  }
  t.end()
})

t.test('files that are not as they should be', t => {
  const cases: { label: string; change: (path: string) => void }[] = [
    { label: 'longer than it says', change: path => truncateSync(path, statSync(path).size + 4096) },
    { label: 'writable for others', change: path => chmodSync(path, 0o620) },
    { label: 'something else', change: path => writeFileSync(path, 'something else') },
    {
      label: 'of a future version',
      change: path => {
        const words = new Int32Array(readFileSync(path).buffer.slice(0, 64))
        words[2] = FORMAT_VERSION + 1
        words[15] = checksum(words, 0, 15, 0)
        change(path, 0, new Uint8Array(words.buffer))
      },
    },
  ]
  for (const { label, change } of cases) {
    t.test(`${label}: replaced`, t => {
      const { directory, path, file } = made(t)
      change(path)
      const descriptor = openSync(path, 'r')
      const { size } = fstatSync(descriptor)
      t.equal(open(place(directory)).kind, 'file')
      t.not(statSync(path).ino, file.ino)
      t.equal(fstatSync(descriptor).size, size, 'who has the old one mapped keeps it')
      closeSync(descriptor)
      t.equal(statSync(path).mode & 0o777, 0o600)
      t.equal(statSync(path).size, file.geometry.fileBytes)
      t.end()
    })
  }
  t.end()
})

t.test('what is refused stays as it is', t => {
  // Root may give files away; anybody else is told to be somebody else.
  const strangerTo = (path: string): number => {
    if (ownUid !== 0) return ownUid + 1
    chownSync(path, NOBODY, NOBODY)
    return ownUid
  }
  const file = (directory: string): string => join(directory, 'polw.cache')
  const target = (directory: string): string => join(directory, 'target')
  const fifo = (path: string): void => void execFileSync('mkfifo', [path])
  /** `prepare` may return whom we are told to be. */
  const cases: [label: string, prepare: (directory: string) => unknown, wantCode: string][] = [
    ['the directory of somebody else', strangerTo, 'directory-refused'],
    ['a directory everybody can write to', directory => chmodSync(directory, 0o777), 'directory-refused'],
    ['the same with the sticky bit, as /tmp', directory => chmodSync(directory, 0o1777), 'directory-refused'],
    [
      'a file of somebody else',
      directory => {
        writeFileSync(file(directory), '')
        return strangerTo(file(directory))
      },
      ownUid === 0 ? 'file-refused' : 'directory-refused',
    ],
    ['a symbolic link', directory => symlinkSync('target', file(directory)), 'file-refused'],
    [
      'a symbolic link where the new file is made',
      directory => symlinkSync('target', `${file(directory)}.new`),
      'file-refused',
    ],
    ['a hard link', directory => linkSync(target(directory), file(directory)), 'file-refused'],
    [
      'a hard link where the new file is made',
      directory => linkSync(target(directory), `${file(directory)}.new`),
      'file-refused',
    ],
    ['a FIFO', directory => fifo(file(directory)), 'file-refused'],
    ['a FIFO where the new file is made', directory => fifo(`${file(directory)}.new`), 'file-refused'],
    ['a directory', directory => mkdirSync(file(directory)), 'failed'],
  ]
  for (const [label, prepare, wantCode] of cases) {
    t.test(label, t => {
      const directory = t.testdir({ target: 'precious' })
      const told = prepare(directory)
      const uid = typeof told === 'number' ? told : ownUid
      const before = readdirSync(directory)
      t.match(open({ ...place(directory), ownUid: uid }), { kind: 'unavailable', code: wantCode, why: directory })
      t.strictSame(readdirSync(directory), before)
      t.equal(readFileSync(target(directory), 'utf8'), 'precious')
      t.end()
    })
  }
  t.end()
})

t.test('directories', t => {
  const folder = t.testdir({ file: '', empty: {} })
  const refused = { kind: 'unavailable', code: 'directory-refused' }
  const failed = (why: RegExp): object => ({ kind: 'unavailable', code: 'failed', why })
  const cases: { label: string; directory: string; want: object }[] = [
    { label: 'empty', directory: join(folder, 'empty'), want: { kind: 'file' } },
    { label: 'missing: made', directory: join(folder, 'new'), want: { kind: 'file' } },
    { label: 'missing with its parent', directory: join(folder, 'a', 'b'), want: failed(/ENOENT/) },
    { label: 'a file', directory: join(folder, 'file'), want: refused },
    { label: 'in a file', directory: join(folder, 'file', 'x'), want: failed(/ENOTDIR/) },
    {
      label: 'read-only for everybody, root included',
      directory: '/proc',
      want: { kind: 'unavailable', code: 'failed' },
    },
  ]
  for (const { label, directory, want } of cases) t.match(open(place(directory)), want, label)
  t.equal(statSync(join(folder, 'new')).mode & 0o777, 0o700)
  t.end()
})

t.test('what a killed maker left is used, and one that is at work is waited for', t => {
  const directory = t.testdir({ 'polw.cache.new': 'half of a file' })
  const maker = openSync(join(directory, 'polw.cache.new'), 'r+')
  t.ok(native.lock(maker, 0))
  t.match(open(place(directory)), { kind: 'unavailable', code: 'busy' })
  closeSync(maker)
  t.match(open(place(directory)), { kind: 'file' })
  t.strictSame(readdirSync(directory), ['polw.cache'])
  t.end()
})

t.test('a maker that was faster: its file is used', t => {
  const { directory, file } = made(t)
  // The first look finds no file, as if it had been made just behind it.
  const path = join(directory, 'polw.cache')
  writeFileSync(path, 'damaged')
  const fixing = {
    ...native,
    lock: (descriptor: number, waitMs: number) => {
      const had = native.lock(descriptor, waitMs)
      native.unlock(descriptor)
      t.match(openCacheFile(place(directory), WANTED, native, false), { kind: 'file' })
      return had
    },
  }
  const found = openCacheFile(place(directory), WANTED, fixing, false)
  t.match(found, { kind: 'file' })
  t.not(found.kind === 'file' && found.ino, file.ino)
  t.strictSame(readdirSync(directory), ['polw.cache'])
  t.end()
})

t.test('a copy can be read of what is there, and of nothing else', t => {
  const { directory, path, file } = made(t)
  t.match(readCacheFile(path), { kind: 'copy', geometry: file.geometry })
  symlinkSync('polw.cache', join(directory, 'link'))
  t.match(readCacheFile(join(directory, 'link')), { kind: 'unavailable', code: 'file-refused' })
  t.match(readCacheFile(directory), { kind: 'unavailable', code: 'file-refused' })
  t.match(readCacheFile(join(directory, 'none')), { kind: 'unavailable', code: 'missing' })
  t.notOk(existsSync(join(directory, 'none')))
  t.end()
})
