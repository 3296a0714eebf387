/**
 * `$EXCEPTIONS` at work: what serves is what the file says, whatever is done to it and to what is kept of it.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ExceptionsOptions } from '../../src/exceptions/exceptions.ts'
import { ExceptionsWatch } from '../../src/exceptions/exceptions-watch.ts'

const DAY_MS = 86_400_000
const ASKED = {
  client: '192.0.2.1',
  name: 'unknown',
  helo: 'a.example',
  sender: 'a@example.org',
  recipient: 'b@example.net',
}

function setUp(t: Test, text: string | undefined, more: Partial<ExceptionsOptions> = {}) {
  const folder = t.testdir({ kept: {} })
  chmodSync(join(folder, 'kept'), 0o755)
  const path = join(folder, 'e')
  const places = [join(folder, 'kept', 'x.01234567.exceptions')]
  const clock = { ms: Date.now() }
  const reports: string[] = []
  const write = (text: string, settled = true): void => {
    writeFileSync(`${path}.new`, text, { mode: 0o644 })
    renameSync(`${path}.new`, path)
    if (settled) clock.ms = Date.now() + 10_000
  }
  if (text !== undefined) write(text)
  const open = (another: Partial<ExceptionsOptions> = {}): ExceptionsWatch => {
    const exceptions = new ExceptionsWatch({
      path,
      configuration: undefined,
      lookEveryMs: 0,
      nowMs: () => clock.ms,
      warn: text => reports.push(text.replaceAll(folder, '')),
      places,
      ...more,
      ...another,
    })
    t.teardown(() => exceptions.close())
    return exceptions
  }
  return { folder, path, places, kept: places[0] as string, clock, reports, write, open }
}

const actionOf = async (exceptions: ExceptionsWatch, asked = ASKED): Promise<string | undefined> =>
  (await exceptions.find(asked))?.action

t.test('no file, and then one, and then another, and then none', async t => {
  const { open, write, path, reports } = setUp(t, undefined)
  const exceptions = open()
  t.equal(exceptions.find(ASKED), undefined, 'nothing has to be waited for')
  write('192.0.2.1 ACCEPT\n')
  t.equal(await actionOf(exceptions), 'ACCEPT')
  t.same(exceptions.find(ASKED), { who: '192.0.2.1', action: 'ACCEPT', by: 'client' }, 'at once from then on')
  write('192.0.2.0/24 SKIP\n')
  t.equal(await actionOf(exceptions), 'SKIP')
  rmSync(path)
  t.equal(exceptions.find(ASKED), undefined)
  t.same(reports, [])
})

t.test('a file that is written in its place, or put there in two steps, exempts all the while', async t => {
  for (const lookEveryMs of [0, 1000]) {
    const { open, path, clock } = setUp(t, '192.0.2.1 ACCEPT\n', { lookEveryMs })
    const exceptions = open()
    t.equal(await actionOf(exceptions), 'ACCEPT')
    const steps: [label: string, change: () => void, afterMs: number, want: string | undefined][] = [
      ['emptied', () => writeFileSync(path, ''), 0, 'ACCEPT'],
      ['half of a line', () => writeFileSync(path, '192.0.2.1 DR'), 100, 'ACCEPT'],
      ['whole', () => writeFileSync(path, '192.0.2.1 DRY\n'), 200, 'ACCEPT'],
      ['and left alone', () => {}, 500, 'DRY'],
      ['moved away', () => renameSync(path, `${path}~`), 10, 'DRY'],
      ['for good', () => {}, 300, undefined],
    ]
    for (const [label, change, afterMs, want] of steps) {
      change()
      // When a file was changed nobody but the system says.
      clock.ms = Date.now() + afterMs
      t.equal(await actionOf(exceptions), want, `${label}, ${lookEveryMs}`)
    }
  }
})

t.test('an empty path is no file', async t => {
  const { open } = setUp(t, '192.0.2.1 ACCEPT\n', { path: '' })
  t.equal(open().find(ASKED), undefined)
})

t.test('it is looked at once in a while only, where that is enough', async t => {
  const { open, write, clock } = setUp(t, '192.0.2.1 ACCEPT\n', { lookEveryMs: 1000 })
  const exceptions = open()
  t.equal(await actionOf(exceptions), 'ACCEPT')
  write('192.0.2.1 SKIP\n', false)
  t.equal(await actionOf(exceptions), 'ACCEPT')
  clock.ms += 1000
  t.equal(await actionOf(exceptions), 'SKIP')
})

t.test('what was compiled is kept, and found', async t => {
  const { open, kept, clock, write, reports, path } = setUp(t, '192.0.2.1 ACCEPT\nfoo\nbar\n')
  const exceptions = open()
  t.equal(await actionOf(exceptions), 'ACCEPT')
  t.notOk(existsSync(kept))
  // Whenever it was read, it was settled.
  const longAgo = Date.now() / 1000 - 3600
  utimesSync(path, longAgo, longAgo)
  exceptions.keep()
  t.notOk(existsSync(kept), 'a young file is not kept')
  clock.ms += 3000
  t.equal(await actionOf(exceptions), 'ACCEPT', 'it is read again when it has settled')
  t.match(reports, [
    /^\/e:2:4: behind "foo" stands .*; the line is not used, and it is not the only one: policyd-weight check$/,
  ])
  t.equal(reports.length, 1, 'which is told once')
  write('192.0.2.1 SKIP\n')
  t.equal(await actionOf(exceptions), 'SKIP')
})

t.test('a file that must not be believed is not used, and that is told once', async t => {
  const { open, write, path, reports, folder } = setUp(t, '192.0.2.1 ACCEPT\n')
  const exceptions = open()
  t.equal(await actionOf(exceptions), 'ACCEPT')
  writeFileSync(path, '192.0.2.1 SKIP\n')
  chmodSync(path, 0o664)
  t.equal(await actionOf(exceptions), 'ACCEPT', 'what it said last goes on')
  t.equal(await actionOf(open()), undefined, 'there is nothing that it said last')
  t.equal(await actionOf(exceptions), 'ACCEPT')
  t.match(reports, [
    /^\/e others may write to this file, so it is not used; take that away with chmod go-w$/,
    /chmod go-w/,
  ])
  t.equal(reports.length, 2)
  chmodSync(path, 0o644)
  t.equal(await actionOf(exceptions), 'SKIP')
  rmSync(path)
  symlinkSync(folder, path)
  t.equal(await actionOf(exceptions), 'SKIP')
  t.match(reports.at(-1), /no regular file/)
  rmSync(path)
  writeFileSync(join(folder, 'elsewhere'), '192.0.2.1 DRY\n', { mode: 0o644 })
  symlinkSync(join(folder, 'elsewhere'), path)
  t.equal(await actionOf(exceptions), 'DRY', 'links are followed')
  write(`#${'x'.repeat(10 * 1024 * 1024)}\n`)
  t.equal(await actionOf(exceptions), 'DRY')
  t.match(reports.at(-1), /more than 10485760 bytes/)
})

t.test('what keeps a file from being used passes, and the file is as it was', async t => {
  const { open, folder, path, clock, reports } = setUp(t, '192.0.2.1 ACCEPT\n')
  const configuration = join(folder, 'conf')
  // Root's own would be used in any case.
  const owner = process.geteuid?.() || 1000
  chownSync(path, owner, process.getegid?.() ?? 0)
  const exceptions = open({ configuration })
  t.equal(await actionOf(exceptions), undefined)
  t.match(reports, [/^\/e belongs to user/])
  writeFileSync(configuration, '')
  chownSync(configuration, owner, process.getegid?.() ?? 0)
  t.equal(await actionOf(exceptions), undefined, 'not for each mail')
  clock.ms += 2000
  t.equal(await actionOf(exceptions), 'ACCEPT')
  t.equal(reports.length, 1)
  rmSync(configuration)
  const others = open({ configuration })
  t.equal(await actionOf(others), undefined)
  writeFileSync(configuration, '')
  chownSync(configuration, owner, process.getegid?.() ?? 0)
  clock.ms -= 3_600_000
  t.equal(await actionOf(others), 'ACCEPT', 'whatever becomes of the clock')
})

t.test('an exception ends while the process lives', async t => {
  const today = new Date().toISOString().slice(0, 10)
  const { open, clock } = setUp(t, `192.0.2.1 ACCEPT until=${today}\n192.0.2.0/24 DRY\n`)
  clock.ms = Date.parse(`${today}T23:59:59Z`)
  const exceptions = open()
  t.equal(await actionOf(exceptions), 'ACCEPT')
  clock.ms += 1000
  t.equal(await actionOf(exceptions), 'DRY')
  clock.ms += DAY_MS
  t.equal(await actionOf(exceptions), 'DRY')
  clock.ms -= 2 * DAY_MS
  t.equal(await actionOf(exceptions), 'ACCEPT', 'it was the clock that was wrong')
})

t.test('requests that come while it is read wait for it', async t => {
  const { open } = setUp(t, '192.0.2.1 ACCEPT\n')
  const exceptions = open()
  const found = await Promise.all([1, 2, 3].map(async () => (await exceptions.find(ASKED))?.action))
  t.same(found, ['ACCEPT', 'ACCEPT', 'ACCEPT'])
})

t.test('what is kept is damaged: the file itself is read', async t => {
  const lines = Array.from({ length: 500 }, (_, index) => `helo:name${index} DRY\n`).join('')
  const { path, kept, open, clock, reports } = setUp(t, `192.0.2.1 ACCEPT\n${lines}`)
  const { compileExceptions } = await import('../../src/exceptions/compile-exceptions.ts')
  const { keepBytes } = await import('../../src/config/keep.ts')
  const { identityOf } = await import('../../src/config/kept.ts')
  t.ok(compileExceptions(path, [process.geteuid?.() ?? 0], clock.ms, [kept]))
  const { renderTable } = await import('../../src/exceptions/render-exceptions.ts')
  const { readExceptions } = await import('../../src/exceptions/read-exceptions.ts')
  const { BUILD } = await import('../../src/config/kept.ts')
  const { sumOf } = await import('../../src/system/sum.ts')
  const identity = identityOf(path)
  const keepAs = (text: string): unknown => {
    rmSync(kept, { force: true })
    const bytes = renderTable(
      readExceptions(text, path).exceptions,
      { build: BUILD, path, identity, fault: null },
      clock.ms,
      sumOf,
    )
    return keepBytes(
      () => bytes,
      [{ path, identity }],
      Number.POSITIVE_INFINITY,
      [kept],
      () => false,
    )
  }
  // Another action, so that it can be told from the file.
  t.match(keepAs(`192.0.2.1 SKIP\n${lines}`), { kind: 'kept', place: kept })
  t.equal(await actionOf(open()), 'SKIP', 'what is kept serves')
  const bytes = readFileSync(kept)
  const damage = (at: number): void => {
    const damaged = Buffer.from(bytes)
    damaged[at] = (damaged[at] as number) ^ 1
    writeFileSync(kept, damaged)
  }
  for (const at of [0, 20, 30, bytes.indexOf('SKIP'), bytes.indexOf('name7\t')]) {
    damage(at)
    const exceptions = open()
    t.match(await actionOf(exceptions), /ACCEPT|SKIP/, `changed at ${at}`)
    t.equal(await actionOf(exceptions, { ...ASKED, client: '198.51.100.1', helo: 'name7' }), 'DRY')
  }
  damage(bytes.indexOf('SKIP'))
  t.equal(await actionOf(open()), 'ACCEPT', 'the block that is asked')
  writeFileSync(kept, bytes)
  chmodSync(kept, 0o666)
  t.equal(await actionOf(open()), 'ACCEPT', 'which others may write')
  t.same(reports, [])
})
