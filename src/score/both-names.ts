/**
 * Chapter 4: do the names the client chose lead back to it?
 *
 *   sender domain, then HELO name, each walked up through its parents (name-walk.ts) → found, or the near misses (same
 *   network) and the penalties
 *
 * With the full sender domain unsettled, the parents of the HELO name are not asked for: they may never be needed.
 *
 * Failure: name-walk.ts.
 * Source: docs/behaviour/scoring.md#names-of-sender-and-helo.
 */
import type { ListsFound } from './client-lists.ts'
import { FailedNames, type TooManyNameErrors } from './failed-names.ts'
import { addFromAddress, namesToWalk, type Walk, walkNames } from './name-walk.ts'
import { subnetPrefixes } from './networks.ts'
import type { Scoring } from './scoring.ts'
import type { SpfFound } from './spf.ts'
import { tieByClientName } from './generic-names.ts'

/** What the names of the sender domain and the HELO say of the client. */
export type NamesFound = Readonly<Walk>

/** Scores the sender domain and the HELO name. */
export function scoreNames(scoring: Scoring, { weight }: ListsFound, { ties }: SpfFound): NamesFound {
  const walk: Walk = {
    scoring,
    weight,
    isTied: ties,
    ledTo: undefined,
    heloOk: scoring.literal ? 1 : 0,
    mxOk: false,
    senderIsMx: false,
    fromIp: false,
    unverified: false,
    reverseCheck: false,
    gotRecords: false,
    badMx: false,
    badMxScored: false,
    bogusMx: false,
    penalty: 0,
    fromAddresses: [],
    fromHasNumber: false,
    fromHasPrivate: false,
    heloHasAddress: false,
    addresses: [scoring.request.helo],
    exchangeNames: '',
    failed: new FailedNames(scoring.config),
    end: undefined,
  }
  walk.end = walkBoth(walk)
  if (!walk.end && !walk.ledTo) scoreNearMisses(walk)
  return walk
}

function walkBoth(walk: Walk): TooManyNameErrors | undefined {
  const { config, request } = walk.scoring
  const { domain, client, helo } = request
  if (domain === client && !client.includes(':')) {
    addFromAddress(walk, domain)
    // Whoever sends can write his own, and would be confirmed by it. An IPv6 address as a domain is nobody's in any case.
    if (!config.RELATE_BY_ORGANISATION) {
      walk.ledTo = 'domain'
      walk.heloOk = 1
    }
  }
  const from = walkNames(walk, 'FROM', namesToWalk(domain))
  if (typeof from === 'object') return from
  if (walk.ledTo) return undefined
  const names = namesToWalk(helo)
  const end = walkNames(walk, 'HELO', from === 'open' ? names.slice(0, 1) : names)
  return typeof end === 'object' ? end : undefined
}

/** No name led to the client: is it at least in the network of one of them? */
function scoreNearMisses(walk: Walk): void {
  const { addresses } = walk
  const { config, request, tally } = walk.scoring
  const tie = config.HELO_BY_CLIENT_NAME ? tieByClientName(request) : undefined
  if (tie) {
    if (tie === 'organisation') tally.add('HELO_OF_CLIENT_NAME', config.client_ip_eq_helo_score.good)
    walk.heloOk = 1
    walk.ledTo = 'name'
    return
  }
  if (!walk.gotRecords) {
    tally.add('NO_MX_A_RECS_FOUND', config.helo_score.bad - 0.1)
    walk.heloOk = 2
    walk.ledTo = 'nothing'
    return
  }
  const { subnet, widerSubnet } = subnetPrefixes(request.client)
  if (addresses.some(address => address.startsWith(subnet))) {
    tally.add('HELO_IP_IN_CL_SUBNET', config.helo_ip_in_client_subnet.good)
    walk.heloOk = 1
    walk.ledTo = 'subnet'
  } else if (addresses.some(address => address.startsWith(widerSubnet))) {
    tally.add('HELO_IP_IN_CL16_SUBNET', config.helo_ip_in_cl16_subnet.good)
    walk.unverified = true
    walk.reverseCheck = true
    walk.ledTo = 'wider-subnet'
  } else {
    walk.ledTo = 'foreign'
    if (walk.heloOk === 1) return
    walk.heloOk = 2
    if (walk.isTied) return
    tally.add('CL_IP_NE_HELO', config.helo_score.bad + walk.weight)
    const { bad } = config.helo_of_others_score
    if (bad !== 0 && walk.heloHasAddress) tally.add('HELO_OF_OTHERS', bad)
  }
}
