import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { formatGeneral, formatNumber, round3 } from '../../src/text/number.ts'

const table = join(dirname(fileURLToPath(import.meta.url)), 'data', 'printf.tsv')

t.test('every number of the recorded table is written as C writes it', t => {
  const rows = readFileSync(table, 'utf8').trimEnd().split('\n')
  t.ok(rows.length > 2000, `${rows.length} rows`)
  let wrong = 0
  for (const row of rows) {
    const [hex = '', ...texts] = row.split('\t')
    const value = Buffer.from(hex, 'hex').readDoubleBE(0)
    const got = [formatNumber(value), ...[4, 5, 6, 7, 8].map(precision => formatGeneral(value, precision))]
    if (got.join() === texts.join()) continue
    if (++wrong <= 10) t.strictSame(got, texts, `${hex} = ${value}`)
  }
  t.equal(wrong, 0, `${rows.length} rows agree`)
  t.end()
})

t.test('three digits behind the point, ties to the even digit', t => {
  const cases = [
    { value: 12.34567, want: 12.346 },
    { value: 0.123456, want: 0.1235 },
    { value: 1.8125, want: 1.812 },
    { value: 2.4375, want: 2.438 },
    { value: -1.8125, want: -1.812 },
    { value: -12.34567, want: -12.346 },
    { value: 5, want: 5 },
    { value: 123456789, want: 123456789 },
    { value: 0.1 + 0.2, want: 0.3 },
  ]
  for (const { value, want } of cases) t.equal(round3(value), want, String(value))
  t.end()
})
