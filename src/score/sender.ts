/**
 * Chapters 8 and 9: a HELO name that looks like a dial-up line, and what the envelope sender itself gives away.
 *
 * Pure text rules on the state the chapters before them left; the last ones before the sender's domain is looked
 * up on lists, where a random sender weighs once more.
 *
 * Sources: docs/behaviour/scoring.md#a-helo-like-a-dial-up-line, docs/behaviour/scoring.md#what-the-sender-gives-away.
 */
import type { Config } from '../config/parameters/parameters.ts'
import type { ListsFound } from './client-lists.ts'
import type { PointersFound } from './client-pointers.ts'
import type { NamesFound } from './both-names.ts'
import { subnetPrefixes } from './networks.ts'
import { isNameOfAddress, isNameOfLine } from './generic-names.ts'
import { isMultiparted, isNumericHelo, looksLikeAddressName, looksLikeServer, looksRandom } from './patterns.ts'
import type { ScorableRequest, Scoring } from './scoring.ts'
import type { SenderAgainstHelo } from './sender-against-helo.ts'

/** Chapter 8. Returns whether it scored: then a rejection is to advise a dynamic DNS service. */
export function scoreDialupHelo(
  { request, config, tally }: Scoring,
  { heloOk }: SenderAgainstHelo,
  { mxOk, fromIp, isTied }: NamesFound,
  { isDialup }: PointersFound,
): boolean {
  const enforced = isTied ? 0 : config.enforce_dyndns_score.bad
  if ((enforced === 0 && isDialup) || mxOk || fromIp || !heloLooksDialup(request, config)) return false
  if (heloOk === 1) tally.add('HELO_SEEMS_DIALUP', config.helo_seems_dialup.bad + enforced)
  else tally.add('NOK_HELO_SEEMS_DIALUP', config.failed_helo_seems_dialup.bad + enforced)
  return true
}

/** Whether a HELO name is that of a dial-up line, or, with `$HELO_HOLDS_ADDRESS`, no more than the client's address. */
export function heloLooksDialup({ helo, client }: ScorableRequest, { HELO_HOLDS_ADDRESS }: Config): boolean {
  if (!looksLikeServer(helo) && (isNameOfLine(helo, HELO_HOLDS_ADDRESS) || looksLikeAddressName(helo))) return true
  return HELO_HOLDS_ADDRESS && !isNumericHelo(helo) && isNameOfAddress(helo, client)
}

/** What the envelope sender gives away. */
export interface SenderFound {
  /** It looks random, and for so much more its domain weighs on lists. */
  readonly rhsblPenalty: number
  /** A rejection is to advise: relay via the provider. */
  readonly adviseRelay: boolean
}

/** Chapter 9. `numeric`: what a numeric HELO has scored. */
export function scoreSender(
  scoring: Scoring,
  lists: ListsFound,
  names: NamesFound,
  helo: SenderAgainstHelo,
  { weight }: PointersFound,
  numeric: number,
): SenderFound {
  const { request, config, tally } = scoring
  if (isAnonymous(request)) tally.add('FROM_NBDY_ANON', config.from_anon.bad + weight + numeric)

  const adviseRelay = scoreForeignClient(scoring, lists, names, helo, weight)

  if (
    helo.heloOk === 0 &&
    !names.mxOk &&
    !names.isTied &&
    tally.rate < config.REJECTLEVEL &&
    isMultiparted(request.from)
  )
    tally.add('FROM_MULTIPARTED', config.from_multiparted.bad + weight)

  if (tally.rate >= config.REJECTLEVEL || !looksRandom(request.from)) return { rhsblPenalty: 0, adviseRelay }
  tally.add('RANDOM_SENDER', randomScore(config, weight))
  return { rhsblPenalty: randomPenalty(config), adviseRelay }
}

export function isAnonymous({ from }: ScorableRequest): boolean {
  return from.includes('nobody@') || from.includes('anonymous@')
}

export function randomScore({ random_sender_score: { bad } }: Config, weight: number): number {
  return weight + weight * bad + bad
}

export function randomPenalty({ rhsbl_penalty_score, random_sender_score }: Config): number {
  return rhsbl_penalty_score.bad * random_sender_score.bad
}

/** A listed client that no address of the sender domain stands near. */
function scoreForeignClient(
  { request, config, tally, literal }: Scoring,
  { hits }: ListsFound,
  { mxOk, fromAddresses }: NamesFound,
  { checkClientFrom }: SenderAgainstHelo,
  weight: number,
): boolean {
  if (mxOk || !checkClientFrom || hits === 0 || literal) return false
  const addresses = fromAddresses.join(' ')
  if (addresses.includes(request.client)) return false
  const score = config.helo_from_mx_eq_ip_score.bad + weight
  tally.add('CLIENT_NOT_MX/A_FROM_DOMAIN', score)
  if (!addresses.includes(subnetPrefixes(request.client).subnet)) tally.add('CLIENT/24_NOT_MX/A_FROM_DOMAIN', score)
  return true
}
