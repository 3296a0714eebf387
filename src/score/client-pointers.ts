/**
 * Chapter 7: what the reverse names of the client say of it.
 *
 * A dial-up line by its name; a HELO name confirmed or denied. Reads one PTR lookup, and only where one of the
 * two questions is open; a failed lookup is the same as no name.
 *
 * Source: docs/behaviour/scoring.md#ptr-names-of-the-client.
 */
import { pointerName } from '../dns/names.ts'
import { addRule, type Evaluation, readAnswer, valuesOf } from './evaluation.ts'
import { looksDynamic, looksLikeAddressName, looksLikeServer } from './patterns.ts'

export function scoreClientPointers(evaluation: Evaluation): void {
  const mayBeDialup = !evaluation.dialup && !evaluation.mxOk
  const heloIsOpen = (evaluation.heloOk !== 1 && !evaluation.unverified) || evaluation.reverseCheck
  if (!mayBeDialup && !heloIsOpen) return
  const names = valuesOf(readAnswer(evaluation, 'PTR', pointerName(evaluation.request.client)))
  if (mayBeDialup) scoreDialupClient(evaluation, names)
  if (heloIsOpen) scoreReverseHelo(evaluation, names)
}

function scoreDialupClient(evaluation: Evaluation, names: readonly string[]): void {
  const heloIsAddress = looksLikeAddressName(evaluation.request.helo)
  for (const name of names) {
    if (looksLikeServer(name)) return
    if (!looksDynamic(name) && !heloIsAddress) continue
    const [bad] = evaluation.config.client_seems_dialup_score
    evaluation.dialup = true
    evaluation.dnsbl += bad
    addRule(evaluation, 'CL_SEEMS_DIALUP', bad)
    return
  }
}

function scoreReverseHelo(evaluation: Evaluation, names: readonly string[]): void {
  const { config, request, literal } = evaluation
  let matched = false
  for (const name of names) {
    const rule = name === request.helo ? 'REV_IP_EQ_HELO' : isSameDomain(name, request.helo) && 'REV_IP_EQ_HELO_DOMAIN'
    if (!rule) continue
    addRule(evaluation, rule, config.client_ip_eq_helo_score[1])
    matched = true
    break
  }
  if (names.length === 0 && !evaluation.gotRecords) {
    addRule(evaluation, 'NO_DNS_RECORDS', 0.5)
    evaluation.dnsError = true
  }
  if (!matched && !literal) addRule(evaluation, 'RESOLVED_IP_IS_NOT_HELO', config.client_ip_eq_helo_score[0])
  else evaluation.unverified = request.name === '' || request.name === 'unknown'
}

/** Whether the second label from the right of one name is a label of the other, its rightmost excepted: `'a.example.org'`, `'b.example.net'`. */
export function isSameDomain(one: string, other: string): boolean {
  return hasLabelOf(one, other) || hasLabelOf(other, one)
}

function hasLabelOf(name: string, other: string): boolean {
  const labels = other.split('.')
  const label = labels[labels.length - 2] ?? other
  return name.split('.').slice(0, -1).includes(label)
}
