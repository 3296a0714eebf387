/**
 * DNS messages: a question becomes a packet, a packet becomes an outcome.
 *
 * Question → bytes → (transport) → bytes → outcome. The only module that knows the wire format.
 *
 * Rejected: dns-packet, which the tests hold this module against. The first messages of a process cost a tenth of
 * Node's own start more with it (5.7 million instructions, of 79), and its loop takes any length for an address and fails as a
 * whole over a broken record nobody asked about. A request needs five types of records and three fields of the header;
 * that much is written here.
 *
 * Invariants: a reply counts only if id, QR bit, opcode and the one question (name in any case, type, class) are
 * those that were sent, or if it says what is wrong and holds neither a question nor an answer; only records at the end of its CNAME
 * chain count; a chain is followed 8 times. All records of a reply are read, however many: each is looked at once, and its
 * names cost no more than a name may (wire-names.ts), so that no message is worth more work than its size. Names come
 * out as latin-1 strings of their bytes, with only A–Z lowered: Unicode's rules would make other letters equal to ASCII
 * ones.
 * Failure: nothing a packet holds makes this throw. Not ours: the caller goes on waiting. Ours, but unreadable: the
 * outcome `malformed`.
 *
 * Sources: RFC 1035 3.1, 4.1; RFC 5452 9.1; RFC 6891 6, 7 (BADVERS, FORMERR); RFC 8906 (what servers do to EDNS);
 * docs/behaviour/dns-and-lists.md#which-replies-count, docs/behaviour/deviations.md#d15.
 */
import { latin1Text, word16, writeLatin1 } from '../system/bytes.ts'
import { type Name, POINTER, readName, skipName } from './wire-names.ts'
import { readText } from './wire-text.ts'
import type { FailureReason, Outcome, Question, RecordType } from './outcome.ts'

/** A query as it went out; what a reply is held against. `edns`: it carried an OPT record. */
export interface SentQuery {
  readonly id: number
  readonly question: Question
  readonly edns: boolean
  /** Itself, if it is at hand: most replies repeat it byte for byte. */
  readonly packet?: Uint8Array | undefined
}

/**
 * What a packet is to a query.
 *
 * - `reply`: its answer.
 * - `not-ours`: a reply to something else, or no reply at all: drop it and wait on.
 * - `truncated`: the answer did not fit into a datagram; ask again over TCP.
 * - `try-without-edns`: the server does not understand the OPT record, or not this one (FORMERR, NOTIMP, or a return code
 *   that only an OPT record can say, such as BADVERS, to a query with one).
 */
export type DecodedReply =
  | { readonly kind: 'reply'; readonly outcome: Outcome }
  | { readonly kind: 'not-ours' }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'try-without-edns' }

/** What fits into one packet on any path without fragments, in bytes: 1280 of IPv6 less its headers (RFC 6891 6.2.5). */
const UDP_PAYLOAD_BYTES = 1232
const MAX_CHAIN = 8

const HEADER_BYTES = 12
/** What stands behind the name of a record: type, class, time to live, length of its data. */
const RECORD_BYTES = 10
const CLASS_IN = 1
const TYPE_CNAME = 5
/** QR, the four bits of the opcode, TC: the flags that are looked at. */
const FLAG_RESPONSE = 0x8000
const FLAGS_OPCODE = 0x7800
const FLAG_TRUNCATED = 0x0200
const FLAG_RECURSION_DESIRED = 0x0100

const NOT_OURS: DecodedReply = { kind: 'not-ours' }
const TRY_WITHOUT_EDNS: DecodedReply = { kind: 'try-without-edns' }

/** The OPT record of EDNS0: root name, type 41, payload size in the place of the class; all else is 0. */
const OPT_BYTES = 11
const TYPE_OPT = 41

/**
 * The packet of a query, recursion desired: `{ id: 7, question: { type: 'A', name: 'example.org' }, edns: true }` → 40
 * bytes. The name is one that `nameToAsk` returned.
 */
