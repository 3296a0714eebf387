/**
 * Networks of clients, as an operator writes them, and as ranges of which none overlaps another.
 *
 *   who.ts: `192.0.2.0/24` → readNetwork → Network or what is wrong
 *   render-exceptions.ts: networks, each with what it is for → rangesOf → lines that are searched
 *
 * Addresses are read by ipaddr.js. It is lenient where inet_aton(3) is: what is no dotted quad, octal or hexadecimal say, is no
 * address here. One that is IPv4 in IPv6's notation is IPv4, as in requests (text/address.ts).
 *
 * Pure. Failure: a text that says what is wrong and what helps.
 */
import ipaddr from 'ipaddr.js'
import { show } from '../config/findings/position.ts'
import type { Network } from './exception.ts'

const MAPPED_BITS = 96

/** `'192.0.2.0/24'` → its first and last address; or what is wrong with the text. */
export function readNetwork(text: string): Network | string {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const isV4 = ipaddr.IPv4.isValidFourPartDecimal(address) && !/(?:^|\.)0\d/.test(address)
  if (!isV4 && (!ipaddr.IPv6.isValid(address) || address.includes('%')))
    return `${show(text)} is no address and no network: 192.0.2.1, 192.0.2.0/24, 2001:db8::1 and 2001:db8::/32 are`
  const most = isV4 ? 32 : 128
  const digits = text.slice(slash + 1)
  const prefix = slash < 0 ? most : /^(?:0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) : Number.NaN
  if (!(prefix <= most)) return `behind the / of ${show(text)} stands how many bits count, from 0 to ${most}`
  const bytes = ipaddr.parse(address).toByteArray()
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const mask = (1n << BigInt(most - prefix)) - 1n
  if ((value & mask) !== 0n) {
    const network = describe(value & ~mask, most)
    return `${show(text)} has bits set behind the first ${prefix}: the network is ${network}/${prefix}, the one address ${address}`
  }
  const isMapped = most === 128 && prefix >= MAPPED_BITS && value >> 32n === 0xffffn
  if (isMapped) return { version: 4, first: value & 0xffff_ffffn, last: (value & 0xffff_ffffn) | mask }
  return { version: isV4 ? 4 : 6, first: value, last: value | mask }
}

function describe(value: bigint, bits: number): string {
  const hex = value.toString(16).padStart(bits / 4, '0')
  return ipaddr.fromByteArray([...Buffer.from(hex, 'hex')]).toString()
}

/** A range, and what is valid in it. */
export interface AddressRange<T> {
  readonly first: bigint
  readonly last: bigint
  readonly of: T
}

/**
 * Networks of one version, no two of them the same → ranges in order, without overlap: where networks lie in one another, the
 * narrowest counts. At most twice as many.
 */
export function rangesOf<T>(networks: readonly AddressRange<T>[]): AddressRange<T>[] {
  // A wider one before those in it.
  const sorted = networks.toSorted((a, b) => compare(a.first, b.first) || compare(b.last, a.last))
  const ranges: AddressRange<T>[] = []
  const around: AddressRange<T>[] = []
  let at = 0n
  const fill = (last: bigint, of: T): void => {
    if (at <= last) ranges.push({ first: at, last, of })
    at = last + 1n
  }
  const leaveBefore = (first: bigint | undefined): void => {
    for (let top = around.at(-1); top && (first === undefined || top.last < first); top = around.at(-1)) {
      fill(top.last, top.of)
      around.pop()
    }
  }
  for (const network of sorted) {
    leaveBefore(network.first)
    const top = around.at(-1)
    if (top) fill(network.first - 1n, top.of)
    at = network.first
    around.push(network)
  }
  leaveBefore(undefined)
  return ranges
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
