import t from 'tap'
import { clientKey, MAX_UNDER_WAY, type Places, UNDER_WAY_BYTES, UnderWay } from '../../src/cache/under-way.ts'
import { randomFrom } from '../support/random.ts'

const NOW = 1_760_000_000_000
/** An area is not all of a file. */
const AT = 128
const WORDS = AT + UNDER_WAY_BYTES / 4 + 16

function newTable({ salt = 1, limit }: { salt?: number; limit?: number } = {}) {
  const words = new Int32Array(WORDS)
  return { words, table: new UnderWay(words, AT, salt, limit) }
}

/** The words of a slice that are a client's. */
function rowsOf({ client }: Places): [number, number, number] {
  return [2 + (client & 2047), 2 + 2048 + ((client >>> 11) & 2047), 2 + 4096 + (client >>> 21)]
}

/** Two clients that do not share a bucket. */
const [ONE, OTHER] = ['192.0.2.1', '198.51.100.7']

t.test('what is taken counts until it is given back', t => {
  const { words, table } = newTable()
  const places = table.take(ONE, 5, NOW)
  t.equal(places.count, 5)
  const more = table.take(OTHER, 7, NOW + 3000)
  t.equal(table.total(NOW + 3000), 12)
  t.equal(new UnderWay(words, AT, 1).total(NOW + 3000), 12, 'for whoever shares the memory')
  table.giveBack({ ...places, count: 2 })
  t.equal(table.total(NOW + 4000), 10, 'some of them')
  table.giveBack({ ...places, count: 3 })
  table.giveBack(more)
  t.equal(table.total(NOW + 4000), 0)
  t.strictSame(words.subarray(0, AT), new Int32Array(AT), 'nothing in front of the area is touched')
  t.strictSame(words.subarray(AT + UNDER_WAY_BYTES / 4), new Int32Array(16), 'and nothing behind it')
  t.end()
})

t.test('how many places a client gets', t => {
  const cases: { label: string; heldByOne?: number; heldByOther?: number; wanted: number; want: number }[] = [
    { label: 'what it wants, if there is room', wanted: 30, want: 30 },
    { label: 'no more than half of the third that is shared', wanted: 1000, want: 50 },
    { label: 'nothing more when it has that', heldByOne: 50, wanted: 1, want: 0 },
    { label: 'the rest of it', heldByOne: 40, wanted: 100, want: 10 },
    { label: 'half of what another one left', heldByOther: 50, wanted: 1000, want: 25 },
    { label: 'less, if it has some already', heldByOther: 50, heldByOne: 10, wanted: 1000, want: 15 },
    { label: 'nothing, if that is what it wants', wanted: 0, want: 0 },
  ]
  for (const { label, heldByOne = 0, heldByOther = 0, wanted, want } of cases) {
    const { table } = newTable()
    t.equal(table.take(OTHER, heldByOther, NOW).count, heldByOther)
    t.equal(table.take(ONE, heldByOne, NOW).count, heldByOne)
    t.equal(table.take(ONE, wanted, NOW + 5000).count, want, label)
    t.equal(table.isSuspect(NOW + 5000), want < wanted, `${label}: the bound was ${want < wanted ? '' : 'not '}reached`)
  }
  t.end()
})

t.test('a client that takes all it can get leaves half, and each newcomer gets a place while any is free', t => {
  const { table } = newTable()
  for (let round = 0; round < 50; round++) table.take(ONE, 1000, NOW + round)
  t.equal(table.total(NOW), 50)
  const taken = [rowsOf(table.take(ONE, 0, NOW))]
  for (let i = 0; taken.length < 251; i++) {
    const client = `198.51.${i >> 8}.${i & 255}`
    const rows = rowsOf(table.take(client, 0, NOW))
    if (taken.some(other => rows[0] === other[0])) continue
    taken.push(rows)
    if (table.take(client, 1, NOW).count !== 1) return t.fail(`newcomer ${taken.length}`)
  }
  t.equal(table.total(NOW), MAX_UNDER_WAY, 'down to the last')
  t.equal(table.take(OTHER, 1, NOW).count, 0, 'and then there is none')
  return t.end()
})

t.test('when what is shared is used up, a client has one place', t => {
  const { table } = newTable()
  for (let i = 0; table.total(NOW) < MAX_UNDER_WAY / 3; i++) table.take(`198.51.100.${i}`, 50, NOW)
  const place = table.take(ONE, 8, NOW)
  t.equal(place.count, 1)
  t.equal(table.take(ONE, 7, NOW).count, 0)
  table.giveBack(place)
  t.equal(table.take(ONE, 7, NOW).count, 1, 'one behind the other')
  t.end()
})

