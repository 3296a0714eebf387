/**
 * A zone of the tests as dns-server.c reads it: what testkit/dns-server.ts would reply, a line for each name and type.
 *
 *   { 'example.org': { A: ['192.0.2.1'] } } → "example.org rcode 0 -\nexample.org 1 1 0765…\norg rcode 0 -\n"
 *
 * Every name above one that exists exists, too (RFC 8020). Faults other than a return code are refused: nothing here
 * needs them. Failure: an error that names what cannot be written.
 */
import dnsPacket from 'dns-packet'
import { type DnsZone, replyFromZone } from '../../testkit/dns-server.ts'

/** With their numbers. */
const TYPES = { A: 1, PTR: 12, MX: 15, AAAA: 28 } as const
const WRITABLE: ReadonlySet<string> = new Set([...Object.keys(TYPES), 'rcode'])

/** The lines of a zone; see dns-server.c. */
export function zoneFileText(zone: DnsZone): string {
  for (const [name, node] of Object.entries(zone))
    for (const key of Object.keys(node)) if (!WRITABLE.has(key)) throw new Error(`${name}: ${key} cannot be written`)
  return [...new Set(Object.keys(zone).flatMap(withParents))].map(name => linesOf(zone, name)).join('')
}

/** `'mx.example.org'` → that, `'example.org'` and `'org'`. */
function withParents(name: string): string[] {
  return name.split('.').map((_, level, labels) => labels.slice(level).join('.'))
}

function linesOf(zone: DnsZone, name: string): string {
  const answers = Object.entries(TYPES).map(([type, number]) => {
    const query = dnsPacket.encode({ type: 'query', questions: [{ name, type: type as keyof typeof TYPES }] })
    const reply = replyFromZone(zone, query) ?? query
    const count = reply.readUInt16BE(6)
    return {
      rcode: reply.readUInt8(3) & 15,
      line: `${name} ${number} ${count} ${reply.toString('hex', query.length)}\n`,
      count,
    }
  })
  return `${name} rcode ${answers[0]?.rcode} -\n${answers.map(({ line, count }) => (count > 0 ? line : '')).join('')}`
}
