import t from 'tap'
import type { HamEntry, MessageEntry, SpamEntry } from '../../src/cache/entries.ts'
import { COUNTERS_OFFSET, ENTRY_HINTS_OFFSET, type Geometry, geometryFor, SLOT } from '../../src/cache/format.ts'
import { type Limits, Tables } from '../../src/cache/tables.ts'
import { randomFrom } from '../support/random.ts'

const LIMITS: Limits = { spam: { size: 20, maxSize: 40 }, ham: { size: 10, maxSize: 20 } }
const GEOMETRY = geometryFor({ spam: 40, ham: 20 })

const SPAM: SpamEntry = { score: 7.125, retriesLeft: 1, seenSeconds: 1_760_000_000 }
const HAM: HamEntry = { score: -6.1, queriesLeft: 60, seenSeconds: 3, sinceSeconds: 2, hardSinceSeconds: 1 }

function newTables({ geometry = GEOMETRY, limits = LIMITS }: { geometry?: Geometry; limits?: Limits } = {}) {
  const buffer = new ArrayBuffer(geometry.fileBytes)
  return { buffer, tables: new Tables(buffer, geometry, limits) }
}

t.test('each kind of entry comes back as it went in', t => {
  const { tables } = newTables()
  const rejected: MessageEntry = { kind: 'rejected', message: '550 no \xe4', seenSeconds: 5 }
  const accepted: MessageEntry = { kind: 'accepted', seenSeconds: 6 }
  const list = { errorsInRow: 3, skipsLeft: 10, seenSeconds: 7 }
  t.ok(tables.spam.set('192.0.2.1', SPAM))
  t.ok(tables.ham.set('192.0.2.1', HAM))
  t.ok(tables.messages.set('i1', rejected))
  t.ok(tables.messages.set('i2', accepted))
  t.ok(tables.lists.set('zen.spamhaus.org', list))
  t.strictSame(tables.spam.get('192.0.2.1'), SPAM)
  t.strictSame(tables.ham.get('192.0.2.1'), HAM)
  t.strictSame(tables.messages.get('i1'), rejected)
  t.strictSame(tables.messages.get('i2'), accepted)
  t.strictSame(tables.lists.get('zen.spamhaus.org'), list)
  t.strictSame([...tables.ham.entries()], [['192.0.2.1', HAM]])
  t.equal(tables.spam.get('192.0.2.2'), undefined)
  t.ok(tables.spam.delete('192.0.2.1'))
  t.equal(tables.spam.get('192.0.2.1'), undefined)
  t.notOk(tables.spam.delete('192.0.2.1'), 'once')
  t.end()
})

t.test('what does not fit into a slot is not kept', t => {
  const { tables } = newTables()
  const message = (text: string): MessageEntry => ({ kind: 'rejected', message: text, seenSeconds: 0 })
  const cases = [
    { label: 'an empty key', key: '', text: 'x', wantKept: false },
    { label: 'key and text fill the slot', key: 'k'.repeat(100), text: 'x'.repeat(500), wantKept: true },
    { label: 'a character more', key: 'k'.repeat(100), text: 'x'.repeat(501), wantKept: false },
    { label: 'a key that fills the slot', key: 'k'.repeat(600), text: '', wantKept: true },
    { label: 'a key of a character more', key: 'k'.repeat(601), text: '', wantKept: false },
    { label: 'a key beyond 8 bits', key: 'k\u0141', text: '', wantKept: false },
    { label: 'a text beyond 8 bits', key: 'k', text: '\u0141', wantKept: false },
  ]
  for (const { label, key, text, wantKept } of cases) {
    t.equal(tables.messages.set(key, message(text)), wantKept, label)
    t.strictSame(tables.messages.get(key), wantKept ? message(text) : undefined, label)
    tables.messages.delete(key)
  }
  t.end()
})

t.test('a kind that grows past its maximum is purged to its size, least recently seen first', t => {
  const { tables } = newTables()
  for (let i = 0; i < 41; i++) tables.spam.set(`c${i}`, { ...SPAM, seenSeconds: i })
  const kept = [...tables.spam.entries()].map(([key]) => key)
  t.strictSame(kept.sort(), Array.from({ length: 20 }, (_, i) => `c${i + 21}`).sort())
  t.equal(tables.counters.read().get('purges'), 1)
  for (let i = 0; i < 20; i++) tables.spam.set(`d${i}`, { ...SPAM, seenSeconds: 100 })
  t.equal([...tables.spam.entries()].length, 40, 'and grows again')
  tables.spam.set('e', { ...SPAM, seenSeconds: 101 })
  t.equal([...tables.spam.entries()].length, 20, 'of many that were seen at the same time, some stay')
  t.ok(tables.spam.get('e'), 'and those that were seen later all do')
  t.end()
})

