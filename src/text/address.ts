/**
 * The client's address in the one form everything else compares.
 *
 * Postfix's `client_address` → IPv4 as a dotted quad, IPv6 in full: eight groups of four hex digits. An
 * IPv4-mapped address is the IPv4 client it stands for (D4), however it was written.
 *
 * Failure: a text that is no address is `undefined`; the request is then answered without a score, since
 * nothing could be compared (decide.ts).
 * Sources: RFC 4291 2.2, 2.5.5.2; docs/behaviour/scoring.md#what-a-request-says, docs/behaviour/deviations.md#d4.
 */

/** As a digit. */
const DOT = -2

/** `'192.0.2.1'` → `'192.0.2.1'`, `'2001:db8::1'` → `'2001:0db8:0000:…:0001'`, `'::ffff:192.0.2.1'` → `'192.0.2.1'`, `'unknown'` → undefined. */
export function normalizeClientAddress(text: string): string | undefined {
  if (!text.includes(':')) return isIPv4(text) ? text : undefined
  const full = expandIPv6(text)
  if (full === undefined) return undefined
  const MAPPED = '0000:0000:0000:0000:0000:ffff:'
  return full.startsWith(MAPPED) ? quadFromGroups(full.slice(MAPPED.length)) : full
}

/** Whether a text is a dotted quad with octets from 0 to 255 and no leading zeros: `'192.0.2.1'`. */
export function isIPv4(text: string): boolean {
  if (text.length > 15) return false
  let dots = 0
  let octet = -1
  // By character codes: this is done for each request, and cutting the text into octets takes several times as long.
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit === DOT) {
      if (octet < 0) return false
      dots++
      octet = -1
    } else {
      if (digit < 0 || digit > 9 || octet === 0) return false
      octet = octet < 0 ? digit : 10 * octet + digit
      if (octet > 255) return false
    }
  }
  return dots === 3 && octet >= 0
}

/** An IPv6 address in full form, an IPv4-mapped one as well; undefined: it is none. */
export function expandIPv6(text: string): string | undefined {
  // 45 characters are the longest textual form (RFC 4291 with an embedded IPv4 address).
  if (text.length > 45) return undefined
  const lastColon = text.lastIndexOf(':')
  const tail = text.slice(lastColon + 1)
  const head = text.slice(0, lastColon + 1)
  if (tail.includes('.')) return isIPv4(tail) ? expandGroups(head + groupsFromQuad(tail)) : undefined
  return expandGroups(text)
}

function expandGroups(text: string): string | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [left = [], right = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - left.length - right.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right]
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.map(group => group.toLowerCase().padStart(4, '0')).join(':')
}

function groupsFromQuad(quad: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function quadFromGroups(groups: string): string {
  return groups
    .split(':')
    .flatMap(group => [Number.parseInt(group.slice(0, 2), 16), Number.parseInt(group.slice(2), 16)])
    .join('.')
}

/** The IPv4 address behind a NAT64 of RFC 6052 2.1, `64:ff9b::/96`; any other address in full form as it is. */
export function withoutNat64(client: string): string {
  const PREFIX = '0064:ff9b:0000:0000:0000:0000:'
  return client.startsWith(PREFIX) ? quadFromGroups(client.slice(PREFIX.length)) : client
}

/**
 * The first bits of an IPv6 address in full form, the others 0: `('2001:0db8:…:0001', 64)` → `'20010db800000000/64'`. With all
 * 128, the address itself.
 */
export function networkOf(address: string, bits: number): string {
  if (bits >= 128) return address
  const digits = address.replaceAll(':', '')
  const whole = bits >> 2
  const rest = bits & 3
  const partial = rest === 0 ? '' : (Number.parseInt(digits.charAt(whole), 16) & (0xf0 >> rest)).toString(16)
  return `${digits.slice(0, whole)}${partial}/${bits}`
}
