/**
 * Answers of a DNS in which everything exists that a request can meet, chosen by the question alone.
 *
 *   question → outcomeFor → scoring (requests.ts)
 *
 * The same question always has the same answer, so a mutation of a name is a mutation of what DNS says about it. Names in
 * answers are such as wire.ts hands out: any bytes, in lower case.
 *
 * Failure: a question that could not be sent is a Violation.
 */
import dnsPacket from 'dns-packet'
import { encodeQuery } from '../../../src/dns/wire.ts'
import { nameToAsk } from '../../../src/dns/names.ts'
import type { Outcome, Question } from '../../../src/dns/outcome.ts'
import type { ScorableRequest } from '../../../src/score/scoring.ts'
import { expect, hashOf } from '../target.ts'

const ID = 0x1234
/** What fits into a datagram of the oldest rules, less what EDNS0 adds (RFC 1035 2.3.4). */
const MAX_QUERY_BYTES = 512
const FAILURES = ['timeout', 'servfail', 'refused', 'malformed', 'unreachable', 'other-rcode'] as const
const ODD_NAMES = [
  '',
  'a',
  'rc:ok',
  'a b.example',
  '\x00\n\xff.example',
  '127.0.0.1',
  `${'x'.repeat(63)}.${'y'.repeat(63)}.${'z'.repeat(63)}.example`,
  'action=ok',
  'mail.dyn.dsl.example.org',
]
const ADDRESSES = [
  '127.0.0.2',
  '127.0.0.10',
  '127.255.255.254',
  '127.0.1.255',
  '203.0.113.5',
  '0.0.0.0',
  '10.1.2.3',
  '192.168.1.1',
]

/** What DNS says to a question that scoring asked. */
export function outcomeFor(question: Question, request: ScorableRequest): Outcome {
  const asked = nameToAsk(question.name)
  if (asked === undefined) return { kind: 'nxdomain' }
  expectSendable(question, asked)
  const hash = hashOf(`${question.type} ${question.name}`)
  switch (hash % 8) {
    case 0:
      return { kind: 'nxdomain' }
    case 1:
      return { kind: 'nodata' }
    case 2:
      return { kind: 'failed', reason: FAILURES[(hash >>> 8) % FAILURES.length] ?? 'timeout' }
    default:
      return { kind: 'found', values: valuesFor(question, request, hash >>> 4) }
  }
}

function valuesFor({ type }: Question, request: ScorableRequest, hash: number): string[] {
  // One to three, now and then more than are followed.
  const count = hash % 64 === 0 ? 30 : 1 + (hash % 3)
  const { client, helo, domain, name } = request
  const names = [`mx.${domain}`, `mail.${domain}`, domain, helo, name, ...ODD_NAMES].filter(each => each.length <= 253)
  const neighbours = client.includes(':') ? [] : [client.replace(/\d+$/, '1'), client.replace(/\d+\.\d+$/, '7.9')]
  const addresses = [...ADDRESSES, ...neighbours, ...(client.includes(':') ? [] : [client])]
  const long = ['2001:0db8:0000:0000:0000:0000:0000:0001', '0000:0000:0000:0000:0000:ffff:7f00:0002', client]
  const among = type === 'A' ? addresses : type === 'AAAA' ? long.filter(each => each.includes(':')) : names
  return Array.from({ length: count }, (_, at) => among[(hash + 7 * at) % among.length] as string)
}

const sendable = new Set<string>()
const MAX_REMEMBERED = 20_000

/** Throws a Violation unless the question becomes a packet that others read as this question. */
function expectSendable({ type }: Question, name: string): void {
  const key = `${type} ${name}`
  if (sendable.has(key)) return
  expect(/^[\x20-\x7e]{1,253}$/.test(name), 'a name that is asked for is printable ASCII and fits', () =>
    JSON.stringify(name),
  )
  const packet = Buffer.from(encodeQuery({ id: ID, question: { type, name }, edns: true }))
  expect(packet.length <= MAX_QUERY_BYTES, 'a query fits into a datagram', () => `${packet.length} bytes for ${name}`)
  const read = dnsPacket.decode(packet)
  const [question] = read.questions ?? []
  expect(
    read.id === ID && read.type === 'query' && question?.name === name && question.type === type,
    'a query says to others what was asked',
    () => `${key} became ${JSON.stringify(question)}`,
  )
  // A memory of what was found to be right changes no result.
  if (sendable.size < MAX_REMEMBERED) sendable.add(key)
}
