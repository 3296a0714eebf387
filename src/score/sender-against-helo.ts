/**
 * Chapters 5 and 6: a numeric HELO, and whether sender domain, HELO name and client's host name belong together.
 *
 * Runs behind the walk of names.ts, on the state that left: was the HELO name the client's, only near it, or not?
 * The names are compared as text, each without its public ending and wrapped in dots, so that a comparison never
 * ends in the middle of a label.
 *
 * Sources: docs/behaviour/scoring.md#a-helo-of-digits, docs/behaviour/scoring.md#sender-against-helo.
 */
import { addRule, type Evaluation } from './evaluation.ts'
import { round3 } from './number.ts'
import { isNumericHelo } from './patterns.ts'

/** Chapter 5. */
export function scoreNumericHelo(evaluation: Evaluation): void {
  if (!isNumericHelo(evaluation.request.helo)) return
  const [bad] = evaluation.config.helo_numeric_score
  evaluation.numeric = round3(bad + bad * evaluation.dnsbl)
  addRule(evaluation, 'HELO_NUMERIC', evaluation.numeric)
}

/** Chapter 6. */
export function scoreSenderAgainstHelo(evaluation: Evaluation): void {
  if (evaluation.senderIsMx) return
  const { config, request, dnsbl, literal } = evaluation
  const from = `.${lastLabel(withoutPublicEnding(request.from.slice(request.from.lastIndexOf('@') + 1)))}.`
  const heloName = withoutPublicEnding(request.helo).rest
  const helo = `.${heloName}.`
  const heloDomain = `.${heloName.slice(heloName.lastIndexOf('.') + 1)}.`
  evaluation.reasons += ` (check from: ${from} - helo: ${helo} - helo-domain: ${heloDomain}) `

  const sameName = helo.includes(from) || from.includes(helo)
  const heloIsExchange = evaluation.exchangeNames.includes(heloDomain)
  const penaltySquared = evaluation.penalty ** 2

  if (evaluation.heloOk === 1) {
    if (sameName || heloIsExchange || evaluation.fromAddresses.join(' ').includes(request.client)) {
      addRule(evaluation, 'FROM/MX_MATCHES_HELO(DOMAIN)', config.from_match_regex_verified_helo[1])
    } else {
      const score = config.from_match_regex_verified_helo[0] + dnsbl / 4 + penaltySquared + evaluation.numeric
      addRule(evaluation, 'FROM/MX_MATCHES_NOT_HELO(DOMAIN)', round3(score))
      evaluation.checkClientFrom = true
    }
  } else if (request.name.includes(from) && !literal) {
    addRule(evaluation, 'CL_HOSTNAME_MATCHES_FROM(DOMAIN)', config.helo_ip_in_client_subnet[1])
    evaluation.heloOk = 1
    evaluation.reverseCheck = false
    evaluation.checkClientFrom = false
    evaluation.unverified = false
  } else if (evaluation.unverified && !literal) {
    if (sameName || heloIsExchange || request.name.includes(from)) {
      const rule = 'FROM/MX_MATCHES_UNVR_HELO(DOMAIN)_OR_CL_NAME(DOMAIN)'
      addRule(evaluation, rule, config.from_match_regex_unverified_helo[1])
    } else {
      const rule = 'FROM/MX_MATCHES_NOT_UNVR_HELO(DOMAIN)_NOR_CL_NAME(DOMAIN)'
      addRule(evaluation, rule, config.from_match_regex_unverified_helo[0] + dnsbl + penaltySquared)
      evaluation.checkClientFrom = true
    }
  } else if (sameName) {
    addRule(evaluation, 'MAIL_SEEMS_FORGED', config.from_match_regex_failed_helo[0])
  } else {
    addRule(evaluation, 'FROM_NOT_FAILED_HELO(DOMAIN)', config.from_match_regex_failed_helo[0] + 0.5 + dnsbl)
  }
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
