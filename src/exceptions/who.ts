/**
 * Whom an exception is for, as it is written: WHO of a line, or of `policyd-weight exempt`.
 *
 *   exception-line.ts, cli/exempt/: `recipient:.example.org` → readWho → Who, or what is wrong with it
 *
 * Total: nothing is thrown. Case makes no difference. Source: docs/exceptions.md#who.
 */
import { show } from '../config/findings/position.ts'
import { readNetwork } from './client-networks.ts'
import { type NameKind, PREFIXES, type Who } from './exception.ts'

/** Postfix knows longer ones of nothing that matters here. */
const MOST_CHARACTERS = 255
const KINDS = new Map(Object.entries(PREFIXES).map(([kind, prefix]) => [prefix.slice(0, -1), kind as NameKind]))
const TYPED = /^([a-z]+!?):(.*)$/
const LABEL = /^[a-z\d_-]{1,63}$/

/** `'.Example.org'` → `{ kind: 'name', text: '.example.org', key: 'n.example.org' }`; a text says what is wrong. */
export function readWho(written: string): Who | string {
  const text = written.toLowerCase()
  if (text === '') return 'says nobody: an address, a network or a name'
  if (/[^!-~]/.test(text)) return `${show(written)} has characters that are not ASCII: names are written as xn--…`
  if (text.length > MOST_CHARACTERS) return `${show(written)} has more than ${MOST_CHARACTERS} characters`
  const [, word, rest = ''] = TYPED.exec(text) ?? []
  const kind = word === undefined ? undefined : KINDS.get(word)
  if (kind !== undefined) return readTyped(kind, rest, written)
  // What has a digit or a colon in front of a letter beyond f cannot be an address.
  if (word !== undefined && !/^[\da-f]{1,4}$/.test(word))
    return `${show(written)}: in front of a colon stands one of helo, recipient, sender and sender!`
  if (/^[\d.-]+(?:\/|$)/.test(text) || /[:/]/.test(text)) {
    const network = readNetwork(text)
    return typeof network === 'string' ? network : { kind: 'network', text, network }
  }
  if (text.includes('@')) return `${show(written)} is an address of mail: ${addressesOf(text).join(' or ')}`
  if (text === 'unknown')
    return '"unknown" is what Postfix says of clients without a confirmed name; exempt their addresses'
  return readTyped('n', text, written)
}

/** What an address of mail can be written as: `'@example.org'` → `sender:.example.org`, `recipient:.example.org`. */
function addressesOf(text: string): readonly string[] {
  if (isUser(text)) return [`recipient:${text}`]
  const address = text.replace(/^@/, '.')
  return [`sender:${address}`, `recipient:${address}`]
}

function readTyped(kind: NameKind, text: string, written: string): Who | string {
  const fault = FAULTS[kind](text)
  if (fault !== undefined) return `${show(written)}: ${fault}`
  const name = withoutDot(text)
  return { kind: 'name', text: `${PREFIXES[kind]}${name}`, key: `${kind}${name}` }
}

/** What is wrong with what stands behind the colon. */
const FAULTS: Readonly<Record<NameKind, (text: string) => string | undefined>> = {
  n: text =>
    isDomain(text.replace(/^\./, ''))
      ? undefined
      : 'a name is like mail.example.org, a domain with all below like .example.org',
  h: text =>
    withoutDot(text) === '' || text.startsWith('.') ? 'helo: takes the whole name that clients say' : undefined,
  r: text =>
    isMailAddress(text) || isUser(text) || isBelow(text)
      ? undefined
      : `a recipient is user@example.org, user@ in any domain, or ${belowOf(text)} with all below`,
  s: faultOfSender,
  t: faultOfSender,
}

function faultOfSender(text: string): string | undefined {
  return isMailAddress(text) || isBelow(text)
    ? undefined
    : `a sender is user@example.org, or ${belowOf(text)} with all below`
}

/** How the domain is written that somebody may have meant: `'@partner.example'` → `'.partner.example'`. */
function belowOf(text: string): string {
  const domain = text.replace(/^@/, '')
  return domain.includes('.') && isDomain(domain) ? `.${withoutDot(domain)}` : '.example.org'
}

function isBelow(text: string): boolean {
  return text.startsWith('.') && isDomain(text.slice(1))
}

function isUser(text: string): boolean {
  return text.length > 1 && text.indexOf('@') === text.length - 1
}

function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  return at > 0 && isDomain(text.slice(at + 1))
}

function isDomain(text: string): boolean {
  return withoutDot(text)
    .split('.')
    .every(label => LABEL.test(label))
}

/** Names are compared without the dot that ends them, those that clients say as well. */
function withoutDot(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text
}
