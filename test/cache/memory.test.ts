import t from 'tap'
import { MessageMemory } from '../../src/cache/memory.ts'
import { parseRequest } from '../../src/policy/request.ts'

const ask = (attributes: Record<string, string> = {}) =>
  parseRequest(
    Object.entries({
      request: 'smtpd_access_policy',
      client_address: '192.0.2.1',
      sender: 'a@example.org',
      recipient: 'one@example.net',
      instance: 'i1',
      ...attributes,
    }),
  )

t.test('what a mail was answered with is remembered for its other recipients', t => {
  const cases = [
    { label: 'the other recipient', attributes: { recipient: 'two@example.net' }, wantKnown: true },
    { label: 'another extension of the sender', attributes: { sender: 'a+x@example.org' }, wantKnown: true },
    { label: 'another mail', attributes: { instance: 'i2' }, wantKnown: false },
    { label: 'another client', attributes: { client_address: '192.0.2.2' }, wantKnown: false },
    { label: 'another sender', attributes: { sender: 'b@example.org' }, wantKnown: false },
  ]
  for (const { label, attributes, wantKnown } of cases) {
    const memory = new MessageMemory()
    memory.remember(ask(), { kind: 'accepted' }, 1000)
    t.strictSame(memory.recall(ask(attributes), 1000), wantKnown ? { kind: 'accepted' } : undefined, label)
  }
  t.end()
})

t.test('ten minutes, and only with an instance', t => {
  const memory = new MessageMemory()
  const memo = { kind: 'rejected', message: '550 no' } as const
  memory.remember(ask(), memo, 1000)
  t.equal(memory.recall(ask(), 600_999), memo)
  t.equal(memory.recall(ask(), 601_000), undefined)
  memory.remember(ask({ instance: '' }), memo, 1000)
  t.equal(memory.recall(ask({ instance: '' }), 1000), undefined)
  t.end()
})

t.test('bounded: the oldest goes first', t => {
  const memory = new MessageMemory()
  for (let i = 0; i <= 1000; i++) memory.remember(ask({ instance: `i${i}` }), { kind: 'accepted' }, 0)
  t.equal(memory.recall(ask({ instance: 'i0' }), 0), undefined)
  t.strictSame(memory.recall(ask({ instance: 'i1' }), 0), { kind: 'accepted' })
  t.end()
})
