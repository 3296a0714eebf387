import t from 'tap'
import { matchesFilter, parseFilter } from '../../src/lists/filter.ts'

const only = (octet: number) => [{ first: octet, last: octet }]

t.test('filters are read', t => {
  const cases: [label: string, text: string, wantOctets: unknown][] = [
    ['a plain address', '127.0.0.2', [only(127), only(0), only(0), only(2)]],
    ['a range', '127.0.0.[2..9]', [only(127), only(0), only(0), [{ first: 2, last: 9 }]]],
    [
      'numbers and a range',
      '127.0.0.[2;4;6..8]',
      [only(127), only(0), only(0), [...only(2), ...only(4), { first: 6, last: 8 }]],
    ],
    [
      'a set in every octet',
      '[127].[0..255].[0].[0..0]',
      [only(127), [{ first: 0, last: 255 }], only(0), [{ first: 0, last: 0 }]],
    ],
    ['leading zeros are decimal', '127.000.0.010', [only(127), only(0), only(0), only(10)]],
  ]
  for (const [label, text, wantOctets] of cases)
    t.same(parseFilter(text), { kind: 'filter', octets: wantOctets }, `${label}: ${text}`)
  t.end()
})

t.test('what is no filter is told with place and expectation', t => {
  const number = 'a number from 0 to 255'
  const cases: [label: string, text: string, wantAt: number, wantExpected: string][] = [
    ['nothing', '', 0, number],
    ['three octets', '127.0.0', 7, '"."'],
    ['five octets', '127.0.0.2.1', 9, 'the end'],
    ['a trailing blank', '127.0.0.2 ', 9, 'the end'],
    ['an octet too large', '127.0.0.256', 8, number],
    ['an octet of many digits', `127.0.0.${'9'.repeat(1000)}`, 8, number],
    ['an empty octet', '127..0.2', 4, number],
    ['a name', 'localhost', 0, number],
    ['a sign', '127.0.0.-2', 8, number],
    ['an empty set', '127.0.0.[]', 9, number],
    ['an open set', '127.0.0.[2;3', 12, '"..", ";" or "]"'],
    ['a set that ends in a semicolon', '127.0.0.[2;]', 11, number],
    ['a comma in a set', '127.0.0.[2,3]', 10, '"..", ";" or "]"'],
    ['a range without an end', '127.0.0.[2..]', 12, number],
    ['a range backwards', '127.0.0.[9..2]', 12, 'a number from 9 to 255'],
    ['a range without brackets', '127.0.0.2..9', 9, 'the end'],
    ['a set in a set', '127.0.0.[[2]]', 9, number],
  ]
  for (const [label, text, wantAt, wantExpected] of cases)
    t.same(parseFilter(text), { kind: 'bad-filter', at: wantAt, expected: wantExpected }, label)
  t.end()
})

t.test('a filter cut anywhere is no filter', t => {
  const text = '127.0.0.[2;4..6]'
  for (let length = 0; length < text.length; length++)
    t.equal(parseFilter(text.slice(0, length)).kind, 'bad-filter', text.slice(0, length))
  t.end()
})

t.test('addresses pass or do not', t => {
  const cases: [filter: string, address: string, wantPass: boolean][] = [
    ['127.0.0.2', '127.0.0.2', true],
    ['127.0.0.2', '127.0.0.20', false],
    ['127.0.0.[2..9]', '127.0.0.1', false],
    ['127.0.0.[2..9]', '127.0.0.2', true],
    ['127.0.0.[2..9]', '127.0.0.9', true],
    ['127.0.0.[2..9]', '127.0.0.10', false],
    ['127.0.0.[2;4;6..8]', '127.0.0.3', false],
    ['127.0.0.[2;4;6..8]', '127.0.0.4', true],
    ['127.0.[0..255].[0..3]', '127.0.15.3', true],
    ['127.0.[0..255].[0..3]', '127.1.15.3', false],
    ['0.0.0.[0..255]', '0.0.0.', false],
    ['127.0.0.2', '127.0.0.2.0', false],
    ['127.0.0.2', '127.0.0', false],
    ['127.0.0.2', '', false],
    ['0.0.0.0', '0000:0000:0000:0000:0000:0000:0000:0000', false],
  ]
  for (const [text, address, wantPass] of cases) {
    const filter = parseFilter(text)
    t.ok(filter.kind === 'filter' && matchesFilter(filter, address) === wantPass, `${text} ${address}: ${wantPass}`)
  }
  t.end()
})
