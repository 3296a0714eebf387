/**
 * A reply as dns-packet reads it, for dns.ts to hold ours against.
 *
 *   bytes → dns-packet → values at the end of the chain of CNAMEs → the same as ours, or a Violation
 *
 * What cannot be compared is left out: names that are no printable ASCII, for dns-packet reads them as UTF-8; names with a
 * dot in a label, which neither tells from two labels; a return code that an OPT record makes longer. And dns-packet
 * does not look at the length of a record's data: it reads four bytes for an address, however many there are. Where that
 * makes a difference ours may come to something else, and only what dns-packet writes anew has to be read alike.
 */
import dnsPacket, { type Answer, type DecodedPacket, type TxtData } from 'dns-packet'
import { decodeReply, type SentQuery } from '../../../src/dns/wire.ts'
import type { Outcome } from '../../../src/dns/outcome.ts'
import { expect } from '../target.ts'
import { endOfName, HEADER_BYTES } from './wire.ts'

const MAX_CHAIN = 8
const NXDOMAIN = 3
/** It may read more records than there are bytes for. */
const LEAST_RECORD_BYTES = 11
const MALFORMED: Outcome = { kind: 'failed', reason: 'malformed' }

/** Throws a Violation unless dns-packet sees in a reply what we saw. */
export function expectAsOthersRead(reply: Uint8Array, query: SentQuery, outcome: Outcome): void {
  const packet = decode(reply)
  if (!packet || !isComparable(packet, reply.length)) return
  const want = outcomeOf(packet, query)
  if (outcome.kind !== 'failed' && lengthsFit(reply, packet)) expectSame(outcome, want, 'dns-packet reads the same')
  const again = encode(packet)
  if (!again) return
  const decoded = decodeReply(again, query)
  const readAgain = decoded.kind === 'reply' ? decoded.outcome : decoded
  expectSame(readAgain, want, 'what dns-packet writes is read')
}

function expectSame(got: object, want: Outcome, property: string): void {
  const [a, b] = [JSON.stringify(got), JSON.stringify(want)]
  expect(a === b, property, () => `${a}, not ${b}`)
}

function decode(reply: Uint8Array): DecodedPacket | undefined {
  try {
    return dnsPacket.decode(Buffer.from(reply))
  } catch {
    return undefined
  }
}

/** The answers and nothing behind them: that is all we read. */
function encode({ id, flags, questions, answers }: DecodedPacket): Buffer | undefined {
  try {
    return dnsPacket.encode({ id, type: 'response', flags, questions, answers })
  } catch {
    return undefined
  }
}

function isComparable({ flags, answers = [] }: DecodedPacket, bytes: number): boolean {
  const names = answers.flatMap(answer => [answer.name, ...namesIn(answer)])
  const code = (flags ?? 0) & 0xf
  return (
    (code === 0 || code === NXDOMAIN) &&
    answers.length * LEAST_RECORD_BYTES <= bytes &&
    names.every(isPlainName) &&
    answers.every(isWhole)
  )
}

/** Of an address that is cut off it reads what is not there; of a class it leaves out the bit that mDNS has there. */
function isWhole(answer: Answer): boolean {
  if ('flush' in answer && answer.flush) return false
  return answer.type !== 'A' || /^[\d.]+$/.test(answer.data)
}

/** Whether the data of each answer is as long as its length says and dns-packet reads. */
function lengthsFit(reply: Uint8Array, { answers = [] }: DecodedPacket): boolean {
  const view = Buffer.from(reply.buffer, reply.byteOffset, reply.length)
  let at = endOfName(view, HEADER_BYTES) + 4
  for (const answer of answers) {
    const lengthAt = endOfName(view, at) + 8
    const start = lengthAt + 2
    // It reads what it takes for data beyond the end.
    if (start > view.length) return false
    const end = lengthAt + 2 + view.readUInt16BE(lengthAt)
    if (endOfData(view, answer, start) !== end) return false
    at = end
  }
  return true
}

function endOfData(view: Buffer, answer: Answer, start: number): number | undefined {
  switch (answer.type) {
    case 'A':
      return start + 4
    case 'AAAA':
      return start + 16
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return endOfName(view, start)
    case 'MX':
      return endOfName(view, start + 2)
    case 'TXT':
      return stringsOf(answer.data).reduce((at, { length }) => at + 1 + length, start)
    default:
      return undefined
  }
}

/** Of a record that was read: its strings, each as bytes. */
function stringsOf(data: TxtData): readonly Buffer[] {
  return [data].flat().map(string => Buffer.from(string))
}

function namesIn(answer: Answer): string[] {
  if (answer.type === 'MX') return [answer.data.exchange]
  return answer.type === 'CNAME' || answer.type === 'NS' || answer.type === 'PTR' ? [answer.data] : []
}

function isPlainName(name: string): boolean {
  return name === '.' || (/^[\x21-\x7e]+$/.test(name) && !/^\.|\.\.|\.$/.test(name))
}

function outcomeOf({ flags, answers = [] }: DecodedPacket, { question }: SentQuery): Outcome {
  if (((flags ?? 0) & 0xf) === NXDOMAIN) return { kind: 'nxdomain' }
  const inClass = answers.filter(answer => 'class' in answer && answer.class === 'IN')
  const aliases = new Map<string, string>()
  for (const answer of inClass)
    if (answer.type === 'CNAME' && !aliases.has(nameOf(answer.name)))
      aliases.set(nameOf(answer.name), nameOf(answer.data))
  let name = question.name
  for (let hops = 0; aliases.has(name); hops++) {
    if (hops === MAX_CHAIN) return MALFORMED
    name = aliases.get(name) as string
  }
  const values = inClass.filter(answer => answer.type === question.type && nameOf(answer.name) === name).map(textOf)
  return values.length > 0 ? { kind: 'found', values } : { kind: 'nodata' }
}

function nameOf(name: string): string {
  return name === '.' ? '' : name.toLowerCase()
}

function textOf(answer: Answer): string {
  switch (answer.type) {
    case 'A':
      return answer.data
    case 'AAAA':
      return inFull(answer.data)
    case 'MX':
      return nameOf(answer.data.exchange)
    case 'NS':
    case 'PTR':
      return nameOf(answer.data)
    case 'TXT':
      return Buffer.concat(stringsOf(answer.data)).toString('latin1')
    default:
      return ''
  }
}

/** `'2001:db8::1'` → eight groups of four digits; dns-packet shortens them. */
function inFull(address: string): string {
  const [left = '', right] = address.split('::')
  const head = left.split(':').filter(group => group !== '')
  const tail = (right ?? '').split(':').filter(group => group !== '')
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array<string>(zeros).fill('0'), ...tail].map(group => group.padStart(4, '0')).join(':')
}
