/**
 * Names that are asked for: built from addresses, and checked before anything is sent.
 *
 * Request and list entry → name → question. Names are latin-1 strings of the bytes of the request, lower case,
 * without trailing dot. What goes on the wire is ASCII: a name with 8-bit bytes is the internationalized name of an
 * SMTPUTF8 sender and is asked for in its `xn--` form. Three characters beside the full stop are dots in such a name.
 *
 * A sender chooses his domain, and "cannot be asked for" must not be what saves him from a list: `askableEnd` is the part
 * of a domain that a list can be asked about.
 *
 * Invariant: `nameToAsk` returns a name of 1 to 253 characters with labels of 1 to 63, without control characters,
 * or nothing; so nothing the client writes reaches the packet encoder unchecked.
 * Failure: a name that cannot exist, or not in the DNS, is `undefined` here and NXDOMAIN to everybody else.
 *
 * Sources: RFC 1035 2.3.4 and 3.5 (limits, in-addr.arpa), RFC 3596 2.5 (ip6.arpa), RFC 5782 2.1 and 2.4 (lists), UTS 46 4
 * (dots), RFC 6761 (names of special use), docs/behaviour/dns-and-lists.md#names.
 */
import { utf8Text, writeLatin1 } from '../system/bytes.ts'
import type { Question } from './outcome.ts'

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

/** Characters a name may have on the wire, without the root's dot. */
const MAX_NAME_CHARACTERS = 253

/** Whether a name fits into the DNS: no empty label, none over 63 characters, 253 in all. `'a..b'` and `''` do not. */
export function canExist(name: string): boolean {
  if (name.length > MAX_NAME_CHARACTERS) return false
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
  const ascii = eightBit ? toAscii(withPlainDots(name)) : name.toLowerCase()
  return ascii !== undefined && canExist(ascii) ? ascii : undefined
}

/** A name as it is compared with those of hosts: in its ASCII form, if it has one. `'bücher.example'` → `'xn--bcher-kva.example'`. */
export function comparableName(name: string): string {
  return nameToAsk(name) ?? name
}

/**
 * The name under which a question leaves, or `undefined` if it does not: no such name can exist, or the client chose one
 * that is never in the DNS. What a list is asked is the operator's choice, and leaves.
 */
export function askedName({ name, ofList }: Question): string | undefined {
  const asked = nameToAsk(name)
  return asked !== undefined && !ofList && isOutsideDns(asked) ? undefined : asked
}

/**
 * Whether a name is one of a site's own, or of nobody's, so that it does not exist for anybody else: `'srv1.firm.local'`. A
 * resolver that is asked for one may say NXDOMAIN, REFUSED (systemd-resolved) or nothing at all. `localhost` by itself is
 * a name that exchanges have, and is asked for.
 */
function isOutsideDns(name: string): boolean {
  const dot = name.lastIndexOf('.')
  if (dot < 0) return false
  switch (name.slice(dot + 1)) {
    case 'local': // RFC 6762 22
    case 'localhost': // RFC 6761 6.3
    case 'invalid': // RFC 6761 6.4
    case 'onion': // RFC 7686 2
    case 'alt': // RFC 9476 2
    case 'internal': // reserved by ICANN in 2024
      return true
    case 'arpa': // RFC 8375
      return name === 'home.arpa' || name.endsWith('.home.arpa')
    default:
      return false
  }
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

/**
 * A name with full stops in the place of the other dots of UTS 46, U+3002, U+FF0E and U+FF61: the bytes of
 * `'a。example'` → `'a.example'`.
 */
export function withPlainDots(name: string): string {
  // The first bytes of the three in UTF-8: a name of ASCII is looked through, and no expression is compiled.
  return name.includes('\xe3') || name.includes('\xef')
    ? name.replace(/\xe3\x80\x82|\xef\xbc\x8e|\xef\xbd\xa1/g, '.')
    : name
}

/**
 * What a list is asked about a domain: its longest end that can exist and that makes a name of at most 253 characters with
 * the list's host, in ASCII. `('example.org', 'dbl.example')` → `'example.org'`; of a domain whose first label has 64
 * characters, or is no UTF-8: what stands behind it; `''` if not even the last label can be asked about.
 */
export function askableEnd(domain: string, host: string): string {
  if (domain !== lastDomain.domain) lastDomain = { domain, end: longestEnd(withoutTrailingDots(withPlainDots(domain))) }
  let { end } = lastDomain
  while (end !== '' && end.length + 1 + host.length > MAX_NAME_CHARACTERS) {
    const dot = end.indexOf('.')
    end = dot < 0 ? '' : end.slice(dot + 1)
  }
  return end
}

/** The domain that was asked about last: it is asked about at each list, and each time its answers are scored. */
let lastDomain = { domain: '', end: '' }

/** The longest end of a name that can exist, in ASCII: label by label from the right, up to the first that cannot. */
function longestEnd(name: string): string {
  const whole = nameToAsk(name)
  if (whole !== undefined) return whole
  let end = ''
  for (let behind = name.length; behind >= 0; ) {
    const dot = name.lastIndexOf('.', behind - 1)
    const label = nameToAsk(name.slice(dot + 1, behind))
    const longer = label === undefined ? undefined : end === '' ? label : `${label}.${end}`
    if (longer === undefined || longer.length > MAX_NAME_CHARACTERS) return end
    end = longer
    behind = dot
  }
  return end
}
