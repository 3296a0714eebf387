/** The file of the ledger: who makes it, who may write it, and what is in its way. */
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addToLedger } from '../../src/cache/ledger.ts'
import { dayOf, type ListCounts, noCounts } from '../../src/cache/ledger-format.ts'
import { readLedger } from '../../src/cache/ledger-reader.ts'
import type { Native } from '../../src/system/native/native.ts'
import { testNative } from '../../testkit/native.ts'

const IS_ROOT = process.geteuid?.() === 0
const native = testNative()
const NOW = Date.UTC(2026, 10, 29, 12)
const DAY_MS = 86_400_000

const one = (list: string, sent: number): Map<string, ListCounts> => new Map([[list, { ...noCounts(), sent }]])
const add = (path: string, list: string, sent: number, nowMs = NOW, part: Native = native): string =>
  addToLedger(path, one(list, sent), part, nowMs)

/** `{ '-1 bl.example': 3 }`: packets by days before today and list. */
function sentOf(path: string, nowMs = NOW): Record<string, number> | string {
  const read = readLedger(path)
  if (read.kind === 'no-ledger') return read.code
  const entries = [...read.days].flatMap(([day, lists]) =>
    [...lists].map(([list, { sent }]) => [`${day - dayOf(nowMs)} ${list}`, sent] as const),
  )
  return Object.fromEntries(entries.sort())
}

t.test('days and lists add up, and eight days are kept', t => {
  const path = join(t.testdir(), 'ledger')
  t.equal(add(path, 'a.example', 1), 'added')
  t.equal(add(path, 'b.example', 2), 'added')
  t.equal(add(path, 'a.example', 4), 'added')
  t.equal(add(path, 'a.example', 8, NOW + DAY_MS), 'added')
  t.strictSame(sentOf(path), { '0 a.example': 5, '0 b.example': 2, '1 a.example': 8 })
  for (let day = 2; day < 9; day++) add(path, 'a.example', day, NOW + day * DAY_MS)
  const later = NOW + 8 * DAY_MS
  t.equal(Object.keys(sentOf(path, later)).length, 8)
  t.match(sentOf(path, later), { '0 a.example': 8, '-7 a.example': 8, '-6 a.example': 2 })
  t.equal(statSync(path).mode & 0o777, 0o640)
  t.ok(statSync(path).size < 140_000, 'bounded')
  t.end()
})

t.test('what is in its way', t => {
  const folder = t.testdir({ good: {}, victim: 'x' })
  const path = (name: string): string => join(folder, name)
  t.equal(add(path('nowhere/ledger'), 'a.example', 1), 'nowhere', 'no directory')
  t.notOk(existsSync(path('nowhere')), 'and none is made')
  symlinkSync(path('victim'), path('link'))
  writeFileSync(path('other'), '{"precious": true}'.padEnd(40_000))
  t.equal(add(path('other'), 'a.example', 1), 'nowhere', 'a file with something else in it')
  t.match(readFileSync(path('other'), 'latin1'), /^\{"precious": true\} +$/, 'which stays as it is')
  t.equal(add(path('link'), 'a.example', 1), 'nowhere', 'a link')
  linkSync(path('victim'), path('second'))
  t.equal(add(path('second'), 'a.example', 1), 'nowhere', 'another name')
  t.equal(readFileSync(path('victim'), 'latin1'), 'x')
  t.equal(add(path('good'), 'a.example', 1), 'nowhere', 'a directory')
  t.equal(sentOf(path('good')), 'no regular file')
  t.equal(sentOf(path('none')), 'ENOENT')
  t.equal(sentOf(path('link')), 'ELOOP')
  const busy: Native = { ...native, lock: () => false }
  t.equal(add(path('ledger'), 'a.example', 1, NOW, busy), 'busy')
  t.strictSame(sentOf(path('ledger')), {}, 'nothing was written without the lock')
  t.equal(add(path('ledger'), 'a.example', 1), 'added')
  truncateSync(path('ledger'), 300)
  t.equal(add(path('ledger'), 'a.example', 2), 'added', 'one that was cut begins again')
  writeFileSync(path('text'), 'hello')
  chmodSync(path('text'), 0o640)
  t.equal(add(path('text'), 'a.example', 2), 'nowhere', 'a short file of somebody else')
  t.equal(readFileSync(path('text'), 'latin1'), 'hello')
  t.end()
})

t.test('whom it belongs to', { skip: !IS_ROOT && 'takes root' }, t => {
  const folder = t.testdir({ theirs: {} })
  mkdirSync(join(folder, 'ours'))
  chownSync(join(folder, 'theirs'), 65_534, 65_534)
  t.equal(add(join(folder, 'theirs', 'ledger'), 'a.example', 1), 'nowhere', "in somebody else's directory none is made")
  t.notOk(existsSync(join(folder, 'theirs', 'ledger')))
  const path = join(folder, 'ours', 'ledger')
  t.equal(add(path, 'a.example', 1), 'added')
  chownSync(path, 65_534, 65_534)
  t.equal(add(path, 'a.example', 1), 'nowhere', "somebody else's")
  t.strictSame(sentOf(path), { '0 a.example': 1 })
  t.end()
})
