/**
 * What the names of a request may turn out to be while some of their lookups are unknown.
 *
 *   bounds.ts: answers → possibleNames, possiblePointers → every finding that any answers allow, or more
 *
 * The walk of both-names.ts is run over the answers that are there, the others read as "no records". What is unknown may then
 * lead to the client after all, by an exchange or an address, or to its network; or tell whether anybody is reached at the
 * sender domain. A lookup of a type that has no addresses of the client's kind leads nowhere. Where a finding rests on
 * what is unknown, all that it may be is listed: more than can be, never less.
 *
 * Pure, total.
 * Source: docs/behaviour/scoring.md#names-of-sender-and-helo.
 */
import { pointerName } from '../dns/names.ts'
import type { Outcome, Question } from '../dns/outcome.ts'
import type { ListsFound } from './client-lists.ts'
import { areOfDialup, matchingName } from './client-pointers.ts'
import type { HeloState, LedTo } from './name-walk.ts'
import { type NamesFound, scoreNames } from './both-names.ts'
import { tieByClientName } from './generic-names.ts'
import { subnetPrefixes } from './networks.ts'
import { exactly, type Range } from './range.ts'
import { NO_SPF } from './spf.ts'
import { beginScoring, type ScorableRequest, type Scoring, valuesOf } from './scoring.ts'
import { compareNames, isOfExchange } from './sender-against-helo.ts'

/** A finding of both-names.ts, as far as it decides which rules apply. Of what has two values, either may be. */
export interface PossibleNames {
  readonly ledTo: LedTo
  readonly heloOk: HeloState
  readonly mxOk: boolean
  readonly senderIsMx: boolean
  readonly fromIp: boolean
  readonly badMx: readonly boolean[]
  readonly bogusMx: readonly boolean[]
  /** An exchange of the sender domain is called like the HELO's domain. */
  readonly heloIsExchange: readonly boolean[]
  /** The client, and its network, are among the addresses of the sender domain. */
  readonly fromHasClient: readonly boolean[]
  readonly fromHasNetwork: readonly boolean[]
  /** The HELO name has an address. */
  readonly heloHasAddress: readonly boolean[]
  /** SPF ties the sender domain to the client. */
  readonly isTied: boolean
  /** How many lookups have failed. */
  readonly failures: Range
}

interface Walked {
  readonly names: NamesFound
  /** Lookups whose answer is not there. */
  readonly unknown: readonly Question[]
}

const NO_LISTS: ListsFound = {
  dnsbl: 0,
  weight: 0,
  hits: 0,
  isDialup: false,
  isStrong: false,
  silent: new Set(),
  end: undefined,
}
const NO_RECORDS: Outcome = { kind: 'nodata' }
const EITHER: readonly boolean[] = [false, true]
const NEVER: readonly boolean[] = [false]

/** `mayFail`: whether an unknown lookup may turn out to be a failed one. */
export function possibleNames(scoring: Scoring, isTied: boolean, mayFail: boolean): readonly PossibleNames[] {
  const { request } = scoring
  const sender = walkOver(scoring, { ...request, helo: '' }, isTied)
  const isLedBySender = isLed(sender.names)
  const all = isLedBySender ? sender : walkOver(scoring, request, isTied)
  const certain = certainNames(scoring, all.names, isLedBySender)
  const mayBeBogus = isTied ? NEVER : EITHER
  if (all.unknown.length === 0) return [certain]

  // Exchanges that nobody knows of yet may fail as well; and behind an A that fails an AAAA that has failed counts, too.
  const mayBeMore = all.unknown.some(({ type }) => type === 'MX') ? Number.POSITIVE_INFINITY : 2 * all.unknown.length
  const failures = { least: 0, greatest: certain.failures.greatest + (mayFail ? mayBeMore : 0) }
  const leadsToClient = leadsTo(request.client)
  if (!all.unknown.some(leadsToClient)) {
    // More addresses, of the other kind: what they show is shown, and only IPv4 addresses may be private ones.
    const { badMx, bogusMx, heloIsExchange } = certain
    const mayBePrivate = sender.unknown.some(({ type }) => type === 'A')
    const orWorse = (known: readonly boolean[]): readonly boolean[] => (mayBePrivate || known[0] ? mayBeBogus : known)
    const ofSender = {
      badMx: orWorse(badMx),
      bogusMx: orWorse(bogusMx),
      heloIsExchange: heloIsExchange[0] ? heloIsExchange : EITHER,
    }
    return [{ ...certain, ...(sender.unknown.length > 0 && ofSender), heloHasAddress: EITHER, failures }]
  }

  const states = new Map<string, State>()
  const may = (isOfSender: boolean, ...ledTo: readonly LedTo[]): void => {
    for (const each of ledTo) states.set(`${each} ${isOfSender}`, stateOf(scoring, each, isOfSender))
  }
  may(isLedBySender, certain.ledTo)
  if (sender.unknown.some(leadsToClient)) may(true, 'exchange', 'address')
  const isOfName = scoring.config.HELO_BY_CLIENT_NAME && tieByClientName(request) !== undefined
  const near: readonly LedTo[] = isOfName ? ['name'] : ['subnet', 'wider-subnet', 'foreign', 'nothing']
  if (isLedBySender) {
    // A failed MX lookup leaves out what was found behind it, and then the HELO name is looked at.
    const isOwnAddress = request.domain === request.client && !scoring.config.RELATE_BY_ORGANISATION
    const mayMiss = mayFail && !isOwnAddress && sender.unknown.some(({ type }) => type === 'MX')
    if (mayMiss) may(false, 'exchange', 'address', ...near)
  } else {
    const ofHelo = all.unknown.slice(sender.unknown.length)
    if (ofHelo.some(leadsToClient)) may(false, 'exchange', 'address')
    if (ofHelo.length > 0 || !isLed(all.names)) may(false, ...near)
  }
  const isOpen = sender.unknown.length > 0
  const ofSender = isOpen ? { badMx: mayBeBogus, bogusMx: mayBeBogus, heloIsExchange: EITHER } : {}
  return [...states.values()].map(state => ({
    ...certain,
    ...state,
    ...ofSender,
    ...(isOpen && {
      fromHasClient: state.fromIp && !scoring.config.IGNORE_RFC1918_A ? [true] : EITHER,
      fromHasNetwork: EITHER,
    }),
    heloHasAddress: EITHER,
    failures,
  }))
}