export function encodeQuery({ id, question, edns }: SentQuery): Uint8Array {
  const { name } = question
  const nameEnd = HEADER_BYTES + wireLength(name)
  const message = new Uint8Array(nameEnd + 4 + (edns ? OPT_BYTES : 0))
  // Recursion desired, one question; what is not set stays 0.
  message[0] = id >> 8
  message[1] = id & 0xff
  message[2] = FLAG_RECURSION_DESIRED >> 8
  message[5] = 1
  // The name in one go; then each dot, and the place in front of the first label, becomes a length.
  writeLatin1(message, name, HEADER_BYTES + 1)
  for (let start = 0; start <= name.length; ) {
    const dot = name.indexOf('.', start)
    const end = dot < 0 ? name.length : dot
    message[HEADER_BYTES + start] = end - start
    start = end + 1
  }
  message[nameEnd + 1] = typeNumber(question.type)
  message[nameEnd + 3] = CLASS_IN
  if (edns) {
    message[11] = 1
    message[nameEnd + 6] = TYPE_OPT
    message[nameEnd + 7] = UDP_PAYLOAD_BYTES >> 8
    message[nameEnd + 8] = UDP_PAYLOAD_BYTES & 0xff
  }
  return message
}

/** Bytes of a name in a question: a length in front of each label, and the end; the root is its end alone. */
function wireLength(name: string): number {
  return name === '' ? 1 : name.length + 2
}

/** The id of a message, by which the query is found that it may answer; undefined if it is too short to have one. */
export function messageId(message: Uint8Array): number | undefined {
  return message.length < HEADER_BYTES ? undefined : word16(message, 0)
}

/** Whether a message says that it is a reply, to whatever. */
export function isReply(message: Uint8Array): boolean {
  return message.length >= HEADER_BYTES && (word16(message, 2) & FLAG_RESPONSE) !== 0
}

/** Whether a message has records behind its answers and authorities, as one with an OPT record has. */
export function hasAdditional(message: Uint8Array): boolean {
  return word16(message, 10) > 0
}

/** Reads a packet as the reply to a query; any bytes are allowed, none throw. */
export function decodeReply(reply: Uint8Array, query: SentQuery): DecodedReply {
  if (messageId(reply) !== query.id) return NOT_OURS
  const flags = word16(reply, 2)
  if ((flags & (FLAG_RESPONSE | FLAGS_OPCODE)) !== FLAG_RESPONSE) return NOT_OURS
  const code = flags & 0x0f
  const answersAt = skipQuestion(reply, query)
  if (answersAt === undefined) return decodeBare(reply, code, query)
  if (flags & FLAG_TRUNCATED) return { kind: 'truncated' }
  if (hasExtendedCode(reply, answersAt)) return decodeExtended(query)
  if (code === 0) return { kind: 'reply', outcome: readAnswers(reply, answersAt, query.question) }
  if (code === 3) return { kind: 'reply', outcome: { kind: 'nxdomain' } }
  return decodeFailure(reasonOf(code), query)
}

function decodeFailure(reason: FailureReason, { edns }: SentQuery): DecodedReply {
  if (edns && (reason === 'formerr' || reason === 'notimp')) return TRY_WITHOUT_EDNS
  return { kind: 'reply', outcome: { kind: 'failed', reason } }
}

function decodeExtended({ edns }: SentQuery): DecodedReply {
  return edns ? TRY_WITHOUT_EDNS : { kind: 'reply', outcome: { kind: 'failed', reason: 'other-rcode' } }
}

/**
 * A message that does not repeat the question, and says FORMERR, SERVFAIL, NOTIMP, REFUSED or what only an OPT record can
 * say: so do servers answer that did not read on. It is a header alone, perhaps with the counts of the query, or says
 * that it has no question and no answers. What else has no question is no answer to one.
 */
function decodeBare(reply: Uint8Array, code: number, query: SentQuery): DecodedReply {
  const isBare = reply.length === HEADER_BYTES || (word16(reply, 4) === 0 && word16(reply, 6) === 0)
  if (!isBare) return NOT_OURS
  if (hasExtendedCode(reply, HEADER_BYTES)) return decodeExtended(query)
  return code === 1 || code === 2 || code === 4 || code === 5 ? decodeFailure(reasonOf(code), query) : NOT_OURS
}

/**
 * Whether the OPT record of the additional section says that the header's return code is the lower part of a longer one:
 * BADVERS is NOERROR there, and is no answer (RFC 6891 6.1.3). Behind what cannot be read there is none.
 */
function hasExtendedCode(reply: Uint8Array, answersAt: number): boolean {
  const additional = word16(reply, 10)
  if (additional === 0) return false
  let at = answersAt
  for (let left = word16(reply, 6) + word16(reply, 8) + additional; left > 0; left--) {
    const end = skipName(reply, at)
    if (end === undefined || end + RECORD_BYTES > reply.length) return false
    // The higher part is the first byte of what would be the time to live.
    if (left <= additional && word16(reply, end) === TYPE_OPT) return reply[end + 4] !== 0
    at = end + RECORD_BYTES + word16(reply, end + 8)
  }
  return false
}

