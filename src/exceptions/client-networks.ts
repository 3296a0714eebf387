/**
 * Networks of clients, as an operator writes them, and as ranges of which none overlaps another.
 *
 *   who.ts: `192.0.2.0/24` → readNetwork → Network or what is wrong
 *   render-exceptions.ts: networks, each with what it is for → rangesOf → lines that are searched
 *
 * Addresses are read as those of requests are (text/address.ts); one that is IPv4 in IPv6's notation is IPv4 here as well.
 *
 * Pure. Failure: a text that says what is wrong and what helps.
 */
import { show } from '../config/findings/position.ts'
import { expandIPv6, isIPv4 } from '../text/address.ts'
import type { Network } from './exception.ts'

const MAPPED_BITS = 96

/** `'192.0.2.0/24'` → its first and last address; or what is wrong with the text. */
export function readNetwork(text: string): Network | string {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const isV4 = isIPv4(address)
  const digits = isV4 ? Buffer.from(address.split('.').map(Number)).toString('hex') : expandIPv6(address)
  if (digits === undefined)
    return `${show(text)} is no address and no network: 192.0.2.1, 192.0.2.0/24, 2001:db8::1 and 2001:db8::/32 are`
  const most = isV4 ? 32 : 128
  const behind = text.slice(slash + 1)
  const prefix = slash < 0 ? most : /^(?:0|[1-9]\d{0,2})$/.test(behind) ? Number(behind) : Number.NaN
  if (!(prefix <= most)) return `behind the / of ${show(text)} stands how many bits count, from 0 to ${most}`
  const value = BigInt(`0x${digits.replaceAll(':', '')}`)
  const mask = (1n << BigInt(most - prefix)) - 1n
  if ((value & mask) !== 0n) {
    const network = describe(value & ~mask, isV4)
    return `${show(text)} has bits set behind the first ${prefix}: the network is ${network}/${prefix}, the one address ${address}`
  }
  const isMapped = most === 128 && prefix >= MAPPED_BITS && value >> 32n === 0xffffn
  if (isMapped) return { version: 4, first: value & 0xffff_ffffn, last: (value & 0xffff_ffffn) | mask }
  return { version: isV4 ? 4 : 6, first: value, last: value | mask }
}

/** An address as one writes it; that of IPv6 as URLs have it, which is the short form of RFC 5952. */
function describe(value: bigint, isV4: boolean): string {
  if (isV4) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 0xffn).join('.')
  const groups = value.toString(16).padStart(32, '0').match(/.{4}/g)
  return new URL(`http://[${groups?.join(':')}]`).hostname.slice(1, -1)
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
