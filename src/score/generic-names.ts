/**
 * Names that say no more than the address: a host nobody has given a name of its own.
 *
 *   HELO name, client's name, address → chapters 4 and 8
 *
 * The address is looked for in the ways in which providers write it: its four numbers either way round, with dots, dashes or
 * underscores between them, padded with zeros or not, and as eight hexadecimal digits; an IPv6 address as its 32 digits.
 *
 * Pure, total; linear in the length of the name, which a client chooses.
 * Source: docs/behaviour/scoring.md#names-that-hold-the-address.
 */
import { firstDomainOf } from '../lists/providers.ts'
import { hasNoName } from '../policy/request.ts'
import { normalizeClientAddress } from '../text/address.ts'
import { organisationOf } from '../text/organisation.ts'
import { isNumericHelo, looksDynamic, looksLikeAddressName, looksLikeServer } from './patterns.ts'
import type { ScorableRequest } from './scoring.ts'

/** Words that a provider has for hosts that send mail. */
const SERVER_LABEL = /(?:^|[^a-z])(?:mail|mx|smtp|mta|out|outbound|relay|sender|static)/

/** `('pool-192-0-2-10.example.net', '192.0.2.10')` → true, and so for `010.002.000.192.x`, `c000020a.x`. */
export function holdsAddress(name: string, client: string): boolean {
  if (client.includes(':')) {
    const digits = client.replaceAll(':', '')
    return name.replaceAll(/[-._]/g, '').includes(digits)
  }
  const octets = client.split('.').map(Number)
  const both = [octets, [...octets].reverse()]
  return both.some(each => holdsNumbers(name, each) || name.includes(hexOf(each)) || name.includes(paddedOf(each)))
}

/** The numbers one behind the other, with one sign in between. */
function holdsNumbers(name: string, numbers: readonly number[]): boolean {
  const groups = [...name.matchAll(/\d+/g)]
  return groups.some((_, first) =>
    numbers.every((number, index) => {
      const group = groups[first + index]
      const before = groups[first + index - 1]
      if (!group || group[0].length > 3 || Number(group[0]) !== number) return false
      if (index === 0 || !before) return index === 0
      return group.index === before.index + before[0].length + 1 && /[-._]/.test(name.charAt(group.index - 1))
    }),
  )
}

function hexOf(numbers: readonly number[]): string {
  return numbers.map(number => number.toString(16).padStart(2, '0')).join('')
}

function paddedOf(numbers: readonly number[]): string {
  return numbers.map(number => `${number}`.padStart(3, '0')).join('')
}

/** Whether a name holds the client's address, and nothing says that it is a server's. */
export function isNameOfAddress(name: string, client: string): boolean {
  return !looksLikeServer(name) && !SERVER_LABEL.test(name) && holdsAddress(name, client)
}

/** Words of dial-up lines that are none: of a department (`dipmat`), or in another word (`medialab`). */
const OTHER_WORDS = /\.dip(?!\d*\.)|(?<=[a-z])dial/g

/**
 * Whether a name is that of a dial-up line. `inFront`: by a word in front of the organisational domain, which is a firm's name
 * whatever it is made of: `web3.dynamic-hosting.co.uk` is none. Nor is `post.medialab.example.org` then.
 */
export function isNameOfLine(name: string, inFront: boolean): boolean {
  const organisation = inFront ? organisationOf(name) : ''
  return looksDynamic(
    organisation === '' ? name : `${name.slice(0, -organisation.length).replace(OTHER_WORDS, '.')}a.a`,
  )
}

/** Whether it is a name of its own: neither the address in words, nor that of a dial-up line. */
function isNameOfItsOwn(name: string, client: string): boolean {
  return (
    !holdsAddress(name, client) && (looksLikeServer(name) || !(isNameOfLine(name, true) || looksLikeAddressName(name)))
  )
}

/** How the client's confirmed name makes the HELO name the client's, `$HELO_BY_CLIENT_NAME`; undefined: not at all. */
export function tieByClientName({ client, name, helo }: ScorableRequest): 'organisation' | 'literal' | undefined {
  if (hasNoName({ name }) || !isNameOfItsOwn(name, client)) return undefined
  if (isOwnLiteral(helo, client)) return 'literal'
  return areOfOne(name, helo) && !isNumericHelo(helo) && isNameOfItsOwn(helo, client) ? 'organisation' : undefined
}

/** Whether two names are of one organisation, or of one large provider, who has several domains. */
function areOfOne(one: string, other: string): boolean {
  const organisation = organisationOf(one)
  return organisation !== '' && firstDomainOf(organisation) === firstDomainOf(organisationOf(other))
}

/** `[192.0.2.10]`, `[ipv6:2001:db8::10]`: the client's address in brackets (RFC 5321 4.1.3). */
function isOwnLiteral(helo: string, client: string): boolean {
  if (!client.includes(':')) return helo === `[${client}]`
  return helo.startsWith('[ipv6:') && helo.endsWith(']') && normalizeClientAddress(helo.slice(6, -1)) === client
}
