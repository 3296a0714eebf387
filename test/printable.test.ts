import t from 'tap'
import { fromPrintable, toPrintable } from '../src/printable.ts'
import { randomFrom } from './support/random.ts'

t.test('what was written is read, filled up to whole words', t => {
  const random = randomFrom(85)
  const cases = [
    new Uint8Array(0),
    Uint8Array.of(1),
    new Uint8Array(7),
    new Uint8Array(9).fill(0xff),
    ...Array.from({ length: 50 }, (_, length) => Uint8Array.from({ length }, () => random(256))),
    Uint8Array.from({ length: 10_000 }, () => random(256)),
  ]
  for (const bytes of cases) {
    const read = fromPrintable(toPrintable(bytes))
    t.equal(read.length, Math.ceil(bytes.length / 4) * 4)
    t.ok(read.subarray(0, bytes.length).equals(bytes), `${bytes.length} bytes`)
    t.ok(read.subarray(bytes.length).every(byte => byte === 0))
  }
  t.end()
})

t.test('five characters for four bytes, none of which could end a comment', t => {
  t.equal(toPrintable(Uint8Array.of(1)), '!!!!+')
  const all = new Uint8Array(new Uint32Array(100_000).map((_, i) => i * 42_949).buffer)
  const text = toPrintable(all)
  t.equal(text.length, (all.length / 4) * 5)
  t.match(text, /^[!+-~]*$/)
  t.end()
})
