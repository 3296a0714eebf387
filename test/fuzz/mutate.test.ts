import t from 'tap'
import { randomFrom } from '../support/random.ts'
import { mutate, replaced } from './mutate.ts'
import { TARGETS } from './targets.ts'

const WORDS = [Buffer.from('word'), Buffer.from('')]

t.test('any bytes can be mutated, and stay within bounds', t => {
  for (const { target } of TARGETS) {
    const random = randomFrom(1)
    const inputs = [
      new Uint8Array(),
      Uint8Array.of(0),
      Buffer.alloc(target.maxBytes, '\n=;'),
      Buffer.from('a=b\n$x = 1;'),
    ]
    const seen = new Set<string>()
    for (let round = 0; round < 500; round++) {
      const input = inputs[round % inputs.length] as Uint8Array
      const before = Buffer.from(input)
      const output = mutate(input, inputs[random(inputs.length)] as Uint8Array, target, WORDS, random)
      if (output.length > target.maxBytes) t.fail(`${target.name}: ${output.length} bytes`)
      if (Buffer.compare(before, input) !== 0) t.fail(`${target.name}: changed what it was given`)
      seen.add(Buffer.from(output).toString('latin1'))
    }
    t.ok(seen.size > 250, `${target.name}: ${seen.size} of 500 are different`)
  }
  t.end()
})

t.test('a piece takes the place of another', t => {
  const input = Buffer.from('abcdef')
  const cases: [from: number, to: number, piece: string, want: string][] = [
    [0, 0, 'x', 'xabcdef'],
    [2, 4, 'xyz', 'abxyzef'],
    [6, 6, 'x', 'abcdefx'],
    [0, 6, '', ''],
  ]
  for (const [from, to, piece, want] of cases)
    t.equal(Buffer.from(replaced(input, from, to, Buffer.from(piece))).toString(), want)
  t.end()
})
