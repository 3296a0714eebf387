import t from 'tap'
import { type MessageMemo, recallMessage, rememberMessage } from '../../src/cache/mails.ts'
import { requestOf } from '../support/scoring.ts'
import { newTables } from '../support/tables.ts'

const NOW = 1_760_000_000

t.test('what a mail was answered with comes back, for ten minutes', t => {
  const memos: MessageMemo[] = [{ kind: 'accepted' }, { kind: 'rejected', message: '550 no' }]
  for (const memo of memos) {
    const { messages } = newTables()
    rememberMessage(messages, requestOf(), memo, NOW)
    t.match(recallMessage(messages, requestOf(), NOW), memo, memo.kind)
    t.match(recallMessage(messages, requestOf(), NOW + 599), memo, 'asking does not prolong it')
    t.equal(recallMessage(messages, requestOf(), NOW + 600), undefined, 'too old')
  }
  t.end()
})

t.test('which requests are about the same mail', t => {
  const cases = [
    { label: 'another recipient', attributes: { recipient: 'carol@example.net' }, want: true },
    { label: 'another extension of the sender', attributes: { sender: 'alice+x@example.org' }, want: true },
    { label: 'another instance', attributes: { instance: 'i2' }, want: false },
    { label: 'another client', attributes: { client_address: '192.0.2.11' }, want: false },
    { label: 'another sender', attributes: { sender: 'bob@example.org' }, want: false },
  ]
  for (const { label, attributes, want } of cases) {
    const { messages } = newTables()
    rememberMessage(messages, requestOf(), { kind: 'accepted' }, NOW)
    t.equal(recallMessage(messages, requestOf(attributes), NOW) !== undefined, want, label)
  }
  t.end()
})

t.test('without an instance nothing is kept, and nothing found', t => {
  const { messages } = newTables()
  const request = requestOf({ instance: '' })
  rememberMessage(messages, request, { kind: 'accepted' }, NOW)
  t.strictSame([...messages.entries()], [])
  messages.set('\n192.0.2.10\nalice@example.org', { kind: 'accepted', seenSeconds: NOW })
  t.equal(recallMessage(messages, request, NOW), undefined)
  t.end()
})
