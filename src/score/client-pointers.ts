/**
 * Chapter 7: what the reverse names of the client say of it.
 *
 * A dial-up line by its name; a HELO name confirmed or denied. Reads one PTR lookup, and only where one of the
 * two questions is open; a failed lookup is the same as no name.
 *
 * Source: docs/behaviour/scoring.md#ptr-names-of-the-client.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { pointerName } from '../dns/names.ts'
import { type ListsFound, weightOf } from './client-lists.ts'
import type { NamesFound } from './both-names.ts'
import { isNameOfLine } from './generic-names.ts'
import { looksLikeAddressName, looksLikeServer } from './patterns.ts'
import { hasNoName } from '../policy/request.ts'
import { shareLabel } from '../text/organisation.ts'
import { readAnswer, type ScorableRequest, type Scoring, valuesOf } from './scoring.ts'
import type { SenderAgainstHelo } from './sender-against-helo.ts'

/** What NO_DNS_RECORDS scores. */
export const NO_RECORDS_SCORE = 0.5

/** What is known of the client once its reverse names were looked at. */
export interface PointersFound {
  /** By a list, or by its name. */
  readonly isDialup: boolean
  /** Sum and weight of ListsFound, with what a dial-up line by its name adds. */
  readonly dnsbl: number
  readonly weight: number
  /** Neither the client nor the names it chose have any record. */
  readonly dnsError: boolean
  readonly unverified: boolean
}

export function scoreClientPointers(
  scoring: Scoring,
  { isDialup, dnsbl, weight }: ListsFound,
  names: NamesFound,
  helo: SenderAgainstHelo,
): PointersFound {
  const mayBeDialup = !isDialup && mayBeLine(names)
  const heloIsOpen = isHeloOpen(helo)
  const same = { isDialup, dnsbl, weight, dnsError: false, unverified: helo.unverified }
  const { request, config, tally } = scoring
  const mayBeNameless = config.client_no_name_score.bad !== 0 && hasNoName(request)
  if (!mayBeDialup && !heloIsOpen && !mayBeNameless) return same
  const outcome = readAnswer(scoring, 'PTR', pointerName(request.client))
  const pointers = valuesOf(outcome)
  // Without a PTR nothing of Postfix's can have failed.
  const nameless = pointers.length > 0 ? 'CLIENT_HAS_NO_NAME' : 'CLIENT_HAS_NO_PTR'
  if (mayBeNameless && outcome.kind !== 'failed') tally.add(nameless, config.client_no_name_score.bad)
  const seemsDialup = mayBeDialup && areOfDialup(pointers, request, config)
  const { bad } = config.client_seems_dialup_score
  if (seemsDialup) tally.add('CL_SEEMS_DIALUP', bad)
  const found = seemsDialup
    ? { ...same, isDialup: true, dnsbl: dnsbl + bad, weight: weight + weightOf(config, bad) }
    : same
  return heloIsOpen ? { ...found, ...scoreReverseHelo(scoring, pointers, names.gotRecords, helo) } : found
}

/** Whether reverse names may still confirm or deny the HELO. */
export function isHeloOpen({ heloOk, unverified, reverseCheck }: SenderAgainstHelo): boolean {
  return (heloOk !== 1 && !unverified) || reverseCheck
}

/** Whether reverse names may say that the client is a dial-up line: not of an exchange, nor of what SPF ties to the sender. */
export function mayBeLine({ mxOk, isTied }: Pick<NamesFound, 'mxOk' | 'isTied'>): boolean {
  return !mxOk && !isTied
}

/** Whether reverse names say that the client is a dial-up line. */
export function areOfDialup(
  names: readonly string[],
  { helo }: ScorableRequest,
  { HELO_HOLDS_ADDRESS }: Config,
): boolean {
  const heloIsAddress = looksLikeAddressName(helo)
  for (const name of names) {
    if (looksLikeServer(name)) return false
    if (heloIsAddress || isNameOfLine(name, HELO_HOLDS_ADDRESS)) return true
  }
  return false
}

function scoreReverseHelo(
  { request, config, tally, literal }: Scoring,
  names: readonly string[],
  gotRecords: boolean,
  { unverified }: SenderAgainstHelo,
): Pick<PointersFound, 'dnsError' | 'unverified'> {
  const { bad, good } = config.client_ip_eq_helo_score
  const match = matchingName(names, request, config)
  if (match !== undefined) tally.add(match === request.helo ? 'REV_IP_EQ_HELO' : 'REV_IP_EQ_HELO_DOMAIN', good)
  const dnsError = names.length === 0 && !gotRecords
  if (dnsError) tally.add('NO_DNS_RECORDS', NO_RECORDS_SCORE)
  if (match !== undefined || literal) return { dnsError, unverified: hasNoName(request) }
  tally.add('RESOLVED_IP_IS_NOT_HELO', bad)
  return { dnsError, unverified }
}

/** The first of the client's reverse names that is the HELO name or of its domain. */
export function matchingName(
  names: readonly string[],
  { helo }: ScorableRequest,
  { RELATE_BY_ORGANISATION }: Config,
): string | undefined {
  const isOfDomain = RELATE_BY_ORGANISATION
    ? shareLabel
    : (name: string, other: string) => hasSecondLabelOf(name, other) || hasSecondLabelOf(other, name)
  return names.find(name => name === helo || isOfDomain(name, helo))
}

/** Whether the second label from the right of one name is a label of the other, its rightmost excepted: `'a.example.org'`, `'b.example.net'`. */
function hasSecondLabelOf(name: string, other: string): boolean {
  const labels = other.split('.')
  return name
    .split('.')
    .slice(0, -1)
    .includes(labels[labels.length - 2] ?? other)
}
