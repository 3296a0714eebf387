import t from 'tap'
import {
  isMultiparted,
  isNumericHelo,
  looksDynamic,
  looksLikeAddressName,
  looksLikeServer,
  looksRandom,
} from '../../src/score/patterns.ts'

/** The regular expressions of 0.1.15, written out, and what texts to try them on are made of. */
const SPECIFIED: Record<string, { matcher: (text: string) => boolean; expression: RegExp; pieces: readonly string[] }> =
  {
    looksLikeServer: {
      matcher: looksLikeServer,
      expression: /(mx|smtp|mail|dedicated|(\b|[^n])stat).*?\..*?\./,
      pieces: ['mx', 'smtp', 'mail', 'dedicated', 'stat', 'nstat', 'n', 's', '-', 'host', '.', '.'],
    },
    looksDynamic: {
      matcher: looksDynamic,
      expression: /(\.dip|cable|ppp|dial|dsl|dyn|client|rev.*?(ip|home)).*?\..*?\./,
      pieces: ['dip', 'cable', 'ppp', 'dial', 'ds', 'l', 'client', 'rev', 'ip', 'home', 'host', 'host', '.', '.'],
    },
    looksLikeAddressName: {
      matcher: looksLikeAddressName,
      expression: /[a-z._-]+\d{1,3}[-._]\d{1,3}[-._]\d{1,3}[-._]\d{1,3}/,
      pieces: ['a', '-', '.', '_', '1', '22', '333', '4444', '.1', '-2', '.33', '@'],
    },
    isMultiparted: { matcher: isMultiparted, expression: /@.*?\..*?\./, pieces: ['@', '.', 'a', 'b', 'c'] },
    looksRandom: {
      matcher: looksRandom,
      expression: /[bcdfgjklmnpqrtvwxz]{5,}.*@|[aeiou]{4,}.*@/,
      pieces: ['aei', 'ou', 'bcd', 'fg', 'h', 's', 'y', '@', '.', 'e'],
    },
  }

/** A small generator with a fixed seed, so that a failure can be repeated. */
function* texts(count: number, pieces: readonly string[]): Generator<string> {
  let state = 12345
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >>> 8) % below
  }
  for (let i = 0; i < count; i++) {
    let text = ''
    for (let length = next(12); length >= 0; length--) text += pieces[next(pieces.length)]
    yield text
  }
}

t.test('the linear matchers answer as the specified expressions do', t => {
  for (const [name, { matcher, expression, pieces }] of Object.entries(SPECIFIED)) {
    let matches = 0
    for (const text of texts(20_000, pieces)) {
      const want = expression.test(text)
      if (want) matches++
      if (matcher(text) !== want) t.fail(`${name} of ${JSON.stringify(text)}`, { want })
    }
    t.ok(matches > 500 && matches < 19_500, `${name}: ${matches} of 20000 texts match`)
  }
  t.end()
})

t.test('numeric HELO', t => {
  const cases = [
    { helo: '192.0.2.1', want: true },
    { helo: '[192.0.2.1]', want: true },
    { helo: '1.2', want: true },
    { helo: '12', want: false },
    { helo: '192.0.2.1.example', want: false },
    { helo: '[ipv6:2001:db8::1]', want: false },
    { helo: '', want: false },
  ]
  for (const { helo, want } of cases) t.equal(isNumericHelo(helo), want, helo)
  t.end()
})

t.test('texts that make a backtracking expression take minutes are answered', t => {
  const hostile = ['revip', 'mx', 'a', 'stat', '1.', '@', '-1', 'rev', 'dyn.'].map(piece =>
    piece.repeat(8192 / piece.length),
  )
  for (const [name, { matcher }] of Object.entries(SPECIFIED)) {
    for (const text of hostile) t.type(matcher(text), 'boolean', `${name} of ${text.slice(0, 6)}…`)
  }
  t.end()
})
