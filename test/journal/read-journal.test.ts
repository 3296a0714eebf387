import fs, { appendFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { readJournal, type Reading } from '../../src/journal/read-journal.ts'

const lineOf = (number: number, padding = ''): string =>
  `\n${JSON.stringify({ v: 1, time: new Date(number * 1000).toISOString(), id: String(number), request: {}, action: padding })}`

function idsOf(path: string, sinceMs = 0, reading?: Reading): string[] {
  return [...readJournal(path, sinceMs, reading)].map(({ id }) => id)
}

t.test('the latest first, over all parts', t => {
  const folder = t.testdir({
    'journal.20260101T000000.000Z.7': lineOf(1) + lineOf(2),
    'journal.20260102T000000.000Z.7': lineOf(3),
    journal: lineOf(4) + lineOf(5),
  })
  t.strictSame(idsOf(join(folder, 'journal')), ['5', '4', '3', '2', '1'])
  t.strictSame(idsOf(join(folder, 'journal'), 3000), ['5', '4', '3'], 'since then')
  const old = new Date(2000)
  utimesSync(join(folder, 'journal.20260101T000000.000Z.7'), old, old)
  const reading = { torn: 0, bytes: 0 }
  idsOf(join(folder, 'journal'), 3000, reading)
  t.equal(reading.bytes, (lineOf(3) + lineOf(4) + lineOf(5)).length, 'parts that are too old are not read')
  t.end()
})

t.test('what a kill has left is skipped, and takes nothing with it', t => {
  const whole = lineOf(1)
  for (let length = 1; length < whole.length; length++) {
    const folder = t.testdir({ journal: whole.slice(0, length) + lineOf(2) })
    const reading = { torn: 0, bytes: 0 }
    const ids = idsOf(join(folder, 'journal'), 0, reading)
    t.strictSame(ids, ['2'], `cut at ${length}`)
    t.equal(reading.torn, length > 1 ? 1 : 0)
  }
  t.end()
})

t.test('records across the pieces in which a file is read, and larger than one', t => {
  const folder = t.testdir()
  const path = join(folder, 'journal')
  writeFileSync(path, '')
  const want: string[] = []
  for (let number = 1; number <= 60; number++) {
    appendFileSync(path, lineOf(number, 'x'.repeat(number === 30 ? 2_500_000 : number * 1000)))
    want.unshift(String(number))
  }
  t.strictSame(idsOf(path), want)
  t.end()
})

t.test('lines that are no records', t => {
  const other = ['null', '[]', '{"v":2,"id":"a","time":"b","request":{}}', '{"v":1,"id":"a"}', 'x', '1e999', '{"v":1}']
  const folder = t.testdir({ journal: `${other.join('\n')}${lineOf(1)}\n\n` })
  const reading = { torn: 0, bytes: 0 }
  t.strictSame(idsOf(join(folder, 'journal'), 0, reading), ['1'])
  t.equal(reading.torn, other.length)
  t.end()
})

t.test('a part that is moved away while it is read', t => {
  const folder = t.testdir({ journal: lineOf(1) + lineOf(2), 'journal.20260101T000000.000Z.7': lineOf(0) })
  const path = join(folder, 'journal')
  const records = readJournal(path, 0)
  t.equal(records.next().value?.id, '2')
  renameSync(path, `${path}.20260105T000000.000Z.7`)
  t.equal(records.next().value?.id, '1')
  t.equal(records.next().value?.id, '0')
  t.end()
})

t.test('a journal that is moved away between the list of its parts and the reading', t => {
  for (const [label, isBegunAnew] of [
    ['and begun anew', true],
    ['and not yet', false],
  ] as const) {
    const folder = t.testdir({ journal: lineOf(1) + lineOf(2), 'journal.20260101T000000.000Z.7': lineOf(0) })
    const path = join(folder, 'journal')
    const { openSync } = fs
    fs.openSync = (...args: Parameters<typeof openSync>) => {
      fs.openSync = openSync
      syncBuiltinESMExports()
      renameSync(path, `${path}.20260105T000000.000Z.7`)
      if (isBegunAnew) writeFileSync(path, lineOf(3))
      return openSync(...args)
    }
    syncBuiltinESMExports()
    t.strictSame(idsOf(path), isBegunAnew ? ['3', '2', '1', '0'] : ['2', '1', '0'], label)
  }
  t.end()
})

t.test('no journal is an error that says so', t => {
  t.throws(() => [...readJournal(join(t.testdir(), 'journal'), 0)], { code: 'ENOENT' })
  t.end()
})

t.test('a file without line ends takes neither memory nor records', t => {
  const folder = t.testdir({ journal: lineOf(1) })
  const path = join(folder, 'journal')
  // Sparse, so it takes no room; more than a text can have, were it kept for a line end to come.
  truncateSync(path, 600_000_000)
  appendFileSync(path, lineOf(2) + lineOf(3))
  const reading = { torn: 0, bytes: 0 }
  t.strictSame(idsOf(path, 0, reading), ['3', '2'])
  t.equal(reading.torn, 1)
  t.equal(reading.bytes, 600_000_000 + lineOf(2).length + lineOf(3).length)
  appendFileSync(path, `\n${'x'.repeat(9_000_000)}${lineOf(4)}`)
  t.strictSame(idsOf(path), ['4', '3', '2'], 'and one in the middle')
  t.end()
})

t.test('a record whose request is null is none', t => {
  const folder = t.testdir({ journal: `\n{"v":1,"time":"2026","id":"1","request":null}${lineOf(2)}` })
  t.strictSame(idsOf(join(folder, 'journal')), ['2'])
  t.end()
})
