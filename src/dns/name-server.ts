/**
 * The notation of a name server: `192.0.2.1`, `192.0.2.1:5353`, `::1`, `[2001:db8::1]:53`.
 *
 *   a word of $NS or resolv.conf(5) → address and port → resolv-conf.ts, config/values/value.ts
 *
 * Invariant: an address is a dotted quad, or IPv6 in full form with the scope it was given (`fe80:…:0001%eth0`).
 * Failure: undefined. Source: RFC 4007 11 (scopes).
 */
import { normalizeClientAddress } from '../text/address.ts'

/** One name server; `family` is the IP version of `address`. */
export interface NameServer {
  readonly address: string
  readonly port: number
  readonly family: 4 | 6
}

export const DNS_PORT = 53

/** `192.0.2.1:53`; of IPv6 the address in full form, without brackets. */
export function describeServer({ address, port }: NameServer): string {
  return `${address}:${port}`
}

/** Whether a word of `$NS` names one. */
export function isNameServer(word: string): boolean {
  return parseNameServer(word) !== undefined
}

/** `'192.0.2.1:5353'` → that address and port; undefined for what names no server. */
export function parseNameServer(word: string): NameServer | undefined {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(word)
  if (bracketed) {
    const server = makeNameServer(bracketed[1] ?? '', Number(bracketed[2] ?? DNS_PORT))
    return server?.family === 6 ? server : undefined
  }
  const withPort = /^([^:]+):(\d{1,5})$/.exec(word)
  return withPort ? makeNameServer(withPort[1] ?? '', Number(withPort[2])) : makeNameServer(word, DNS_PORT)
}

/** `('fe80::1%eth0', 53)` → the address in full form, with its scope. */
export function makeNameServer(text: string, port: number): NameServer | undefined {
  if (port < 1 || port > 65_535) return undefined
  const scopeAt = text.indexOf('%')
  const scope = scopeAt === -1 ? '' : text.slice(scopeAt)
  const address = normalizeClientAddress(scope === '' ? text : text.slice(0, scopeAt))
  if (address === undefined) return undefined
  if (!address.includes(':')) return scope === '' ? { address, port, family: 4 } : undefined
  return /^(?:%[\w.-]{1,15})?$/.test(scope) ? { address: address + scope, port, family: 6 } : undefined
}