t.test('an entry that is overwritten or deleted does not count twice', t => {
  const { tables } = newTables()
  for (let i = 0; i < 500; i++) tables.spam.set('192.0.2.1', SPAM)
  for (let i = 0; i < 500; i++) {
    tables.spam.set(`c${i}`, SPAM)
    tables.spam.delete(`c${i}`)
  }
  t.equal(tables.counters.read().get('purges'), 0)
  t.end()
})

t.test('a number of entries that is wrong is put right by a purge', t => {
  for (const hint of [-1, -0x8000_0000, 0x7fff_ffff]) {
    const { buffer, tables } = newTables()
    for (let i = 0; i < 30; i++) tables.spam.set(`c${i}`, { ...SPAM, seenSeconds: i })
    new Int32Array(buffer)[ENTRY_HINTS_OFFSET / 4] = hint
    tables.spam.set('new', { ...SPAM, seenSeconds: 100 })
    t.equal([...tables.spam.entries()].length, 20, `${hint}`)
    t.equal(new Int32Array(buffer)[ENTRY_HINTS_OFFSET / 4], 20)
  }
  t.end()
})

t.test('a window that is full forgets its least recently seen; nothing else is lost', t => {
  const { tables } = newTables()
  // The messages have no purge, and far more entries than slots.
  for (let i = 0; i < 10_000; i++) {
    tables.messages.set(`m${i}`, { kind: 'accepted', seenSeconds: i })
    if (!tables.messages.get(`m${i}`)) t.fail(`m${i} is not there`)
  }
  t.ok([...tables.messages.entries()].length > 2000)
  const oldest = Math.min(...[...tables.messages.entries()].map(([, { seenSeconds }]) => seenSeconds))
  t.ok(oldest > 5000, 'what is left are the youngest')
  t.end()
})

t.test('at the configured maximum one entry in a hundred is evicted at most', t => {
  const limits: Limits = { spam: { size: 2000, maxSize: 4000 }, ham: { size: 1000, maxSize: 2000 } }
  const { tables } = newTables({ geometry: geometryFor({ spam: 4000, ham: 2000 }), limits })
  for (let i = 0; i < 4000; i++) tables.spam.set(`192.0.2.${i % 256}-${i}@example.org`, { ...SPAM, seenSeconds: i })
  t.ok([...tables.spam.entries()].length > 3960)
  t.equal(tables.counters.read().get('purges'), 0)
  t.end()
})

t.test('a kind that is switched off keeps nothing', t => {
  const { tables: off } = newTables({ limits: { ...LIMITS, spam: { size: 0, maxSize: 40 } } })
  t.notOk(off.spam.set('192.0.2.1', SPAM), 'size 0')
  t.equal(off.spam.get('192.0.2.1'), undefined, 'size 0')
  const { tables } = newTables({ geometry: geometryFor({ spam: 0, ham: 0 }) })
  t.notOk(tables.spam.set('192.0.2.1', SPAM), 'a file without slots for it')
  t.equal(tables.spam.get('192.0.2.1'), undefined)
  t.notOk(tables.spam.delete('192.0.2.1'))
  t.end()
})

t.test('2,000 random flips of slots: an entry is as it was, or not there', t => {
  const random = randomFrom(1)
  const { buffer, tables } = newTables()
  const bytes = new Uint8Array(buffer)
  for (let i = 0; i < 20; i++) {
    tables.spam.set(`c${i}`, SPAM)
    tables.ham.set(`c${i}`, HAM)
  }
  const good = bytes.slice(0, GEOMETRY.areas.messages.offset)
  const { spam, messages } = GEOMETRY.areas
  const [spamText, hamText] = [JSON.stringify(SPAM), JSON.stringify(HAM)]
  let lost = 0
  for (let round = 0; round < 2000; round++) {
    const at = spam.offset + random(messages.offset - spam.offset)
    bytes[at] = (bytes[at] as number) ^ (1 << random(8))
    tables.begin()
    for (let i = 0; i < 20; i++) {
      const entry = tables.spam.get(`c${i}`)
      const ham = tables.ham.get(`c${i}`)
      if (entry && JSON.stringify(entry) !== spamText) t.fail(`byte ${at}: ${JSON.stringify(entry)}`)
      if (ham && JSON.stringify(ham) !== hamText) t.fail(`byte ${at}: ${JSON.stringify(ham)}`)
      if (!entry || !ham) lost++
    }
    if ([...tables.spam.entries()].some(([key, { score }]) => !/^c\d+$/.test(key) || score !== SPAM.score))
      t.fail(`byte ${at}`)
    tables.spam.set('after', SPAM)
    if (!tables.spam.get('after')) t.fail(`byte ${at}: the table does not go on`)
    bytes.set(good)
  }
  // 40 slots of some 42 bytes in 24 KB.
  t.ok(lost > 80, 'flips that hit an entry are seen')
  t.end()
})