t.test('hardly any newcomer is taken for one of 200 clients that have places', t => {
  const { table } = newTable()
  for (let i = 0; i < 200; i++) table.linger(table.take(`192.0.2.${i}`, 1, NOW), NOW)
  const held = table.total(NOW)
  let mistaken = 0
  for (let i = 0; i < 20_000; i++) if (table.isLingering(`198.51.${i >> 8}.${i & 255}`, NOW)) mistaken++
  t.equal(held, 200)
  // One row alone mistakes 1860.
  t.ok(mistaken < 40, `${mistaken} of 20,000`)
  t.end()
})

t.test('300 clients that want four places each: never more than the limit, and the first get what they want', t => {
  const { table } = newTable()
  const had: number[] = []
  for (let i = 0; i < 300; i++) had.push(table.take(`192.0.${2 + (i >> 8)}.${i & 255}`, 4, NOW).count)
  const sum = had.reduce((sum, count) => sum + count)
  t.equal(table.total(NOW), sum)
  t.ok(sum <= MAX_UNDER_WAY && sum > MAX_UNDER_WAY - 4, `${sum} places`)
  t.strictSame(new Set(had.slice(0, 20)), new Set([4]), 'while there is room')
  t.ok(Math.min(...had.slice(0, 200)) > 0, 'and then one each')
  t.ok(table.isSuspect(NOW))
  t.end()
})

t.test('at any time: the total is what is held, and nobody was given more than was then left free', t => {
  const random = randomFrom(7)
  const { table } = newTable()
  const held: { client: string; places: Places }[] = []
  let nowMs = NOW
  const count = (of: readonly { places: Places }[]): number => of.reduce((sum, { places }) => sum + places.count, 0)
  for (let step = 0; step < 20_000; step++) {
    nowMs += random(30)
    if (held.length > 0 && random(2) === 0) {
      const [gone] = held.splice(random(held.length), 1)
      if (gone) table.giveBack(gone.places)
    } else {
      const client = `192.0.2.${random(40)}`
      const places = table.take(client, random(60), nowMs)
      held.push({ client, places })
      const free = MAX_UNDER_WAY - count(held)
      const own = count(held.filter(other => other.places.client === places.client))
      if (places.count > 0 && own > Math.max(free - (2 * MAX_UNDER_WAY) / 3, 1))
        t.fail(`step ${step}: ${own} held, ${free} free`)
    }
    // Whoever holds places longer renews them, every four seconds or so.
    for (const [i, { client, places }] of held.entries())
      if (nowMs - places.epoch * 3000 > 6000) held[i] = { client, places: table.renew(places, nowMs) }
    if (table.total(nowMs) !== count(held)) return t.fail(`step ${step}: ${table.total(nowMs)} for ${count(held)}`)
  }
  t.pass()
  return t.end()
})

t.test('what a killed process left is gone after nine to twelve seconds', t => {
  for (const startMs of [NOW, NOW + 1000, NOW + 2999]) {
    const { table } = newTable()
    const left = table.take(ONE, 50, startMs)
    t.equal(table.total(startMs + 9000), 50, 'not earlier')
    t.equal(table.total(startMs + 12_000), 0)
    t.equal(table.take(ONE, 1000, startMs + 12_000).count, 50)
    table.giveBack(left)
    t.equal(table.total(startMs + 12_000), 50, 'and nothing is taken off others if it was not killed after all')
  }
  t.end()
})

t.test('places of questions that met silence count for as long as a resolver works on them', t => {
  for (const startMs of [NOW, NOW + 5000, NOW + 19_999]) {
    const { table } = newTable()
    const places = table.take(ONE, 50, startMs)
    t.notOk(table.isLingering(ONE, startMs))
    table.linger({ ...places, count: 40 }, startMs)
    table.giveBack({ ...places, count: 10 })
    t.equal(table.total(startMs), 40, 'the others are given back')
    t.equal(table.total(startMs + 39_999), 40, 'not less than 40 s')
    t.equal(table.take(ONE, 1000, startMs + 39_999).count, 10, 'of what its client may have')
    t.equal(table.take(OTHER, 1000, startMs + 39_999).count, 25, 'and of what there is')
    t.ok(table.isLingering(ONE, startMs + 39_999))
    t.notOk(table.isLingering(OTHER, startMs + 39_999))
    t.notOk(table.isLingering(ONE, startMs + 60_000))
    t.equal(table.total(startMs + 60_000), 0)
  }
  t.end()
})

