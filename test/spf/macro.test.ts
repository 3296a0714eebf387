/**
 * Macro-strings: what they stand for, and what is none. A case is a row.
 */
import t from 'tap'
import { cutToName, expand, parseMacroString } from '../../src/spf/macro.ts'

const VALUES: Readonly<Record<string, string>> = {
  s: 'strong-bad@email.example.com',
  l: 'strong-bad',
  o: 'email.example.com',
  d: 'email.example.com',
  i: '192.0.2.3',
  v: 'in-addr',
  h: 'a=b/c_d,e+f',
}

const expanded = (text: string): string | undefined => {
  const tokens = parseMacroString(text, false)
  return tokens && expand(tokens, letter => VALUES[letter])
}

t.test('what a text stands for', t => {
  const cases: [text: string, want: string][] = [
    ['', ''],
    ['plain.example', 'plain.example'],
    ['%%%_%-', '% %20'],
    ['%{s}', 'strong-bad@email.example.com'],
    ['%{o}', 'email.example.com'],
    ['%{d}', 'email.example.com'],
    ['%{d4}', 'email.example.com'],
    ['%{d3}', 'email.example.com'],
    ['%{d2}', 'example.com'],
    ['%{d1}', 'com'],
    ['%{d999999999999}', 'email.example.com'],
    ['%{d02}', 'example.com'],
    ['%{dr}', 'com.example.email'],
    ['%{d2r}', 'example.email'],
    ['%{D2R}', 'example.email'],
    ['%{l}', 'strong-bad'],
    ['%{l-}', 'strong.bad'],
    ['%{lr}', 'strong-bad'],
    ['%{lr-}', 'bad.strong'],
    ['%{l1r-}', 'strong'],
    ['%{h=/_,+}', 'a.b.c.d.e.f'],
    ['%{h1+}', 'f'],
    ['%{i}', '192.0.2.3'],
    ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.example.com'],
    ['%{S}', 'strong-bad%40email.example.com'],
    ['%{H}', 'a%3Db%2Fc_d%2Ce%2Bf'],
    ['a%{v}b', 'ain-addrb'],
  ]
  for (const [text, want] of cases) t.equal(expanded(text), want, text)
  t.end()
})

t.test('what is no macro-string', t => {
  const cases: [what: string, text: string][] = [
    ['a percent sign alone', '%'],
    ['a percent sign alone', 'a%b'],
    ['a letter without braces', '%l'],
    ['no end', '%{l'],
    ['no letter', '%{}'],
    ['no such letter', '%{x}'],
    ['two letters', '%{ll}'],
    ['no parts', '%{l0}'],
    ['the order', '%{lr2}'],
    ['a delimiter that is none', '%{l!}'],
    ['a blank', 'a b'],
    ['a control character', 'a\x07'],
    ['no ASCII', 'a\xe4'],
  ]
  for (const [what, text] of cases) t.equal(parseMacroString(text, false), undefined, `${what}: ${text}`)
  t.end()
})

t.test('what a domain may be', t => {
  const cases: [text: string, want: boolean][] = [
    ['a.example', true],
    ['a.example.', true],
    ['%{d}', true],
    ['a.%{d}', true],
    ['%{d}.example', true],
    ['_spf.a_b.example', true],
    ['a.b1', true],
    ['a.1b-c', true],
    ['a.%%', true],
    ['', false],
    ['example', false],
    ['%{d}example', false],
    ['a.', false],
    ['a..', false],
    ['a.1', false],
    ['a.-b', false],
    ['a.b-', false],
    ['a.b_c', false],
    ['a.%{c}', false],
    ['a.%{r}', false],
    ['a.%{T}', false],
  ]
  for (const [text, want] of cases) t.equal(parseMacroString(text, true) !== undefined, want, text)
  for (const letter of 'cRt') t.ok(parseMacroString(`%{${letter}}`, false), `${letter} of an explanation`)
  t.end()
})

t.test('a value that is not known yet', t => {
  const tokens = parseMacroString('%{p}.example', true) ?? []
  t.equal(
    expand(tokens, () => undefined),
    undefined,
  )
  t.end()
})

t.test('names that are too long lose labels in front', t => {
  const label = 'a'.repeat(60)
  const longest = `${'b'.repeat(9)}.${Array.from({ length: 4 }, () => label).join('.')}`
  const cases: [what: string, name: string, want: string][] = [
    ['short', 'a.example', 'a.example'],
    ['a dot at the end', 'a.example.', 'a.example'],
    ['253 characters', longest, longest],
    ['one more', `c${longest}`, longest.slice(10)],
    ['a label more', `c.${longest}`, longest],
    ['many more', `${'c.'.repeat(9999)}${longest}`, longest],
    ['no label is left', 'c'.repeat(254), ''],
  ]
  for (const [what, name, want] of cases) t.equal(cutToName(name), want, what)
  t.equal(longest.length, 253)
  t.end()
})

t.test('a text that is long is expanded from its end, and no further than a name', t => {
  const tokens = parseMacroString('%{d}.'.repeat(1000), false) ?? []
  let asked = 0
  const text = expand(tokens, () => {
    asked++
    return 'email.example.com'
  })
  t.equal(asked, 15)
  t.match(text, /^email\.example\.com\..*\.$/)
  t.end()
})
