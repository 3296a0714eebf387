/**
 * What the rules about names score, on ranges: chapters 4 and 6 for bounds.ts.
 *
 * The names are one of possibleNames, so what applies is certain; what it is worth hangs on the listings.
 *
 * Pure, total.
 * Sources: docs/behaviour/scoring.md#names-of-sender-and-helo, docs/behaviour/scoring.md#sender-against-helo.
 */
import { pointerName } from '../dns/names.ts'
import { hasNoName } from '../policy/request.ts'
import { tieByClientName } from './generic-names.ts'
import type { PossibleNames } from './possible-names.ts'
import { exactly, over, perhaps, type Range, rounded, squared, sum } from './range.ts'
import type { Scoring } from './scoring.ts'
import type { compareNames, SenderAgainstHelo } from './sender-against-helo.ts'

/** What chapter 4 scores for what the names led to. */
export function boundLedTo({ config, literal, request }: Scoring, names: PossibleNames, dnsbl: Range): Range {
  switch (names.ledTo) {
    case 'exchange':
      return exactly(config.helo_from_mx_eq_ip_score.good)
    case 'address':
      return exactly(config.helo_score.good)
    case 'domain':
      return exactly(0)
    case 'subnet':
      return exactly(config.helo_ip_in_client_subnet.good)
    case 'wider-subnet':
      return exactly(config.helo_ip_in_cl16_subnet.good)
    case 'name':
      return exactly(tieByClientName(request) === 'literal' ? 0 : config.client_ip_eq_helo_score.good)
    case 'foreign': {
      if (literal || names.isTied) return exactly(0)
      const score = over(dnsbl, sum => config.helo_score.bad + sum)
      const others = exactly(config.helo_of_others_score.bad)
      const [is, ...may] = names.heloHasAddress
      return may.length > 0 ? perhaps(score, others) : is ? sum(score, others) : score
    }
    case 'nothing':
      return exactly(config.helo_score.bad - 0.1)
  }
}

/** What the comparison of chapter 6 weighs. */
export interface ComparedBy {
  readonly compared: ReturnType<typeof compareNames>
  readonly dnsbl: Range
  readonly penalty: Range
  readonly numeric: Range
}

/** What chapter 6 scores, and what it leaves. */
export interface BoundComparison extends SenderAgainstHelo {
  readonly score: Range
  /** Whether the client may be among the addresses of the sender domain. */
  readonly fromHasClient: readonly boolean[]
}

export function boundComparison(
  { config, literal, request }: Scoring,
  { heloOk, senderIsMx, ledTo, heloIsExchange, fromHasClient, isTied }: PossibleNames,
  { compared: { areAlike, isInClientName }, dnsbl, penalty, numeric }: ComparedBy,
): readonly BoundComparison[] {
  const isNear = ledTo === 'wider-subnet'
  const same = { heloOk, unverified: isNear, reverseCheck: isNear, checkClientFrom: false, fromHasClient }
  const nothing = { ...same, score: exactly(0) }
  if (senderIsMx || request.sender === '') return [nothing]
  const mayBeRelated = areAlike || heloIsExchange.includes(true)
  const mayBeStrange = !areAlike && heloIsExchange.includes(false)
  if (heloOk === 1) {
    const { bad, good } = config.from_match_regex_verified_helo
    const quarter = over(dnsbl, sum => sum / 4)
    const strange = rounded(sum(sum(sum(exactly(bad), quarter), squared(penalty)), numeric))
    return [
      ...(mayBeRelated || fromHasClient.includes(true) ? [{ ...same, score: exactly(good) }] : []),
      ...(mayBeStrange && fromHasClient.includes(false)
        ? [isTied ? nothing : { ...same, checkClientFrom: true, fromHasClient: [false], score: strange }]
        : []),
    ]
  }
  if (isInClientName && !literal) {
    const score = exactly(config.helo_ip_in_client_subnet.good)
    return [{ ...same, heloOk: 1, unverified: false, reverseCheck: false, score }]
  }
  if ((isNear || isTied) && !literal) {
    const { bad, good } = config.from_match_regex_unverified_helo
    const strange = sum(sum(exactly(bad), dnsbl), squared(penalty))
    return [
      ...(mayBeRelated ? [{ ...same, score: exactly(good) }] : []),
      ...(mayBeStrange ? [isTied ? nothing : { ...same, checkClientFrom: true, score: strange }] : []),
    ]
  }
  if (isTied) return [nothing]
  const { bad } = config.from_match_regex_failed_helo
  return [{ ...same, score: areAlike ? exactly(bad) : over(dnsbl, sum => bad + 0.5 + sum) }]
}

/** What a client without a name scores. */
export function boundNameless({ request, config, answers }: Scoring, mayFail: boolean): Range {
  const score = exactly(hasNoName(request) ? config.client_no_name_score.bad : 0)
  const outcome = answers.get({ type: 'PTR', name: pointerName(request.client) })
  if (!outcome) return mayFail ? perhaps(exactly(0), score) : score
  return outcome.kind === 'failed' ? exactly(0) : score
}
