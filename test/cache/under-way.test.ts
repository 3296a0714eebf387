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

/** Two clients that do not share a bucket. */
const [ONE, OTHER] = ['192.0.2.1', '198.51.100.7']

t.test('what is taken counts until it is given back', t => {
  const { words, table } = newTable()
  const places = table.take(ONE, 5, NOW)
  t.equal(places.count, 5)
  const more = table.take(OTHER, 7, NOW + 3000)
  t.equal(table.total(NOW + 3000), 12)
  t.equal(new UnderWay(words, AT, 1).total(NOW + 3000), 12, 'for whoever shares the memory')
  table.giveBack({ ...places, count: 2 }, NOW + 4000)
  t.equal(table.total(NOW + 4000), 10, 'some of them')
  table.giveBack({ ...places, count: 3 }, NOW + 4000)
  table.giveBack(more, NOW + 4000)
  t.equal(table.total(NOW + 4000), 0)
  t.strictSame(words.subarray(0, AT), new Int32Array(AT), 'nothing in front of the area is touched')
  t.strictSame(words.subarray(AT + UNDER_WAY_BYTES / 4), new Int32Array(16), 'and nothing behind it')
  t.end()
})

t.test('how many places a client gets', t => {
  const cases: { label: string; heldByOne?: number; heldByOther?: number; wanted: number; want: number }[] = [
    { label: 'what it wants, if there is room', wanted: 30, want: 30 },
    { label: 'no more than half of all', wanted: 1000, want: 128 },
    { label: 'nothing more when it has half', heldByOne: 128, wanted: 1, want: 0 },
    { label: 'the rest of its half', heldByOne: 100, wanted: 100, want: 28 },
    { label: 'half of what another one left', heldByOther: 128, wanted: 1000, want: 64 },
    { label: 'less, if it has some already', heldByOther: 128, heldByOne: 20, wanted: 1000, want: 44 },
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
  t.equal(table.total(NOW), 128)
  const buckets = new Set([table.take(ONE, 0, NOW).bucket])
  let newcomers = 0
  for (let i = 0; newcomers < 128; i++) {
    const client = `198.51.${i >> 8}.${i & 255}`
    const { bucket } = table.take(client, 0, NOW)
    if (buckets.has(bucket)) continue
    buckets.add(bucket)
    newcomers++
    t.equal(table.take(client, 1, NOW).count, 1, `newcomer ${newcomers}`)
  }
  t.equal(table.total(NOW), MAX_UNDER_WAY, 'down to the last')
  t.equal(table.take(OTHER, 1, NOW).count, 0, 'and then there is none')
  t.end()
})

t.test('300 clients that want four places each: never more than the limit, and the first get what they want', t => {
  const { table } = newTable()
  const had: number[] = []
  for (let i = 0; i < 300; i++) had.push(table.take(`192.0.${2 + (i >> 8)}.${i & 255}`, 4, NOW).count)
  const sum = had.reduce((sum, count) => sum + count)
  t.equal(table.total(NOW), sum)
  t.ok(sum <= MAX_UNDER_WAY && sum > MAX_UNDER_WAY - 4, `${sum} places`)
  t.strictSame(new Set(had.slice(0, 50)), new Set([4]), 'while there is room')
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
      if (gone) table.giveBack(gone.places, nowMs)
    } else {
      const client = `192.0.2.${random(40)}`
      const places = table.take(client, random(60), nowMs)
      held.push({ client, places })
      const free = MAX_UNDER_WAY - count(held)
      const own = count(held.filter(other => other.places.bucket === places.bucket))
      if (places.count > 0 && own > Math.max(free, 1)) t.fail(`step ${step}: ${own} held, ${free} free`)
    }
    // Whoever holds places longer renews them, every four seconds or so.
    for (const [i, { client, places }] of held.entries())
      if (nowMs - places.epoch * 2000 > 4000) held[i] = { client, places: table.renew(places, nowMs) }
    if (table.total(nowMs) !== count(held)) return t.fail(`step ${step}: ${table.total(nowMs)} for ${count(held)}`)
  }
  t.pass()
  return t.end()
})

