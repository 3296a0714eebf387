/**
 * Target "dns": a packet that a name server, or somebody in its place, sends.
 *
 *   bytes → decodeReply, against the query they could be the answer to → outcome
 *
 * The id in a packet says which of the queries below it is held against; anything shorter is held against the first.
 *
 * Properties: throws nothing; reads the same with the query's packet at hand and without; what has another id, is no
 * response, has another opcode, no question (but for a bare failure) or another one is not ours; values are what their type
 * says, and there are no more of them than records fit;
 * dns-packet reads the same values wherever it can read the packet; and what dns-packet writes anew of what it has read is
 * read to the end.
 */
import { type DecodedReply, decodeReply, encodeQuery, messageId, type SentQuery } from '../../../src/dns/wire.ts'
import type { RecordType } from '../../../src/dns/outcome.ts'
import { replaced } from '../mutate.ts'
import { expect, type Mutator, type Target } from '../target.ts'
import { expectAsOthersRead } from './dns-packet-reader.ts'
import { answersOf, HEADER_BYTES } from './wire.ts'

/** The last one is the root, of which only the control question asks. */
const NAMES = [
  'example.org',
  '10.2.0.192.zen.spamhaus.org',
  'a',
  `${'x'.repeat(63)}.${'a.'.repeat(94)}a`,
  'b c.example',
  '',
]
const TYPES: readonly RecordType[] = ['A', 'AAAA', 'MX', 'PTR', 'NS', 'TXT']
/** Those that an id below TXT_IDS asks for; the stored inputs were made for them. */
const FIRST_TYPES = 5
const TXT_IDS = 0xe000
const CLASS_IN = 1
/** Of the types of questions that ask for addresses: number of the type → bytes. */
const ADDRESS_BYTES: Readonly<Partial<Record<RecordType, Readonly<Record<number, number>>>>> = {
  A: { 1: 4 },
  AAAA: { 28: 16 },
}
const KINDS: ReadonlySet<string> = new Set(['reply', 'not-ours', 'truncated', 'try-without-edns'])
/** FORMERR, SERVFAIL, NOTIMP, REFUSED: what a header alone may say. */
const BARE_FAILURES: readonly number[] = [1, 2, 4, 5]
/** A record has so many bytes at least: an owner of one, and eleven for the rest of an empty one. */
const LEAST_RECORD_BYTES = 11

export const DNS: Target = {
  name: 'dns',
  about: /^src\/dns\/wire(?:-names|-text)?\.ts$/,
  maxBytes: 4096,
  maxSteps: bytes => 20_000 + 400 * bytes,
  words: ['\x07example\x03org\x00', '\x01a\x00', '\xc0\x0c', '\x00\x01\x00\x01', '\x00\x05\x00\x01'],
  mutators: [addRecord(), addRecord(), setCount(), pointBack(), makeReply(), setQuery()],
  open: () => tryReply,
}

/** The query a packet with this id is held against. */
function queryFor(id: number): SentQuery {
  const type = id < TXT_IDS ? (TYPES[id % FIRST_TYPES] as RecordType) : 'TXT'
  const name = NAMES[Math.floor(id / FIRST_TYPES) % NAMES.length] as string
  return { id, question: { type, name }, edns: id % 7 !== 0 }
}

function tryReply(input: Uint8Array): void {
  const query = queryFor(messageId(input) ?? 0)
  const decoded = decodeReply(input, query)
  expectSame(
    decodeReply(input, { ...query, packet: encodeQuery(query) }),
    decoded,
    'the packet at hand makes no difference',
  )
  expectDecoded(decoded, query, input)
  const isOurs = decoded.kind !== 'not-ours'
  expect(!isOurs || isPossiblyOurs(input), 'what is no response to one question is not ours', () => decoded.kind)
  if (isOurs) expectOthersNotOurs(input, query)
  if (decoded.kind === 'reply') expectAsOthersRead(input, query, decoded.outcome)
}

function expectSame(one: DecodedReply, other: DecodedReply, property: string): void {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)]
  expect(a === b, property, () => `${a}\n${b}`)
}

/**
 * By the header's bytes alone: a response, of the opcode "query", with one question, or nothing but a failure, of which the
 * upper part of the code may stand in an additional record.
 */
function isPossiblyOurs(input: Uint8Array): boolean {
  const [, , flags = 0, codes = 0, high = 0, low = 0] = input
  const isResponse = input.length >= HEADER_BYTES && flags >> 7 === 1 && ((flags >> 3) & 0xf) === 0
  const mayFail = BARE_FAILURES.includes(codes & 0xf) || (input.length > HEADER_BYTES && (input[10] || input[11]))
  return isResponse && ((high === 0 && low === 1) || (isBare(input) && Boolean(mayFail)))
}

/** A header alone, or one that says that there are neither questions nor answers. */
function isBare(input: Uint8Array): boolean {
  return input.length === HEADER_BYTES || input.subarray(4, 8).every(byte => byte === 0)
}

