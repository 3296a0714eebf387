/**
 * A DNS server for tests: answers from a plain object, on UDP and TCP of one loopback port, and lies on request.
 *
 *   const dns = await startDnsServer({ 'example.org': { MX: [[10, 'mail.example.org']], A: ['192.0.2.1'] } })
 *   … ask 127.0.0.1, dns.port; dns.queries; dns.zone = other; await dns.close()
 *
 * Without any socket, `answerFromZone` says what the resolver makes of such a zone, `replyFromZone` what a query is sent: for
 * tests of scoring, and for measuring verdicts.
 *
 * A zone maps a lower-case name without trailing dot to its records and faults. A name that is absent does not exist,
 * unless a name below it does (RFC 8020); an absent type is NODATA. CNAMEs are followed inside the zone, at most 8.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import dnsPacket, { type Answer } from 'dns-packet'
import { askedName } from '../src/dns/names.ts'
import type { FailureReason, Outcome, Question } from '../src/dns/outcome.ts'
import { expandIPv6 } from '../src/text/address.ts'

/** How a name misbehaves. `tc`: truncated on UDP. `delay` in milliseconds. */
export interface Faults {
  readonly rcode?: keyof typeof RCODES
  readonly drop?: boolean
  readonly delay?: number
  readonly tc?: boolean
}

/** The records of a name; `@A` and the like hold faults of questions of one type. */
export interface ZoneNode extends Faults {
  readonly A?: readonly string[]
  readonly AAAA?: readonly string[]
  readonly MX?: readonly (readonly [preference: number, exchange: string])[]
  readonly PTR?: readonly string[]
  readonly CNAME?: readonly string[]
  readonly TXT?: readonly string[]
  readonly NS?: readonly string[]
  readonly ttl?: number
  readonly '@A'?: Faults
  readonly '@AAAA'?: Faults
  readonly '@MX'?: Faults
  readonly '@PTR'?: Faults
}

export type DnsZone = Readonly<Record<string, ZoneNode>>

/** A query as it was received. */
export interface ReceivedQuery {
  readonly id: number
  readonly name: string
  readonly type: string
  readonly edns: boolean
  readonly tcp: boolean
}

export interface DnsServerOptions {
  /** Of loopback; 127.0.0.1 by default. */
  readonly address?: string
  /** 0, the default: any that is free. */
  readonly port?: number
  /** Room for queries that lie ready, if not the system's default: a benchmark must not lose any. */
  readonly receiveBufferBytes?: number
  /** Every reply is this late. */
  readonly delayMs?: number
  /** What there is of a name that the zone does not have, for clients that make names up; undefined: no such name. */
  readonly madeUp?: (name: string) => ZoneNode | undefined
  /**
   * What is sent instead of the reply: datagrams, or over TCP (where the reply begins with its length) chunks of the
   * stream, after which the connection is closed. `[]` is silence; undefined leaves the reply as it is.
   */
  readonly tamper?: (reply: Buffer, query: ReceivedQuery) => readonly Buffer[] | undefined
}

export interface DnsServer {
  readonly port: number
  zone: DnsZone
  readonly queries: ReceivedQuery[]
  close(): Promise<void>
}

const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, YXDOMAIN: 6 } as const

const FAILURES: Readonly<Record<string, FailureReason>> = {
  FORMERR: 'formerr',
  SERVFAIL: 'servfail',
  NOTIMP: 'notimp',
  REFUSED: 'refused',
  YXDOMAIN: 'other-rcode',
}

interface ZoneAnswer {
  readonly faults: Faults
  readonly rcode: keyof typeof RCODES
  readonly records: readonly Answer[]
}

/** Serves a zone until closed. */
export async function startDnsServer(zone: DnsZone, options: DnsServerOptions = {}): Promise<DnsServer> {
  const { address = '127.0.0.1', port = 0, delayMs = 0, receiveBufferBytes, madeUp, tamper } = options
  const connections = new Set<Socket>()
  const queries: ReceivedQuery[] = []
  const server = { zone, queries, port: 0, close }

  /** Parses a query and calls `send` with what is to be sent, or not at all. */
  function answer(packet: Buffer, tcp: boolean, send: (parts: readonly Buffer[], tampered: boolean) => void): void {
    const query = readQuery(packet, tcp)
    queries.push(query)
    const name = query.name.toLowerCase()
    const node = Object.hasOwn(server.zone, name) ? undefined : madeUp?.(name)
    const found = lookUp(node ? { [name]: node } : server.zone, name, query.type)
    if (found.faults.drop) return
    const message = encodeReply(packet, found, Boolean(found.faults.tc) && !tcp)
    const reply = tcp ? Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]) : message
    const lies = tamper?.(reply, query)
    const waitMs = delayMs + (found.faults.delay ?? 0)
    const go = (): void => send(lies ?? [reply], lies !== undefined)
    if (waitMs > 0) setTimeout(go, waitMs)
    else go()
  }

  const udp = createSocket({
    type: address.includes(':') ? 'udp6' : 'udp4',
    ...(receiveBufferBytes === undefined ? {} : { recvBufferSize: receiveBufferBytes }),
  })
  let isClosed = false
  udp.on('message', (packet, from) =>
    answer(packet, false, parts => {
      // A late reply to a query that was sent again.
      if (isClosed) return
      for (const part of parts) udp.send(part, from.port, from.address)
    }),
  )
  const tcp = createServer(socket => {
    connections.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('close', () => connections.delete(socket))
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      const packet = received.subarray(2, 2 + received.readUInt16BE(0))
      received = Buffer.alloc(0)
      answer(packet, true, (parts, tampered) => {
        for (const part of parts) socket.write(part)
        if (tampered && parts.length > 0) socket.end()
      })
    })
  })

  async function close(): Promise<void> {
    isClosed = true
    udp.close()
    tcp.close()
    for (const connection of connections) connection.destroy()
    await once(tcp, 'close')
  }

  tcp.listen(port, address)
  await once(tcp, 'listening')
  const bound = tcp.address()
  if (bound === null || typeof bound === 'string') throw new Error('not a TCP port')
  try {
    udp.bind(bound.port, address)
    await once(udp, 'listening')
  } catch (error) {
    await close()
    if (port !== 0) throw error
    // The port that was free for TCP is somebody's for UDP: another one.
    return startDnsServer(zone, options)
  }
  server.port = bound.port
  return server
}

