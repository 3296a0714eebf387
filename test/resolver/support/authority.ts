/**
 * All name servers but the lists' own, as a process: a root that answers for everybody, and the attacker's, which are
 * silent or late.
 *
 *   fork(authority.cjs, [BLOCK, LATE_MS]) → 'ready'; it ends when its parent disconnects
 *
 * A process of its own, so that good names are answered at once however busy the test is. It answers as an authority does:
 * with AA, a SOA beside each denial, and referrals with glue.
 *
 * Sources: RFC 1034 4.3.2, RFC 2308.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import dnsPacket, { type Answer } from 'dns-packet'
import {
  type Block,
  blockOf,
  CLIENT_LISTS,
  DOMAIN_LISTS,
  FAN_DOMAIN,
  FAN_EXCHANGES,
  goodClient,
  goodDomain,
  goodHost,
  MAX_MAILS,
  reverseName,
  SLOW_DOMAIN,
  SLOW_REVERSE,
} from './names.ts'

/** What a reply consists of, beside its question. */
interface Reply {
  readonly aa?: boolean
  readonly rcode?: number
  readonly answers?: readonly Answer[]
  readonly authorities?: readonly Answer[]
  readonly additionals?: readonly Answer[]
}

type Answerer = (name: string, type: string) => Reply

const ROOT_HOST = 'a.root.example'
const TTL = 3600
const SOA: Answer = {
  type: 'SOA',
  name: '.',
  ttl: TTL,
  data: { mname: ROOT_HOST, rname: 'nobody.example', serial: 1, refresh: TTL, retry: TTL, expire: TTL, minimum: TTL },
}
const SLOW_TOPS = [SLOW_DOMAIN, SLOW_REVERSE]

/** The good names and the root, and the names above them. */
function goodZone(block: Block): { records: ReadonlyMap<string, readonly Answer[]>; parents: ReadonlySet<string> } {
  const all: Answer[] = [
    { type: 'NS', name: '.', ttl: TTL, data: ROOT_HOST },
    { type: 'A', name: ROOT_HOST, ttl: TTL, data: block.authority },
  ]
  for (let n = 0; n < MAX_MAILS; n++)
    all.push(
      { type: 'MX', name: goodDomain(n), ttl: TTL, data: { preference: 10, exchange: goodHost(n) } },
      { type: 'A', name: goodHost(n), ttl: TTL, data: goodClient(n) },
      { type: 'PTR', name: reverseName(goodClient(n)), ttl: TTL, data: goodHost(n) },
    )
  const records = new Map<string, Answer[]>()
  const parents = new Set<string>()
  for (const record of all) {
    records.set(record.name, [...(records.get(record.name) ?? []), record])
    const labels = record.name.split('.')
    for (let level = 1; level < labels.length; level++) parents.add(labels.slice(level).join('.'))
  }
  for (const top of [...SLOW_TOPS, FAN_DOMAIN]) parents.add(top)
  return { records, parents }
}

/** The zone that a name belongs to, if it is not the root's, and its name servers' addresses. */
function delegationOf(name: string, block: Block): { zone: string; servers: readonly string[] } | undefined {
  const list = [...CLIENT_LISTS, ...DOMAIN_LISTS].find(host => name === host || name.endsWith(`.${host}`))
  if (list) return { zone: list, servers: [block.lists] }
  const top = SLOW_TOPS.find(each => name.endsWith(`.${each}`))
  if (!top) return undefined
  const label =
    name
      .slice(0, -top.length - 1)
      .split('.')
      .at(-1) ?? ''
  const hash = [...label].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1_000_003, 7)
  // Two of one kind: both silent or both late.
  const servers = [0, 2].map(i => block.slow[(hash + i) % block.slow.length] as string)
  return { zone: `${label}.${top}`, servers }
}

/** The root: good names, referrals, and the mail hosts of the fan. */
function answerFromRoot(block: Block): Answerer {
  const { records, parents } = goodZone(block)
  return (name, type) => {
    const delegation = delegationOf(name, block)
    if (delegation) {
      const { zone, servers } = delegation
      return {
        aa: false,
        authorities: servers.map((_, i) => ({ type: 'NS', name: zone, ttl: TTL, data: `ns${i}.${zone}` })),
        additionals: servers.map((data, i) => ({ type: 'A', name: `ns${i}.${zone}`, ttl: TTL, data })),
      }
    }
    if (name.endsWith(`.${FAN_DOMAIN}`)) return type === 'MX' ? { answers: fanOf(name) } : { authorities: [SOA] }
    const answers = (records.get(name) ?? []).filter(record => record.type === type)
    if (answers.length > 0) return { answers }
    return { rcode: records.has(name) || parents.has(name) ? 0 : 3, authorities: [SOA] }
  }
}

function fanOf(name: string): Answer[] {
  const [label] = name.split('.')
  return Array.from({ length: FAN_EXCHANGES }, (_, i) => {
    const data = { preference: i, exchange: `mx.x${i}${label}.${SLOW_DOMAIN}` }
    return { type: 'MX' as const, name, ttl: TTL, data }
  })
}

/** What a late server says in the end: there is such a host, and it is not the client. */
const answerAtLast: Answerer = (name, type) => {
  if (type === 'A') return { answers: [{ type, name, ttl: TTL, data: '198.18.255.1' }] }
  if (type === 'MX') return { answers: [{ type, name, ttl: TTL, data: { preference: 10, exchange: `mx.${name}` } }] }
  return {}
}

/** Serves an address, or, without an answerer, keeps silent on it. */
async function listen(address: string, answer: Answerer | undefined, delayMs = 0): Promise<void> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 })
  socket.on('message', (packet, from) => {
    const { id = 0, questions = [] } = dnsPacket.decode(packet)
    const [question] = questions
    if (!answer || !question) return
    const {
      aa = true,
      rcode = 0,
      answers = [],
      authorities = [],
      additionals = [],
    } = answer(
      // The root's name is empty on the wire.
      question.name.toLowerCase() || '.',
      question.type,
    )
    const flags = (aa ? dnsPacket.AUTHORITATIVE_ANSWER : 0) | rcode
    const sections = { answers: [...answers], authorities: [...authorities], additionals: [...additionals] }
    const reply = dnsPacket.encode({ id, type: 'response', flags, questions, ...sections })
    setTimeout(() => socket.send(reply, from.port, from.address), delayMs)
  })
  socket.bind(53, address)
  await once(socket, 'listening')
}

async function main(block: Block, lateMs: number): Promise<void> {
  await listen(block.authority, answerFromRoot(block))
  for (const [i, address] of block.slow.entries()) await listen(address, i % 2 === 0 ? undefined : answerAtLast, lateMs)
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

void main(blockOf(Number(process.argv[2])), Number(process.argv[3]))
