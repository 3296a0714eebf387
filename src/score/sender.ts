/**
 * Chapters 8 and 9: a HELO name that looks like a dial-up line, and what the envelope sender itself gives away.
 *
 * Pure text rules on the state the chapters before them left; the last ones before the sender's domain is looked
 * up on lists, where a random sender weighs once more.
 *
 * Sources: docs/behaviour/scoring.md#a-helo-like-a-dial-up-line, docs/behaviour/scoring.md#what-the-sender-gives-away.
 */
import { addRule, type Evaluation } from './evaluation.ts'
import { subnetPrefixes } from './names.ts'
import { isMultiparted, looksDynamic, looksLikeAddressName, looksLikeServer, looksRandom } from './patterns.ts'

/** Chapter 8. */
export function scoreDialupHelo(evaluation: Evaluation): void {
  const { config, request } = evaluation
  const [enforced] = config.enforce_dyndns_score
  if ((enforced === 0 && evaluation.dialup) || evaluation.mxOk || evaluation.fromIp) return
  if (looksLikeServer(request.helo)) return
  if (!looksDynamic(request.helo) && !looksLikeAddressName(request.helo)) return
  if (evaluation.heloOk === 1) addRule(evaluation, 'HELO_SEEMS_DIALUP', config.helo_seems_dialup[0] + enforced)
  else addRule(evaluation, 'NOK_HELO_SEEMS_DIALUP', config.failed_helo_seems_dialup[0] + enforced)
  evaluation.adviseDynamicDns = true
}

/** Chapter 9. */
export function scoreSender(evaluation: Evaluation): void {
  const { config, request, dnsbl } = evaluation
  if (request.from.includes('nobody@') || request.from.includes('anonymous@'))
    addRule(evaluation, 'FROM_NBDY_ANON', config.from_anon[0] + dnsbl + evaluation.numeric)

  scoreForeignClient(evaluation)

  if (
    evaluation.heloOk === 0 &&
    !evaluation.mxOk &&
    evaluation.rate < config.REJECTLEVEL &&
    isMultiparted(request.from)
  )
    addRule(evaluation, 'FROM_MULTIPARTED', config.from_multiparted[0] + dnsbl)

  if (evaluation.rate < config.REJECTLEVEL && looksRandom(request.from)) {
    const [bad] = config.random_sender_score
    addRule(evaluation, 'RANDOM_SENDER', dnsbl + dnsbl * bad + bad)
    evaluation.rhsblPenalty = config.rhsbl_penalty_score[0] * bad
  }
}

/** A listed client that no address of the sender domain stands near. */
function scoreForeignClient(evaluation: Evaluation): void {
  const { config, request, mxOk, checkClientFrom, hits, literal, dnsbl } = evaluation
  if (mxOk || !checkClientFrom || hits === 0 || literal) return
  const fromAddresses = evaluation.fromAddresses.join(' ')
  if (fromAddresses.includes(request.client)) return
  const score = config.helo_from_mx_eq_ip_score[0] + dnsbl
  addRule(evaluation, 'CLIENT_NOT_MX/A_FROM_DOMAIN', score)
  evaluation.adviseRelay = true
  if (!fromAddresses.includes(subnetPrefixes(request.client).subnet))
    addRule(evaluation, 'CLIENT/24_NOT_MX/A_FROM_DOMAIN', score)
}
