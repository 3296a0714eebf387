/**
 * Whether an address lies in a network.
 *
 * Addresses are in normal form: dotted quads, or eight groups of four hex digits. Pure, total.
 * Source: RFC 7208 5.6.
 */

/** `('192.0.2.7', '192.0.2.0', 24)` → true; addresses of different families never match. */
export function isInNetwork(client: string, address: string, bits: number): boolean {
  const isSix = client.includes(':')
  if (isSix !== address.includes(':')) return false
  return isSix ? isInSix(client, address, bits) : bits === 0 || (quad(client) ^ quad(address)) >>> (32 - bits) === 0
}

function quad(address: string): number {
  let value = 0
  let octet = 0
  for (let at = 0; at <= address.length; at++) {
    const digit = at < address.length ? address.charCodeAt(at) - 0x30 : -2
    if (digit >= 0) octet = 10 * octet + digit
    else {
      value = (value << 8) | octet
      octet = 0
    }
  }
  return value
}

/** Four digits and a colon are 16 bits. */
function isInSix(client: string, address: string, bits: number): boolean {
  const groups = Math.floor(bits / 16)
  if (client.slice(0, 5 * groups) !== address.slice(0, 5 * groups)) return false
  const rest = bits % 16
  const group = (text: string): number => Number.parseInt(text.slice(5 * groups, 5 * groups + 4), 16)
  return rest === 0 || (group(client) ^ group(address)) >>> (16 - rest) === 0
}
