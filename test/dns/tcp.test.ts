import t from 'tap'
import { MessageReader } from '../../src/dns/tcp.ts'

t.test('a message is put together however it is cut', t => {
  const message = Buffer.from('a message')
  const stream = Buffer.concat([Buffer.from([0, message.length]), message])
  for (let cut = 0; cut <= stream.length; cut++) {
    const reader = new MessageReader()
    const first = reader.push(stream.subarray(0, cut))
    t.same(first ?? reader.push(stream.subarray(cut)), message, `cut at ${cut}`)
  }
  const reader = new MessageReader()
  const results = [...stream].map(byte => reader.push(Buffer.from([byte])))
  t.same(results.slice(0, -1).filter(Boolean), [], 'byte by byte: not before the last')
  t.same(results.at(-1), message)
  t.end()
})

t.test('what follows the message is left out', t => {
  t.same(new MessageReader().push(Buffer.from([0, 1, 97, 98, 99])), Buffer.from('a'))
  t.same(new MessageReader().push(Buffer.from([0, 0])), Buffer.alloc(0), 'an empty message')
  t.end()
})

t.test('the longest message', t => {
  const reader = new MessageReader()
  t.equal(reader.push(Buffer.from([0xff, 0xff])), undefined)
  t.equal(reader.push(Buffer.alloc(0xfffe)), undefined)
  t.equal(reader.push(Buffer.alloc(1))?.length, 0xffff)
  t.end()
})