t.test('what a killed process left is gone after ten to twelve seconds', t => {
  for (const startMs of [NOW, NOW + 1000, NOW + 1999]) {
    const { table } = newTable()
    const left = table.take(ONE, 100, startMs)
    t.equal(table.total(startMs + 10_000), 100, 'not earlier')
    t.equal(table.total(startMs + 12_000), 0)
    t.equal(table.take(ONE, 1000, startMs + 12_000).count, 128)
    table.giveBack(left, startMs + 12_000)
    t.equal(table.total(startMs + 12_000), 128, 'and nothing is taken off others if it was not killed after all')
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
  table.giveBack(places, NOW + 100_000)
  t.equal(table.total(NOW + 100_000), 0)
  const none = { ...places, count: 0 }
  t.equal(table.renew(none, NOW + 200_000), none)
  t.end()
})

t.test('many who renew too late come to more than the limit, which is no damage', t => {
  const { table } = newTable({ limit: 8 })
  for (let i = 0; i < 100; i++) table.renew({ bucket: i, epoch: 1, count: 4 }, NOW)
  t.equal(table.total(NOW), 32, 'no more than is plausible')
  t.equal(table.take(ONE, 1, NOW).count, 0)
  t.equal(table.total(NOW), 32)
  t.equal(table.take(ONE, 1, NOW + 12_000).count, 1)
  t.end()
})

t.test('suspect: for ten seconds after the bound was reached, or after silence', t => {
  const causes: { label: string; happen: (table: UnderWay) => void; want: boolean }[] = [
    { label: 'nothing happened', happen: () => {}, want: false },
    { label: 'places were taken', happen: table => table.take(ONE, 128, NOW), want: false },
    { label: 'more were wanted than there are', happen: table => table.take(ONE, 129, NOW), want: true },
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
  for (const jumpMs of [-2000, -5000, -11_000, -3_600_000, -NOW + 1, 2000, 3_600_000, 400 * 86_400_000, 2 ** 42]) {
    const { table } = newTable()
    const before = table.take(ONE, 100, NOW)
    const nowMs = NOW + jumpMs
    t.equal(table.total(nowMs), jumpMs === 2000 ? 100 : 0, `${jumpMs} ms`)
    const after = table.take(OTHER, 50, nowMs)
    t.equal(after.count, 50)
    table.giveBack(before, nowMs)
    table.giveBack(after, nowMs)
    for (let laterMs = 0; laterMs < 20_000; laterMs += 1000) t.equal(table.total(nowMs + laterMs), 0)
    t.equal(table.total(NOW), 0, 'also if it jumps back')
  }
  t.end()
})

t.test('any damage of any word: no exception, and after twelve seconds all is well', t => {
  const random = randomFrom(3)
  for (const value of [-1, -0x8000_0000, 0x7fff_ffff, 1025, 1024, 300, 5]) {
    for (let word = AT; word < AT + UNDER_WAY_BYTES / 4; word++) {
      const { words, table } = newTable()
      const places = table.take(ONE, 10, NOW)
      words[word] = value
      const nowMs = NOW + random(4000)
      const more = table.take(ONE, 10, nowMs)
      table.giveBack(places, nowMs)
      table.giveBack(table.renew(more, nowMs + 2000), nowMs + 2000)
      const total = table.total(nowMs + 2000)
      if (total < 0 || total > 6 * 1024) t.fail(`word ${word} = ${value}: ${total}`)
      if (table.total(nowMs + 14_000) !== 0) t.fail(`word ${word} = ${value} stays`)
      if (table.take(ONE, 1000, nowMs + 14_000).count !== 128) t.fail(`word ${word} = ${value} stays for the client`)
    }
  }
  t.pass()
  t.end()
})

t.test('a number that cannot be one empties its slice at once', t => {
  for (const value of [-1, -0x8000_0000, 4 * MAX_UNDER_WAY + 1, 0x7fff_ffff]) {
    for (const what of ['total', 'bucket'] as const) {
      const { words, table } = newTable()
      const places = table.take(ONE, 100, NOW)
      const slice = words.indexOf(places.epoch)
      words[slice + (what === 'total' ? 1 : 2 + places.bucket)] = value
      t.equal(table.take(ONE, 1000, NOW).count, 128, `${what} ${value}`)
      t.equal(table.total(NOW), 128)
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
  table.giveBack(mine, NOW)
  const [total, bucket] = [slice + 1, slice + 2 + mine.bucket]
  const cases = [
    { label: 'a take, behind its first store', change: { [total]: 30 }, want: 30 },
    { label: 'giving back, behind its first store', change: { [total]: 30, [bucket]: 0 }, want: 30 },
    { label: 'emptying, behind its first store', change: { [slice]: 0 }, want: 0 },
  ]
  for (const { label, change, want } of cases) {
    const copy = words.slice()
    for (const [at, value] of Object.entries(change)) copy[Number(at)] = value
    const left = new UnderWay(copy, AT, 1)
    t.equal(left.total(NOW), want, label)
    left.giveBack(held, NOW)
    t.ok(left.total(NOW) >= 0 && left.total(NOW) <= 10)
    t.equal(left.total(NOW + 12_000), 0)
  }
  t.end()
})

t.test('which clients meet in a bucket depends on the salt', t => {
  const clients = Array.from({ length: 300 }, (_, i) => `192.0.${i >> 8}.${i & 255}`)
  const bucketsOf = (salt: number): number[] => {
    const { table } = newTable({ salt })
    return clients.map(client => table.take(client, 0, NOW).bucket)
  }
  const [one, other] = [bucketsOf(1), bucketsOf(2 ** 33 + 2)]
  t.ok(new Set(one).size > 150, 'spread over the buckets')
  t.ok(one.every(bucket => bucket >= 0 && bucket < 256))
  t.strictSame(bucketsOf(1), one, 'the same for all who know it')
  // With one salt some forty pairs meet by chance with the first twenty clients; with both, hardly any.
  const meeting = (buckets: number[]) =>
    clients.flatMap((_, i) =>
      clients.slice(0, 20).flatMap((_, j) => (i > j && buckets[i] === buckets[j] ? [`${i} ${j}`] : [])),
    )
  const both = meeting(one).filter(pair => meeting(other).includes(pair))
  t.ok(meeting(one).length > 5)
  t.ok(both.length < meeting(one).length / 4)
  t.end()
})

t.test('a limit of its own', t => {
  const { table } = newTable({ limit: 6 })
  t.equal(table.take(ONE, 100, NOW).count, 3)
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
