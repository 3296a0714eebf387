import t from 'tap'
import { canExist, nameToAsk, pointerName, reverseName } from '../../src/dns/names.ts'

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
    ['an ideographic full stop would make another label', bytes('a。b.example'), undefined],
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
