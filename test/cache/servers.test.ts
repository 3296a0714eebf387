import t from 'tap'
import { SERVERS_BYTES, SilentServers, serverNumber } from '../../src/cache/servers.ts'
import { randomFrom } from '../support/random.ts'

const NOW = 5_000_000_000
/** An area is not all of a file. */
const AT = 128
const WORDS = AT + SERVERS_BYTES / 4 + 16
const [ONE, OTHER, THIRD] = ['192.0.2.1:53', '192.0.2.2:53', '192.0.2.1:54'].map(serverNumber) as [
  number,
  number,
  number,
]

function newTable() {
  const words = new Int32Array(WORDS)
  return { words, table: new SilentServers(words, AT) }
}

const silences = (table: SilentServers, nowMs: number, servers = [ONE, OTHER, THIRD]) =>
  table.read(servers, nowMs).map(({ silence }) => silence)

t.test('what is known of a server holds for all who share the memory, until it answers', t => {
  const { words, table } = newTable()
  t.equal(table.isTroubled, false)
  t.same(silences(table, NOW), ['none', 'none', 'none'])
  table.note(ONE, false, NOW)
  const shared = new SilentServers(words, AT)
  t.equal(shared.isTroubled, true)
  t.same(silences(shared, NOW), ['lists', 'none', 'none'], 'by its port as well')
  shared.note(ONE, true, NOW + 2000)
  shared.note(ONE, false, NOW + 3000)
  t.same(table.read([ONE], NOW + 4000), [{ silence: 'control', silentMs: 2000 }], 'since the control question is')
  table.note(OTHER, false, NOW + 4000)
  t.same(table.read([OTHER], NOW + 4500), [{ silence: 'lists', silentMs: 500 }])
  table.clear(ONE, NOW)
  t.same(silences(shared, NOW + 4500), ['none', 'lists', 'none'])
  t.equal(shared.isTroubled, true)
  table.clear(THIRD, NOW)
  table.clear(OTHER, NOW)
  t.equal(shared.isTroubled, false)
  t.strictSame(words.subarray(0, AT), new Int32Array(AT), 'nothing in front of the area is touched')
  t.strictSame(words.subarray(AT + SERVERS_BYTES / 4), new Int32Array(16), 'and nothing behind it')
  t.end()
})

t.test('one process a second asks after a silent server', t => {
  const cases: { label: string; laterMs: number; want: boolean }[] = [
    { label: 'at once', laterMs: 0, want: false },
    { label: 'soon', laterMs: 999, want: false },
    { label: 'a second later', laterMs: 1000, want: true },
    { label: 'much later', laterMs: 400_000, want: true },
    { label: 'by a clock that runs behind', laterMs: -500, want: false },
    { label: 'by one of before a restart', laterMs: -400_000, want: true },
  ]
  for (const { label, laterMs, want } of cases) {
    const { table } = newTable()
    table.note(ONE, true, NOW)
    t.equal(table.claimProbe(ONE, NOW + laterMs), want ? 1 : undefined, label)
    t.equal(table.claimProbe(ONE, NOW + laterMs), undefined, `${label}: not twice`)
    t.equal(table.claimProbe(OTHER, NOW + laterMs), undefined, `${label}: nor after one that answers`)
  }
  t.end()
})

t.test('who was silent to a question of before the server answered says nothing new', t => {
  const { table } = newTable()
  table.note(ONE, true, NOW, NOW - 2000)
  table.clear(ONE, NOW + 1000)
  t.equal(table.claimProbe(ONE, NOW + 5000), undefined)
  for (const sinceMs of [NOW - 1000, NOW + 1000]) table.note(ONE, true, NOW + 2000, sinceMs)
  t.same([table.isTroubled, ...silences(table, NOW + 2000)], [false, 'none', 'none', 'none'])
  table.note(ONE, true, NOW + 4000, NOW + 1001)
  t.equal(silences(table, NOW + 4000)[0], 'control')
  t.end()
})

t.test('what an earlier question comes to makes the next one no later', t => {
  const { table } = newTable()
  table.note(ONE, true, NOW)
  t.equal(table.claimProbe(ONE, NOW + 1000), 1)
  table.note(ONE, true, NOW + 1999)
  t.equal(table.claimProbe(ONE, NOW + 2000), 1)
  t.end()
})

