import t from 'tap'
import { median, quantile, takeTurns } from '../../scripts/bench/samples.ts'

t.test('quantiles', t => {
  const cases: readonly [label: string, values: readonly number[], share: number, want: number][] = [
    ['the middle of three', [3, 1, 2], 0.5, 2],
    ['one value is each quantile', [7], 0.9, 7],
    ['the last, not beyond', [1, 2], 1, 2],
    ['p90 of ten', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 10],
  ]
  for (const [label, values, share, want] of cases) t.equal(quantile(values, share), want, label)
  t.ok(Number.isNaN(quantile([], 0.5)), 'none')
  t.equal(median([4, 2, 9]), 4)
  t.end()
})

t.test('contenders take turns, in turned order', async t => {
  const order: string[] = []
  const task = (name: string, result: number | readonly number[]) => async () => {
    order.push(name)
    return result
  }
  const samples = await takeTurns(3, { a: task('a', 1), b: task('b', [2, 3]), c: task('c', []) })
  t.same(order.join(''), 'abccbaabc')
  t.same(samples, { a: [1, 1, 1], b: [2, 3, 2, 3, 2, 3], c: [] })
  await t.rejects(takeTurns(1, { a: () => Promise.reject(new Error('no answer')) }), /no answer/)
})
