/**
 * The mechanisms that look something up: `a`, `mx`, `ptr`, `exists`; and the names that terms mean.
 *
 *   check-host.ts: a mechanism → find… → whether it may match, and whether it may not
 *
 * A name that cannot exist is never asked for and matches nothing. Names behind an `mx` and of a client are looked up in
 * their order, 10 at most.
 *
 * Failure: a failed lookup is `temperror`; of a client's names it makes the name invalid. Nothing throws.
 * Sources: RFC 7208 4.8, 5.3 to 5.7, 7.3; docs/behaviour/spf.md#limits.
 */
import { nameToAsk, pointerName } from '../dns/names.ts'
import { cutToName, expand, type MacroString } from './macro.ts'
import { isInNetwork } from './network.ts'
import type { Mechanism } from './record.ts'
import { type Ends, look, MAX_NAMES, noteVoid, type SpfWalk } from './walk.ts'

/** Where in the records a walk is. */
export interface Scope {
  readonly walk: SpfWalk
  readonly domain: string
  readonly ends: Ends
}

/** What may come of a mechanism; exactly one thing if all is known. */
export interface Found {
  readonly match: boolean
  /** A record that is included lets all the world pass. */
  readonly everybody?: boolean
  readonly noMatch: boolean
  readonly errors?: readonly ('temperror' | 'permerror')[]
}

type AddressMechanism = Extract<Mechanism, { kind: 'a' | 'mx' }>

const MATCH: Found = { match: true, noMatch: false }
const NO_MATCH: Found = { match: false, noMatch: true }
const TEMPERROR: Found = { match: false, noMatch: false, errors: ['temperror'] }
const PERMERROR: Found = { match: false, noMatch: false, errors: ['permerror'] }
const UNKNOWN: Found = { match: true, noMatch: true, errors: ['temperror', 'permerror'] }

/** The name that a term means: of the domain itself without a target; undefined: not known yet. */
export function targetName(scope: Scope, target: MacroString | undefined): string | undefined {
  if (!target) return scope.domain
  const name = expand(target, letter => letterValue(scope, letter))
  return name === undefined ? undefined : cutToName(name)
}

function letterValue(scope: Scope, letter: string): string | undefined {
  const { walk, domain } = scope
  const at = walk.sender.lastIndexOf('@')
  switch (letter) {
    case 's':
      return walk.sender
    case 'l':
      return walk.sender.slice(0, at)
    case 'o':
      return walk.sender.slice(at + 1)
    case 'd':
      return domain
    case 'i':
      return walk.client.includes(':') ? walk.client.replaceAll(':', '').split('').join('.') : walk.client
    case 'v':
      return walk.client.includes(':') ? 'ip6' : 'in-addr'
    case 'h':
      return walk.helo
    default:
      return validatedName(scope)
  }
}

export function findAddress(scope: Scope, mechanism: AddressMechanism, text: string): Found | undefined {
  const isMatch = (addresses: readonly string[]): boolean => isAmong(scope.walk, addresses, mechanism)
  return findOne(scope, mechanism.target, addressType(scope.walk), text, isMatch)
}

export function findExists(scope: Scope, target: MacroString, text: string): Found | undefined {
  return findOne(scope, target, 'A', text, () => true)
}

/** What rests on the addresses of one name. */
function findOne(
  scope: Scope,
  target: MacroString | undefined,
  type: 'A' | 'AAAA',
  text: string,
  isMatch: (addresses: readonly string[]) => boolean,
): Found | undefined {
  const name = targetName(scope, target)
  if (name === undefined) return unknownName(scope, 1, text)
  const asked = nameToAsk(name)
  if (asked === undefined) return NO_MATCH
  const outcome = look(scope.walk, { type, name: asked })
  if (!noteVoid(scope.walk, outcome, scope.ends, scope.domain, text)) return undefined
  if (!outcome) return { match: true, noMatch: true, errors: ['temperror'] }
  if (outcome.kind === 'failed') return TEMPERROR
  return outcome.kind === 'found' && isMatch(outcome.values) ? MATCH : NO_MATCH
}

