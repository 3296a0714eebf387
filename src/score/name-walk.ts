/**
 * The walk over one name the client chose and its parents: exchanges, addresses, and whether one of them is the client.
 *
 *   both-names.ts: sender domain, HELO name → walkNames → Walk
 *
 * The walk is written as the rules have it: one name after the other, ending at the first that leads to
 * the client. It runs over answers that are there; what is missing reads as "no records", so the walk reaches on
 * and names the lookups behind it. Two bounds keep that from asking for more than a verdict needs:
 * parents are named only when every answer about the full name is there and did not settle it, and at most
 * 16 exchanges of an answer and 16 names of a chain of parents are followed (a client must not be able to buy
 * hundreds of queries with one HELO).
 *
 * Failure: a failed lookup reads as "no records", is counted, and the walk goes on to its end; what the count means is
 * verdict.ts's business (D2). An AAAA that fails where the A of the same name is answered is no failure: there are name
 * servers that mishandle AAAA alone (RFC 4074). With `$CLIENTDNSERRMSG` empty the walk ends at `$MAXDNSERR`, as the
 * reference's does.
 * Source: docs/behaviour/scoring.md#names-of-sender-and-helo.
 */
import { withoutTrailingDots, withPlainDots } from '../dns/names.ts'
import type { FailedNames, TooManyNameErrors } from './failed-names.ts'
import { isPrivate } from './networks.ts'
import { readAnswer, type Scoring, valuesOf } from './scoring.ts'

/** Exchanges of one MX answer that are followed. */
const MAX_EXCHANGES = 16
/** Names that are looked at from a name up to its last two labels, both counted. */
const MAX_LEVELS = 16

/** Whose name is looked at. */
export type Origin = 'FROM' | 'HELO'

/** 0: nothing known of the HELO name, 1: it belongs to the client, 2: it does not. */
export type HeloState = 0 | 1 | 2

/**
 * What the names led to: the client by an exchange or an address; it is the sender domain itself; an address in its
 * network; `name`: the client's confirmed name ties the HELO to it; `foreign`: others; `nothing`: no lookup was answered.
 */
export type LedTo = 'exchange' | 'address' | 'domain' | 'subnet' | 'wider-subnet' | 'name' | 'foreign' | 'nothing'

/** What is known so far while the names are walked, and when they were. */
export interface Walk {
  readonly scoring: Scoring
  /** That of ListsFound. */
  readonly weight: number
  /** SPF ties the sender domain to the client. */
  readonly isTied: boolean
  /** undefined: no name has led to the client yet. */
  ledTo: LedTo | undefined
  heloOk: HeloState
  /** An exchange of one of the names is the client. */
  mxOk: boolean
  /** An exchange of the sender domain is the client. */
  senderIsMx: boolean
  /** An address of the sender domain itself is the client. */
  fromIp: boolean
  /** Only a wider network matched; the client's host name decides later whether that was enough. */
  unverified: boolean
  /** The client's reverse names are to be compared with the HELO all the same. */
  reverseCheck: boolean
  /** Some lookup was answered, if only with "no such name". */
  gotRecords: boolean
  /** No exchange of the sender domain can be reached; it was scored. */
  badMx: boolean
  badMxScored: boolean
  /** Nobody can be reached at the sender domain at all, and what that is worth; 0 if it is not so. */
  bogusMx: boolean
  penalty: number
  /** Addresses of names of the sender domain. */
  readonly fromAddresses: string[]
  /** One of them has a digit; one of them is private or loopback. */
  fromHasNumber: boolean
  fromHasPrivate: boolean
  /** The full HELO name has an address. */
  heloHasAddress: boolean
  /** All addresses that came up, the HELO string first. */
  readonly addresses: string[]
  /** For each address of an exchange of the sender domain, but twice at most in a row: `.EXCHANGE `. */
  exchangeNames: string
  /** Failed MX, A and AAAA lookups of these names. */
  readonly failed: FailedNames
  /** undefined: scoring goes on. */
  end: TooManyNameErrors | undefined
}

/**
 * The names to look at, from the full name up, as long as they have two labels: `'a.b.example.org'` →
 * `['a.b.example.org', 'b.example.org', 'example.org']`. Of a name with more than 16 of them: itself and the last 15.
 * The other dots of UTS 46 are dots.
 */
export function namesToWalk(fullName: string): readonly string[] {
  const name = withPlainDots(fullName)
  const bare = withoutTrailingDots(name)
  const parents: string[] = []
  // From the right, so that a name of thousands of labels costs no more than its last ones.
  let dot = bare.lastIndexOf('.')
  if (dot < 0) return []
  while (dot > 0 && parents.length < MAX_LEVELS - 1) {
    dot = bare.lastIndexOf('.', dot - 1)
    if (dot >= 0) parents.unshift(name.slice(dot + 1))
  }
  return [name, ...parents].filter(each => !each.includes('[') && !each.includes(']'))
}

/** Walks names from the full one up. `open`: answers about the full name are missing, so its parents were not looked at. */
export function walkNames(
  walk: Walk,
  origin: Origin,
  names: readonly string[],
): TooManyNameErrors | 'open' | undefined {
  const needsBefore = walk.scoring.needs.length
  for (const [level, name] of names.entries()) {
    const end = walkName(walk, origin, name)
    if (end === 'next-name') continue
    if (end || walk.ledTo) return end
    if (level === 0 && walk.scoring.needs.length > needsBefore) return 'open'
  }
  return undefined
}

