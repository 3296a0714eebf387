import t from 'tap'
import type { RequestText } from '../../src/policy/attributes.ts'
import { RequestReader } from '../../src/policy/request-reader.ts'

const TWO_REQUESTS =
  'request=smtpd_access_policy\nsender=Alice@Example.ORG\n\n' +
  'request=smtpd_access_policy\r\nsender=b=c@example.net\r\nhelo_name=\xe4\xc4\r\n\r\n'

const TWO_REQUESTS_READ: RequestText[] = [
  'request=smtpd_access_policy\nsender=alice@example.org\n',
  'request=smtpd_access_policy\nsender=b=c@example.net\nhelo_name=\xe4\xc4\n',
]

function readAll(chunks: readonly string[]): { requests: RequestText[]; partial: boolean } {
  const reader = new RequestReader()
  const requests: RequestText[] = []
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk, 'latin1'))
    for (let request = reader.next(); request !== undefined; request = reader.next()) requests.push(request)
  }
  return { requests, partial: reader.hasPartialRequest }
}

t.test('the same requests come out, however the bytes are cut', t => {
  const whole = readAll([TWO_REQUESTS])
  t.strictSame(whole, { requests: TWO_REQUESTS_READ, partial: false })
  t.strictSame(readAll([...TWO_REQUESTS]), whole, 'byte by byte')
  for (let at = 0; at <= TWO_REQUESTS.length; at++) {
    const cut = readAll([TWO_REQUESTS.slice(0, at), TWO_REQUESTS.slice(at)])
    t.strictSame(cut, whole, `cut at ${at}`)
  }
  t.end()
})

t.test('what is left at the end of input', t => {
  const cases = [
    { label: 'nothing', input: '', wantPartial: false },
    { label: 'a whole request', input: 'a=b\n\n', wantPartial: false },
    { label: 'a request without its empty line', input: 'a=b\n', wantPartial: true },
    { label: 'half a line', input: 'a=b\n\nreq', wantPartial: true },
    { label: 'empty lines between requests are nothing', input: '\n\na=b\n\n\n', wantPartial: false },
    { label: 'nor are they with carriage returns', input: '\r\n\r\n', wantPartial: false },
  ]
  for (const { label, input, wantPartial } of cases)
    for (const chunks of [[input], [...input]]) t.equal(readAll(chunks).partial, wantPartial, label)
  t.end()
})

t.test('what has not ended is bounded', t => {
  const cases = [
    { label: 'a line of 8192 bytes', input: `a=${'x'.repeat(8190)}`, wantCode: undefined },
    { label: 'a line of 8193 bytes', input: `a=${'x'.repeat(8191)}`, wantCode: 'line-too-long' },
    { label: '64 KB', input: `a=${'x'.repeat(8189)}\n`.repeat(8), wantCode: undefined },
    { label: 'more than 64 KB', input: `${`a=${'x'.repeat(8189)}\n`.repeat(8)}b`, wantCode: 'request-too-long' },
    { label: '257 lines', input: 'a=b\n'.repeat(257), wantCode: 'too-many-attributes' },
    { label: 'lines without "=" count too', input: `${'x'.repeat(8000)}\n`.repeat(9), wantCode: 'request-too-long' },
  ]
  for (const { label, input, wantCode } of cases)
    if (wantCode === undefined) t.ok(readAll([input]).partial, label)
    else t.throws(() => readAll([input]), { code: wantCode }, label)
  t.end()
})

t.test('the whole requests in front of a broken bound are still read', t => {
  const reader = new RequestReader()
  reader.push(Buffer.from(`a=b\n\n${'x'.repeat(9000)}`))
  t.equal(reader.next(), 'a=b\n')
  t.throws(() => reader.next(), { code: 'line-too-long' })
  t.end()
})
