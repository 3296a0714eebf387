import dnsPacket, { type Answer } from 'dns-packet'
import t from 'tap'
import { type DecodedReply, decodeReply, encodeQuery, messageId, type SentQuery } from '../../src/dns/wire.ts'
import type { Outcome, RecordType } from '../../src/dns/outcome.ts'

const ID = 0x1234
const malformed: Outcome = { kind: 'failed', reason: 'malformed' }
const found = (...values: string[]): Outcome => ({ kind: 'found', values })

const ask = (type: RecordType, name = 'example.org', edns = true): SentQuery => ({
  id: ID,
  question: { type, name },
  edns,
})
const a = (name: string, data: string): Answer => ({ type: 'A', name, data })
const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, data })

/** A reply to a query, made by an honest encoder. */
function replyTo(query: SentQuery, answers: Answer[], flags = 0, rest: Partial<dnsPacket.Packet> = {}): Buffer {
  const questions = [{ ...query.question }]
  return dnsPacket.encode({ id: query.id, type: 'response', flags, questions, answers, ...rest })
}

/** A reply whose answers are given as bytes behind the question. */
function rawReplyTo(query: SentQuery, count: number, answers: Buffer): Buffer {
  const reply = Buffer.concat([replyTo(query, []), answers])
  reply.writeUInt16BE(count, 6)
  return reply
}

/** A record whose owner is the question's name, as a pointer to it. */
function record(type: number, data: Buffer, { recordClass = 1, length = data.length } = {}): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(recordClass, 4)
  head.writeUInt32BE(300, 6)
  head.writeUInt16BE(length, 10)
  return Buffer.concat([head, data])
}

/** Reads a reply twice, with the query's packet at hand and without it: that is never to make a difference. */
function decode(reply: Buffer, query: SentQuery): DecodedReply {
  const decoded = decodeReply(reply, query)
  t.same(decodeReply(reply, { ...query, packet: encodeQuery(query) }), decoded, 'with its packet')
  return decoded
}

function outcomeOf(reply: Buffer, query: SentQuery): Outcome | string {
  const decoded = decode(reply, query)
  return decoded.kind === 'reply' ? decoded.outcome : decoded.kind
}

t.test('a query', t => {
  const packet = Buffer.from(encodeQuery(ask('MX', 'mail.example.org')))
  const decoded = dnsPacket.decode(packet)
  t.match(decoded, { id: ID, type: 'query', flag_rd: true, flag_tc: false })
  t.match(decoded.questions, [{ type: 'MX', class: 'IN', name: 'mail.example.org' }])
  t.match(decoded.additionals, [{ type: 'OPT', udpPayloadSize: 1232, flag_do: false, options: [] }])
  t.equal(messageId(packet), ID)
  t.equal(messageId(packet.subarray(0, 11)), undefined)

  const plain = Buffer.from(encodeQuery(ask('MX', 'mail.example.org', false)))
  t.same(dnsPacket.decode(plain).additionals, [])
  t.equal(plain.length, packet.length - 11)
  t.end()
})