export function findExchange(scope: Scope, mechanism: AddressMechanism, text: string): Found | undefined {
  const { walk } = scope
  const name = targetName(scope, mechanism.target)
  if (name === undefined) return unknownName(scope, 1 + MAX_NAMES, text)
  const asked = nameToAsk(name)
  if (asked === undefined) return NO_MATCH
  const exchanges = look(walk, { type: 'MX', name: asked })
  if (!noteVoid(walk, exchanges, scope.ends, scope.domain, text)) return undefined
  if (!exchanges) {
    walk.behind += MAX_NAMES
    return UNKNOWN
  }
  if (exchanges.kind === 'failed') return TEMPERROR
  if (exchanges.kind !== 'found') return NO_MATCH
  if (exchanges.values.length > MAX_NAMES) return PERMERROR
  let mayMatch = false
  let mayFail = false
  for (const exchange of exchanges.values) {
    const host = nameToAsk(exchange)
    if (host === undefined) continue
    const outcome = look(walk, { type: addressType(walk), name: host })
    const isFound = outcome?.kind === 'found' && isAmong(walk, outcome.values, mechanism)
    mayMatch ||= !outcome || isFound
    mayFail ||= !outcome || outcome.kind === 'failed'
    if (isFound || outcome?.kind === 'failed')
      return { match: mayMatch, noMatch: false, errors: mayFail ? ['temperror'] : [] }
  }
  return { match: mayMatch, noMatch: true, errors: mayFail ? ['temperror'] : [] }
}

export function findPointer(scope: Scope, target: MacroString | undefined, text: string): Found | undefined {
  const { walk } = scope
  const domain = targetName(scope, target)?.toLowerCase()
  const pointers = look(walk, { type: 'PTR', name: pointerName(walk.client) })
  if (!noteVoid(walk, pointers, scope.ends, scope.domain, text)) return undefined
  if (domain === undefined || !pointers) {
    walk.behind += MAX_NAMES
    return { match: true, noMatch: true }
  }
  if (pointers.kind !== 'found') return NO_MATCH
  let mayMatch = false
  for (const name of pointers.values.slice(0, MAX_NAMES)) {
    if (!isWithin(name, domain)) continue
    const isValid = isOfClient(walk, name)
    if (isValid) return { match: true, noMatch: false }
    mayMatch ||= isValid === undefined
  }
  return { match: mayMatch, noMatch: true }
}

/** `%{p}`: a name of the client that leads back to it, the domain's first; `unknown` without one. */
function validatedName({ walk, domain }: Scope): string | undefined {
  const pointers = look(walk, { type: 'PTR', name: pointerName(walk.client) })
  if (!pointers) {
    walk.behind += MAX_NAMES
    return undefined
  }
  const names = pointers.kind === 'found' ? pointers.values.slice(0, MAX_NAMES) : []
  const sorted = [
    ...names.filter(name => name === domain),
    ...names.filter(name => name !== domain && isWithin(name, domain)),
    ...names.filter(name => !isWithin(name, domain)),
  ]
  for (const name of sorted) {
    const isValid = isOfClient(walk, name)
    if (isValid === undefined) return undefined
    if (isValid) return name
  }
  return 'unknown'
}

function isWithin(name: string, domain: string): boolean {
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`))
}

/** Whether a name has the client's address; undefined: not known yet. */
function isOfClient(walk: SpfWalk, name: string): boolean | undefined {
  const asked = nameToAsk(name)
  if (asked === undefined) return false
  const outcome = look(walk, { type: addressType(walk), name: asked })
  return outcome && outcome.kind === 'found' && outcome.values.includes(walk.client)
}

/** A term of which not even the name is known; it may make so many queries. */
function unknownName({ walk, ends, domain }: Scope, queries: number, text: string): Found | undefined {
  walk.behind += queries
  return noteVoid(walk, undefined, ends, domain, text) ? UNKNOWN : undefined
}

function addressType({ client }: SpfWalk): 'A' | 'AAAA' {
  return client.includes(':') ? 'AAAA' : 'A'
}

function isAmong({ client }: SpfWalk, addresses: readonly string[], { bits4, bits6 }: AddressMechanism): boolean {
  const bits = client.includes(':') ? bits6 : bits4
  return addresses.some(address => isInNetwork(client, address, bits))
}
