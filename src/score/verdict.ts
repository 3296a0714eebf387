/**
 * Chapters 11 and 12: sums and reasons → what is answered, logged and remembered.
 *
 * Last step of scoring. The judgement is complete: the driver answers `action`, logs `weighted`, and hands
 * `remember` to the cache without looking at a score again.
 *
 * Total, no errors. Masking and cutting of what a stranger wrote happen where the action leaves (policy/reply.ts).
 * Sources: docs/behaviour/scoring.md#the-verdict, docs/behaviour/cache.md#which-verdict-is-remembered.
 */
import type { SpamKey } from '../cache/spam.ts'
import type { Config } from '../config/parameters/parameters.ts'
import type { ListTrouble } from '../lists/classify.ts'
import { shownHost } from '../lists/shown-host.ts'
import { withBlanks } from '../text/mask.ts'
import type { ListsEnd, ListsFound } from './client-lists.ts'
import type { PointersFound } from './client-pointers.ts'
import { areTooManyFailures, namesOf, type TooManyNameErrors } from './failed-names.ts'
import { acceptWord, deferMessage, extendMessage, isTemporary } from '../text/message.ts'
import type { NamesFound } from './both-names.ts'
import { formatNumber, round3 } from '../text/number.ts'
import { lookupText, rejectionText } from './appended.ts'
import { isLedToBySender, isRefusedByOneWitness, ONE_WITNESS } from './one-witness.ts'
import type { Scoring } from './scoring.ts'
import type { SenderFound } from './sender.ts'
import type { SenderAgainstHelo } from './sender-against-helo.ts'
import type { Step } from './tally.ts'

/** What the `weighted check:` log line says. */
export interface WeightedCheck {
  readonly reasons: string
  readonly rate: string
}

/** What is kept of a verdict. Absent: nothing of that kind. */
export interface Remember {
  /** Into the SPAM cache, under the client alone or with the sender's domain or the envelope sender. */
  readonly spam?: { readonly key: SpamKey; readonly score: number }
  /** Into the HAM cache, under the client and the sender domain. */
  readonly ham?: { readonly score: number }
  /** For the other recipients of the mail: accepted, or rejected with this message. */
  readonly message?: { readonly kind: 'accepted' } | { readonly kind: 'rejected'; readonly message: string }
}

/**
 * Which rule the verdict is due to:
 *
 * - `listings`: too many of them, at once
 * - `silent-lists`, `outage`, `failed-names`: passed unscored; `outage` may be deferred, `$DNS_OUTAGE`
 * - `lists-only`, `known`: nothing else had to be asked
 * - `rate`: the rate, against `$REJECTLEVEL`
 * - `deferred-names`: a rejection that failed lookups may be to blame for
 * - `unvouched`: a rejection on the word of a list whose probe was not answered
 * - `preventable`: a rejection that answers to lookups that failed could have prevented
 * - `no-records`: nothing about the client in DNS
 * - `busy`: not scored to the end
 */
export type Why =
  | 'listings'
  | 'silent-lists'
  | 'outage'
  | 'failed-names'
  | 'lists-only'
  | 'known'
  | 'rate'
  | 'deferred-names'
  | 'unvouched'
  | 'preventable'
  | 'no-records'
  | 'busy'

/** A finished score. */
export interface Judgement {
  readonly why: Why
  /** The value of `action=`, neither masked nor cut yet. */
  readonly action: string
  /** What stands in it behind the operator's text, whose placeholders are filled in later; undefined: it is no text that has any. */
  readonly appended?: string | undefined
  /** It did not wait for all answers, which could not have changed it: early.ts. */
  readonly isEarly?: true
  /** It is accepted because lookups failed, whatever else is known of it. */
  readonly isPass: boolean
  /** DNS ties the client to the sender, as far as that was looked at. */
  readonly isTied: boolean
  readonly weighted: WeightedCheck | undefined
  readonly remember: Remember
  /** The mail is accepted, though nothing is remembered of it; the statistics cannot tell otherwise. */
  readonly accepted?: true
  /** How each list answered that was asked a fair question, by host. */
  readonly listAnswers: ReadonlyMap<string, 'answered' | ListTrouble>
  /** Hosts of the lists that speak against the mail. */
  readonly listedBy: ReadonlySet<string>
  /** Every address that came up, the HELO string first; logged with `$DEBUG`. */
  readonly addresses: readonly string[]
  /** Bounds that cut something off, for the log. */
  readonly notes: readonly string[]
  readonly steps: readonly Step[]
  /** Client lists that list the client, the sum of their scores, and the client's names that could not be looked up. */
  readonly hits: number
  readonly dnsbl: number
  readonly nameErrors: number
}

