import t from 'tap'
import { readToken, skipBlanks, skipDocumentation, type Token } from '../../../src/config/language/tokens.ts'

/** All tokens of a text in short: `$NAME`, numbers as `#1`, texts in their quotes, faults as `!offset`. */
function tokens(text: string): string[] {
  const all: string[] = []
  for (let token = readToken(text, 0); token.kind !== 'end'; token = readToken(text, token.end)) {
    all.push(inShort(token))
    if (token.kind === 'fault') break
  }
  return all
}

function inShort(token: Token): string {
  switch (token.kind) {
    case 'variable':
      return token.sigil + token.name
    case 'number':
      return `#${token.value}`
    case 'text':
      return `'${token.parts.map(part => (part.kind === 'characters' ? part.text : `<${part.kind}>`)).join('')}'`
    case 'words':
      return `[${token.words.map(word => word.text).join('|')}]`
    case 'pattern':
      return `/${token.parts.map(part => (part.kind === 'characters' ? part.text : `<${part.kind}>`)).join('')}/${token.flags}`
    case 'fault':
      return `!${token.at}`
    case 'end':
      return 'end'
    default:
      return token.text
  }
}

t.test('tokens', t => {
  const cases: [label: string, text: string, want: string[]][] = [
    ['nothing', '', []],
    ['blanks and comments', ' \t\r\n\f# $X = 1;\n # more', []],
    ['an assignment', '$NS="a b";', ['$NS', '=', "'a b'", ';']],
    ['a list', "@x=(1,'b');", ['@x', '=', '(', '#1', ',', "'b'", ')', ';']],
    ['a name in braces', `\${ NS } = 1`, ['$NS', '=', '#1']],
    ['numbers', '1 1.5 .5 1e3 1_000 5. 1.5E-2 0', ['#1', '#1.5', '#0.5', '#1000', '#1000', '#5', '#0.015', '#0']],
    ['a number, joined', '1.5 . 2', ['#1.5', '.', '#2']],
    ['a range', '1..2', ['#1', '..', '#2']],
    ['a unit', '3h', ['!0']],
    ['an address', '127.0.0.1', ['!0']],
    ['octal, hexadecimal, binary', '010 0x1_0 0b11 00', ['#8', '#16', '#3', '#0']],
    ['octal that is none', '089', ['!0']],
    ['beyond all numbers', '1e999', ['!0']],
    ['quote operators', 'q(a) qq{b} qw[c d] qr/e/i', ["'a'", "'b'", '[c|d]', '/e/i']],
    ['quote operators with odd delimiters', 'q xax q#b# q=c= q,d,', ["'a'", "'b'", "'c'", "'d'"]],
    ['a comment behind a quote operator', 'q #(\n(a)', ["'a'"]],
    ['words that begin like quote operators', 'quote q_a qqq', ['quote', 'q_a', 'qqq']],
    ['a quote operator as a word', 'q=>1', ['q', '=>', '#1']],
    ['a package', 'main::x', ['main::x']],
    ['operators', '=> == =~ .= -> << || && %ENV', ['=>', '==', '=~', '.=', '->', '<<', '||', '&&', '%ENV']],
    ['a sign of its own', '\u00e4', ['\u00e4']],
    ['a special variable', '$$', ['!0']],
    ['variables of the main package', '$main::x @::y', ['$x', '@y']],
    ['a variable of another package', '$Foo::x', ['!0']],
    ['typographic quotes', '\u201ca b\u201d;', ['!0']],
    ['a blank that does not break lines', '\u00a0', ['!0']],
    ['a text that is not closed', " 'abc", ['!1']],
  ]
  for (const [label, text, want] of cases) t.same(tokens(text), want, label)
  t.end()
})

t.test('a fault says where its token ends, if it does', t => {
  t.match(readToken('$$ x', 0), { kind: 'fault', resumeAt: 2 })
  t.match(readToken('"a$)b" x', 0), { kind: 'fault', at: 2, resumeAt: 6 })
  t.match(readToken('"abc', 0), { kind: 'fault', at: 0, resumeAt: undefined })
  t.end()
})

t.test('every piece of a text has tokens, each of which goes on', t => {
  const text = '$A="x\\x{41}$B"; @c=(qw(a b), q{c}, -1.5e3); # d\nqr/e/x => << %f @ $'
  for (let from = 0; from <= text.length; from++) {
    const token = readToken(text, from)
    t.ok(token.kind === 'end' ? token.at === text.length : token.end > token.at && token.at >= from, `from ${from}`)
  }
  t.end()
})

t.test('blanks, comments and documentation are skipped', t => {
  t.equal(skipBlanks(' # a\n\n#b\n c', 0), 10)
  t.equal(skipBlanks('# no line end', 0), 13)
  const cases: [label: string, text: string, at: number, want: number | undefined][] = [
    ['a block', '=pod\n\n$X\n\n=cut\n1', 0, 14],
    ['a block that begins with =cut', '=cut\n$X\n=cut more\n1', 0, 17],
    ['a longer word is no end', '=head1\n=cutter\n=cut', 0, 19],
    ['a block without an end', '=pod\n$X', 0, 7],
    ['a sign without a word', '= 1', 0, undefined],
    ['not at the beginning of a line', '$X =pod', 3, undefined],
  ]
  for (const [label, text, at, want] of cases) t.equal(skipDocumentation(text, at), want, label)
  t.end()
})