/** Where the answers begin, if the packet repeats the question; undefined if it holds another, or none. */
function skipQuestion(reply: Uint8Array, { question, packet }: SentQuery): number | undefined {
  if (word16(reply, 4) !== 1) return undefined
  const questionEnd = HEADER_BYTES + wireLength(question.name) + 4
  if (packet && reply.length >= questionEnd && questionText(reply, questionEnd) === questionText(packet, questionEnd))
    return questionEnd
  const name = readName(reply, HEADER_BYTES)
  if (name === undefined || name.text !== question.name || name.end + 4 > reply.length) return undefined
  const asked = word16(reply, name.end) === typeNumber(question.type)
  return asked && word16(reply, name.end + 2) === CLASS_IN ? name.end + 4 : undefined
}

function questionText(message: Uint8Array, end: number): string {
  return latin1Text(message, HEADER_BYTES, end)
}

/** The values at the end of the CNAME chain that begins at the question's name. */
function readAnswers(reply: Uint8Array, answersAt: number, question: Question): Outcome {
  const malformed: Outcome = { kind: 'failed', reason: 'malformed' }
  const type = typeNumber(question.type)
  const aliases = new Map<string, string>()
  const found: { readonly owner: string; readonly value: string }[] = []

  let at = answersAt
  for (let left = word16(reply, 6); left > 0; left--) {
    const owner = readOwner(reply, at, question)
    if (owner === undefined || owner.end + RECORD_BYTES > reply.length) return malformed
    const recordType = word16(reply, owner.end)
    const recordClass = word16(reply, owner.end + 2)
    const start = owner.end + RECORD_BYTES
    const end = start + word16(reply, owner.end + 8)
    if (end > reply.length) return malformed
    at = end
    if (recordClass !== CLASS_IN || (recordType !== type && recordType !== TYPE_CNAME)) continue
    const value = readValue(reply, recordType, start, end)
    if (value === undefined) return malformed
    if (recordType === type) found.push({ owner: owner.text, value })
    else if (!aliases.has(owner.text)) aliases.set(owner.text, value)
  }

  let name = question.name
  for (let hops = 0; aliases.has(name); hops++) {
    if (hops === MAX_CHAIN) return malformed
    name = aliases.get(name) ?? ''
  }
  const values = found.filter(record => record.owner === name).map(record => record.value)
  return values.length > 0 ? { kind: 'found', values } : { kind: 'nodata' }
}

/** The name of a record: nearly always a pointer to the question, which is known. */
function readOwner(reply: Uint8Array, at: number, question: Question): Name | undefined {
  return word16(reply, at) === (POINTER << 8) + HEADER_BYTES
    ? { text: question.name, end: at + 2 }
    : readName(reply, at)
}

/** The data of a record that lies from `start` to `end`, or undefined if it is not exactly what its type says. */
function readValue(reply: Uint8Array, type: number, start: number, end: number): string | undefined {
  switch (type) {
    case 1:
      return end - start === 4
        ? `${reply[start]}.${reply[start + 1]}.${reply[start + 2]}.${reply[start + 3]}`
        : undefined
    case 28:
      return end - start === 16 ? groups(reply, start) : undefined
    case 16:
      return readText(reply, start, end)
    default: {
      // MX: behind a preference of two bytes. The order is the one received, the preference does not matter.
      const name = readName(reply, type === 15 ? start + 2 : start)
      return name?.end === end ? name.text : undefined
    }
  }
}

/** The eight groups of an IPv6 address, in full. */
function groups(reply: Uint8Array, start: number): string {
  return Array.from({ length: 8 }, (_, i) =>
    word16(reply, start + 2 * i)
      .toString(16)
      .padStart(4, '0'),
  ).join(':')
}

function typeNumber(type: RecordType): number {
  switch (type) {
    case 'A':
      return 1
    case 'PTR':
      return 12
    case 'MX':
      return 15
    case 'TXT':
      return 16
    case 'AAAA':
      return 28
    case 'NS':
      return 2
  }
}

function reasonOf(code: number): FailureReason {
  switch (code) {
    case 1:
      return 'formerr'
    case 2:
      return 'servfail'
    case 4:
      return 'notimp'
    case 5:
      return 'refused'
    default:
      return 'other-rcode'
  }
}
