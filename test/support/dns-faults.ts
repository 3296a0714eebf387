/**
 * What name servers of the field do wrong, for `tamper` of dns-server.ts:
 *
 *   startDnsServer(zone, { tamper: DNS_FAULTS['edns-badvers'] })
 *
 * Sources: RFC 8906 (what servers do to EDNS); RFC 6891 6.1.3 (BADVERS); reports.
 */
import type { DnsServerOptions, ReceivedQuery } from '../../testkit/dns-server.ts'

type Tamper = NonNullable<DnsServerOptions['tamper']>

const HEADER_BYTES = 12

/** Every fault by its name. */
export const DNS_FAULTS = {
  /** FORMERR to a query with EDNS, in a header without the question. */
  'edns-formerr-12-bytes': (reply, query) => (query.edns ? [bareFailure(reply, query, 1)] : undefined),
  /** A firewall drops queries with EDNS. */
  'edns-dropped': (_reply, query) => (query.edns ? [] : undefined),
  /** BADVERS to a query with EDNS: NOERROR in the header, the rest of the return code in an OPT record. */
  'edns-badvers': (reply, query) => (query.edns ? [badVersion(reply, query)] : undefined),
  /** SERVFAIL for some lists, in a header without the question. */
  'lists-servfail-12-bytes': (reply, query) =>
    /spamhaus|spamcop|manitu|surbl/.test(query.name) ? [bareFailure(reply, query, 2)] : undefined,
  /** A list of IPv4 addresses whose servers fail when they are asked about IPv6. */
  'v6-list-names-servfail': (reply, query) =>
    /([0-9a-f]\.){31}[0-9a-f]\.bl\./.test(query.name) ? [failure(reply, query, 2)] : undefined,
  /** No server says anything. */
  'all-silent': () => [],
} as const satisfies Readonly<Record<string, Tamper>>

export type DnsFault = keyof typeof DNS_FAULTS

/** A message as it is sent: over TCP with its length in front. */
function framed(message: Buffer, { tcp }: ReceivedQuery): Buffer {
  return tcp ? Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]) : message
}

/** The header and the question of a reply, with another return code and without any record. */
function failureMessage(reply: Buffer, { tcp }: ReceivedQuery, code: number): Buffer {
  const message = tcp ? reply.subarray(2) : reply
  let end = HEADER_BYTES
  while (message[end] !== 0) end += (message[end] as number) + 1
  const failed = Buffer.from(message.subarray(0, end + 5))
  failed[3] = ((failed[3] as number) & 0xf0) | code
  failed.fill(0, 6, HEADER_BYTES)
  return failed
}

function failure(reply: Buffer, query: ReceivedQuery, code: number): Buffer {
  return framed(failureMessage(reply, query, code), query)
}

function bareFailure(reply: Buffer, query: ReceivedQuery, code: number): Buffer {
  const header = failureMessage(reply, query, code).subarray(0, HEADER_BYTES)
  header.writeUInt16BE(0, 4)
  return framed(header, query)
}

function badVersion(reply: Buffer, query: ReceivedQuery): Buffer {
  const message = failureMessage(reply, query, 0)
  message.writeUInt16BE(1, 10)
  // Root, OPT, 1232 bytes, upper part of the return code 1, version 0, no flags, no data.
  return framed(Buffer.concat([message, Buffer.from([0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0])]), query)
}
