/**
 * Names that are asked for: built from addresses, and checked before anything is sent.
 *
 * Request and list entry → name → question. Names are latin-1 strings of the bytes of the request, lower case,
 * without trailing dot. What goes on the wire is ASCII: a name with 8-bit bytes is the internationalized name of an
 * SMTPUTF8 sender and is asked for in its `xn--` form.
 *
 * Invariant: `nameToAsk` returns a name of 1 to 253 characters with labels of 1 to 63, without control characters,
 * or nothing; so nothing the client writes reaches the packet encoder unchecked.
 * Failure: a name that cannot exist is `undefined` here and NXDOMAIN to everybody else.
 *
 * Sources: RFC 1035 2.3.4 and 3.5 (limits, in-addr.arpa), RFC 3596 2.5 (ip6.arpa), RFC 5782 2.1 and 2.4 (lists),
 * specification, chapter "Deviations" D3 and chapter "Scoring" 3, 4.
 */
import { utf8Text, writeLatin1 } from '../bytes.ts'

/**
 * The name under which a list knows an address: `('192.0.2.10', 'zen.spamhaus.org')` → `10.2.0.192.zen.spamhaus.org`.
 * An IPv6 address comes in full form (eight groups of four hex digits) and becomes 32 nibbles.
 */
export function reverseName(client: string, zone: string): string {
  if (client !== last.client) {
    const parts = client.includes(':') ? client.replaceAll(':', '').split('') : client.split('.')
    last = { client, reversed: parts.reverse().join('.') }
  }
  return `${last.reversed}.${zone}`
}

/** The client that was asked for last: it is asked for at each list, and each time its answers are scored. */
let last = { client: '', reversed: '' }

/** The name of an address's PTR records: `192.0.2.10` → `10.2.0.192.in-addr.arpa`, IPv6 in full form → `….ip6.arpa`. */
export function pointerName(client: string): string {
  return reverseName(client, client.includes(':') ? 'ip6.arpa' : 'in-addr.arpa')
}

/** Whether a name fits into the DNS: no empty label, none over 63 characters, 253 in all. `'a..b'` and `''` do not. */
export function canExist(name: string): boolean {
  if (name.length > 253) return false
  for (let start = 0; start <= name.length; ) {
    const dot = name.indexOf('.', start)
    const length = (dot < 0 ? name.length : dot) - start
    if (length === 0 || length > 63) return false
    start += length + 1
  }
  return true
}

/**
 * The lower-case ASCII name to ask for, or `undefined` if no such name can exist: `'example.org'` → itself, the bytes of
 * `'bücher.example'` → `'xn--bcher-kva.example'`, a label of 64 characters, a control character or bytes that are
 * no UTF-8 → `undefined`. Other printable characters, blanks included, are asked for as they are.
 */
export function nameToAsk(name: string): string | undefined {
  let eightBit = false
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at)
    if (code < 0x20 || code === 0x7f) return undefined
    if (code > 0x7f) eightBit = true
  }
  const ascii = eightBit ? toAscii(name) : name.toLowerCase()
  return ascii !== undefined && canExist(ascii) ? ascii : undefined
}

/**
 * The `xn--` form of a name with 8-bit bytes. Label by label, since `domainToASCII` reads its argument as the host
 * of a URL: `/` would end the name, `%41` be decoded, `1.2` be taken for an address.
 */
function toAscii(name: string): string | undefined {
  const bytes = new Uint8Array(name.length)
  writeLatin1(bytes, name, 0)
  const text = utf8Text(bytes, 0, bytes.length)
  if (text.includes('\ufffd')) return undefined
  // Not imported: hardly any sender has such a name, and every process would pay for it at its start.
  const { domainToASCII } = process.getBuiltinModule('node:url')
  const labels: string[] = []
  for (const label of text.split('.')) {
    if (/^[\x20-\x7e]*$/.test(label)) {
      labels.push(label)
      continue
    }
    if (!/^[a-z0-9_\-\u0080-\uffff]+$/.test(label)) return undefined
    const converted = /^([^.]+)\.x$/.exec(domainToASCII(`${label}.x`))?.[1]
    if (converted === undefined) return undefined
    labels.push(converted)
  }
  return labels.join('.')
}

/** A name as it is asked for: without trailing dots. */
export function withoutTrailingDots(name: string): string {
  let end = name.length
  while (end > 0 && name[end - 1] === '.') end--
  return name.slice(0, end)
}