/** What the client's reverse names may say, of what is asked. */
export interface PossiblePointers {
  readonly isNone: boolean
  readonly isDialup: boolean
  /** One of them is the HELO name or of its domain. */
  readonly isMatch: boolean
}

export function possiblePointers(
  { request, answers, config }: Scoring,
  mayBeDialup: boolean,
  heloIsOpen: boolean,
): readonly PossiblePointers[] {
  const none = { isNone: true, isDialup: false, isMatch: false }
  if (!mayBeDialup && !heloIsOpen) return [none]
  const outcome = answers.get({ type: 'PTR', name: pointerName(request.client) })
  if (outcome) {
    const names = valuesOf(outcome)
    const isDialup = mayBeDialup && areOfDialup(names, request, config)
    return [{ isNone: names.length === 0, isDialup, isMatch: matchingName(names, request, config) !== undefined }]
  }
  const some = (mayBeDialup ? EITHER : [false]).flatMap(isDialup =>
    EITHER.map(isMatch => ({ isNone: false, isDialup, isMatch })),
  )
  return [none, ...some]
}

function walkOver({ answers, config }: Scoring, request: ScorableRequest, ties: boolean): Walked {
  const unknown: Question[] = []
  const assumed = {
    get(question: Question): Outcome {
      const outcome = answers.get(question)
      if (!outcome) unknown.push(question)
      return outcome ?? NO_RECORDS
    },
  }
  return { names: scoreNames(beginScoring(request, assumed, config, {}), NO_LISTS, { ...NO_SPF, ties }), unknown }
}

function certainNames(scoring: Scoring, names: NamesFound, isOfSender: boolean): PossibleNames {
  const { request, config } = scoring
  const fromAddresses = names.fromAddresses.join(' ')
  return {
    ...stateOf(scoring, names.ledTo ?? 'nothing', isOfSender),
    badMx: [names.badMxScored],
    bogusMx: [names.bogusMx],
    heloIsExchange: [isOfExchange(request, compareNames(request, config), names.exchangeNames, config)],
    fromHasClient: [fromAddresses.includes(request.client)],
    fromHasNetwork: [fromAddresses.includes(subnetPrefixes(request.client).subnet)],
    heloHasAddress: [names.heloHasAddress],
    isTied: names.isTied,
    failures: exactly(names.failed.count),
  }
}

type State = Pick<PossibleNames, 'ledTo' | 'heloOk' | 'mxOk' | 'senderIsMx' | 'fromIp'>

/** What both-names.ts concludes from what the names led to, and whose name it was. */
function stateOf({ literal }: Scoring, ledTo: LedTo, isOfSender: boolean): State {
  const isConfirmed =
    ledTo === 'exchange' || ledTo === 'address' || ledTo === 'domain' || ledTo === 'subnet' || ledTo === 'name'
  const isDenied = ledTo === 'nothing' || (ledTo === 'foreign' && !literal)
  const mxOk = ledTo === 'exchange'
  return {
    ledTo,
    heloOk: isConfirmed || (literal && !isDenied) ? 1 : isDenied ? 2 : 0,
    mxOk,
    senderIsMx: mxOk && isOfSender,
    fromIp: ledTo === 'address' && isOfSender,
  }
}

function isLed({ ledTo }: NamesFound): boolean {
  return ledTo === 'exchange' || ledTo === 'address' || ledTo === 'domain'
}

/** Whether the answer to a question may be, or lead to, the address of a client. */
function leadsTo(client: string): (question: Question) => boolean {
  const type = client.includes(':') ? 'AAAA' : 'A'
  return question => question.type === 'MX' || question.type === type
}