t.test('renewed places go on counting, in one slice only', t => {
  const { table } = newTable()
  let places = table.take(ONE, 9, NOW)
  t.equal(table.renew(places, NOW + 500), places, 'in the same interval there is nothing to do')
  for (let nowMs = NOW; nowMs < NOW + 60_000; nowMs += 1700) {
    places = table.renew(places, nowMs)
    t.equal(places.count, 9)
    t.equal(table.total(nowMs), 9)
  }
  places = table.renew(places, NOW + 100_000)
  t.equal(table.total(NOW + 100_000), 9, 'too late: they count again')
  table.giveBack(places)
  t.equal(table.total(NOW + 100_000), 0)
  const none = { ...places, count: 0 }
  t.equal(table.renew(none, NOW + 200_000), none)
  t.end()
})

t.test('many who renew too late come to more than the limit, which is no damage', t => {
  const { table } = newTable({ limit: 8 })
  for (let i = 0; i < 100; i++) table.renew({ client: i, epoch: 1, count: 4 }, NOW)
  t.equal(table.total(NOW), 32, 'no more than is plausible')
  t.equal(table.take(ONE, 1, NOW).count, 0)
  t.equal(table.total(NOW), 32)
  t.equal(table.take(ONE, 1, NOW + 12_000).count, 1)
  t.end()
})

t.test('suspect: for ten seconds after the bound was reached, or after silence', t => {
  const causes: { label: string; happen: (table: UnderWay) => void; want: boolean }[] = [
    { label: 'nothing happened', happen: () => {}, want: false },
    { label: 'places were taken', happen: table => table.take(ONE, 50, NOW), want: false },
    { label: 'more were wanted than there are', happen: table => table.take(ONE, 51, NOW), want: true },
    { label: 'silence', happen: table => table.noteSilence(NOW), want: true },
  ]
  for (const { label, happen, want } of causes) {
    const { table } = newTable()
    happen(table)
    t.equal(table.isSuspect(NOW), want, label)
    t.equal(table.isSuspect(NOW + 10_000), want, label)
    t.notOk(table.isSuspect(NOW + 11_000), `${label}: no more`)
    t.equal(table.isSuspect(NOW - 5000), want, `${label}: the clock was set back a little`)
    t.notOk(table.isSuspect(NOW - 3_600_000), `${label}: and far`)
    t.notOk(table.isSuspect(0))
  }
  t.end()
})

t.test('a clock that jumps: slices of the future count as empty, and everything goes on', t => {
  for (const jumpMs of [-3000, -5000, -11_000, -3_600_000, -NOW + 1, 2000, 3_600_000, 400 * 86_400_000, 2 ** 42]) {
    const { table } = newTable()
    const before = table.take(ONE, 50, NOW)
    const nowMs = NOW + jumpMs
    t.equal(table.total(nowMs), jumpMs === 2000 ? 50 : 0, `${jumpMs} ms`)
    const after = table.take(OTHER, 20, nowMs)
    t.equal(after.count, 20)
    table.giveBack(before)
    table.giveBack(after)
    for (let laterMs = 0; laterMs < 20_000; laterMs += 1000) t.equal(table.total(nowMs + laterMs), 0)
    t.equal(table.total(NOW), 0, 'also if it jumps back')
  }
  t.end()
})

t.test('any damage of any word: no exception, and after a minute all is well', t => {
  const random = randomFrom(3)
  for (const value of [-1, -0x8000_0000, 0x7fff_ffff, 1025, 1024, 300, 5]) {
    const { words, table } = newTable()
    // Each of the first words, and many of the others; those of the client are in the next test.
    for (let word = AT; word < AT + UNDER_WAY_BYTES / 4; word += word < AT + 10 ? 1 : 1 + random(50)) {
      words.fill(0)
      const places = table.take(ONE, 10, NOW)
      words[word] = value
      const nowMs = NOW + random(4000)
      const more = table.take(ONE, 10, nowMs)
      table.giveBack(places)
      table.linger({ ...more, count: 1 }, nowMs)
      table.giveBack(table.renew({ ...more, count: 9 }, nowMs + 2000))
      const total = table.total(nowMs + 2000)
      if (total < 0 || total > 6 * 1024) t.fail(`word ${word} = ${value}: ${total}`)
      if (table.total(nowMs + 60_000) !== 0) t.fail(`word ${word} = ${value} stays`)
      if (table.take(ONE, 1000, nowMs + 60_000).count !== 50) t.fail(`word ${word} = ${value} stays for the client`)
    }
  }
  t.pass()
  t.end()
})

