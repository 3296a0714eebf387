import t from 'tap'
import type { Cache } from '../../src/cache/cache.ts'
import type { Tables } from '../../src/cache/tables.ts'
import { MAX_UNDER_WAY } from '../../src/cache/under-way.ts'
import { RequestPlaces } from '../../src/turn/places.ts'
import { newTables } from '../support/tables.ts'

const NOW_MS = 1_760_000_000_000

function setting(tables: Tables = newTables()) {
  const clock = { nowMs: NOW_MS }
  let transactions = 0
  const cache: Cache = {
    transact: use => {
      transactions++
      return use(tables)
    },
    count: () => {},
  }
  const placesOf = (client: string): RequestPlaces => new RequestPlaces(cache, client, () => clock.nowMs)
  const total = (): number => tables.underWay.total(clock.nowMs)
  return { clock, placesOf, tables, total, transactions: () => transactions }
}

t.test('places are taken and given back', t => {
  const { placesOf, tables, total, transactions } = setting()
  const places = placesOf('192.0.2.1')
  t.equal(places.want(7), 7)
  t.equal(places.want(7), 7)
  t.equal(transactions(), 1, 'what is there is not asked for')
  t.equal(places.want(20), 20)
  t.equal(total(), 20)
  t.equal(places.want(4), 4)
  t.equal(total(), 4)
  places.end(tables)
  t.equal(places.count, 0)
  t.equal(total(), 0)
  t.end()
})

t.test('what a request usually asks it has from the beginning, or nothing', t => {
  const { placesOf, tables, total, transactions } = setting()
  const places = placesOf('192.0.2.1')
  places.begin(tables)
  t.equal(places.want(8), 8)
  t.equal(transactions(), 0, 'and does not ask for it')
  t.equal(places.want(11), 11, 'what is more it does')
  t.equal(transactions(), 1)
  places.giveUp()
  t.equal(total(), 0, 'it has to wait for its turn')
  places.giveUp()
  t.equal(transactions(), 2, 'there is nothing to give up')

  const others = placesOf('192.0.2.2')
  others.want(MAX_UNDER_WAY / 6 - 4)
  const late = placesOf('192.0.2.2')
  late.begin(tables)
  t.equal(late.count, 0, 'there are not so many')
  t.notOk(late.isSuspect(), 'which is no sign of anything: fewer may be wanted')
  t.notOk(late.isOwnSilence)
  t.equal(late.want(2), 2)
  t.ok(late.want(20) < 20)
  t.ok(late.isSuspect(), 'now it is')
  t.end()
})

t.test('a client shares with itself, and a network with itself', t => {
  const { placesOf } = setting()
  t.equal(placesOf('2001:0db8:0000:0001:0000:0000:0000:0001').want(1000), MAX_UNDER_WAY / 6)
  t.equal(placesOf('2001:0db8:0000:0001:ffff:0000:0000:0002').want(1000), 0, 'the same /64')
  t.ok(placesOf('2001:0db8:0000:0002:0000:0000:0000:0001').want(1000) > 0, 'another one')
  t.end()
})

t.test('silence is noted, and keeps what is under way counted', t => {
  const { clock, placesOf, total } = setting()
  const places = placesOf('192.0.2.1')
  places.want(5)
  t.notOk(places.isSuspect())
  for (let seconds = 0; seconds < 30; seconds += 5) {
    clock.nowMs += 5000
    places.noteSilence()
  }
  t.ok(places.isSuspect())
  t.equal(total(), 5, 'though they were taken half a minute ago')
  clock.nowMs += 15_000
  t.notOk(places.isSuspect())
  t.equal(total(), 0)
  t.end()
})

t.test('places of silent questions linger, and whoever wants more is told why there are none', t => {
  const { clock, placesOf, tables, total } = setting()
  const places = placesOf('192.0.2.1')
  places.want(25)
  places.want(50)
  t.notOk(places.isOwnSilence, 'it got what it wanted')
  places.silent = 40
  places.end(tables)
  t.equal(total(), 40)
  clock.nowMs += 15_000
  t.equal(total(), 40, 'longer than what a killed process leaves')
  const next = placesOf('192.0.2.1')
  t.equal(next.want(20), 10)
  t.ok(next.isOwnSilence)
  const other = placesOf('198.51.100.7')
  t.equal(other.want(1000), 25)
  t.notOk(other.isOwnSilence, 'another client waits, for it has no silence of its own')
  t.end()
})

t.test('what lingers of a request that is looked up twice lingers once', t => {
  const { placesOf, tables, total } = setting()
  const places = placesOf('192.0.2.1')
  places.want(8)
  places.silent = 3
  places.end(tables)
  places.want(8)
  places.end(tables)
  t.equal(total(), 3)
  t.end()
})

t.test('without the cache a request gets what it wants', t => {
  let isThere = false
  const tables = newTables()
  const cache: Cache = { transact: use => (isThere ? use(tables) : undefined), count: () => {} }
  const places = new RequestPlaces(cache, '192.0.2.1', () => NOW_MS)
  t.equal(places.want(90), 90)
  t.ok(places.isSuspect(), 'nobody knows')
  places.noteSilence()
  isThere = true
  t.equal(places.want(100), 100)
  t.equal(tables.underWay.total(NOW_MS), 10)
  t.equal(places.want(5), 5)
  t.equal(tables.underWay.total(NOW_MS), 5, 'those that are counted nowhere go first')
  t.end()
})

t.test('while others keep it from the cache a request has one place', t => {
  let isBusy = false
  const tables = newTables()
  const cache: Cache = {
    transact: use => (isBusy ? undefined : use(tables)),
    get isBusy() {
      return isBusy
    },
    count: () => {},
  }
  const places = new RequestPlaces(cache, '192.0.2.1', () => NOW_MS)
  isBusy = true
  t.equal(places.want(8), 1)
  t.equal(places.want(8), 1, 'however often it asks')
  isBusy = false
  t.equal(places.want(8), 8, 'what is missing it gets as soon as it can be counted')
  t.equal(tables.underWay.total(NOW_MS), 7)
  isBusy = true
  t.equal(places.want(20), 8, 'whoever has some gets no more')
  t.end()
})

t.test('when more than the shared third is taken, nothing is to be sent twice', t => {
  const { clock, placesOf, tables } = setting()
  const takers = Array.from({ length: 14 }, (_, n) => placesOf(`192.0.2.${n}`))
  for (const places of takers.slice(0, 12)) {
    tables.underWay.take(places.client, 8, clock.nowMs)
    places.begin(tables)
  }
  t.notOk(takers[0]?.areScarce)
  const [late, later] = takers.slice(12) as [RequestPlaces, RequestPlaces]
  late.begin(tables)
  later.want(3)
  t.same([late.areScarce, later.areScarce], [true, true], `${tables.underWay.total(clock.nowMs)} are taken`)
  clock.nowMs += 15_000
  later.want(4)
  t.notOk(later.areScarce, 'they count no more')
  t.end()
})
