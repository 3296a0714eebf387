import t from 'tap'
import { Positions, show } from '../../../src/config/findings/position.ts'

t.test('offsets become lines and columns', t => {
  const positions = new Positions('a\n\nbcd\n')
  const cases: [offset: number, wantLine: number, wantColumn: number][] = [
    [0, 1, 1],
    [1, 1, 2],
    [2, 2, 1],
    [3, 3, 1],
    [5, 3, 3],
    [6, 3, 4],
    [7, 4, 1],
  ]
  for (const [offset, line, column] of cases) t.same(positions.at(offset), { line, column }, `offset ${offset}`)
  t.same(new Positions('').at(0), { line: 1, column: 1 }, 'an empty text')
  t.end()
})

t.test('pieces are shown in one short line', t => {
  t.equal(show('foo'), '"foo"')
  t.equal(show(''), 'nothing')
  t.equal(show('foo\nbar'), '"foo..."')
  t.equal(show('\nbar'), '"..."')
  t.equal(show('x'.repeat(41)), `"${'x'.repeat(40)}..."`)
  t.equal(show('x'.repeat(40)), `"${'x'.repeat(40)}"`)
  t.end()
})