t.test('every single-bit flip of what a slot uses makes its entry disappear, others change nothing', t => {
  const { buffer, tables } = newTables()
  const key = '192.0.2.1-a@example.org'
  const usedBits = 8 * (SLOT.data + key.length)
  tables.spam.set(key, SPAM)
  const words = new Int32Array(buffer)
  const { offset, slots } = GEOMETRY.areas.spam
  const first = offset / 4
  const slot = Array.from({ length: slots }, (_, i) => first + i * 64).find(at => words[at] !== 0) as number
  for (let bit = 0; bit < 64 * 32; bit++) {
    const at = slot + (bit >> 5)
    words[at] = (words[at] as number) ^ (1 << (bit & 31))
    tables.begin()
    if ((tables.spam.get(key) === undefined) !== bit < usedBits) t.fail(`bit ${bit}`)
    words[at] = (words[at] as number) ^ (1 << (bit & 31))
  }
  tables.begin()
  t.strictSame(tables.spam.get(key), SPAM)
  t.end()
})

t.test('a slot that was copied to another place is not valid there', t => {
  const { buffer, tables } = newTables()
  tables.spam.set('192.0.2.1', SPAM)
  const bytes = new Uint8Array(buffer)
  const { offset, slots } = GEOMETRY.areas.spam
  for (let i = 0; i < slots; i++)
    if (bytes[offset + i * 256 + SLOT.lengths] !== 0) bytes.copyWithin(offset, offset + i * 256, offset + i * 256 + 256)
  t.equal([...tables.spam.entries()].length, 1)
  t.end()
})

t.test('a writer that is interrupted after any number of bytes leaves the old entry, the new one, or none', t => {
  const before = newTables()
  before.tables.spam.set('192.0.2.1', SPAM)
  const after = newTables()
  new Uint8Array(after.buffer).set(new Uint8Array(before.buffer))
  const changed: SpamEntry = { score: 9, retriesLeft: 0, seenSeconds: SPAM.seenSeconds + 30 }
  after.tables.spam.set('192.0.2.1', changed)
  const from = new Uint8Array(before.buffer)
  const to = new Uint8Array(after.buffer)
  const start = from.findIndex((byte, at) => byte !== to[at]) - 1
  const end = to.findLastIndex((byte, at) => byte !== from[at]) + 1
  t.ok(end - start > 8, 'there is something to tear')
  for (const order of ['forwards', 'backwards']) {
    const { buffer, tables } = newTables()
    const torn = new Uint8Array(buffer)
    const outcomes = new Set<string>()
    for (let cut = start; cut <= end; cut++) {
      const [head, tail] = order === 'forwards' ? [to, from] : [from, to]
      torn.set(head)
      torn.set(tail.subarray(cut), cut)
      tables.begin()
      const entry = tables.spam.get('192.0.2.1')
      outcomes.add(entry === undefined ? 'none' : JSON.stringify(entry))
    }
    t.strictSame(
      outcomes,
      new Set([
        JSON.stringify(order === 'forwards' ? SPAM : changed),
        'none',
        JSON.stringify(order === 'forwards' ? changed : SPAM),
      ]),
      order,
    )
  }
  t.end()
})

t.test('what another process did is seen in the next transaction', t => {
  const { buffer, tables } = newTables()
  const other = new Tables(buffer, GEOMETRY, LIMITS)
  t.equal(tables.spam.get('192.0.2.1'), undefined)
  other.begin()
  t.ok(other.spam.set('192.0.2.1', SPAM))
  tables.begin()
  t.strictSame(tables.spam.get('192.0.2.1'), SPAM)
  other.begin()
  t.ok(other.spam.delete('192.0.2.1'))
  tables.begin()
  t.ok(tables.spam.set('192.0.2.1', { ...SPAM, score: 8 }))
  other.begin()
  t.equal(other.spam.get('192.0.2.1')?.score, 8)
  t.equal([...other.spam.entries()].length, 1, 'once')
  t.end()
})

t.test('counters add up, and damage makes one begin again', t => {
  const { buffer, tables } = newTables()
  tables.counters.add('requests')
  tables.counters.add('requests', 3)
  t.equal(tables.counters.read().get('requests'), 4)
  for (const damage of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 2 ** 60]) {
    new Float64Array(buffer)[COUNTERS_OFFSET / 8] = damage
    t.equal(tables.counters.read().get('requests'), 0, `${damage}`)
    tables.counters.add('requests')
    t.equal(tables.counters.read().get('requests'), 1)
  }
  t.end()
})
