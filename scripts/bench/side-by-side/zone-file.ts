/**
 * A zone of the tests as dns-server.c reads it.
 *
 *   { 'example.org': { MX: [[10, 'mail.example.org']] } } → "example.org rcode 0\nexample.org 15 000a046d61696c…\norg rcode 0\n"
 *
 * Every name above one that exists exists, too (RFC 8020). Faults other than a return code are refused: nothing here
 * needs them. Failure: an error that names what cannot be written.
 */
import type { DnsZone, ZoneNode } from '../../../testkit/dns-server.ts'

const RCODE_NUMBERS = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, YXDOMAIN: 6 } as const

const WRITABLE: ReadonlySet<string> = new Set(['A', 'AAAA', 'MX', 'PTR', 'rcode'])

/** The lines of a zone; see dns-server.c. */
export function zoneFileText(zone: DnsZone): string {
  const lines: string[] = []
  const written = new Set<string>()
  const declare = (name: string, rcode: number): void => {
    if (!written.has(name)) lines.push(`${name} rcode ${rcode}\n`)
    written.add(name)
  }
  for (const [name, node] of Object.entries(zone)) {
    const fault = Object.keys(node).find(key => !WRITABLE.has(key))
    if (fault !== undefined) throw new Error(`${name}: ${fault} cannot be written`)
    declare(name, RCODE_NUMBERS[node.rcode ?? 'NOERROR'])
    for (const [type, data] of recordsOf(node)) lines.push(`${name} ${type} ${data.toString('hex')}\n`)
  }
  for (const name of Object.keys(zone))
    for (let parent = parentOf(name); parent !== ''; parent = parentOf(parent)) declare(parent, 0)
  return lines.join('')
}

function parentOf(name: string): string {
  const dot = name.indexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1)
}

function recordsOf(node: ZoneNode): [type: number, data: Buffer][] {
  const mx = ([preference, exchange]: readonly [number, string]): Buffer =>
    Buffer.concat([Buffer.from([preference >> 8, preference & 255]), wireName(exchange)])
  return [
    ...(node.A ?? []).map((address): [number, Buffer] => [1, Buffer.from(address.split('.').map(Number))]),
    ...(node.PTR ?? []).map((name): [number, Buffer] => [12, wireName(name)]),
    ...(node.MX ?? []).map((record): [number, Buffer] => [15, mx(record)]),
    ...(node.AAAA ?? []).map((address): [number, Buffer] => [28, ipv6Bytes(address)]),
  ]
}

function wireName(name: string): Buffer {
  const labels = name.split('.').map(label => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  return Buffer.concat([...labels, Buffer.from([0])])
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const missing = 8 - groups(head).length - groups(tail ?? '').length
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail ?? '')]
  return Buffer.from(all.map(group => group.padStart(4, '0')).join(''), 'hex')
}