/** All that was found of a request that was scored to the end. */
export interface Findings {
  readonly lists: ListsFound
  readonly names: NamesFound
  readonly helo: SenderAgainstHelo
  readonly pointers: PointersFound
  readonly sender: SenderFound
  /** The HELO name looks like that of a dial-up line. */
  readonly adviseDynamicDns: boolean
  /** Hosts of the lists that list the sender domain, as they may be shown. */
  readonly senderListings: readonly string[]
}

/** What an end within the lists rests on, and whatever else was found by then. */
type SomeFindings = Pick<Findings, 'lists'> & Partial<Findings>

const ACCEPTED = { kind: 'accepted' } as const

/** The lists have settled it: too many listings, or too many of them are silent. */
export function judgeListsEnd(scoring: Scoring, end: ListsEnd, found: SomeFindings): Judgement {
  const { config, request, tally } = scoring
  if (end.kind === 'too-many-timeouts')
    return passUnscored(scoring, 'silent-lists', `${shownHost(end.host, config.zone_codes)} lookups`, found)
  const appended = lookupText(config.LOOKUP_URL, request.client)
  const decision: Decision = {
    action: extendMessage(config.MAXDNSBLMSG, appended),
    appended,
    weighted: { reasons: tally.reasons, rate: formatNumber(tally.rate) },
    remember: {
      ...(isTemporary(config.MAXDNSBLMSG)
        ? {}
        : { spam: { key: listedKey(scoring, found), score: found.lists.dnsbl } }),
      message: { kind: 'rejected', message: config.REJECTMSG },
    },
  }
  return finish(scoring, 'listings', decision, found)
}

/** Directory server failure, as RFC 3463 3.5 has it. */
const NOBODY_ANSWERS = 'DEFER_IF_PERMIT 4.4.3 no name server answers, please try again'

/** No name server answers anything: an outage of our own, in which every mail passes, or is deferred. */
export function judgeOutage(scoring: Scoring, lists: ListsFound): Judgement {
  const { end } = lists
  if (scoring.config.DNS_OUTAGE === 'defer')
    return finish(scoring, 'outage', { action: NOBODY_ANSWERS, weighted: undefined, remember: {} }, { lists })
  const where = end?.kind === 'too-many-timeouts' ? shownHost(end.host, scoring.config.zone_codes) : 'DNS'
  return passUnscored(scoring, 'outage', `${where} lookups`, { lists })
}

/** Only the lists were to be asked; `which` is the number of the pattern that said so, undefined for `$dnsbl_checks_only`. */
export function judgeListsOnly(scoring: Scoring, lists: ListsFound, which: number | undefined): Judgement {
  const why = which === undefined ? '' : ` (regex-nr: ${which})`
  const text = `${scoring.tally.reasons} (only DNSBL check requested${why})`
  return finish(scoring, 'lists-only', accept(scoring, text), { lists })
}

/** A HAM entry that is not hard stands, since no list hit. */
export function judgeCachedHam(scoring: Scoring, lists: ListsFound, score: number): Judgement {
  const text = `${withBlanks(scoring.config.POSCACHEMSG)}; rate: ${formatNumber(score)}`
  return finish(scoring, 'known', accept(scoring, text), { lists })
}

/** Names the client chose could not be looked up, too often, and `$CLIENTDNSERRMSG` is empty: the reference's way (D2). */
export function judgeNameErrors(scoring: Scoring, end: TooManyNameErrors, found: SomeFindings): Judgement {
  return passUnscored(scoring, 'failed-names', end.where, found)
}

/** Everything was scored. */
export function judgeRate(scoring: Scoring, found: Findings): Judgement {
  const { config, request, tally } = scoring
  const rate = round3(tally.rate)
  const asScored = { reasons: tally.reasons, rate: formatNumber(rate) }
  const despiteErrors = judgeDespiteNameErrors(scoring, found, rate, asScored)
  if (despiteErrors) return despiteErrors
  if (isUnknownToDns(found)) {
    const appended = ` Your HELO: ${request.helo}, IP: ${request.client}`
    const action = extendMessage(config.DNSERRMSG, appended)
    return finish(scoring, 'no-records', { action, appended, weighted: asScored, remember: {} }, found)
  }
  const { hits } = found.lists
  if (rate < config.REJECTLEVEL) {
    const { action, remember } = accept(scoring, `${tally.reasons}; rate: ${asScored.rate}`)
    const ham = hits === 0 ? { ham: { score: rate } } : {}
    return finish(scoring, 'rate', { action, weighted: asScored, remember: { ...remember, ...ham } }, found)
  }
  const isOneWitness = isRefusedByOneWitness(scoring, found.names, rate)
  if (isOneWitness) tally.reasons += ONE_WITNESS
  const weighted = { reasons: tally.reasons, rate: formatNumber(rate) }
  const deferred = isOneWitness || isToDefer(config, tally.reasons, rate)
  const message = deferred ? deferMessage(config.REJECTMSG, config.DEFER_ACTION) : config.REJECTMSG
  const spam = { key: keyOf(scoring, found), score: rate }
  const appended = rejectionText(scoring, found)
  const decision: Decision = {
    action: extendMessage(message, appended),
    appended,
    weighted,
    remember: {
      ...(deferred || isTemporary(message) ? {} : { spam }),
      message: { kind: 'rejected', message },
    },
  }
  return finish(scoring, 'rate', decision, found)
}

