import t from 'tap'
import {
  askableEnd,
  askedName,
  canExist,
  nameToAsk,
  pointerName,
  reverseName,
  withPlainDots,
} from '../../src/dns/names.ts'

const label63 = 'a'.repeat(63)
const name253 = `${label63}.${label63}.${label63}.${'b'.repeat(61)}`
/** The bytes of a text, as names have them. */
const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

t.test('reverse names', t => {
  const full = '2001:0db8:0000:0000:0000:0000:0000:0025'
  const nibbles = '5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2'
  t.equal(reverseName('192.0.2.10', 'zen.spamhaus.org'), '10.2.0.192.zen.spamhaus.org')
  t.equal(reverseName(full, 'zen.spamhaus.org'), `${nibbles}.zen.spamhaus.org`)
  t.equal(pointerName('192.0.2.10'), '10.2.0.192.in-addr.arpa')
  t.equal(pointerName(full), `${nibbles}.ip6.arpa`)
  t.end()
})

t.test('names that can and cannot exist', t => {
  const cases: [label: string, name: string, want: boolean][] = [
    ['a name', 'example.org', true],
    ['one label', 'localhost', true],
    ['a label of 63', `${label63}.example`, true],
    ['a label of 64 (D3)', `${label63}a.example`, false],
    ['a last label of 64', `example.${label63}a`, false],
    ['a name of 253', name253, true],
    ['a name of 254', `${name253}b`, false],
    ['an empty label inside', 'a..example', false],
    ['a leading dot', '.example.org', false],
    ['a trailing dot is for the caller to drop', 'example.org.', false],
    ['a dot', '.', false],
    ['nothing', '', false],
    ['an address literal', '[192.0.2.1]', true],
    ['an underscore', '_x.example', true],
  ]
  for (const [label, name, want] of cases) t.equal(canExist(name), want, label)
  t.end()
})

t.test('the name that goes on the wire', t => {
  const cases: [label: string, name: string, want: string | undefined][] = [
    ['ASCII as it is', 'mail.example.org', 'mail.example.org'],
    ['a list that is configured in capitals', '2.0.0.127.ZEN.Example', '2.0.0.127.zen.example'],
    ['a blank is harmless', 'my computer', 'my computer'],
    ['odd printable characters', "!#$%&'*+/=?^`{|}~.example", "!#$%&'*+/=?^`{|}~.example"],
    ['a label of 64', `${label63}a.example`, undefined],
    ['nothing', '', undefined],
    ['NUL', 'a\0b.example', undefined],
    ['a tab', 'a\tb.example', undefined],
    ['a line end', 'example.org\n', undefined],
    ['DEL', 'a\x7f.example', undefined],
    ['UTF-8', bytes('bücher.example'), 'xn--bcher-kva.example'],
    ['UTF-8 in the middle', bytes('mail.bücher.example'), 'mail.xn--bcher-kva.example'],
    ['Latin-1 is no UTF-8', 'b\xfccher.example', undefined],
    ['an overlong encoding', 'a\xc0\xaeb.example', undefined],
    ['half a character', 'a\xc3', undefined],
    ['the replacement character itself', bytes('\ufffd.example'), undefined],
    ['an ideographic full stop is a dot', bytes('a。b.example'), 'a.b.example'],
    ['so are a wide one and half of one', bytes('a．b｡ü.example'), 'a.b.xn--tda.example'],
    ['one of them at the end is one dot too many', bytes('ü.example。'), undefined],
    ['a leader of one dot is none', bytes('a․b.example'), undefined],
    ['a zero width joiner', bytes('a\u200d.example'), undefined],
    ['a slash beside UTF-8 is no path', bytes('ü/x.example'), undefined],
    ['a percent sign beside UTF-8 is not decoded', bytes('ü%41.example'), undefined],
    ['a slash in another label', bytes('a/b.ü.example'), 'a/b.xn--tda.example'],
    ['wide digits stay a label', bytes('１.2'), '1.2'],
    ['nothing left of a label', bytes('\u00ad.example'), undefined],
    ['a control character of Unicode', bytes('a\u0085b.example'), undefined],
    ['too long once converted', bytes(`${'é'.repeat(60)}x${'ü'.repeat(60)}.example`), undefined],
    ['one dot too many', bytes('ü..example'), undefined],
  ]
  for (const [label, name, want] of cases) t.equal(nameToAsk(name), want, label)
  t.end()
})

