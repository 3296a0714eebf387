import { copyFileSync, openSync, closeSync, rmSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { lookAtCache, type ShowOptions, watchCache } from '../../../src/cli/cache/show-cache.ts'
import { DISK_CONFIGURATION, DISK_LIMITS, makeCacheFile } from '../../support/cache-on-disk.ts'
import { testNative } from '../../../testkit/native.ts'

const DISK = { limits: DISK_LIMITS, configuration: DISK_CONFIGURATION }
const nowMs = (): number => 1_760_000_000_000

t.test('what is there is shown, whoever has the lock', t => {
  const { path, store } = makeCacheFile(t.testdir(), nowMs)
  t.teardown(() => store.close())
  const holder = openSync(path, 'r+')
  t.ok(testNative().lock(holder, 0))
  const options: ShowOptions = { path, ...DISK, json: false, nowMs }
  t.match(lookAtCache(options), {
    kind: 'report',
    text: /rejected clients \(1\)\n.*\n +0 s ago +8\.1 +1 +192\.0\.2\.66\n/,
  })
  t.match(lookAtCache({ ...options, configuration: DISK_CONFIGURATION + 1 }), {
    text: / 192\.0\.2\.66 \(of another configuration\)\n/,
  })
  const { text } = lookAtCache({ ...options, json: true })
  t.match(JSON.parse(text), { file: path, atSeconds: 1_760_000_000, spam: [{ key: '192.0.2.66' }] })
  closeSync(holder)
  t.end()
})

t.test('why there is nothing to show, and what to do', t => {
  const folder = t.testdir({ damaged: 'x'.repeat(5000) })
  const { path, store } = makeCacheFile(folder, nowMs)
  store.close()
  symlinkSync(path, join(folder, 'link'))
  copyFileSync(path, join(folder, 'short'))
  truncateSync(join(folder, 'short'), 4096)
  const cases: { label: string; path: string; wantStatus: number; want: RegExp }[] = [
    {
      label: 'no file',
      path: join(folder, 'none'),
      wantStatus: 69,
      want: /^there is no .*\/none; .*first request.* -f \/b\.conf check\n$/,
    },
    { label: 'no directory', path: join(folder, 'a', 'b'), wantStatus: 69, want: /^there is no / },
    { label: 'something else', path: join(folder, 'damaged'), wantStatus: 69, want: /no cache file.*replaces it\n$/ },
    { label: 'cut off', path: join(folder, 'short'), wantStatus: 69, want: /damaged; / },
    {
      label: 'a link',
      path: join(folder, 'link'),
      wantStatus: 69,
      want: /symbolic link.*-k in place of -s removes it\n$/,
    },
    { label: 'a directory', path: folder, wantStatus: 69, want: /no regular file.*: mv (\S+) \1\.old\n$/ },
    {
      label: 'below a file',
      path: join(path, 'x'),
      wantStatus: 69,
      want: /ENOTDIR.*policyd-weight -f \/b\.conf check\n$/,
    },
  ]
  for (const { label, path, wantStatus, want } of cases) {
    const look = lookAtCache({ path, file: '/b.conf', ...DISK, json: false, nowMs })
    t.match(look, { kind: 'failed', status: wantStatus, text: want }, label)
  }
  t.end()
})

t.test('watching goes on until interrupted, also while there is no cache', async t => {
  const folder = t.testdir()
  const { path, store } = makeCacheFile(folder, nowMs)
  store.close()
  const cases: { label: string; lines: number | undefined; json: boolean; hasFile: boolean; want: RegExp[] }[] = [
    {
      label: 'a terminal is cleared',
      lines: 40,
      json: false,
      hasFile: true,
      want: [/^\x1b\[H\x1b\[2J[^\x1b]*\/x\.cache\n/],
    },
    { label: 'a pipe is not', lines: undefined, json: false, hasFile: true, want: [/^[^\x1b]*\/x\.cache\n/] },
    { label: 'a program gets lines of JSON', lines: undefined, json: true, hasFile: true, want: [/^\{.*\}\n$/] },
    { label: 'no cache is said', lines: undefined, json: false, hasFile: false, want: [/^there is no /] },
    { label: 'but not to a program', lines: undefined, json: true, hasFile: false, want: [] },
  ]
  for (const { label, lines, json, hasFile, want } of cases) {
    const interrupted = new AbortController()
    const written: string[] = []
    const watched = watchCache(
      { path: hasFile ? path : join(folder, 'none'), ...DISK, json, nowMs },
      { lines, refreshMs: 3_600_000, write: text => written.push(text) },
      interrupted.signal,
    )
    interrupted.abort()
    await watched
    t.match(written, want, label)
    t.equal(written.length, want.length, `${label}: once`)
  }
  const interrupted = AbortSignal.abort()
  const fail = (): never => t.fail('looked') as never
  await watchCache({ path, ...DISK, json: false, nowMs }, { lines: undefined, refreshMs: 0, write: fail }, interrupted)
})

t.test('a cache that is emptied and made again while it is watched', async t => {
  const folder = t.testdir()
  const { path, store } = makeCacheFile(folder, nowMs)
  store.close()
  const saved = `${path}.saved`
  copyFileSync(path, saved)
  const interrupted = new AbortController()
  const written: string[] = []
  const write = (text: string): void => {
    written.push(text.split('\n')[0] ?? '')
    if (written.length === 1) rmSync(path)
    else if (written.length === 2) copyFileSync(saved, path)
    else interrupted.abort()
  }
  await watchCache({ path, ...DISK, json: false, nowMs }, { lines: undefined, refreshMs: 0, write }, interrupted.signal)
  t.match(written, [path, /^there is no /, path])
})
