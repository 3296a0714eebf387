/**
 * Host names and addresses as Postfix's restrictions judge them, and addresses as block lists are asked for them.
 *
 *   what HELO, sender and reverse name say → a form that can be, or not → baselines.ts
 *
 * Written for the baselines, apart from the program's own reading of names: what is compared shares no mistake.
 *
 * Pure, total. Sources: postconf(5) reject_invalid_helo_hostname and reject_non_fqdn_helo_hostname; RFC 5321 4.1.3;
 * RFC 5782 2.1 and 2.4.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net'

const MOST_CHARACTERS = 255
const LABEL = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/i

/** A name of labels with letters, digits, `_` and `-` inside; not of numbers alone, which is an address. */
export function isHostname(text: string): boolean {
  const name = withoutLastDot(text)
  return name.length <= MOST_CHARACTERS && /[^\d.]/.test(name) && name.split('.').every(label => LABEL.test(label))
}

/** A host name with a dot inside: `localhost.` is none. */
export function isFullHostname(text: string): boolean {
  return isHostname(text) && withoutLastDot(text).includes('.')
}

/** `a.example.` → `a.example`; two dots stay. */
function withoutLastDot(text: string): string {
  return text.endsWith('.') && !text.endsWith('..') ? text.slice(0, -1) : text
}

/** `192.0.2.1`, `2001:db8::1`. */
export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0
}

/** `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
export function isAddressLiteral(text: string): boolean {
  const [, ipv6Tag, address = ''] = /^\[(IPv6:)?(.*)\]$/i.exec(text) ?? []
  return ipv6Tag ? isIPv6(address) : isIPv4(address)
}

/** `192.0.2.1` → `1.2.0.192`; `2001:db8::1` → its 32 digits from the end. */
export function reversedAddress(address: string): string {
  if (isIPv4(address)) return address.split('.').reverse().join('.')
  const [head = '', tail] = address.split('::')
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : [])
  const zeros = Array<string>(Math.max(0, 8 - groups(head).length - groups(tail).length)).fill('0')
  const all = [...groups(head), ...(tail === undefined ? [] : zeros), ...groups(tail)]
  return [...all.map(group => group.padStart(4, '0')).join('')].reverse().join('.')
}
