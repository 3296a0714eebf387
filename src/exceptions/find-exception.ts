/**
 * The exception for a request, if there is one.
 *
 *   exceptions.ts: request → findException → exception-table.ts → Match
 *
 * What is looked at, and the first that is found counts: the client's address, by the narrowest network, and where it is behind a NAT64
 * the one that Postfix sees; its confirmed name, and the
 * longest domain above; HELO; the recipient, `user@` and the longest domain; the sender, likewise, `sender!:` before
 * `sender:` of the same. So many questions at most as the longest domain of the file has labels, and some.
 *
 * Failure: DamagedTable, thrown. Source: docs/exceptions.md#which-one-counts.
 */
import { hasNoName, type RequestBehind } from '../policy/request.ts'
import { type NameKind, PREFIXES } from './exception.ts'
import type { ExceptionTable, FoundException } from './exception-table.ts'

/** Through what it was found. */
export type MatchedBy = 'client' | 'name' | 'helo' | 'recipient' | 'sender' | 'sender!'

export interface Match extends FoundException {
  readonly by: MatchedBy
}

/** Whether it is the sender's, which counts only behind what is remembered and scored. */
export function isOfSenders({ by }: Pick<Match, 'by'>): boolean {
  return by === 'sender' || by === 'sender!'
}

const HEX_DIGITS = '0123456789abcdef'
/** No name that is in the file is longer, and no address. */
const MOST_CHARACTERS = 255

export type AskedAbout = Pick<RequestBehind, 'client' | 'sentClient' | 'name' | 'helo' | 'recipient' | 'sender'>

export function findException(table: ExceptionTable, request: AskedAbout): Match | undefined {
  const { client, sentClient, name, helo, recipient, sender } = request
  const { labels } = table.head
  // An operator may have written down the address that Postfix logs.
  for (const address of [client, sentClient]) {
    const found = address === undefined ? undefined : ofClient(table, address)
    if (found) return { who: found.who, action: found.action, by: 'client' }
  }
  if (labels.n !== undefined && !hasNoName({ name })) {
    const match = ofName(table, 'n', 'name', name) ?? ofDomain(table, 'n', 'name', name)
    if (match) return match
  }
  if (labels.h !== undefined && helo !== '') {
    const match = ofName(table, 'h', 'helo', helo.endsWith('.') ? helo.slice(0, -1) : helo)
    if (match) return match
  }
  if (labels.r !== undefined) {
    const at = recipient.lastIndexOf('@')
    const match =
      ofName(table, 'r', 'recipient', recipient) ??
      ofName(table, 'r', 'recipient', recipient.slice(0, at + 1)) ??
      ofDomain(table, 'r', 'recipient', recipient.slice(at + 1))
    if (match) return match
  }
  return labels.s === undefined && labels.t === undefined ? undefined : ofSender(table, sender)
}

function ofClient(table: ExceptionTable, client: string): FoundException | undefined {
  const { labels } = table.head
  if (client.includes(':')) return labels[6] === undefined ? undefined : table.rangeOf(`6${client.replaceAll(':', '')}`)
  if (labels[4] === undefined) return undefined
  let key = '4'
  for (let octet = 0, at = 0; at <= client.length; at++) {
    const digit = client.charCodeAt(at) - 48
    if (digit >= 0) octet = 10 * octet + digit
    else {
      // A dot, or the end.
      key += HEX_DIGITS.charAt(octet >> 4) + HEX_DIGITS.charAt(octet & 15)
      octet = 0
    }
  }
  return table.rangeOf(key)
}

function ofSender(table: ExceptionTable, sender: string): Match | undefined {
  const at = sender.lastIndexOf('@')
  if (at < 0) return undefined
  return (
    ofName(table, 't', 'sender!', sender) ??
    ofName(table, 's', 'sender', sender) ??
    longer(ofDomain(table, 't', 'sender!', sender.slice(at + 1)), ofDomain(table, 's', 'sender', sender.slice(at + 1)))
  )
}

/** Of two domains above the same name the longer one, else the first. */
function longer(one: Match | undefined, other: Match | undefined): Match | undefined {
  if (!one || !other) return one ?? other
  return domainLength(other) > domainLength(one) ? other : one
}

function domainLength({ who }: Match): number {
  return who.length - who.indexOf(':')
}

function ofName(table: ExceptionTable, kind: NameKind, by: MatchedBy, name: string): Match | undefined {
  if (name === '' || name.length > MOST_CHARACTERS || table.head.labels[kind] === undefined) return undefined
  const action = table.actionOf(kind + name)
  return action && { who: PREFIXES[kind] + name, action, by }
}

/** The longest domain that a name is or is in; from as many labels as any domain of the file has. */
function ofDomain(table: ExceptionTable, kind: NameKind, by: MatchedBy, name: string): Match | undefined {
  if (name.length > MOST_CHARACTERS) return undefined
  let from = name.length
  for (let labels = table.head.labels[kind] ?? 0; labels > 0 && from >= 0; labels--)
    from = from === 0 ? -1 : name.lastIndexOf('.', from - 1)
  if (from === name.length) return undefined
  let domain = from < 0 ? `.${name}` : name.slice(from)
  for (;;) {
    const match = ofName(table, kind, by, domain)
    if (match) return match
    const next = domain.indexOf('.', 1)
    if (next < 0) return undefined
    domain = domain.slice(next)
  }
}