t.test('a number that cannot be one empties its slice at once', t => {
  for (const value of [-1, -0x8000_0000, 4 * MAX_UNDER_WAY + 1, 0x7fff_ffff]) {
    for (const what of ['total', 'first row', 'second row', 'third row'] as const) {
      const { words, table } = newTable()
      const places = table.take(ONE, 100, NOW)
      const slice = words.indexOf(places.epoch)
      const [first, second, third] = rowsOf(places)
      words[slice + { total: 1, 'first row': first, 'second row': second, 'third row': third }[what]] = value
      t.equal(table.take(ONE, 1000, NOW).count, 50, `${what} ${value}`)
      t.equal(table.total(NOW), 50)
    }
  }
  t.end()
})

t.test('a take or giving back that is cut off leaves no more than its own places, for twelve seconds', t => {
  // Every store of each, in order: what a kill behind it leaves.
  const { words, table } = newTable()
  const held = table.take(OTHER, 20, NOW)
  const slice = words.indexOf(held.epoch)
  const mine = table.take(ONE, 10, NOW)
  table.giveBack(mine)
  const [total, [first, second, third]] = [
    slice + 1,
    rowsOf(mine).map(word => slice + word) as [number, number, number],
  ]
  const cases = [
    { label: 'a take, behind its first store', change: { [total]: 30 }, want: 30 },
    { label: 'a take, behind its second store', change: { [total]: 30, [first]: 10 }, want: 30 },
    {
      label: 'giving back, behind its first store',
      change: { [total]: 30, [first]: 0, [second]: 10, [third]: 10 },
      want: 30,
    },
    {
      label: 'giving back, behind its second store',
      change: { [total]: 30, [first]: 0, [second]: 0, [third]: 0 },
      want: 30,
    },
    { label: 'emptying, behind its first store', change: { [slice]: 0 }, want: 0 },
  ]
  for (const { label, change, want } of cases) {
    const copy = words.slice()
    for (const [at, value] of Object.entries(change)) copy[Number(at)] = value
    const left = new UnderWay(copy, AT, 1)
    t.equal(left.total(NOW), want, label)
    left.giveBack(held)
    t.ok(left.total(NOW) >= 0 && left.total(NOW) <= 10)
    t.equal(left.total(NOW + 12_000), 0)
  }
  t.end()
})

t.test('which clients meet in a bucket depends on the salt', t => {
  const clients = Array.from({ length: 300 }, (_, i) => `192.0.${i >> 8}.${i & 255}`)
  const bucketsOf = (salt: number): number[] => {
    const { table } = newTable({ salt })
    return clients.map(client => table.take(client, 0, NOW).client % 2048)
  }
  const [one, other] = [bucketsOf(1), bucketsOf(2 ** 33 + 2)]
  t.ok(new Set(one).size > 250, 'spread over the buckets')
  t.ok(one.every(bucket => bucket >= 0 && bucket < 2048))
  t.strictSame(bucketsOf(1), one, 'the same for all who know it')
  // With one salt some twenty pairs meet by chance; with both, hardly any.
  const meeting = (buckets: number[]) =>
    clients.flatMap((_, i) => clients.flatMap((_, j) => (i > j && buckets[i] === buckets[j] ? [`${i} ${j}`] : [])))
  const both = meeting(one).filter(pair => meeting(other).includes(pair))
  t.ok(meeting(one).length > 5)
  t.ok(both.length < meeting(one).length / 4)
  t.end()
})

t.test('scarce: when more than the shared third is taken or lingers', t => {
  const { table } = newTable()
  const one = table.take(ONE, MAX_UNDER_WAY / 6, NOW)
  table.linger(one, NOW)
  for (let n = 0; table.total(NOW) < MAX_UNDER_WAY / 3; n++) table.take(`203.0.113.${n}`, 1, NOW)
  t.notOk(table.isScarce(NOW))
  table.take(OTHER, 1, NOW)
  t.ok(table.isScarce(NOW))
  t.notOk(table.isScarce(NOW + 15_000), 'only what lingers counts then')
  t.end()
})

t.test('a limit of its own', t => {
  const { table } = newTable({ limit: 6 })
  t.equal(table.take(ONE, 100, NOW).count, 1)
  t.equal(table.take(OTHER, 100, NOW).count, 1)
  t.end()
})

t.test('what counts as one client', t => {
  const cases = [
    { client: '192.0.2.1', want: '192.0.2.1' },
    { client: '2001:0db8:0001:0002:0003:0004:0005:0006', want: '2001:0db8:0001:0002' },
  ]
  for (const { client, want } of cases) t.equal(clientKey(client), want)
  t.end()
})
