import t from 'tap'
import { clientListQuestion, senderListQuestion } from '../../src/lists/questions.ts'

const IPV4 = '192.0.2.10'
const IPV6 = '2001:0db8:0000:0000:0000:0000:0000:0001'
const NIBBLES = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2'
/** UTF-8 as a request has it, a byte a character. */
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

t.test('a client is asked for at each list but those of domains; fair is what the list has entries for', t => {
  const cases: [label: string, client: string, host: string, want: [name: string, isFair: boolean] | undefined][] = [
    ['IPv4 at a list of both', IPV4, 'zen.spamhaus.org', ['10.2.0.192.zen.spamhaus.org', true]],
    ['IPv6 at a list of both', IPV6, 'zen.spamhaus.org', [`${NIBBLES}.zen.spamhaus.org`, true]],
    ['IPv4 at a list of IPv4', IPV4, 'bl.spamcop.net', ['10.2.0.192.bl.spamcop.net', true]],
    ['IPv6 at a list of IPv4', IPV6, 'bl.spamcop.net', [`${NIBBLES}.bl.spamcop.net`, false]],
    [
      'IPv4 at a list of IPv6',
      IPV4,
      'bl.ipv6.spameatingmonkey.net',
      ['10.2.0.192.bl.ipv6.spameatingmonkey.net', false],
    ],
    ['IPv6 at a list nobody knows', IPV6, 'list.example', [`${NIBBLES}.list.example`, true]],
    ['IPv4 at a list of domains', IPV4, 'dbl.spamhaus.org', undefined],
    ['IPv6 at a list of domains', IPV6, 'multi.surbl.org', undefined],
    ['at one with a key', IPV4, 'key.dbl.dq.spamhaus.net', undefined],
  ]
  for (const [label, client, host, want] of cases) {
    const question = clientListQuestion(client, { host })
    t.strictSame(question && [question.name, question.isFair], want, label)
    if (question) t.match(question, { type: 'A', ofList: true })
  }
  const counts = (client: string, host: string) => clientListQuestion(client, { host })?.counts
  t.strictSame([counts(IPV4, 'list.example'), counts(IPV6, 'list.example')], [true, false], 'who knows')
  t.strictSame([counts(IPV6, 'zen.spamhaus.org'), counts(IPV6, 'bl.spamcop.net')], [true, false])
  const configured = [{ zone: 'list.example', words: 'ipv4' }]
  t.equal(
    clientListQuestion(IPV6, { host: 'list.example' }, configured)?.isFair,
    false,
    'a list the configuration knows',
  )
  t.equal(clientListQuestion(IPV4, { host: 'list.example' }, [{ zone: 'example', words: 'domain' }]), undefined)
  t.end()
})

t.test('an address is no domain, however it is written', t => {
  const cases: [label: string, domain: string][] = [
    ['a dotted quad', '192.0.2.1'],
    ['with a trailing dot', '192.0.2.1.'],
    ['with several', '192.0.2.1...'],
    ['a literal', '[192.0.2.1]'],
    ['a literal of IPv6', '[ipv6:2001:db8::1]'],
    ['a literal of IPv6 with IPv4 in it', '[ipv6:::ffff:192.0.2.1]'],
    ['half a literal', '[192.0.2.1'],
    ['the other half', '192.0.2.1]'],
    ['IPv6 without brackets', '2001:db8::1'],
    ['one number', '3232235777'],
    ['a name that ends in a number', 'foo.9'],
    ['and in a dot', 'foo.9.'],
    ['a number with zeros in front', 'foo.009'],
    ['an impossible octet', 'foo.999999'],
    ['hexadecimal', '0xc0000201'],
    ['a hexadecimal label', 'foo.0x1f'],
    ['an empty hexadecimal label', 'foo.0x'],
    ['full-width digits', bytes('foo.\uff19')],
    ['a whole address of them', bytes('\uff11\uff19\uff12.\uff10.\uff12.\uff11')],
    ['superscripts', bytes('foo.\u00b9\u00b2')],
    ['mathematical digits', bytes('foo.\u{1d7d7}')],
    ['a full-width dot in front of a digit', bytes('foo\uff0e9')],
    ['an ideographic full stop', bytes('foo\u30029')],
    ['a half-width one', bytes('foo\uff619')],
    ['nothing', ''],
    ['dots alone', '..'],
    ['bytes that are no UTF-8', 'foo.\xff'],
  ]
  for (const [label, domain] of cases)
    t.equal(senderListQuestion(domain, { host: 'dbl.spamhaus.org' }), undefined, `${label}: ${domain}`)
  t.end()
})

t.test('a domain is asked for, fair or not', t => {
  const cases: [label: string, domain: string, wantName: string, isFair: boolean][] = [
    ['an ordinary one', 'mail-1.example.org', 'mail-1.example.org', true],
    ['with a trailing dot', 'example.org.', 'example.org', true],
    ['with numbers in it', '1.2.3.example', '1.2.3.example', true],
    ['a last label with a number in it', 'foo.9x', 'foo.9x', true],
    ['one that looks hexadecimal', 'foo.0xg', 'foo.0xg', true],
    ['in Punycode', 'xn--bcher-kva.example', 'xn--bcher-kva.example', true],
    ['a single label', 'localhost', 'localhost', true],
    ['as long as a reversed IPv6 address', `${'a'.repeat(55)}.example`, `${'a'.repeat(55)}.example`, true],
    ['longer', `${'a'.repeat(56)}.example`, `${'a'.repeat(56)}.example`, false],
    ['a colon further up', 'a:b.example', 'a:b.example', false],
    ['a literal further up', '[192.0.2.1].example', '[192.0.2.1].example', false],
    ['a blank', 'a b.example', 'a b.example', false],
    ['an empty label: what stands behind it', 'a..example', 'example', true],
    ['UTF-8, as it is asked for', bytes('b\u00fccher.example'), 'xn--bcher-kva.example', true],
    ['a UTF-8 ending', bytes('example.\u7f51\u7edc'), 'example.xn--io0a7i', true],
  ]
  for (const [label, domain, wantName, isFair] of cases) {
    const question = senderListQuestion(domain, { host: 'dbl.spamhaus.org' })
    t.match(question, { type: 'A', name: `${wantName}.dbl.spamhaus.org`, ofList: true, isFair }, label)
  }
  t.match(senderListQuestion('example.org', { host: 'zen.spamhaus.org' }), { isFair: false }, 'a list of addresses')
  t.end()
})