/** What the resolver makes of a question to such a zone, all tries included: `drop` → timeout, `tc` → the full answer. */
export function answerFromZone(zone: DnsZone, question: Question): Outcome {
  const name = askedName(question)
  if (name === undefined) return { kind: 'nxdomain' }
  const { faults, rcode, records } = lookUp(zone, name, question.type)
  if (faults.drop) return { kind: 'failed', reason: 'timeout' }
  if (rcode === 'NXDOMAIN') return { kind: 'nxdomain' }
  if (rcode !== 'NOERROR') return { kind: 'failed', reason: FAILURES[rcode] ?? 'other-rcode' }
  const last = records.at(-1)
  if (last?.type === 'CNAME' && records.some(record => record.name === last.data))
    return { kind: 'failed', reason: 'malformed' }
  const values = records.flatMap(record => {
    switch (record.type) {
      case 'MX':
        return [bare(record.data.exchange)]
      case 'AAAA':
        return [expandIPv6(record.data) ?? record.data]
      case 'A':
      case 'PTR':
        return [bare(record.data)]
      case 'TXT':
        return [[record.data].flat().join('')]
      default:
        return []
    }
  })
  return values.length > 0 ? { kind: 'found', values } : { kind: 'nodata' }
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** The reply to a query as it would be sent by UDP, without any socket; undefined: `drop`. */
export function replyFromZone(zone: DnsZone, packet: Buffer): Buffer | undefined {
  const { name, type } = readQuery(packet, false)
  const found = lookUp(zone, name.toLowerCase(), type)
  return found.faults.drop ? undefined : encodeReply(packet, found, false)
}

function lookUp(zone: DnsZone, name: string, type: string): ZoneAnswer {
  const node = nodeOf(zone, name)
  if (!node) {
    const isEmptyNode = Object.keys(zone).some(other => other.endsWith(`.${name}`))
    return { faults: {}, rcode: isEmptyNode ? 'NOERROR' : 'NXDOMAIN', records: [] }
  }
  const faults: Faults = { ...node, ...(node as Readonly<Record<string, Faults | undefined>>)[`@${type}`] }
  const rcode = faults.rcode ?? 'NOERROR'
  const records: Answer[] = []
  if (rcode !== 'NOERROR') return { faults, rcode, records }
  const ttl = node.ttl ?? 300
  let owner = name
  let here: ZoneNode | undefined = node
  for (let hops = 0; here?.CNAME && hops < 8; hops++) {
    const target: string = here.CNAME[0] ?? ''
    records.push({ type: 'CNAME', name: owner, ttl, data: target })
    owner = target.toLowerCase().replace(/\.$/, '')
    here = nodeOf(zone, owner)
  }
  if (here) records.push(...recordsOf(here, owner, type, ttl))
  return { faults, rcode, records }
}

function nodeOf(zone: DnsZone, name: string): ZoneNode | undefined {
  return Object.hasOwn(zone, name) ? zone[name] : undefined
}

function recordsOf(node: ZoneNode, name: string, type: string, ttl: number): Answer[] {
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'PTR':
    case 'NS':
      return (node[type] ?? []).map(data => ({ type, name, ttl, data }))
    case 'TXT':
      return (node.TXT ?? []).map(text => ({ type, name, ttl, data: text.match(/.{1,255}/gs) ?? [''] }))
    case 'MX':
      return (node.MX ?? []).map(([preference, exchange]) => ({ type, name, ttl, data: { preference, exchange } }))
    default:
      return []
  }
}

function readQuery(packet: Buffer, tcp: boolean): ReceivedQuery {
  const { id = 0, questions, additionals } = dnsPacket.decode(packet)
  const question = questions?.[0]
  if (!question) throw new Error('a query without a question')
  const edns = additionals?.some(record => record.type === 'OPT') ?? false
  return { id, name: question.name, type: question.type, edns, tcp }
}

function encodeReply(packet: Buffer, { rcode, records }: ZoneAnswer, truncated: boolean): Buffer {
  const { id = 0, questions = [] } = dnsPacket.decode(packet)
  const flags = dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | RCODES[rcode]
  return dnsPacket.encode({
    id,
    type: 'response',
    flags: truncated ? flags | dnsPacket.TRUNCATED_RESPONSE : flags,
    questions,
    answers: truncated ? [] : [...records],
  })
}
