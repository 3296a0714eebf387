import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { dropOldParts, moveAway, partBytes, partsOf } from '../../src/journal/parts.ts'

const DAY_MS = 86_400_000

t.test('the file that has the name is moved away, and nothing else', t => {
  const path = join(t.testdir({ journal: 'one' }), 'journal')
  moveAway(path, statSync(path).ino + 1)
  t.ok(existsSync(path), 'another file has the name by now')
  moveAway(path, statSync(path).ino)
  t.notOk(existsSync(path))
  const [part] = partsOf(path)
  t.match(part?.path, /journal\.\d{8}T\d{6}\.\d{3}Z\.\d+$/)
  moveAway(path, 1)
  t.equal(partsOf(path).length, 1, 'what others have moved away is no error')
  t.end()
})

t.test('parts go by age and by size, the oldest first, and nothing goes that is none', t => {
  const nowMs = Date.now()
  const part = (number: number): string => `journal.2026111${number}T000000.000Z.1`
  const names = [0, 1, 2, 3, 4].map(part)
  const cases = [
    { label: 'by age', bytes: 10, days: 3, size: 1, want: [2, 3, 4] },
    { label: 'by size: fourteen sixteenths of a megabyte', bytes: 300_000, days: 100, size: 1, want: [3, 4] },
    { label: 'none', bytes: 10, days: 100, size: 1, want: [0, 1, 2, 3, 4] },
  ]
  for (const { label, bytes, days, size, want } of cases) {
    const others = { 'journal.key': 'key', 'journal.old': 'x', 'journalx.20261110T000000.000Z.1': 'x', journal: 'x' }
    const folder = t.testdir(others)
    for (const [number, name] of names.entries()) {
      writeFileSync(join(folder, name), 'x'.repeat(bytes))
      const ageMs = (4 - number + 0.5) * DAY_MS
      utimesSync(join(folder, name), new Date(nowMs - ageMs), new Date(nowMs - ageMs))
    }
    dropOldParts(join(folder, 'journal'), size, days, nowMs)
    const left = readdirSync(folder).sort()
    t.strictSame(left, [...Object.keys(others), ...want.map(part)].sort(), label)
  }
  t.equal(partBytes(1000), 62_500_000)
  t.end()
})

t.test('a part that cannot be removed keeps no other', t => {
  const nowMs = Date.now()
  const folder = t.testdir({ 'journal.20261110T000000.000Z.1': 'x', 'journal.20261111T000000.000Z.1': 'x' })
  const old = new Date(nowMs - 30 * DAY_MS)
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old)
  // What cannot be removed is tried by what cannot be listed: root may remove everything.
  t.match(dropOldParts(join(folder, 'none', 'journal'), 1, 3, nowMs), { code: 'ENOENT' })
  const { rmSync } = fs
  fs.rmSync = (path, options) => {
    if (String(path).includes('20261111')) throw Object.assign(new Error('not permitted'), { code: 'EPERM' })
    rmSync(path, options)
  }
  syncBuiltinESMExports()
  t.teardown(() => {
    fs.rmSync = rmSync
    syncBuiltinESMExports()
  })
  t.match(dropOldParts(join(folder, 'journal'), 1, 3, nowMs), { code: 'EPERM' }, 'it is told')
  t.strictSame(readdirSync(folder), ['journal.20261111T000000.000Z.1'])
  t.end()
})