/** Steps 1 to 6 for one name. */
function walkName(walk: Walk, origin: Origin, name: string): TooManyNameErrors | 'next-name' | undefined {
  const asked = withoutTrailingDots(name)
  const exchanges = readAnswer(walk.scoring, 'MX', asked)
  if (exchanges.kind === 'failed')
    return walk.failed.add(`MX ${asked}`, `${origin} MX lookups for ${name}`) ?? 'next-name'
  walk.gotRecords = true

  const end = walkExchanges(walk, origin, name, valuesOf(exchanges))
  if (end) return end
  const isBad = origin === 'FROM' && !walk.isTied && isBogus(walk)
  if (isBad) walk.badMx = true

  if (!walk.ledTo) {
    const addressesEnd = walkAddresses(walk, origin, name, asked)
    if (addressesEnd) return addressesEnd
  }

  const { tally, config } = walk.scoring
  if (walk.badMx && !walk.badMxScored) {
    walk.badMxScored = true
    const score = config.bogus_mx_score.bad * walk.weight
    if (score !== 0) tally.add('BAD_MX', score)
  }
  if (origin === 'FROM' && !walk.isTied && !walk.bogusMx && isBogus(walk)) {
    walk.bogusMx = true
    walk.penalty = config.bogus_mx_score.bad + walk.weight
    tally.add('BOGUS_MX', walk.penalty)
  }
  return undefined
}

/** Step 2: the addresses of the exchanges, up to the first that is the client. */
function walkExchanges(
  walk: Walk,
  origin: Origin,
  name: string,
  exchanges: readonly string[],
): TooManyNameErrors | undefined {
  if (exchanges.length > MAX_EXCHANGES)
    walk.scoring.notes.push(`followed ${MAX_EXCHANGES} of the ${exchanges.length} exchanges of ${name}`)
  for (const exchange of exchanges.slice(0, MAX_EXCHANGES)) {
    // The null MX of RFC 7505 names no host.
    if (exchange === '') continue
    let addresses = 0
    let hasFailed = false
    for (const type of ['A', 'AAAA'] as const) {
      const outcome = readAnswer(walk.scoring, type, exchange)
      if (outcome.kind === 'failed') {
        if (type === 'AAAA' && !hasFailed) continue
        hasFailed = true
        const end = walk.failed.add(`${type} ${exchange}`, `${origin} MX -> A lookups`)
        if (end) return end
        continue
      }
      for (const address of valuesOf(outcome)) {
        if (origin === 'FROM') {
          // Two in a row say all that hundreds do: a HELO domain, without a dot inside, spans two of them at most.
          if (++addresses <= 2) walk.exchangeNames += `.${exchange} `
          addFromAddress(walk, address)
        }
        walk.addresses.push(address)
        if (address !== walk.scoring.request.client) continue
        walk.scoring.tally.add(`CL_IP_EQ_${origin}_MX`, walk.scoring.config.helo_from_mx_eq_ip_score.good)
        walk.ledTo = 'exchange'
        walk.heloOk = 1
        walk.mxOk = true
        if (origin === 'FROM') walk.senderIsMx = true
        return undefined
      }
    }
  }
  return undefined
}

/** Step 4: the addresses of the name itself. */
function walkAddresses(walk: Walk, origin: Origin, name: string, asked: string): TooManyNameErrors | undefined {
  let hasFailed = false
  for (const type of ['A', 'AAAA'] as const) {
    const outcome = readAnswer(walk.scoring, type, asked)
    if (outcome.kind === 'failed') {
      if (type === 'AAAA' && !hasFailed) continue
      hasFailed = true
      const end = walk.failed.add(`${type} ${asked}`, `${origin} A lookup for ${name}`)
      if (end) return end
      continue
    }
    for (const address of valuesOf(outcome)) {
      walk.addresses.push(address)
      if (name === walk.scoring.request.helo) walk.heloHasAddress = true
      const leftOut = walk.scoring.config.IGNORE_RFC1918_A && isPrivate(address)
      if (origin === 'FROM' && !leftOut) addFromAddress(walk, address)
      if (address !== walk.scoring.request.client) continue
      walk.scoring.tally.add(`CL_IP_EQ_${origin}_IP`, walk.scoring.config.helo_score.good)
      walk.ledTo = 'address'
      walk.heloOk = 1
      walk.badMx = false
      if (origin === 'FROM') walk.fromIp = true
      break
    }
  }
  return undefined
}

/** Notes an address of a name of the sender domain, and what it makes of them all: there may be thousands. */
export function addFromAddress(walk: Walk, address: string): void {
  walk.fromAddresses.push(address)
  walk.fromHasNumber ||= /\d/.test(address)
  walk.fromHasPrivate ||= isPrivate(address)
}

/** Nobody can be reached at the sender domain: no address at all, or a private or loopback one among them. */
function isBogus({ fromHasNumber, fromHasPrivate }: Walk): boolean {
  return !fromHasNumber || fromHasPrivate
}