t.test('what nobody asks after is forgotten', t => {
  for (const laterMs of [600_001, -600_001]) {
    const { table } = newTable()
    table.note(ONE, true, NOW)
    t.same(silences(table, NOW + laterMs), ['none', 'none', 'none'])
    t.equal(table.isTroubled, false)
  }
  const { table } = newTable()
  table.note(ONE, true, NOW)
  for (let s = 1; s < 5000; s++) t.equal(table.claimProbe(ONE, NOW + 1000 * s), s)
  t.same(table.read([ONE], NOW + 5_000_000), [{ silence: 'control', silentMs: 5_000_000 }], 'but not one that is')
  table.note(ONE, true, NOW + 5_000_000)
  t.equal(table.claimProbe(ONE, NOW + 5_001_000), 1, 'somebody has waited for it')
  t.end()
})

t.test('more servers than there are rows: the one asked after least lately makes room', t => {
  const { table } = newTable()
  const servers = Array.from({ length: 20 }, (_, n) => serverNumber(`198.51.100.${n}:53`))
  for (const [n, server] of servers.entries()) table.note(server, true, NOW + n)
  t.same(
    silences(table, NOW + 20, servers),
    servers.map((_, n) => (n < 4 ? 'none' : 'control')),
  )
  t.end()
})

t.test('the clock of deadlines passes 2^32', t => {
  const { table } = newTable()
  const late = 2 ** 32 - 500
  table.note(ONE, true, late)
  t.equal(table.claimProbe(ONE, late + 900), undefined)
  t.same(table.read([ONE], late + 900), [{ silence: 'control', silentMs: 900 }])
  t.equal(table.claimProbe(ONE, late + 1000), 1)
  t.end()
})

t.test('killed between any two stores, a writer leaves no more than it meant to say', t => {
  class Killed extends Error {}
  /** Words that take so many stores and no more. */
  function mortal(words: Int32Array, stores: number): Int32Array {
    let left = stores
    return new Proxy(words, {
      get: (target, name) => Reflect.get(target, name, target),
      set: (target, name, value) => {
        if (left-- === 0) throw new Killed()
        return Reflect.set(target, name, value, target)
      },
    })
  }
  const writers: { label: string; write: (table: SilentServers) => void; before: string; after: string }[] = [
    { label: 'a server is silent', write: table => table.note(ONE, true, NOW), before: 'none', after: 'control' },
    { label: 'it answers', write: table => table.clear(OTHER, NOW), before: 'control', after: 'none' },
  ]
  for (const { label, write, before, after } of writers) {
    let isWhole = false
    for (let stores = 0; !isWhole; stores++) {
      const { words, table } = newTable()
      table.note(OTHER, true, NOW)
      try {
        write(new SilentServers(mortal(words, stores), AT))
        isWhole = true
      } catch (error) {
        if (!(error instanceof Killed)) throw error
      }
      const [one, other, third] = silences(table, NOW)
      const [seen, bystander] = before === 'none' ? [one, other] : [other, 'control']
      t.ok([before, after, 'lists'].includes(seen as string), `${label}, ${stores} stores: ${seen}`)
      t.same([bystander, third], ['control', 'none'], `${label}, ${stores} stores: nobody else`)
      t.ok(table.isTroubled || seen === 'none', `${label}, ${stores} stores: whoever looks is told`)
      table.clear(ONE, NOW)
      table.clear(OTHER, NOW)
      t.equal(table.isTroubled, false, `${label}, ${stores} stores: no trace`)
    }
  }
  t.end()
})

t.test('damage is gone when the servers answer, or are forgotten', t => {
  const random = randomFrom(7)
  for (let round = 0; round < 500; round++) {
    const { words, table } = newTable()
    for (let i = 0; i < SERVERS_BYTES / 4; i++) words[AT + i] = random(2 ** 31) - random(2 ** 31)
    table.read([ONE, OTHER], NOW)
    table.note(ONE, true, NOW)
    t.equal(silences(table, NOW)[0], 'control')
    table.clear(ONE, NOW)
    t.equal(silences(table, NOW)[0], 'none')
    for (let later = 0; later < 2 ** 32; later += 900_000) table.read([], NOW + later)
    t.equal(table.isTroubled, false)
  }
  t.end()
})

t.test('servers have numbers of their own', t => {
  const texts = Array.from({ length: 5000 }, (_, n) => `10.0.${n >> 8}.${n & 255}:53`)
  const numbers = new Set(texts.map(serverNumber))
  t.equal(numbers.size, texts.length)
  t.notOk(numbers.has(0))
  t.end()
})
