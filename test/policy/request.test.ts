import t from 'tap'
import { type PolicyRequest, parseRequest } from '../../src/policy/request.ts'

function parse(text: string): PolicyRequest {
  return parseRequest(text, warning => t.fail(warning))
}

t.test('what is scored of a request', t => {
  const text =
    'request=smtpd_access_policy\nclient_address=::ffff:192.0.2.10\nclient_name=mail.example.org\nhelo_name=example.org\n' +
    'sender=alice+x@example.net\nrecipient=bob@example.com\ninstance=i.7\n'
  t.strictSame(parse(text), {
    client: '192.0.2.10',
    clientAddress: '::ffff:192.0.2.10',
    name: 'mail.example.org',
    helo: 'example.org',
    sender: 'alice+x@example.net',
    from: 'alice@example.net',
    domain: 'example.net',
    recipient: 'bob@example.com',
    instance: 'i.7',
  })
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
    const request = parse(`request=smtpd_access_policy\nsender=${sender}\n`)
    t.match(request, { sender, from: wantFrom, domain: wantDomain }, JSON.stringify(sender))
  }
  t.end()
})

t.test('a request of another type is refused', t => {
  t.throws(() => parse('request=junk\n'), { code: 'wrong-request-type' })
  t.throws(() => parse('sender=a@b\n'), { code: 'wrong-request-type' })
  t.end()
})
