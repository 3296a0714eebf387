/**
 * Chapter 4: do the names the client chose lead back to it?
 *
 *   sender domain, then HELO name; each from the full name up through its parents; for each name its exchanges,
 *   then its own addresses → found, or the near misses (same network) and the penalties
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
import { addRule, type Evaluation, readAnswer, valuesOf } from './evaluation.ts'

/** Exchanges of one MX answer that are followed. */
const MAX_EXCHANGES = 16
/** Names that are looked at from a name up to its last two labels, both counted. */
const MAX_LEVELS = 16

/** Whose name is looked at. */
type Origin = 'FROM' | 'HELO'

/** The walk met `$MAXDNSERR` failed lookups and is not to go on; `where` in the reference's words: `FROM MX lookups for example.org`. */
export interface TooManyNameErrors {
  readonly kind: 'too-many-name-errors'
  readonly where: string
}

/** Scores the sender domain and the HELO name; undefined: scoring goes on. */
export function scoreNames(evaluation: Evaluation): TooManyNameErrors | undefined {
  const { domain, client, helo } = evaluation.request
  if (domain === client) {
    addFromAddress(evaluation, domain)
    evaluation.found = true
    evaluation.heloOk = 1
  }
  // With the full sender domain unsettled, the parents of the HELO name may never be asked for.
  const from = walkNames(evaluation, 'FROM', namesToWalk(domain))
  if (typeof from === 'object') return from
  if (!evaluation.found) {
    const names = namesToWalk(helo)
    const end = walkNames(evaluation, 'HELO', from === 'open' ? names.slice(0, 1) : names)
    if (typeof end === 'object') return end
  }
  if (!evaluation.found) scoreNearMisses(evaluation)
  return undefined
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
function walkNames(
  evaluation: Evaluation,
  origin: Origin,
  names: readonly string[],
): TooManyNameErrors | 'open' | undefined {
  const needsBefore = evaluation.needs.length
  for (const [level, name] of names.entries()) {
    const end = walkName(evaluation, origin, name)
    if (end === 'next-name') continue
    if (end || evaluation.found) return end
    if (level === 0 && evaluation.needs.length > needsBefore) return 'open'
  }
  return undefined
}

/** Steps 1 to 6 for one name. */
function walkName(evaluation: Evaluation, origin: Origin, name: string): TooManyNameErrors | 'next-name' | undefined {
  const asked = withoutTrailingDots(name)
  const exchanges = readAnswer(evaluation, 'MX', asked)
  if (exchanges.kind === 'failed')
    return countNameError(evaluation, `MX ${asked}`, `${origin} MX lookups for ${name}`) ?? 'next-name'
  evaluation.gotRecords = true

  const end = walkExchanges(evaluation, origin, name, valuesOf(exchanges))
  if (end) return end
  if (origin === 'FROM' && isBogus(evaluation)) evaluation.badMx = true

  if (!evaluation.found) {
    const addressesEnd = walkAddresses(evaluation, origin, name, asked)
    if (addressesEnd) return addressesEnd
  }

  const badMxScore = evaluation.config.bogus_mx_score[0] * evaluation.dnsbl
  if (evaluation.badMx && !evaluation.badMxScored && badMxScore !== 0) {
    evaluation.badMxScored = true
    addRule(evaluation, 'BAD_MX', badMxScore)
  }
  if (origin === 'FROM' && !evaluation.bogusMx && isBogus(evaluation)) {
    evaluation.bogusMx = true
    evaluation.penalty = evaluation.config.bogus_mx_score[0] + evaluation.dnsbl
    addRule(evaluation, 'BOGUS_MX', evaluation.penalty)
  }
  return undefined
}

/** Step 2: the addresses of the exchanges, up to the first that is the client. */
function walkExchanges(
  evaluation: Evaluation,
  origin: Origin,
  name: string,
  exchanges: readonly string[],
): TooManyNameErrors | undefined {
  if (exchanges.length > MAX_EXCHANGES)
    evaluation.notes.push(`followed ${MAX_EXCHANGES} of the ${exchanges.length} exchanges of ${name}`)
  for (const exchange of exchanges.slice(0, MAX_EXCHANGES)) {
    // The null MX of RFC 7505 names no host.
    if (exchange === '') continue
    let addresses = 0
    let hasFailed = false
    for (const type of ['A', 'AAAA'] as const) {
      const outcome = readAnswer(evaluation, type, exchange)
      if (outcome.kind === 'failed') {
        if (type === 'AAAA' && !hasFailed) continue
        hasFailed = true
        const end = countNameError(evaluation, `${type} ${exchange}`, `${origin} MX -> A lookups`)
        if (end) return end
        continue
      }
      for (const address of valuesOf(outcome)) {
        if (origin === 'FROM') {
          // Two in a row say all that hundreds do: a HELO domain, without a dot inside, spans two of them at most.
          if (++addresses <= 2) evaluation.exchangeNames += `.${exchange} `
          addFromAddress(evaluation, address)
        }
        evaluation.addresses.push(address)
        if (address !== evaluation.request.client) continue
        addRule(evaluation, `CL_IP_EQ_${origin}_MX`, evaluation.config.helo_from_mx_eq_ip_score[1])
        evaluation.found = true
        evaluation.heloOk = 1
        evaluation.mxOk = true
        if (origin === 'FROM') evaluation.senderIsMx = true
        return undefined
      }
    }
  }
  return undefined
}

/** Step 4: the addresses of the name itself. */
function walkAddresses(
  evaluation: Evaluation,
  origin: Origin,
  name: string,
  asked: string,
): TooManyNameErrors | undefined {
  let hasFailed = false
  for (const type of ['A', 'AAAA'] as const) {
    const outcome = readAnswer(evaluation, type, asked)
    if (outcome.kind === 'failed') {
      if (type === 'AAAA' && !hasFailed) continue
      hasFailed = true
      const end = countNameError(evaluation, `${type} ${asked}`, `${origin} A lookup for ${name}`)
      if (end) return end
      continue
    }
    for (const address of valuesOf(outcome)) {
      evaluation.addresses.push(address)
      const leftOut = evaluation.config.IGNORE_RFC1918_A && isPrivate(address)
      if (origin === 'FROM' && !leftOut) addFromAddress(evaluation, address)
      if (address !== evaluation.request.client) continue
      addRule(evaluation, `CL_IP_EQ_${origin}_IP`, evaluation.config.helo_score[1])
      evaluation.found = true
      evaluation.heloOk = 1
      evaluation.badMx = false
      if (origin === 'FROM') evaluation.fromIp = true
      break
    }
  }
  return undefined
}

/** No name led to the client: is it at least in the network of one of them? */
function scoreNearMisses(evaluation: Evaluation): void {
  const { config, addresses } = evaluation
  if (!evaluation.gotRecords) {
    addRule(evaluation, 'NO_MX_A_RECS_FOUND', config.helo_score[0] - 0.1)
    evaluation.heloOk = 2
    return
  }
  const { subnet, widerSubnet } = subnetPrefixes(evaluation.request.client)
  if (addresses.some(address => address.startsWith(subnet))) {
    addRule(evaluation, 'HELO_IP_IN_CL_SUBNET', config.helo_ip_in_client_subnet[1])
    evaluation.heloOk = 1
    evaluation.found = true
  } else if (addresses.some(address => address.startsWith(widerSubnet))) {
    addRule(evaluation, 'HELO_IP_IN_CL16_SUBNET', config.helo_ip_in_cl16_subnet[1])
    evaluation.unverified = true
    evaluation.reverseCheck = true
    evaluation.found = true
  } else if (evaluation.heloOk !== 1) {
    addRule(evaluation, 'CL_IP_NE_HELO', config.helo_score[0] + evaluation.dnsbl)
    evaluation.heloOk = 2
  }
}

/** The text every address of the client's network begins with: /24 and /16 of IPv4, /64 and /48 of IPv6. */
export function subnetPrefixes(client: string): { subnet: string; widerSubnet: string } {
  if (client.includes(':')) return { subnet: client.slice(0, 20), widerSubnet: client.slice(0, 15) }
  const subnet = client.slice(0, client.lastIndexOf('.') + 1)
  return { subnet, widerSubnet: client.slice(0, client.lastIndexOf('.', subnet.length - 2) + 1) }
}

/** Notes an address of a name of the sender domain, and what it makes of them all: there may be thousands. */
function addFromAddress(evaluation: Evaluation, address: string): void {
  evaluation.fromAddresses.push(address)
  evaluation.fromHasNumber ||= /\d/.test(address)
  evaluation.fromHasPrivate ||= isPrivate(address)
}

/** Nobody can be reached at the sender domain: no address at all, or a private or loopback one among them. */
function isBogus({ fromHasNumber, fromHasPrivate }: Evaluation): boolean {
  return !fromHasNumber || fromHasPrivate
}

/** Loopback and RFC 1918 networks: 127/8, 10/8, 192.168/16, 172.16/12. */
function isPrivate(address: string): boolean {
  return /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(address)
}

/** Failed lookups that are named; one more says that there are others. */
export const MAX_FAILED_NAMES = 3

/** Counts a failed lookup; the end of scoring, the reference's way, once `$MAXDNSERR` have failed. */
function countNameError(evaluation: Evaluation, lookup: string, where: string): TooManyNameErrors | undefined {
  evaluation.nameErrors += 1
  const { failedNames } = evaluation
  if (failedNames.length <= MAX_FAILED_NAMES && !failedNames.includes(lookup)) failedNames.push(lookup)
  return evaluation.config.CLIENTDNSERRMSG === '' && hasTooManyNameErrors(evaluation)
    ? { kind: 'too-many-name-errors', where }
    : undefined
}

/** Whether so many lookups of names the client chose have failed that they may be what makes its mail look bad; with `$MAXDNSERR` = 0, one. */
export function hasTooManyNameErrors({ nameErrors, config }: Evaluation): boolean {
  return nameErrors > 0 && nameErrors >= config.MAXDNSERR
}
