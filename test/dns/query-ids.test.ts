import t from 'tap'
import { QueryIds } from '../../src/dns/query-ids.ts'

t.test('ids are 16-bit numbers that spread', t => {
  const ids = new QueryIds()
  const drawn = Array.from({ length: 2000 }, () => ids.next(() => false))
  t.ok(drawn.every(id => Number.isInteger(id) && id >= 0 && id <= 0xffff))
  // 2000 of 65536 hold about 1970 different ones; a pool that is handed out again would hold 256.
  t.ok(new Set(drawn).size > 1800)
  t.end()
})

t.test('an id in use is not handed out', t => {
  const ids = new QueryIds()
  for (let count = 0; count < 100; count++) t.equal(ids.next(id => id % 2 === 0) % 2, 1)
  t.end()
})

t.test('who has all ids in use gets none, and gets it at once', t => {
  t.throws(() => new QueryIds().next(() => true), RangeError)
  t.end()
})
