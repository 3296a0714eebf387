import t from 'tap'
import {
  canFillIn,
  fillIn,
  hasReference,
  MAX_FILLED_CHARACTERS,
  namesIn,
  PLACEHOLDERS,
  type PlaceholderValues,
} from '../../src/text/placeholders.ts'
import { randomFrom } from '../support/random.ts'

const VALUES: PlaceholderValues = {
  client: '192.0.2.10',
  lists: 'one.example, two.example',
  delist: 'https://one.example/',
  ref: 'K7Q2M9X4TA',
  helo: 'mail.example.org',
  sender_domain: 'example.org',
}
/** A line of printable ASCII. */
const LINE = /^[\x20-\x7e]*$/

t.test('what a text becomes', t => {
  const cases: [label: string, template: string, want: string, values?: Partial<PlaceholderValues>][] = [
    ['no placeholder', '550 5.7.1 Spam', '550 5.7.1 Spam'],
    ['each of them', '550 %{client} %{lists}', '550 192.0.2.10 one.example, two.example'],
    ['and', '550 %{delist} %{ref} %{helo}', '550 https://one.example/ K7Q2M9X4TA mail.example.org'],
    ['twice, side by side', '450 %{sender_domain}%{client}%{client}', '450 example.org192.0.2.10192.0.2.10'],
    ['a value that is empty', '550 ref %{ref}.', '550 ref .', { ref: '' }],
    ['what is none stays', '550 %{Client} %{hostname} %{} %{client', '550 %{Client} %{hostname} %{} %{client'],
    ['beside one that is', '550 %{x} %{client}', '550 %{x} 192.0.2.10'],
    [
      'a property of every object is none',
      '550 %{constructor} %{__proto__} %{client}',
      '550 %{constructor} %{__proto__} 192.0.2.10',
    ],
    ['braces in braces', '550 %{%{client}}', '550 %{192.0.2.10}'],
    ['tabs and line ends', '550\tNo\n%{client}', '550 No 192.0.2.10'],
    ['other bytes', '550 N\xf6 %{client}', '550 N? 192.0.2.10'],
    ['behind a word', 'reject no %{client}', 'reject no 192.0.2.10'],
    ['behind DEFER_IF_PERMIT', 'DEFER_IF_PERMIT 4.7.1 %{client}', 'DEFER_IF_PERMIT 4.7.1 192.0.2.10'],
    ['a HELO that is a placeholder', '550 %{helo} %{client}', '550 %{client} 192.0.2.10', { helo: '%{client}' }],
    ['a domain that is one', '550 %{sender_domain} %{ref}', '550 %{ref} K7Q2M9X4TA', { sender_domain: '%{ref}' }],
    [
      'parts of one in two values',
      '550 %{helo}%{sender_domain}',
      '550 %{cli ent}',
      { helo: '%{cli', sender_domain: ' ent}' },
    ],
    ['what replace() would take for more', '550 %{helo}', "550 $& $' $1 $$", { helo: "$& $' $1 $$" }],
    ['an escape and a line end', '550 %{helo}', '550 a?[31m?action=OK??', { helo: 'a\x1b[31m\naction=OK\r\0' }],
    ['8-bit text', '550 %{helo}', '550 m??ller', { helo: 'm\xc3\xbcller' }],
    ['a HELO that is too long', '550 %{helo}!', `550 ${'h'.repeat(117)}...!`, { helo: 'h'.repeat(8192) }],
  ]
  for (const [label, template, want, values] of cases) t.equal(fillIn(template, { ...VALUES, ...values }), want, label)
  t.end()
})

t.test('nothing is filled in that is no text', t => {
  const evil = { ...VALUES, helo: 'ok', sender_domain: 'smtp:[192.0.2.66]' }
  for (const template of [
    '%{helo}',
    '%{helo} x',
    '550%{helo}',
    '55%{helo} x',
    'rc: %{helo}',
    ' rc:class%{helo} x',
    'RC: %{helo}',
    'FILTER %{sender_domain}',
    'redirect %{sender_domain}',
    'BCC %{sender_domain}',
    'OK %{helo}',
    'check_client_access %{helo}, reject',
    '2525 %{helo}',
    'REJECTED %{helo}',
    '',
  ]) {
    t.equal(fillIn(template, evil), template, template)
    t.notOk(canFillIn(template))
  }
  t.end()
})

t.test('a text has a bound, and values give way before the operator’s words do', t => {
  const long = { ...VALUES, helo: 'h'.repeat(8192), sender_domain: 'd'.repeat(8192), lists: 'l'.repeat(100) }
  const words = 'w'.repeat(150)
  const filled = fillIn(`550 5.7.1 ${words} %{helo} %{sender_domain} %{lists} ref %{ref}`, long)
  t.ok(filled.length <= MAX_FILLED_CHARACTERS)
  t.match(filled, words)
  t.match(filled, / ref K7Q2M9X4TA$/, 'the reference is whole')
  t.match(filled, `${'h'.repeat(57)}... `)
  t.equal(fillIn(`550 ${'w'.repeat(900)} %{client}`, VALUES).length, MAX_FILLED_CHARACTERS)
  t.equal(fillIn(`550 ${'w'.repeat(900)}`, VALUES).length, 904, 'a text without placeholders is none of ours')
  t.end()
})

t.test('whatever is configured and sent, it is one bounded line that begins as configured', t => {
  const random = randomFrom(20)
  const pieces = [
    ...PLACEHOLDERS.map(name => `%{${name}}`),
    ...[
      '%{',
      '}',
      '%',
      '{',
      '%{x}',
      ' ',
      '\n',
      '\x1b[2J',
      '\xe4',
      '\u2028',
      '\0',
      'rc:',
      'OK',
      '550',
      ';',
      '$&',
      'word',
    ],
  ]
  const text = (most: number): string => {
    let made = ''
    for (let left = random(most); left > 0; left--) made += pieces[random(pieces.length)]
    return made
  }
  const fronts = ['550 ', '450 4.7.1 ', 'REJECT ', 'DEFER_IF_PERMIT ', ' 550\t', 'rc: ', 'FILTER ', '', '%{helo} ']
  let filledIn = 0
  for (let round = 0; round < 20_000; round++) {
    const template = fronts[random(fronts.length)] + text(12)
    const values = {
      client: text(3),
      lists: text(40),
      delist: text(4),
      ref: text(2),
      helo: random(50) === 0 ? text(2000) : text(12),
      sender_domain: text(12),
    }
    const filled = fillIn(template, values)
    if (filled === template) continue
    filledIn++
    const first = template.search(/%\{(?:client|lists|delist|ref|helo|sender_domain)\}/)
    const front = template
      .slice(0, first)
      .replace(/[\t-\r]/g, ' ')
      .replace(/[^\x20-\x7e]/g, '?')
    const isRight = LINE.test(filled) && filled.length <= MAX_FILLED_CHARACTERS && filled.startsWith(front)
    if (!isRight) t.fail(JSON.stringify({ template, values, filled }))
  }
  t.ok(filledIn > 5000)
  t.end()
})

t.test('what a text has', t => {
  t.same(namesIn('550 %{client} %{hello} %{} %{client'), ['client', 'hello', ''])
  t.same(namesIn('550 no'), [])
  t.equal(hasReference('550 no; reference %{ref}'), true)
  t.equal(hasReference('550 no %{Ref}'), false)
  t.end()
})
