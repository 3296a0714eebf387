/**
 * Chapters 5 and 6: a numeric HELO, and whether sender domain, HELO name and client's host name belong together.
 *
 * Runs behind the walk of both-names.ts, on the state that left: was the HELO name the client's, only near it, or not?
 * The names are compared as text, each without its public ending and wrapped in dots, so that a comparison never
 * ends in the middle of a label; with `$RELATE_BY_ORGANISATION` by the label that somebody has registered.
 *
 * Sources: docs/behaviour/scoring.md#a-helo-of-digits, docs/behaviour/scoring.md#sender-against-helo.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { comparableName } from '../dns/names.ts'
import type { ListsFound } from './client-lists.ts'
import type { HeloState } from './name-walk.ts'
import type { NamesFound } from './both-names.ts'
import { round3 } from '../text/number.ts'
import { shareLabel } from '../text/organisation.ts'
import { isNumericHelo } from './patterns.ts'
import type { ScorableRequest, Scoring } from './scoring.ts'

/** Chapter 5. Returns what it scored, which later rules weigh with; 0 for a HELO that is not numeric. */
export function scoreNumericHelo(
  { request, config, tally }: Scoring,
  { weight }: ListsFound,
  { ledTo }: NamesFound,
): number {
  if (!isNumericHelo(request.helo) || ledTo === 'name') return 0
  const numeric = numericScore(config, weight)
  tally.add('HELO_NUMERIC', numeric)
  return numeric
}

/** Of a client that is listed, a numeric HELO weighs more. */
export function numericScore({ helo_numeric_score: { bad } }: Config, weight: number): number {
  return round3(bad + bad * weight)
}

/** What is known of the HELO once it was compared with the sender. */
export interface SenderAgainstHelo {
  readonly heloOk: HeloState
  readonly unverified: boolean
  readonly reverseCheck: boolean
  /** The sender domain has nothing to do with the HELO, so the client is to be one of the domain. */
  readonly checkClientFrom: boolean
}

/** Chapter 6. */
export function scoreSenderAgainstHelo(
  { request, config, tally, literal }: Scoring,
  { weight }: ListsFound,
  names: NamesFound,
  numeric: number,
): SenderAgainstHelo {
  const { heloOk, unverified, reverseCheck, exchangeNames, penalty } = names
  const same = { heloOk, unverified, reverseCheck, checkClientFrom: false }
  if (names.senderIsMx || request.sender === '') return same
  const compared = compareNames(request, config)
  const { from, helo, heloDomain, areAlike } = compared
  if (!tally.isGuess) tally.reasons += ` (check from: ${from} - helo: ${helo} - helo-domain: ${heloDomain}) `
  const areRelated = areAlike || isOfExchange(request, compared, exchangeNames, config)

  if (heloOk === 1) {
    if (areRelated || names.fromAddresses.join(' ').includes(request.client)) {
      tally.add('FROM/MX_MATCHES_HELO(DOMAIN)', config.from_match_regex_verified_helo.good)
      return same
    }
    if (names.isTied) return same
    const { bad } = config.from_match_regex_verified_helo
    tally.add('FROM/MX_MATCHES_NOT_HELO(DOMAIN)', round3(bad + weight / 4 + penalty ** 2 + numeric))
    return { ...same, checkClientFrom: true }
  }
  if (compared.isInClientName && !literal) {
    tally.add('CL_HOSTNAME_MATCHES_FROM(DOMAIN)', config.helo_ip_in_client_subnet.good)
    return { heloOk: 1, unverified: false, reverseCheck: false, checkClientFrom: false }
  }
  if ((unverified || names.isTied) && !literal) {
    const { bad, good } = config.from_match_regex_unverified_helo
    if (areRelated || compared.isInClientName) {
      tally.add('FROM/MX_MATCHES_UNVR_HELO(DOMAIN)_OR_CL_NAME(DOMAIN)', good)
      return same
    }
    if (names.isTied) return same
    tally.add('FROM/MX_MATCHES_NOT_UNVR_HELO(DOMAIN)_NOR_CL_NAME(DOMAIN)', bad + weight + penalty ** 2)
    return { ...same, checkClientFrom: true }
  }
  if (names.isTied) return same
  const { bad } = config.from_match_regex_failed_helo
  if (areAlike) tally.add('MAIL_SEEMS_FORGED', bad)
  else tally.add('FROM_NOT_FAILED_HELO(DOMAIN)', bad + 0.5 + weight)
  return same
}

/** Sender domain, HELO and its domain, as they are compared; and what the request alone says of them. */
export function compareNames(
  request: ScorableRequest,
  { RELATE_BY_ORGANISATION }: Config,
): {
  from: string
  helo: string
  heloDomain: string
  /** Sender domain and HELO belong together. */
  areAlike: boolean
  /** Sender domain and the client's host name do. */
  isInClientName: boolean
} {
  const sender = request.from.slice(request.from.lastIndexOf('@') + 1)
  const compared = RELATE_BY_ORGANISATION ? comparableName(sender) : sender
  const from = `.${lastLabel(withoutPublicEnding(compared))}.`
  const heloName = withoutPublicEnding(request.helo).rest
  const helo = `.${heloName}.`
  const heloDomain = `.${heloName.slice(heloName.lastIndexOf('.') + 1)}.`
  const labels = { from, helo, heloDomain }
  if (!RELATE_BY_ORGANISATION)
    return {
      ...labels,
      areAlike: helo.includes(from) || from.includes(helo),
      isInClientName: request.name.includes(from),
    }
  // Whoever sends writes what is in front of it as he likes, and a provider calls its lines as it likes.
  return {
    ...labels,
    areAlike: shareLabel(compared, request.helo),
    isInClientName: shareLabel(compared, request.name),
  }
}

/** Whether the HELO belongs to an exchange of the sender domain; `exchangeNames`: see Walk. */
export function isOfExchange(
  { helo }: ScorableRequest,
  { heloDomain }: Pick<ReturnType<typeof compareNames>, 'heloDomain'>,
  exchangeNames: string,
  { RELATE_BY_ORGANISATION }: Config,
): boolean {
  return RELATE_BY_ORGANISATION
    ? exchangeNames.split(' ').some(name => shareLabel(name, helo))
    : exchangeNames.includes(heloDomain)
}

/** A name and whether an ending was cut off it: `'mail.shop.co.uk'` → `{ rest: 'mail.shop', cut: true }`. */
function withoutPublicEnding(name: string): { rest: string; cut: boolean } {
  const ending =
    /\.[a-z]{2}\.[a-z]{2}$/.exec(name) ?? /\.(?:com|org|net)\.[a-z]{2}$/.exec(name) ?? /\.[a-z]{2,5}$/.exec(name)
  return ending ? { rest: name.slice(0, ending.index), cut: true } : { rest: name, cut: false }
}

/** The last label of a name that lost its ending; a name that kept it stays whole. */
function lastLabel(name: { rest: string; cut: boolean }): string {
  return name.cut ? name.rest.slice(name.rest.lastIndexOf('.') + 1) : name.rest
}
