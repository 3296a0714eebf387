import t from 'tap'
import { pickAttributes, type RequestText } from '../../src/policy/attributes.ts'
import { ProtocolError } from '../../src/policy/protocol-error.ts'
import { randomFrom } from '../support/random.ts'

const NAMES = ['request', 'client_address', 'client_name', 'helo_name', 'sender', 'recipient', 'instance']

interface Picked {
  readonly values: readonly string[]
  readonly warnings: readonly string[]
}

function pick(text: RequestText): Picked {
  const warnings: string[] = []
  return { values: pickAttributes(text, warning => warnings.push(warning)), warnings }
}

/** The same, by the rules alone and of one request alone. */
function pickPlainly(text: RequestText): Picked {
  const values = NAMES.map(() => '')
  const warnings: string[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(line) ?? []
    if (name === undefined || value === undefined) warnings.push(`ignored a line without "=": ${line.slice(0, 100)}`)
    else if (NAMES.includes(name)) values[NAMES.indexOf(name)] = value
  }
  return { values, warnings }
}

t.test('attributes that count, in a fixed order; names of object properties are just names', t => {
  const text = '__proto__=x\nconstructor=y\nhelo_name=one\nsender=b=c@x\nhelo_name=two\nrequest=r\nsenders=no\n'
  t.strictSame(pick(text).values, ['r', '', '', 'two', 'b=c@x', '', ''])
  t.end()
})

t.test('a line without "=" is skipped with a warning of bounded length, each time', t => {
  for (const sender of ['a', 'b']) {
    const picked = pick(`sender=${sender}\n${'x'.repeat(300)}\nhelo_name=h\n`)
    t.strictSame(picked.values, ['', '', '', 'h', sender, '', ''])
    t.strictSame(picked.warnings, [`ignored a line without "=": ${'x'.repeat(100)}`])
  }
  t.end()
})

t.test('whatever request came before, the same is picked', t => {
  const below = randomFrom(7)
  const names = [
    ...NAMES,
    'client_port',
    'queue_id',
    'size',
    'reverse_client_name',
    'protocol_state',
    'stress',
    's',
    '',
  ]
  const values = ['', 'a', 'b@example.org', '=', 'x=y', '192.0.2.1', 'sender=', 'v'.repeat(40)]
  const line = (): string =>
    below(12) === 0 ? `odd${below(3)}` : `${names[below(names.length)]}=${values[below(values.length)]}`
  let lines = Array.from({ length: 20 }, line)
  const wrong: unknown[] = []
  for (let round = 0; round < 20_000; round++) {
    // Mostly the lines of the request before with a few changes, as in life.
    const at = below(lines.length + 1)
    switch (below(8)) {
      case 0:
        lines = [...lines.slice(0, at), line(), ...lines.slice(at)].slice(0, 40)
        break
      case 1:
        lines = lines.length > 1 ? lines.toSpliced(below(lines.length), 1) : lines
        break
      case 2:
        lines = Array.from({ length: 1 + below(30) }, line)
        break
      default:
        lines = lines.map(kept => {
          const equals = kept.indexOf('=')
          return equals >= 0 && below(3) === 0 ? `${kept.slice(0, equals)}=${values[below(values.length)]}` : kept
        })
    }
    const text = `${lines.join('\n')}\n`
    const [got, want] = [pick(text), pickPlainly(text)]
    if (JSON.stringify(got) !== JSON.stringify(want)) wrong.push({ text, got, want })
  }
  t.same(wrong.slice(0, 3), [])
  t.end()
})

t.test('bounds', t => {
  const cases = [
    { label: 'a line of 8192 bytes', text: `a=${'x'.repeat(8190)}\n`, wantCode: undefined },
    { label: 'a line of 8193 bytes', text: `a=${'x'.repeat(8191)}\n`, wantCode: 'line-too-long' },
    { label: '256 attributes', text: 'a=b\n'.repeat(256), wantCode: undefined },
    { label: '257 attributes', text: 'a=b\n'.repeat(257), wantCode: 'too-many-attributes' },
    { label: '257 lines without "="', text: 'a\n'.repeat(257), wantCode: 'too-many-attributes' },
    { label: '64 KB', text: `a=${'x'.repeat(8189)}\n`.repeat(8), wantCode: undefined },
    { label: 'more than 64 KB', text: `${`a=${'x'.repeat(8189)}\n`.repeat(8)}b=\n`, wantCode: 'request-too-long' },
  ]
  const codeOf = (text: string): string | undefined => {
    try {
      pick(text)
    } catch (error) {
      return error instanceof ProtocolError ? error.code : String(error)
    }
    return undefined
  }
  for (const { label, text, wantCode } of cases) t.equal(codeOf(text), wantCode, label)

  t.equal(codeOf(`sender=${'x'.repeat(8000)}\n`), undefined)
  t.equal(codeOf(`sender=${'x'.repeat(8190)}\n`), 'line-too-long', 'also for the shape of the one before')
  t.end()
})
