import t from 'tap'
import { type Attributes, parseRequest, ProtocolError, RequestReader } from '../../src/policy/request.ts'

const TWO_REQUESTS =
  'request=smtpd_access_policy\nsender=Alice@Example.ORG\n\n' +
  'request=smtpd_access_policy\r\nsender=b=c@example.net\r\nhelo_name=\xe4\r\n\r\n'

const TWO_REQUESTS_READ: Attributes[] = [
  [
    ['request', 'smtpd_access_policy'],
    ['sender', 'alice@example.org'],
  ],
  [
    ['request', 'smtpd_access_policy'],
    ['sender', 'b=c@example.net'],
    ['helo_name', '\xe4'],
  ],
]

function readAll(chunks: readonly string[]): { requests: Attributes[]; warnings: string[]; partial: boolean } {
  const warnings: string[] = []
  const reader = new RequestReader(text => warnings.push(text))
  const requests: Attributes[] = []
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk, 'latin1'))
    for (let request = reader.next(); request; request = reader.next()) requests.push(request)
  }
  return { requests, warnings, partial: reader.hasPartialRequest }
}

t.test('the same requests come out, however the bytes are cut', t => {
  const whole = readAll([TWO_REQUESTS])
  t.strictSame(whole, { requests: TWO_REQUESTS_READ, warnings: [], partial: false })
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
  ]
  for (const { label, input, wantPartial } of cases) t.equal(readAll([input]).partial, wantPartial, label)
  t.end()
})

t.test('a line without "=" is skipped with a warning of bounded length', t => {
  const { requests, warnings } = readAll([`a=1\n${'x'.repeat(300)}\nb=2\n\n`])
  t.strictSame(requests, [
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ])
  t.strictSame(warnings, [`ignored a line without "=": ${'x'.repeat(100)}`])
  t.end()
})

t.test('bounds', t => {
  const cases = [
    { label: 'a line of 8192 bytes', input: `a=${'x'.repeat(8190)}\n\n`, wantCode: undefined },
    { label: 'a line of 8193 bytes', input: `a=${'x'.repeat(8191)}\n\n`, wantCode: 'line-too-long' },
    { label: 'a line that never ends', input: 'x'.repeat(8193), wantCode: 'line-too-long' },
    { label: '256 attributes', input: `${'a=b\n'.repeat(256)}\n`, wantCode: undefined },
    { label: '257 attributes', input: `${'a=b\n'.repeat(257)}\n`, wantCode: 'too-many-attributes' },
    { label: '64 KB', input: `${`a=${'x'.repeat(8190)}\n`.repeat(8)}\n`, wantCode: undefined },
    { label: 'more than 64 KB', input: `${`a=${'x'.repeat(8190)}\n`.repeat(8)}b=c\n\n`, wantCode: 'request-too-long' },
    { label: 'lines without "=" count too', input: `${'x'.repeat(8000)}\n`.repeat(9), wantCode: 'request-too-long' },
  ]
  for (const { label, input, wantCode } of cases) {
    let code: string | undefined
    try {
      readAll([input])
    } catch (error) {
      code = error instanceof ProtocolError ? error.code : String(error)
    }
    t.equal(code, wantCode, label)
  }
  t.end()
})

t.test('the whole requests in front of a broken bound are still answered', t => {
  const reader = new RequestReader(() => t.fail('no warning expected'))
  reader.push(Buffer.from(`a=b\n\n${'x'.repeat(9000)}`))
  t.strictSame(reader.next(), [['a', 'b']])
  t.throws(() => reader.next(), { code: 'line-too-long' })
  t.end()
})

t.test('envelope senders', t => {
  const cases = [
    { sender: 'alice@example.org', wantFrom: 'alice@example.org', wantDomain: 'example.org' },
    { sender: 'a-b+c@example.org', wantFrom: 'a@example.org', wantDomain: 'example.org' },
    { sender: 'a@b+c@example.org', wantFrom: 'a@b@example.org', wantDomain: 'example.org' },
    { sender: '+@example.org', wantFrom: '@example.org', wantDomain: 'example.org' },
    { sender: 'a@my-host.example', wantFrom: 'a@my-host.example', wantDomain: 'my-host.example' },
    { sender: 'no-at', wantFrom: 'no-at', wantDomain: '' },
    { sender: 'a@', wantFrom: 'a@', wantDomain: '' },
    { sender: '', wantFrom: '', wantDomain: '' },
  ]
  for (const { sender, wantFrom, wantDomain } of cases) {
    const request = parseRequest([
      ['request', 'smtpd_access_policy'],
      ['sender', sender],
    ])
    t.match(request, { sender, from: wantFrom, domain: wantDomain }, JSON.stringify(sender))
  }
  t.end()
})

t.test('an attribute that comes twice counts with its last value; names of object properties are just names', t => {
  const request = parseRequest([
    ['__proto__', 'x'],
    ['constructor', 'y'],
    ['helo_name', 'one'],
    ['helo_name', 'two'],
    ['request', 'smtpd_access_policy'],
  ])
  t.equal(request.helo, 'two')
  t.equal(Object.getPrototypeOf(request), Object.prototype)
  t.end()
})

t.test('a request of another type is refused', t => {
  t.throws(() => parseRequest([['request', 'junk']]), { code: 'wrong-request-type' })
  t.throws(() => parseRequest([['sender', 'a@b']]), { code: 'wrong-request-type' })
  t.end()
})
