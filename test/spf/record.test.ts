/**
 * What a record says, and what makes it an error. A case is a row: a term, and what it is read as.
 */
import t from 'tap'
import { parseRecord, type Qualified, selectRecords } from '../../src/spf/record.ts'

const HOST = ['h.example']
const ALL = { kind: 'all' }

t.test('directives', t => {
  const cases: [term: string, wantResult: Qualified, wantMechanism: object][] = [
    ['all', 'pass', ALL],
    ['+all', 'pass', ALL],
    ['-all', 'fail', ALL],
    ['~all', 'softfail', ALL],
    ['?ALL', 'neutral', ALL],
    ['a', 'pass', { kind: 'a', target: undefined, bits4: 32, bits6: 128 }],
    ['a:h.example', 'pass', { kind: 'a', target: HOST, bits4: 32, bits6: 128 }],
    ['a:h.example.', 'pass', { kind: 'a', target: ['h.example.'], bits4: 32, bits6: 128 }],
    ['-A/24', 'fail', { kind: 'a', target: undefined, bits4: 24, bits6: 128 }],
    ['a//64', 'pass', { kind: 'a', target: undefined, bits4: 32, bits6: 64 }],
    ['a/0//0', 'pass', { kind: 'a', target: undefined, bits4: 0, bits6: 0 }],
    ['mx:h.example/24//64', 'pass', { kind: 'mx', target: HOST, bits4: 24, bits6: 64 }],
    ['ptr', 'pass', { kind: 'ptr', target: undefined }],
    ['ptr:h.example', 'pass', { kind: 'ptr', target: HOST }],
    ['?include:h.example', 'neutral', { kind: 'include', target: HOST }],
    ['exists:h.example', 'pass', { kind: 'exists', target: HOST }],
    ['ip4:192.0.2.1', 'pass', { kind: 'ip4', address: '192.0.2.1', bits: 32 }],
    ['ip4:192.0.2.0/24', 'pass', { kind: 'ip4', address: '192.0.2.0', bits: 24 }],
    ['ip6:2001:db8::/32', 'pass', { kind: 'ip6', address: '2001:0db8:0000:0000:0000:0000:0000:0000', bits: 32 }],
    ['ip6:::192.0.2.1', 'pass', { kind: 'ip6', address: '0000:0000:0000:0000:0000:0000:c000:0201', bits: 128 }],
  ]
  for (const [term, result, mechanism] of cases) {
    const parsed = parseRecord(`v=spf1 ${term}`)
    t.same(parsed, { directives: [{ result, mechanism, text: term }], redirect: undefined }, term)
  }
  t.end()
})

t.test('modifiers', t => {
  const redirect = { target: HOST, text: 'redirect=h.example' }
  const cases: [terms: string, wantRedirect: object | undefined][] = [
    ['redirect=h.example', redirect],
    ['REDIRECT=h.example', { target: HOST, text: 'REDIRECT=h.example' }],
    ['exp=why.example redirect=h.example', redirect],
    ['redirect=h.example unknown=a/b unknown=%{l}', redirect],
    ['a-b_c.1=', undefined],
    ['unknown=%{r}', undefined],
    ['v=spf1:a', undefined],
  ]
  for (const [terms, want] of cases) t.same(parseRecord(`v=spf1 ${terms}`), { directives: [], redirect: want }, terms)
  t.end()
})

t.test('terms that make a record an error', t => {
  const cases: [what: string, term: string][] = [
    ['no such mechanism', 'unknown'],
    ['no such mechanism', 'a.b:h.example'],
    ['two qualifiers', '--all'],
    ['a qualifier alone', '-'],
    ['a modifier with a qualifier', '-redirect=h.example'],
    ['a modifier that begins with a digit', '1a=b'],
    ['an argument where none may be', 'all:h.example'],
    ['an argument where none may be', 'all/8'],
    ['no domain where one must be', 'include'],
    ['no domain where one must be', 'exists'],
    ['no domain where one must be', 'include:'],
    ['no domain where one must be', 'redirect='],
    ['no domain where one must be', 'exp='],
    ['a colon without a domain', 'a:'],
    ['a colon without a domain', 'mx:/24'],
    ['a colon without a domain', 'ptr:'],
    ['a domain without a dot', 'a:host'],
    ['a domain that ends in a number', 'a:192.0.2.1'],
    ['a domain with a port', 'a:h.example:25'],
    ['a domain whose last label ends in a hyphen', 'a:h.example-'],
    ['a prefix where none may be', 'ptr/24'],
    ['a prefix where none may be', 'include:h.example/24'],
    ['a prefix that is too long', 'a/33'],
    ['a prefix that is too long', 'a//129'],
    ['a prefix that is too long', 'ip4:192.0.2.1/33'],
    ['a prefix that is too long', 'ip6:2001:db8::/129'],
    ['a prefix that is no number', 'a/'],
    ['a prefix that is no number', 'a/-1'],
    ['a prefix that begins with 0', 'a/08'],
    ['two prefixes where one may be', 'ip4:192.0.2.1/24//64'],
    ['prefixes in the wrong order', 'a//64/24'],
    ['no address', 'ip4'],
    ['no address', 'ip4:'],
    ['no address', 'ip4:192.0.2'],
    ['no address', 'ip6:192.0.2.1'],
    ['no address', 'ip4:2001:db8::1'],
    ['no address', 'ip6:h.example'],
    ['no macro', 'exists:%{x}.example'],
    ['no macro', 'unknown=%'],
    ['no printable ASCII', 'a:h\x80.example'],
    ['no printable ASCII', 'a:h.example\tall'],
  ]
  for (const [what, term] of cases) t.equal(parseRecord(`v=spf1 ip4:192.0.2.1 ${term} -all`), term, `${what}: ${term}`)
  t.equal(parseRecord('v=spf1 redirect=a.example redirect=b.example'), 'redirect=b.example', 'two of a kind')
  t.equal(parseRecord('v=spf1 exp=a.example all exp=a.example'), 'exp=a.example', 'two of a kind')
  t.end()
})

t.test('which TXT records are records of SPF', t => {
  const cases: [text: string, want: boolean][] = [
    ['v=spf1', true],
    ['v=spf1 ', true],
    ['V=SPF1 -all', true],
    ['v=spf10', false],
    ['v=spf1\t-all', false],
    [' v=spf1', false],
    ['v=spf2.0/pra', false],
    ['v=DMARC1', false],
    ['', false],
  ]
  for (const [text, want] of cases) t.same(selectRecords(['other', text]), want ? [text] : [], JSON.stringify(text))
  t.same(selectRecords(['v=spf1 a', 'x', 'v=spf1 mx']), ['v=spf1 a', 'v=spf1 mx'], 'all of them')
  t.end()
})

t.test('blanks between terms do not matter', t => {
  t.same(parseRecord('v=spf1   a    -all  '), parseRecord('v=spf1 a -all'))
  t.same(parseRecord('v=spf1'), { directives: [], redirect: undefined })
  t.end()
})
