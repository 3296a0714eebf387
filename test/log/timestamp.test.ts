import t from 'tap'
import { formatTimestamp } from '../../src/log/timestamp.ts'

t.test('the same as Date, on every day and at odd times', t => {
  const last = Date.UTC(2400, 2, 2)
  let wrong = 0
  for (let ms = 0; ms < last; ms += 86_399_989) {
    if (formatTimestamp(ms) === new Date(ms).toISOString()) continue
    if (++wrong < 5) t.equal(formatTimestamp(ms), new Date(ms).toISOString())
  }
  t.equal(wrong, 0)
  for (const ms of [0, 999, Date.UTC(2000, 1, 29), Date.UTC(2100, 1, 28, 23, 59, 59, 999), Date.UTC(9999, 11, 31)])
    t.equal(formatTimestamp(ms), new Date(ms).toISOString())
  t.end()
})