t.test('answers become outcomes', t => {
  const mx = (exchange: string, preference = 10): Answer => ({
    type: 'MX',
    name: 'example.org',
    data: { preference, exchange },
  })
  const txt = (...data: string[]): Answer => ({ type: 'TXT', name: 'example.org', data })
  const ptr = (data: string): Answer => ({ type: 'PTR', name: 'example.org', data })
  const cases: [label: string, type: RecordType, answers: Answer[], want: Outcome][] = [
    ['an address', 'A', [a('example.org', '192.0.2.1')], found('192.0.2.1')],
    [
      'addresses in the order received',
      'A',
      [a('example.org', '192.0.2.9'), a('example.org', '192.0.2.1')],
      found('192.0.2.9', '192.0.2.1'),
    ],
    ['an owner in other case', 'A', [a('EXAMPLE.org', '192.0.2.1')], found('192.0.2.1')],
    [
      'IPv6 in full form',
      'AAAA',
      [{ type: 'AAAA', name: 'example.org', data: '2001:db8::A' }],
      found('2001:0db8:0000:0000:0000:0000:0000:000a'),
    ],
    [
      'exchanges in the order received, not of preference',
      'MX',
      [mx('B.example.org', 20), mx('a.example.org', 10)],
      found('b.example.org', 'a.example.org'),
    ],
    ['the null exchange', 'MX', [mx('.', 0)], found('')],
    [
      'pointers, lower case',
      'PTR',
      [ptr('Mail.Example.ORG'), ptr('b.example')],
      found('mail.example.org', 'b.example'),
    ],
    ['a text', 'TXT', [txt('v=spf1 -all')], found('v=spf1 -all')],
    [
      'the strings of a text, joined',
      'TXT',
      [txt('v=spf1 ip4:192.0', '.2.1', '', ' -all')],
      found('v=spf1 ip4:192.0.2.1 -all'),
    ],
    ['several texts, in the order and case received', 'TXT', [txt('B'), txt('a')], found('B', 'a')],
    ['8-bit texts stay bytes', 'TXT', [txt('Ü\0')], found('\xc3\x9c\0')],
    ['the longest string', 'TXT', [txt('x'.repeat(255), 'y')], found(`${'x'.repeat(255)}y`)],
    [
      'a text at the end of a chain',
      'TXT',
      [cname('example.org', 'b.example'), { type: 'TXT', name: 'b.example', data: ['v=spf1'] }],
      found('v=spf1'),
    ],
    ['8-bit names stay bytes', 'PTR', [ptr('BÜCHER.example')], found('b\xc3\x9ccher.example')],
    ["a letter that only Unicode's rules lower to k", 'PTR', [ptr('\u212a.example')], found('\xe2\x84\xaa.example')],
    ['nothing', 'A', [], { kind: 'nodata' }],
    ['only another type', 'A', [mx('a.example.org')], { kind: 'nodata' }],
    ['only another owner', 'A', [a('other.example', '192.0.2.1')], { kind: 'nodata' }],
    ['another class', 'A', [{ type: 'A', name: 'example.org', class: 'CH', data: '192.0.2.1' }], { kind: 'nodata' }],
    [
      'a CNAME, its records only',
      'A',
      [cname('example.org', 'www.Example.net'), a('example.org', '192.0.2.1'), a('www.example.NET', '192.0.2.2')],
      found('192.0.2.2'),
    ],
    [
      'a chain in any order',
      'A',
      [a('c.example', '192.0.2.3'), cname('b.example', 'c.example'), cname('example.org', 'b.example')],
      found('192.0.2.3'),
    ],
    ['a CNAME that leads nowhere', 'A', [cname('example.org', 'gone.example')], { kind: 'nodata' }],
    ['a CNAME to itself', 'A', [cname('example.org', 'example.org')], malformed],
    ['a loop of CNAMEs', 'A', [cname('example.org', 'b.example'), cname('b.example', 'example.org')], malformed],
    [
      'two CNAMEs: the first',
      'A',
      [cname('example.org', 'b.example'), cname('example.org', 'c.example')],
      { kind: 'nodata' },
    ],
  ]
  for (const [label, type, answers, want] of cases) {
    const query = ask(type)
    t.same(outcomeOf(replyTo(query, answers), query), want, label)
  }
  t.end()
})

t.test('a chain of 8 CNAMEs is followed, one of 9 is not', t => {
  const query = ask('A', 'c0.example')
  const chain = (length: number): Answer[] => [
    ...Array.from({ length }, (_, at) => cname(`c${at}.example`, `c${at + 1}.example`)),
    a(`c${length}.example`, '192.0.2.1'),
  ]
  t.same(outcomeOf(replyTo(query, chain(8)), query), found('192.0.2.1'))
  t.same(outcomeOf(replyTo(query, chain(9)), query), malformed)
  t.end()
})

