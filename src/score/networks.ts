/**
 * Networks, as text: the one of a client, and those that nobody is reached in from outside.
 *
 * Addresses are in normal form: dotted quads, or eight groups of four hex digits. Total, no errors.
 * Source: docs/behaviour/scoring.md#names-of-sender-and-helo.
 */

/** The text every address of the client's network begins with: /24 and /16 of IPv4, /64 and /48 of IPv6. */
export function subnetPrefixes(client: string): { subnet: string; widerSubnet: string } {
  if (client.includes(':')) return { subnet: client.slice(0, 20), widerSubnet: client.slice(0, 15) }
  const subnet = client.slice(0, client.lastIndexOf('.') + 1)
  return { subnet, widerSubnet: client.slice(0, client.lastIndexOf('.', subnet.length - 2) + 1) }
}

/** Loopback and RFC 1918 networks: 127/8, 10/8, 192.168/16, 172.16/12. */
export function isPrivate(address: string): boolean {
  return /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(address)
}
