import t from 'tap'
import { AREA_BYTES, areaAt, dayOf, LedgerArea, type ListCounts, noCounts } from '../../src/cache/ledger-format.ts'

const counts = (more: Partial<ListCounts>): ListCounts => ({ ...noCounts(), ...more })
const newArea = (): LedgerArea => {
  const area = new LedgerArea(new Uint8Array(AREA_BYTES))
  area.begin(20_000)
  return area
}

t.test('what is added is read again', t => {
  const area = newArea()
  const longest = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example`.slice(0, 189)
  area.add('bl.example', counts({ sent: 2, listed: 1, milliseconds: 12 }))
  area.add(longest, counts({ sent: 1, silent: 1 }))
  area.add('bl.example', counts({ sent: 3, clean: 2, refused: 1, failed: 1 }))
  const want = new Map([
    ['bl.example', counts({ sent: 5, listed: 1, clean: 2, refused: 1, failed: 1, milliseconds: 12 })],
    [longest, counts({ sent: 1, silent: 1 })],
  ])
  t.strictSame(area.read(), want)
  t.strictSame(new LedgerArea(area.bytes.slice()).read(), want, 'from its bytes')
  t.equal(area.day, 20_000)
  area.begin(20_008)
  t.strictSame([area.day, area.read()], [20_008, new Map()], 'another day begins with nothing')
  t.end()
})

t.test('what is beyond the slots is counted together', t => {
  const area = newArea()
  for (let i = 0; i < 100; i++) area.add(`l${i}.example`, counts({ sent: 1 + i }))
  area.add('l99.example', counts({ sent: 1000 }))
  const lists = area.read()
  t.equal(lists.size, 64)
  t.equal(lists.get('l62.example')?.sent, 63)
  const sum = [...lists.values()].reduce((all, { sent }) => all + sent, 0)
  t.equal(sum, 5050 + 1000, 'nothing is lost')
  t.equal(lists.get('(others)')?.sent, sum - (63 * 64) / 2)
  t.end()
})

t.test('no slot is on two pages, and days take turns', t => {
  const area = newArea()
  for (let i = 0; i < 70; i++) {
    const at = area.add(`l${i}.example`, counts({ sent: 1 }))
    t.equal(at % 256, 0)
    t.ok(at > 0 && at + 256 <= AREA_BYTES)
  }
  t.equal(AREA_BYTES % 256, 0)
  t.equal(areaAt(20_000), 0)
  t.equal(areaAt(20_007), 7 * AREA_BYTES)
  t.equal(areaAt(20_008), 0)
  t.equal(dayOf(Date.UTC(2026, 10, 29, 23, 59, 59, 999)) + 1, dayOf(Date.UTC(2026, 10, 30)))
  t.end()
})

t.test('damage is no count, and nothing is thrown', t => {
  for (let seed = 0; seed < 500; seed++) {
    const area = newArea()
    area.add('bl.example', counts({ sent: 7 }))
    let state = seed + 1
    for (let i = 0; i < 40; i++) {
      state = (state * 48_271) % 2_147_483_647
      area.bytes[256 + (state % 1024)] = state & 0xff
    }
    for (const [name, { sent, milliseconds }] of area.read()) {
      t.ok(
        Number.isSafeInteger(sent) && sent >= 0 && Number.isSafeInteger(milliseconds),
        `seed ${seed}: ${name.length}`,
      )
      t.ok(name.length <= 192)
    }
    area.add('bl.example', counts({ sent: 1 }))
  }
  t.equal(new LedgerArea(new Uint8Array(AREA_BYTES)).day, undefined, 'a hole in the file')
  t.end()
})