/** A packet that answers one query answers none with another id, type or name. */
function expectOthersNotOurs(input: Uint8Array, query: SentQuery): void {
  const { id, question } = query
  const otherIds: SentQuery[] = [
    { ...query, id: (id + 1) & 0xffff },
    { ...query, id: id ^ 0x8000 },
  ]
  const otherQuestions: SentQuery[] = [
    ...TYPES.filter(type => type !== question.type).map(type => ({ ...query, question: { ...question, type } })),
    ...NAMES.filter(name => name !== question.name).map(name => ({ ...query, question: { ...question, name } })),
    { ...query, question: { ...question, name: `a.${question.name}` } },
  ]
  for (const other of [...otherIds, ...(isBare(input) ? [] : otherQuestions)]) {
    const { kind } = decodeReply(input, other)
    expect(kind === 'not-ours', 'a reply counts for one query', () => `${kind} for ${JSON.stringify(other)}`)
  }
}

function expectDecoded(decoded: DecodedReply, { question, edns }: SentQuery, input: Uint8Array): void {
  expect(KINDS.has(decoded.kind), 'a reply is of a known kind', () => JSON.stringify(decoded))
  expect(decoded.kind !== 'try-without-edns' || edns, 'EDNS0 is left out once', () => 'the query had none')
  if (decoded.kind !== 'reply' || decoded.outcome.kind !== 'found') return
  for (const { type, recordClass, length } of answersOf(input))
    if (recordClass === CLASS_IN)
      expect(
        (ADDRESS_BYTES[question.type]?.[type] ?? length) === length,
        'an address has its length',
        () => `${length}`,
      )
  const { values } = decoded.outcome
  const isBounded = values.length > 0 && values.length * LEAST_RECORD_BYTES <= input.length
  expect(isBounded, 'there are no more values than records fit', () => `${values.length} values`)
  for (const value of values)
    expect(isValue(question.type, value), 'a value is what its type says', () => JSON.stringify(value))
}

function isValue(type: RecordType, value: string): boolean {
  switch (type) {
    case 'A':
      return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(value) && value.split('.').every(octet => Number(octet) <= 255)
    case 'AAAA':
      return /^[0-9a-f]{4}(?::[0-9a-f]{4}){7}$/.test(value)
    case 'TXT':
      return /^[\x00-\xff]*$/.test(value)
    default:
      return value.length <= 253 && /^[^A-Z]*$/.test(value) && /^[\x00-\xff]*$/.test(value)
  }
}

/** A record behind all others, counted: its owner a pointer to the question, its data as its type has it, or not quite. */
function addRecord(): Mutator {
  return (input, random) => {
    if (input.length < HEADER_BYTES) return input
    const types = [1, 5, 12, 15, 28, 2, 41, 16]
    const type = types[random(types.length)] as number
    const name = [
      1 + random(3),
      ...Array.from({ length: 3 }, () => 0x61 + random(3)),
      ...(random(2) ? [0] : [0xc0, 12]),
    ]
    const address = Array.from({ length: type === 28 ? 16 : 4 }, () => random(256))
    const text = [random(8) === 0 ? 4 : 3, random(256), 0x61, 0x62]
    const data =
      type === 1 || type === 28 ? address : type === 15 ? [0, random(256), ...name] : type === 16 ? text : name
    const length = random(8) === 0 ? random(300) : data.length
    const owner = random(4) === 0 ? [0xc0 | random(2), random(256)] : [0xc0, 12]
    const record = [...owner, 0, type, 0, 1, 0, 0, 1, 44, length >> 8, length & 0xff, ...data]
    const output = Buffer.concat([input, Uint8Array.from(record)])
    output.writeUInt16BE((output.readUInt16BE(6) + 1) & 0xffff, 6)
    return output
  }
}

/** One of the four counts of the header. */
function setCount(): Mutator {
  return (input, random) => {
    if (input.length < HEADER_BYTES) return input
    const output = Buffer.from(input)
    const counts = [0, 1, 2, 63, 64, 65, 0xffff]
    output.writeUInt16BE(counts[random(counts.length)] as number, 4 + 2 * random(4))
    return output
  }
}

/** Two bytes become a pointer, mostly to before them. */
function pointBack(): Mutator {
  return (input, random) => {
    if (input.length < 2) return input
    const at = random(input.length - 1)
    const to = random(8) === 0 ? random(0x4000) : random(at + 2)
    return replaced(input, at, at + 2, Uint8Array.of(0xc0 | (to >> 8), to & 0xff))
  }
}

/** The honest, empty reply to the query that the id names. */
function makeReply(): Mutator {
  return (input, random) => {
    const query = queryFor(random(0x10000))
    const reply = encodeQuery({ ...query, edns: false })
    reply[2] = 0x81
    reply[3] = random(4) === 0 ? random(16) : 0
    if (input.length > reply.length) reply.set(input.subarray(6, 8), 6)
    return Buffer.concat([reply, input.subarray(reply.length)])
  }
}

/** Another id, and the question that belongs to it. */
function setQuery(): Mutator {
  return (input, random) => {
    if (input.length < HEADER_BYTES) return input
    const query = encodeQuery({ ...queryFor(random(0x10000)), edns: false })
    let end = HEADER_BYTES
    while (end < input.length && (input[end] as number) > 0 && (input[end] as number) < 0x40)
      end += 1 + (input[end] as number)
    const output = replaced(input, HEADER_BYTES, Math.min(input.length, end + 5), query.subarray(HEADER_BYTES))
    output.set(query.subarray(0, 2))
    return output
  }
}