t.test('all records are read, however many', t => {
  const query = ask('A')
  for (const count of [64, 65, 101, 4000]) {
    const values = Array.from({ length: count }, (_, at) => `192.0.${at >> 8}.${at & 255}`)
    const reply = Buffer.concat(values.map(value => record(1, Buffer.from(value.split('.').map(Number)))))
    t.same(outcomeOf(rawReplyTo(query, count, reply), query), found(...values), `${count} records`)
    t.same(outcomeOf(rawReplyTo(query, count + 1, reply), query), malformed, `${count} records of ${count + 1}`)
  }
  t.end()
})

t.test('a name of 127 pointers is read, one of 128 is not: no message makes each of its names as long as itself', t => {
  const query = ask('PTR')
  const chain = (pointers: number): Buffer => {
    // The data of the first record, of another type, is pointers: each leads to the one before, the first to the question.
    const dataAt = replyTo(query, []).length + 12
    const links = Array.from({ length: pointers - 1 }, (_, at) => 0xc000 | (at === 0 ? 12 : dataAt + 2 * (at - 1)))
    const data = Buffer.from(links.flatMap(link => [link >> 8, link & 255]))
    const last = 0xc000 | (dataAt + data.length - 2)
    return Buffer.concat([record(16, data), record(12, Buffer.from([last >> 8, last & 255]))])
  }
  t.same(outcomeOf(rawReplyTo(query, 2, chain(127)), query), found('example.org'))
  t.same(outcomeOf(rawReplyTo(query, 2, chain(128)), query), malformed)
  t.same(outcomeOf(rawReplyTo(query, 2, chain(5000)), query), malformed)
  t.end()
})

t.test('return codes', t => {
  const cases: [label: string, code: number, edns: boolean, want: Outcome | string][] = [
    ['NXDOMAIN', 3, true, { kind: 'nxdomain' }],
    ['SERVFAIL', 2, true, { kind: 'failed', reason: 'servfail' }],
    ['REFUSED', 5, true, { kind: 'failed', reason: 'refused' }],
    ['FORMERR to EDNS', 1, true, 'try-without-edns'],
    ['NOTIMP to EDNS', 4, true, 'try-without-edns'],
    ['FORMERR', 1, false, { kind: 'failed', reason: 'formerr' }],
    ['NOTIMP', 4, false, { kind: 'failed', reason: 'notimp' }],
    ['NOTAUTH', 9, true, { kind: 'failed', reason: 'other-rcode' }],
  ]
  for (const [label, code, edns, want] of cases) {
    const query = ask('A', 'example.org', edns)
    t.same(outcomeOf(replyTo(query, [], code), query), want, label)
  }
  t.same(
    outcomeOf(replyTo(ask('A'), [a('example.org', '127.0.0.2')], 3), ask('A')),
    { kind: 'nxdomain' },
    'NXDOMAIN with an address is NXDOMAIN',
  )
  t.end()
})

/** An OPT record with the upper part of a return code. */
const optRecord = (extended: number): Partial<dnsPacket.Packet> => ({
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 1232,
      extendedRcode: extended,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
})