/** Whom a refusal is remembered for. */
function keyOf(scoring: Scoring, found: Findings): SpamKey {
  const { config, request } = scoring
  if (config.CACHE_PER_DOMAIN) return listedKey(scoring, found)
  // A sender without a domain says nothing about whom the mail is from.
  const { lists, pointers, helo } = found
  const isCertain = lists.hits >= 1 || pointers.isDialup || helo.heloOk !== 1 || request.domain === ''
  return isCertain ? 'client' : 'client-sender'
}

/** Whom one is remembered for that lists have settled. */
function listedKey({ config }: Scoring, { lists }: SomeFindings): SpamKey {
  return config.CACHE_PER_DOMAIN && !lists.isStrong ? 'client-domain' : 'client'
}

/** Whether a rejection at this rate, for these reasons, is for later. */
function isToDefer({ DEFER_LEVEL, DEFER_STRING }: Config, reasons: string, rate: number): boolean {
  return rate < DEFER_LEVEL && DEFER_STRING.some(word => reasons.includes(` ${word}`))
}

/**
 * D2: everything was scored although lookups of names the client chose have failed. That a mail is accepted in spite of
 * it is no reason to do anything else; that it is not may be the failures' doing, if there are `$MAXDNSERR` of them, and is
 * for later then. Neither says anything about the client that is worth remembering. Undefined: nothing failed, or too
 * little to matter.
 */
function judgeDespiteNameErrors(
  scoring: Scoring,
  found: Findings,
  rate: number,
  weighted: WeightedCheck,
): Judgement | undefined {
  const { config, tally } = scoring
  const { failed } = found.names
  if (failed.count === 0 || config.CLIENTDNSERRMSG === '') return undefined
  const tooMany = areTooManyFailures(failed.count, config)
  // No DNS entries at all: with a lookup that failed, nobody knows.
  if (!tooMany && !isUnknownToDns(found)) return undefined
  if (rate < config.REJECTLEVEL) {
    const { action } = accept(scoring, `${tally.reasons}; rate: ${weighted.rate}`)
    return finish(scoring, 'rate', { action, weighted, remember: {}, accepted: true }, found)
  }
  if (!tooMany) return undefined
  scoring.notes.push(`lookups of names failed, so a mail is deferred, not rejected: ${namesOf(failed.first)}`)
  const action = extendMessage(config.CLIENTDNSERRMSG, '')
  return finish(scoring, 'deferred-names', { action, weighted, remember: {} }, found)
}

/** Neither the client nor HELO nor the sender has any DNS record, and the lists have little to say. */
function isUnknownToDns({ lists, pointers }: Findings): boolean {
  return pointers.dnsError && lists.hits < 2
}

type Decision = Pick<Judgement, 'action' | 'appended' | 'weighted' | 'remember' | 'accepted'>

function finish(scoring: Scoring, why: Why, decision: Decision, found: SomeFindings, isPass = false): Judgement {
  const { listAnswers, notes, tally, request, witnesses } = scoring
  const { lists, names, pointers } = found
  const { action, appended, weighted, remember, accepted } = decision
  // Field by field: this is made each time that something becomes known, and a spread takes Node several times as long.
  const fields = {
    why,
    action,
    appended,
    isPass,
    isTied: names !== undefined && isLedToBySender(names),
    weighted,
    remember,
    listAnswers,
    listedBy: witnesses.hosts,
    addresses: names?.addresses ?? [request.helo],
    notes,
    steps: tally.steps,
    hits: lists.hits,
    dnsbl: pointers?.dnsbl ?? lists.dnsbl,
    nameErrors: names?.failed.count ?? 0,
  }
  return accepted ? { ...fields, accepted } : fields
}

function accept({ config }: Scoring, text: string): Decision {
  return { action: `${acceptWord(config)} ${text}`, weighted: undefined, remember: { message: ACCEPTED } }
}

function passUnscored(scoring: Scoring, why: Why, where: string, found: SomeFindings): Judgement {
  return finish(scoring, why, accept(scoring, `${withBlanks(scoring.config.MAXDNSERRMSG)} in ${where}`), found, true)
}
