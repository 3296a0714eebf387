import t from 'tap'
import {
  COUNTERS,
  COUNTERS_OFFSET,
  geometryFor,
  KINDS,
  largerGeometry,
  parseHeader,
  renderHeader,
  SERVERS_OFFSET,
  SLOT,
  SLOT_BYTES,
  UNDER_WAY_OFFSET,
} from '../../src/cache/format.ts'
import { checksum } from '../../src/system/sum.ts'
import { SERVERS_BYTES } from '../../src/cache/servers.ts'
import { UNDER_WAY_BYTES } from '../../src/cache/under-way.ts'

const DEFAULT = geometryFor({ spam: 4000, ham: 2000 })

t.test('the areas follow one another, and the default sizes stay under 4 MB', t => {
  t.equal(SERVERS_OFFSET, UNDER_WAY_OFFSET + UNDER_WAY_BYTES)
  let end = SERVERS_OFFSET + SERVERS_BYTES
  t.equal(end, 172_992, 'as the layout says')
  for (const kind of KINDS) {
    const { offset, slots } = DEFAULT.areas[kind]
    t.equal(offset, end, kind)
    t.equal(SLOT_BYTES[kind] % 8, 0, 'doubles are aligned')
    end += slots * SLOT_BYTES[kind]
  }
  t.ok(end <= DEFAULT.fileBytes)
  t.ok(DEFAULT.fileBytes < 4_000_000)
  t.ok(DEFAULT.areas.spam.slots > 4000)
  t.ok(DEFAULT.areas.ham.slots > 2000)
  t.ok(COUNTERS_OFFSET + 8 * COUNTERS.length <= UNDER_WAY_OFFSET, 'the counters end before what follows them')
  t.end()
})

t.test('sizes', t => {
  const cases = [
    { label: 'a kind that is switched off', spam: 0, ham: 1, wantSpamSlots: 0 },
    { label: 'a single entry has two buckets', spam: 1, ham: 1, wantSpamSlots: 16 },
    { label: 'more than a file can hold', spam: 1e9, ham: 1, wantSpamSlots: 1_300_000 },
  ]
  for (const { label, spam, ham, wantSpamSlots } of cases) {
    const geometry = geometryFor({ spam, ham })
    t.equal(geometry.areas.spam.slots, wantSpamSlots, label)
    t.strictSame(parseHeader(renderHeader(geometry)), geometry, `${label}: read back`)
  }
  t.strictSame(
    largerGeometry(geometryFor({ spam: 100, ham: 2000 }), geometryFor({ spam: 4000, ham: 100 })),
    DEFAULT,
    'room for both',
  )
  t.end()
})

t.test('every single-bit flip of a header is noticed', t => {
  const header = renderHeader(DEFAULT)
  for (let bit = 0; bit < header.length * 32; bit++) {
    const damaged = header.slice()
    damaged[bit >> 5] = (damaged[bit >> 5] as number) ^ (1 << (bit & 31))
    const inVersion = bit >> 5 === 2
    t.equal(parseHeader(damaged), inVersion ? 'other-version' : 'damaged', `bit ${bit}`)
  }
  t.end()
})

t.test('a header that states impossible sizes is no header, whatever its checksum', t => {
  const cases = [
    { label: 'a negative number of slots', word: 5, value: -16 },
    { label: 'a number that is no multiple of a bucket', word: 5, value: 20 },
    { label: 'a single bucket', word: 7, value: 8 },
    { label: 'more slots than any configuration asks for', word: 5, value: 0x7fff_fff8 },
    { label: 'a size of the file that does not follow', word: 3, value: 4096 },
  ]
  for (const { label, word, value } of cases) {
    const header = renderHeader(DEFAULT)
    header[word] = value
    header[15] = checksum(header, 0, 15, 0)
    t.equal(parseHeader(header), 'damaged', label)
  }
  t.equal(parseHeader(new Int32Array(16)), 'damaged', 'zeros')
  t.end()
})

t.test('zeros are no valid slot, wherever they are', t => {
  for (const kind of KINDS) {
    const { offset, slots } = DEFAULT.areas[kind]
    const words = new Int32Array(SLOT_BYTES[kind] / 4)
    for (let slot = 0; slot < slots; slot++)
      if (checksum(words, 1, words.length, (offset + slot * SLOT_BYTES[kind]) / 4) === 0) t.fail(`${kind} ${slot}`)
  }
  t.equal(SLOT.data % 4, 0, 'keys are hashed by words')
  t.end()
})