t.test('a header alone that says what is wrong is an answer', t => {
  const cases: [label: string, code: number, edns: boolean, want: Outcome | string][] = [
    ['FORMERR to EDNS', 1, true, 'try-without-edns'],
    ['NOTIMP to EDNS', 4, true, 'try-without-edns'],
    ['FORMERR', 1, false, { kind: 'failed', reason: 'formerr' }],
    ['NOTIMP', 4, false, { kind: 'failed', reason: 'notimp' }],
    ['SERVFAIL to EDNS', 2, true, { kind: 'failed', reason: 'servfail' }],
    ['SERVFAIL', 2, false, { kind: 'failed', reason: 'servfail' }],
    ['REFUSED to EDNS', 5, true, { kind: 'failed', reason: 'refused' }],
    ['NXDOMAIN would be good news', 3, false, 'not-ours'],
    ['so would NOERROR', 0, false, 'not-ours'],
  ]
  for (const [label, code, edns, want] of cases) {
    const query = ask('A', 'example.org', edns)
    const reply = replyTo(query, [], code, { questions: [] })
    t.equal(reply.length, 12)
    t.same(outcomeOf(reply, query), want, label)
    const another = Buffer.from(reply)
    another.writeUInt16BE(ID + 1, 0)
    t.same(outcomeOf(another, query), 'not-ours', `${label}, with another id`)
    const isQuery = Buffer.from(reply)
    isQuery.writeUInt16BE(code, 2)
    t.same(outcomeOf(isQuery, query), 'not-ours', `${label}, as a query`)
    const counted = Buffer.from(reply)
    counted.writeUInt16BE(1, 4)
    counted.writeUInt16BE(1, 10)
    t.same(outcomeOf(counted, query), want, `${label}, with the counts of the query`)
    const opt = replyTo(query, [], code, { questions: [], ...optRecord(0) })
    t.same(outcomeOf(opt, query), want, `${label}, with an OPT record`)
    const badVersion = replyTo(query, [], code, { questions: [], ...optRecord(1) })
    const refused = edns ? 'try-without-edns' : { kind: 'failed', reason: 'other-rcode' }
    t.same(outcomeOf(badVersion, query), refused, `${label}, made another code by an OPT record`)
  }
  t.end()
})

t.test('a return code that only an OPT record can say is a failure, never "no records"', t => {
  const soa: Answer = {
    type: 'SOA',
    name: 'example.org',
    data: {
      mname: 'ns.example.org',
      rname: 'root.example.org',
      serial: 1,
      refresh: 1,
      retry: 1,
      expire: 1,
      minimum: 1,
    },
  }
  const failed: Outcome = { kind: 'failed', reason: 'other-rcode' }
  const found1 = [a('example.org', '192.0.2.1')]
  const cases: [label: string, code: number, answers: Answer[], rest: Partial<dnsPacket.Packet>, want: Outcome][] = [
    ['BADVERS', 0, [], optRecord(1), failed],
    ['BADVERS, beside an answer', 0, found1, optRecord(1), failed],
    ['BADVERS, behind an authority', 0, [], { authorities: [soa], ...optRecord(1) }, failed],
    ['BADCOOKIE', 7, [], optRecord(1), failed],
    ['one that is NXDOMAIN without its upper part', 3, [], optRecord(1), failed],
    ['one that is SERVFAIL without its upper part', 2, [], optRecord(255), failed],
    ['NOERROR with an OPT record', 0, found1, optRecord(0), found('192.0.2.1')],
    [
      'no records, with an authority and an OPT record',
      0,
      [],
      { authorities: [soa], ...optRecord(0) },
      { kind: 'nodata' },
    ],
    [
      'NXDOMAIN with an authority and an OPT record',
      3,
      [],
      { authorities: [soa], ...optRecord(0) },
      { kind: 'nxdomain' },
    ],
    ['SERVFAIL with an OPT record', 2, [], optRecord(0), { kind: 'failed', reason: 'servfail' }],
    [
      'an additional record in front of the OPT record',
      0,
      [],
      { additionals: [a('ns.example.org', '192.0.2.53'), ...(optRecord(1).additionals ?? [])] },
      failed,
    ],
  ]
  for (const [label, code, answers, rest, want] of cases) {
    const plain = ask('A', 'example.org', false)
    t.same(outcomeOf(replyTo(plain, answers, code, rest), plain), want, label)
    const query = ask('A')
    const again = want === failed ? 'try-without-edns' : want
    t.same(outcomeOf(replyTo(query, answers, code, rest), query), again, `${label}, to a query with EDNS`)
  }
  const query = ask('A', 'example.org', false)
  const reply = Buffer.concat([replyTo(query, []), Buffer.alloc(30, 0xff)])
  reply.writeUInt16BE(1, 10)
  t.same(outcomeOf(reply, query), { kind: 'nodata' }, 'behind garbage there is none')
  t.end()
})

