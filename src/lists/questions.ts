/**
 * What a list is asked: the question for an entry, about a client or about a sender domain.
 *
 * Shared by score/first-wave.ts, which asks ahead, and by scoring, which reads the answers; so both mean the same question.
 *
 * What a stranger chooses must not make a list look ill. So a list of domains is never asked for an address, however that is
 * written: there is no such question, and what is not asked is not listed. And a question is fair only if nothing the client
 * chose can spoil its answer: a list that has no IPv6 addresses need not know what to make of one, and odd names have more
 * ways to fail than there are lists in trouble. An unfair question is asked all the same, and a listing counts; its failure
 * says nothing (score/scoring.ts).
 *
 * Pure, total.
 * Source: docs/behaviour/dns-and-lists.md#what-a-list-is-asked; RFC 5782 2; WHATWG URL, "ends in a number
 * checker"; RFC 3696 2 (no top level domain is a number).
 */
import { askableEnd, reverseName } from '../dns/names.ts'
import type { Question } from '../dns/outcome.ts'
import { rulesOf } from './rules.ts'
import { mayList, says } from './words.ts'
import type { ConfiguredZone } from './zone.ts'

/** A question to a list. */
export interface ListQuestion extends Question {
  readonly ofList: true
  readonly list: string
  /** Whether trouble with its answer is the list's, or ours: nothing the client chose can be the cause. */
  readonly isFair: boolean
  /**
   * Whether that counts, against the list and towards `$MAXDNSERR`. Not if the question is unfair, nor if nobody knows that it
   * is fair: a list that nothing is known of may have no IPv6 addresses, and a client chooses to come with one.
   */
  readonly counts: boolean
  /** As what its silence counts towards `$MAXDNSERR`: once, however many questions have it. */
  readonly silentAs: string
}

interface Entry {
  readonly host: string
}

const NONE: readonly ConfiguredZone[] = []

/** The length of the longest name of a client, an IPv6 address reversed: what every list is asked for. And no label is too long then. */
const MAX_FAIR_LENGTH = 63

/** Whether an entry lists the client: `A 1.2.0.192.zen.spamhaus.org`; undefined: it lists domains. */
export function clientListQuestion(
  client: string,
  { host }: Entry,
  configured: readonly ConfiguredZone[] = NONE,
): ListQuestion | undefined {
  const rules = rulesOf(host, configured)
  const isIPv6 = client.includes(':')
  const isFair = mayList(rules, isIPv6 ? 'ipv6' : 'ipv4')
  if (!isFair && !mayList(rules, isIPv6 ? 'ipv4' : 'ipv6')) return undefined
  const counts = isFair && (!isIPv6 || says(rules, 'ipv6'))
  const name = reverseName(client, host)
  return { type: 'A', name, ofList: true, list: host, isFair, counts, silentAs: name }
}

/**
 * Whether an entry lists the sender domain: `A example.org.dbl.spamhaus.org`; of a domain that as a whole cannot be asked
 * about, its longest end that can (D3). Undefined: there is none, or that is no domain.
 */
export function senderListQuestion(
  domain: string,
  { host }: Entry,
  configured: readonly ConfiguredZone[] = NONE,
): ListQuestion | undefined {
  const name = askableEnd(domain, host)
  if (!endsAsDomain(name)) return undefined
  const isFair = isOrdinaryName(name) && mayList(rulesOf(host, configured), 'domain')
  // The client chooses of how many domains a list is asked.
  return { type: 'A', name: `${name}.${host}`, ofList: true, list: host, isFair, counts: isFair, silentAs: host }
}

/**
 * Whether the last label can be that of a domain. It is none in `192.0.2.1`, `foo.9`, `foo.0x1f`, `[192.0.2.1]`,
 * `[ipv6:2001:db8::1]`, and in what becomes one of these when it is asked for: `foo.` and a full-width 9.
 */
function endsAsDomain(asked: string): boolean {
  const label = asked.slice(asked.lastIndexOf('.') + 1)
  return label !== '' && !hasAddressSign(label) && !isNumber(label)
}

function hasAddressSign(label: string): boolean {
  return label.includes(':') || label.includes('[') || label.includes(']')
}

/** Decimal or hexadecimal: `9`, `0x1f`, `0x`. */
function isNumber(label: string): boolean {
  const isHex = label.startsWith('0x')
  for (let at = isHex ? 2 : 0; at < label.length; at++) {
    const code = label.charCodeAt(at)
    const isDigit = code >= 0x30 && code <= 0x39
    if (!isDigit && !(isHex && code >= 0x61 && code <= 0x66)) return false
  }
  return true
}

/** A host name of the usual signs and a usual length, which no server can choke on: `mail-1.example.org`. */
function isOrdinaryName(name: string): boolean {
  if (name.length > MAX_FAIR_LENGTH) return false
  for (let at = 0, labelStart = 0; at < name.length; at++) {
    const code = name.charCodeAt(at)
    if (code === 0x2e) {
      if (at === labelStart) return false
      labelStart = at + 1
      continue
    }
    const isDigit = code >= 0x30 && code <= 0x39
    const isLetter = code >= 0x61 && code <= 0x7a
    if (!isDigit && !isLetter && code !== 0x2d && code !== 0x5f) return false
  }
  return true
}