t.test('other dots of UTS 46', t => {
  const cases: [label: string, name: string, want: string][] = [
    ['none', 'mail.example.org', 'mail.example.org'],
    ['U+3002', bytes('a。b.example'), 'a.b.example'],
    ['U+FF0E', bytes('a．example'), 'a.example'],
    ['U+FF61', bytes('a｡example'), 'a.example'],
    ['several', bytes('a。b．c｡'), 'a.b.c.'],
    ['other characters that begin alike', bytes('\u3001\uff0d.example'), bytes('\u3001\uff0d.example')],
    ['half of one', 'a\xe3\x80', 'a\xe3\x80'],
  ]
  for (const [label, name, want] of cases) t.equal(withPlainDots(name), want, label)
  t.end()
})

t.test('D3: what a list is asked about a domain', t => {
  const HOST = 'dbl.example'
  const long = [label63, label63, label63, 'b'.repeat(50)].join('.')
  const cases: [label: string, domain: string, want: string][] = [
    ['all of it', 'mail.example.org', 'mail.example.org'],
    ['a trailing dot', 'example.org.', 'example.org'],
    ['an internationalized name', bytes('bücher.example'), 'xn--bcher-kva.example'],
    ['another dot', bytes('listed。example'), 'listed.example'],
    ['a trailing one', bytes('listed.example。'), 'listed.example'],
    ['behind a label of 64 characters', `a.${label63}a.b.example`, 'b.example'],
    ['behind an empty label', 'a..b.example', 'b.example'],
    ['behind a leading dot', '.b.example', 'b.example'],
    ['behind bytes that are no UTF-8', 'a\xff.b.example', 'b.example'],
    ['behind a zero width joiner', bytes('a\u200d.b.example'), 'b.example'],
    ['behind a control character', 'a\tb.c.example', 'c.example'],
    ['behind the replacement character', bytes('\ufffd.b.example'), 'b.example'],
    ['what is converted behind what cannot be', bytes('\u200d.bücher.example'), 'xn--bcher-kva.example'],
    ['a label that is too long once converted', bytes(`a.${'é'.repeat(40)}x${'ü'.repeat(40)}.example`), 'example'],
    ['a name that fits as it is, but not with the host', `${long}.example`, `${long.slice(64)}.example`],
    ['a name that is too long by itself', `${long}.${long}.example`, `${long.slice(64)}.example`],
    ['thousands of labels', `${'a.'.repeat(4000)}example`, `${'a.'.repeat(117)}example`],
    ['a last label that cannot be', `example.${label63}a`, ''],
    ['dots', '...', ''],
    ['nothing', '', ''],
  ]
  for (const [label, domain, want] of cases) {
    const end = askableEnd(domain, HOST)
    t.equal(end, want, label)
    if (end !== '') t.equal(nameToAsk(`${end}.${HOST}`), `${end}.${HOST}`, `${label}: it goes on the wire as it is`)
  }
  t.end()
})

t.test('D3: of a long domain no label is lost that fits', t => {
  for (let length = 200; length <= 253; length++) {
    const tail = `.${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}`
    const domain = `${'a'.repeat(length - tail.length)}${tail}`
    for (const host of ['dbl.example', 'multi.surbl.org']) {
      const fits = length + 1 + host.length <= 253
      t.equal(askableEnd(domain, host), fits ? domain : tail.slice(1), `${length} characters before ${host}`)
    }
  }
  t.end()
})

t.test('names of the client that are in no DNS leave for nobody', t => {
  const cases: [label: string, name: string, wantAsked: boolean][] = [
    ['a name', 'mail.example.org', true],
    ['a HELO of a Windows domain', 'srv1.corp.firm.local', false],
    ['its parent', 'firm.local', false],
    ['a label that is called so', 'local.example.org', true],
    ['a label that ends so', 'mail.thelocal', true],
    ['localhost itself', 'localhost', true],
    ['a name under it', 'a.localhost', false],
    ['localhost.localdomain is for the resolver to say', 'localhost.localdomain', true],
    ['.internal', 'ip-10-0-0-1.ec2.internal', false],
    ['.invalid', 'nullmx.invalid', false],
    ['.onion', 'x.onion', false],
    ['.alt', 'x.alt', false],
    ['home.arpa', 'home.arpa', false],
    ['a name under it', 'printer.home.arpa', false],
    ['a name that only ends so', 'myhome.arpa', true],
    ['a pointer', '10.2.0.192.in-addr.arpa', true],
    ['in wide letters', bytes('firm.ｌｏｃａｌ'), false],
    ['behind another dot', bytes('firm。local'), false],
    ['a label of 64', `${label63}a.example`, false],
  ]
  for (const [label, name, wantAsked] of cases) {
    t.equal(askedName({ type: 'MX', name }) !== undefined, wantAsked, label)
    t.equal(askedName({ type: 'A', name, ofList: true }), nameToAsk(name), `${label}: a list is always asked`)
  }
  t.end()
})