t.test('what does not match is not ours', t => {
  const query = ask('A')
  const answers = [a('example.org', '192.0.2.1')]
  const good = replyTo(query, answers)
  const changed = (change: (reply: Buffer) => void): Buffer => {
    const reply = Buffer.from(good)
    change(reply)
    return reply
  }
  const cases: [label: string, reply: Buffer][] = [
    ['another id', changed(reply => reply.writeUInt16BE(ID + 1, 0))],
    ['a query', changed(reply => reply.writeUInt16BE(0, 2))],
    ['another opcode', changed(reply => reply.writeUInt16BE(0x8000 | (5 << 11), 2))],
    ['another name', replyTo({ ...query, question: { type: 'A', name: 'example.net' } }, answers)],
    ['the name of a parent', replyTo({ ...query, question: { type: 'A', name: 'org' } }, answers)],
    ['another type', replyTo({ ...query, question: { type: 'AAAA', name: 'example.org' } }, answers)],
    ['another class', replyTo(query, answers, 0, { questions: [{ ...query.question, class: 'CH' }] })],
    ['no question', replyTo(query, answers, 0, { questions: [] })],
    ['two questions', replyTo(query, answers, 0, { questions: [query.question, query.question] })],
    ['no question and NXDOMAIN', replyTo(query, [], 3, { questions: [] })],
    ['no question and NOERROR', replyTo(query, [], 0, { questions: [] })],
    ['no question and FORMERR, and more than a header', replyTo(query, answers, 1, { questions: [] })],
    ['a header that claims a question, and NXDOMAIN', changed(reply => reply.writeUInt16BE(0x8183, 2)).subarray(0, 12)],
    ['a header that claims a question, and more', changed(reply => reply.writeUInt16BE(0x8182, 2)).subarray(0, 20)],
    ['nothing', Buffer.alloc(0)],
    ['the query itself', Buffer.from(encodeQuery(query))],
    ['a question that points at itself', Buffer.concat([good.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])])],
  ]
  for (const [label, reply] of cases) t.same(decode(reply, query), { kind: 'not-ours' }, label)
  const shouting = replyTo({ ...query, question: { type: 'A', name: 'eXaMpLe.ORG' } }, answers)
  t.same(outcomeOf(shouting, query), found('192.0.2.1'), 'the name in any case is ours')
  t.end()
})

t.test('a truncated reply', t => {
  const reply = replyTo(ask('A'), [a('example.org', '192.0.2.1')], dnsPacket.TRUNCATED_RESPONSE)
  t.same(decode(reply, ask('A')), { kind: 'truncated' })
  t.end()
})

t.test('records nobody can read are malformed', t => {
  const quad = Buffer.from([192, 0, 2, 1])
  const nameOf = (...labels: number[]): Buffer =>
    Buffer.concat([
      ...labels.map(length => Buffer.concat([Buffer.of(length), Buffer.alloc(length, 'a')])),
      Buffer.of(0),
    ])
  const longest = [63, 63, 63, 61].map(length => 'a'.repeat(length)).join('.')
  const cases: [label: string, type: RecordType, count: number, answers: Buffer, want: Outcome][] = [
    ['an address, for comparison', 'A', 1, record(1, quad), found('192.0.2.1')],
    ['an address of 3 bytes', 'A', 1, record(1, quad.subarray(1)), malformed],
    ['an address of 5 bytes', 'A', 1, record(1, Buffer.alloc(5)), malformed],
    ['an address of 16 bytes', 'A', 1, record(1, Buffer.alloc(16)), malformed],
    ['an IPv6 address of 4 bytes', 'AAAA', 1, record(28, quad), malformed],
    ['data longer than the packet', 'A', 1, record(1, quad, { length: 5 }), malformed],
    ['a record too few', 'A', 2, record(1, quad), malformed],
    ['as many as can be claimed', 'A', 0xffff, record(1, quad), malformed],
    ['a name that ends early', 'PTR', 1, record(12, Buffer.from([1, 97, 0, 0])), malformed],
    ['a name that ends late', 'PTR', 1, record(12, Buffer.from([5, 97, 98, 0])), malformed],
    ['a name that points ahead', 'PTR', 1, record(12, Buffer.from([0xc0, 0xff])), malformed],
    ['a name that points at itself', 'PTR', 1, record(12, Buffer.from([0xc0, 41])), malformed],
    ['a label type that does not exist', 'PTR', 1, record(12, Buffer.from([0x80, 1, 0])), malformed],
    ['an exchange without a name', 'MX', 1, record(15, Buffer.from([0, 10])), malformed],
    ['an empty exchange record', 'MX', 1, record(15, Buffer.alloc(0)), malformed],
    ['a CNAME of garbage', 'A', 1, record(5, Buffer.from([63, 1])), malformed],
    ['the longest name', 'PTR', 1, record(12, nameOf(63, 63, 63, 61)), found(longest)],
    ['a name of a character more', 'PTR', 1, record(12, nameOf(63, 63, 63, 62)), malformed],
    [
      'a name of over 255 bytes',
      'PTR',
      1,
      record(12, Buffer.concat([...Array.from({ length: 5 }, () => Buffer.alloc(61, 60)), Buffer.alloc(1)])),
      malformed,
    ],
    ['a text without strings', 'TXT', 1, record(16, Buffer.alloc(0)), found('')],
    ['a text of an empty string', 'TXT', 1, record(16, Buffer.alloc(1)), found('')],
    ['a string longer than its record', 'TXT', 1, record(16, Buffer.from([2, 97])), malformed],
    ['a second string longer than its record', 'TXT', 1, record(16, Buffer.from([1, 97, 1])), malformed],
    [
      'as many bytes as a message has',
      'TXT',
      1,
      record(16, Buffer.concat(Array.from({ length: 250 }, () => Buffer.from(`\xff${'x'.repeat(255)}`, 'latin1')))),
      found('x'.repeat(250 * 255)),
    ],
    [
      'another type may hold anything',
      'A',
      2,
      Buffer.concat([record(16, Buffer.alloc(7, 255)), record(1, quad)]),
      found('192.0.2.1'),
    ],
    ['garbage behind the answers', 'A', 1, Buffer.concat([record(1, quad), Buffer.alloc(9, 255)]), found('192.0.2.1')],
  ]
  for (const [label, type, count, answers, want] of cases)
    t.same(outcomeOf(rawReplyTo(ask(type), count, answers), ask(type)), want, label)
  t.end()
})

t.test('a name may point at a name that points on', t => {
  const query = ask('PTR')
  // The first record's name stands at 41; the second one's data points there, and that back at the question.
  const answers = Buffer.concat([record(12, Buffer.from([1, 97, 0xc0, 12])), record(12, Buffer.from([0xc0, 41]))])
  t.same(outcomeOf(rawReplyTo(query, 2, answers), query), found('a.example.org', 'a.example.org'))
  t.end()
})

t.test('a reply cut anywhere, or with any byte changed, is read without an exception', t => {
  const query = ask('MX')
  const mx = (exchange: string): Answer => ({ type: 'MX', name: 'm.example', data: { preference: 1, exchange } })
  const reply = replyTo(query, [cname('example.org', 'm.example'), mx('a.example.org'), mx('b.example.org')])
  for (let length = 0; length < reply.length; length++) {
    const outcome = outcomeOf(reply.subarray(0, length), query)
    t.same(outcome, length < 29 ? 'not-ours' : malformed, `cut at ${length}`)
  }
  let read = 0
  for (let at = 0; at < reply.length; at++) {
    for (const byte of [0, 1, 0x3f, 0x40, 0x80, 0xc0, 0xff]) {
      const changed = Buffer.from(reply)
      changed[at] = byte
      if (decode(changed, query).kind === 'reply') read++
    }
  }
  t.ok(read > 0 && read < reply.length * 7)
  t.end()
})
