/**
 * Chapters 11 and 12: sums and reasons → what is answered, logged and remembered.
 *
 * Last step of scoring. The judgement is complete: the driver answers `action`, logs `weighted`, and hands
 * `remember` to the cache without looking at a score again.
 *
 * Total, no errors. Masking and cutting of what a stranger wrote happen where the action leaves (policy/reply.ts).
 * Sources: docs/behaviour/scoring.md#the-verdict, docs/behaviour/cache.md#which-verdict-is-remembered.
 */
import type { ListTrouble } from '../lists/classify.ts'
import { shownHost } from '../lists/shown-host.ts'
import { withBlanks } from '../policy/reply.ts'
import type { ListsEnd } from './client-lists.ts'
import type { Evaluation, Step } from './evaluation.ts'
import { acceptWord, deferMessage, extendMessage, isTemporary } from './message.ts'
import { hasTooManyNameErrors, MAX_FAILED_NAMES, type TooManyNameErrors } from './names.ts'
import { formatNumber, round3 } from './number.ts'

/** What the `weighted check:` log line says. */
export interface WeightedCheck {
  readonly reasons: string
  readonly rate: string
}

/** What is kept of a verdict. Absent: nothing of that kind. */
export interface Remember {
  /** Into the SPAM cache, under the client alone or the client and the envelope sender. */
  readonly spam?: { readonly key: 'client' | 'client-sender'; readonly score: number }
  /** Into the HAM cache, under the client and the sender domain. */
  readonly ham?: { readonly score: number }
  /** For the other recipients of the mail: accepted, or rejected with this message. */
  readonly message?: { readonly kind: 'accepted' } | { readonly kind: 'rejected'; readonly message: string }
}

/**
 * Which rule the verdict is due to:
 *
 * - `listings`: too many of them, at once
 * - `silent-lists`, `outage`, `failed-names`: passed unscored
 * - `lists-only`, `known`: nothing else had to be asked
 * - `rate`: the rate, against `$REJECTLEVEL`
 * - `deferred-names`: a rejection that failed lookups may be to blame for
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
  | 'no-records'
  | 'busy'

/** A finished score. */
export interface Judgement {
  readonly why: Why
  /** The value of `action=`, neither masked nor cut yet. */
  readonly action: string
  /** It is accepted because lookups failed, whatever else is known of it. */
  readonly isPass: boolean
  readonly weighted: WeightedCheck | undefined
  readonly remember: Remember
  /** The mail is accepted, though nothing is remembered of it; the statistics cannot tell otherwise. */
  readonly accepted?: true
  /** How each list answered that was asked a fair question, by host. */
  readonly listAnswers: ReadonlyMap<string, 'answered' | ListTrouble>
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

const ACCEPTED = { kind: 'accepted' } as const

/** The lists have settled it: too many listings, or too many of them are silent. */
export function judgeListsEnd(evaluation: Evaluation, end: ListsEnd): Judgement {
  const { config, request } = evaluation
  if (end.kind === 'too-many-timeouts')
    return passUnscored(evaluation, 'silent-lists', `${shownHost(end.host, config.zone_codes)} lookups`)
  return finish(evaluation, 'listings', {
    action: extendMessage(config.MAXDNSBLMSG, `; check http://www.robtex.com/rbl/${request.client}.html`),
    weighted: { reasons: evaluation.reasons, rate: formatNumber(evaluation.rate) },
    remember: {
      ...(isTemporary(config.MAXDNSBLMSG) ? {} : { spam: { key: 'client', score: evaluation.dnsbl } }),
      message: { kind: 'rejected', message: config.REJECTMSG },
    },
  })
}

/** No name server answers anything: an outage of our own, in which every mail passes. */
export function judgeOutage(evaluation: Evaluation, end: ListsEnd | undefined): Judgement {
  const { zone_codes } = evaluation.config
  const where = end?.kind === 'too-many-timeouts' ? shownHost(end.host, zone_codes) : 'DNS'
  return passUnscored(evaluation, 'outage', `${where} lookups`)
}

/** Only the lists were to be asked; `which` is the number of the pattern that said so, undefined for `$dnsbl_checks_only`. */
export function judgeListsOnly(evaluation: Evaluation, which: number | undefined): Judgement {
  const why = which === undefined ? '' : ` (regex-nr: ${which})`
  const text = `${evaluation.reasons} (only DNSBL check requested${why})`
  return finish(evaluation, 'lists-only', accept(evaluation, text))
}

/** A HAM entry that is not hard stands, since no list hit. */
export function judgeCachedHam(evaluation: Evaluation, score: number): Judgement {
  return finish(
    evaluation,
    'known',
    accept(evaluation, `${withBlanks(evaluation.config.POSCACHEMSG)}; rate: ${formatNumber(score)}`),
  )
}

/** Names the client chose could not be looked up, too often, and `$CLIENTDNSERRMSG` is empty: the reference's way (D2). */
export function judgeNameErrors(evaluation: Evaluation, end: TooManyNameErrors): Judgement {
  return passUnscored(evaluation, 'failed-names', end.where)
}

/** Everything was scored. */
export function judgeRate(evaluation: Evaluation): Judgement {
  const { config, request } = evaluation
  const rate = round3(evaluation.rate)
  const weighted = { reasons: evaluation.reasons, rate: formatNumber(rate) }
  const despiteErrors = judgeDespiteNameErrors(evaluation, rate, weighted)
  if (despiteErrors) return despiteErrors
  if (isUnknownToDns(evaluation)) {
    const text = ` Your HELO: ${request.helo}, IP: ${request.client}`
    return finish(evaluation, 'no-records', { action: extendMessage(config.DNSERRMSG, text), weighted, remember: {} })
  }
  if (rate < config.REJECTLEVEL) {
    const { action, remember } = accept(evaluation, `${evaluation.reasons}; rate: ${weighted.rate}`)
    const ham = evaluation.hits === 0 ? { ham: { score: rate } } : {}
    return finish(evaluation, 'rate', { action, weighted, remember: { ...remember, ...ham } })
  }
  const deferred =
    rate < config.DEFER_LEVEL && config.DEFER_STRING.some(word => evaluation.reasons.includes(` ${word}`))
  const message = deferred ? deferMessage(config.REJECTMSG, config.DEFER_ACTION) : config.REJECTMSG
  // A sender without a domain says nothing about whom the mail is from.
  const certainClient = evaluation.hits >= 1 || evaluation.dialup || evaluation.heloOk !== 1 || request.domain === ''
  const spam = { key: certainClient ? 'client' : 'client-sender', score: rate } as const
  return finish(evaluation, 'rate', {
    action: extendMessage(message, rejectionText(evaluation)),
    weighted,
    remember: {
      ...(deferred || isTemporary(message) ? {} : { spam }),
      message: { kind: 'rejected', message },
    },
  })
}

/**
 * D2: everything was scored although lookups of names the client chose have failed. That a mail is accepted in spite of
 * it is no reason to do anything else; that it is not may be the failures' doing, if there are `$MAXDNSERR` of them, and is
 * for later then. Neither says anything about the client that is worth remembering. Undefined: nothing failed, or too
 * little to matter.
 */
function judgeDespiteNameErrors(evaluation: Evaluation, rate: number, weighted: WeightedCheck): Judgement | undefined {
  const { config, nameErrors } = evaluation
  if (nameErrors === 0 || config.CLIENTDNSERRMSG === '') return undefined
  const tooMany = hasTooManyNameErrors(evaluation)
  // No DNS entries at all: with a lookup that failed, nobody knows.
  if (!tooMany && !isUnknownToDns(evaluation)) return undefined
  if (rate < config.REJECTLEVEL) {
    const { action } = accept(evaluation, `${evaluation.reasons}; rate: ${weighted.rate}`)
    return finish(evaluation, 'rate', { action, weighted, remember: {}, accepted: true })
  }
  if (!tooMany) return undefined
  const { failedNames } = evaluation
  const others = failedNames.length > MAX_FAILED_NAMES ? ' and others' : ''
  const names = `${failedNames.slice(0, MAX_FAILED_NAMES).join(', ')}${others}`
  evaluation.notes.push(`lookups of names failed, so a mail is deferred, not rejected: ${names}`)
  const action = extendMessage(config.CLIENTDNSERRMSG, '')
  return finish(evaluation, 'deferred-names', { action, weighted, remember: {} })
}

/** Neither the client nor HELO nor the sender has any DNS record, and the lists have little to say. */
function isUnknownToDns({ dnsError, hits }: Evaluation): boolean {
  return dnsError && hits < 2
}

type Decision = Pick<Judgement, 'action' | 'weighted' | 'remember' | 'accepted'>

function finish(evaluation: Evaluation, why: Why, decision: Decision, isPass = false): Judgement {
  const { listAnswers, addresses, notes, steps, hits, dnsbl, nameErrors } = evaluation
  const { action, weighted, remember, accepted } = decision
  // Field by field: this is made each time that something becomes known, and a spread takes Node several times as long.
  const fields = {
    why,
    action,
    isPass,
    weighted,
    remember,
    listAnswers,
    addresses,
    notes,
    steps,
    hits,
    dnsbl,
    nameErrors,
  }
  return accepted ? { ...fields, accepted } : fields
}

function accept(evaluation: Evaluation, text: string): Decision {
  const action = `${acceptWord(evaluation.config)} ${text}`
  return { action, weighted: undefined, remember: { message: ACCEPTED } }
}

function passUnscored(evaluation: Evaluation, why: Why, where: string): Judgement {
  return finish(evaluation, why, accept(evaluation, `${withBlanks(evaluation.config.MAXDNSERRMSG)} in ${where}`), true)
}

function rejectionText(evaluation: Evaluation): string {
  const { request } = evaluation
  let text = ''
  if (evaluation.heloOk !== 1 && !evaluation.unverified)
    text += `; MTA helo: ${request.helo}, MTA hostname: ${request.name}[${request.client}] (helo/hostname mismatch)`
  for (const host of evaluation.senderListings) text += `; in ${host}`
  if (evaluation.adviseRelay) text += `; please relay via your ISP (${request.domain})`
  if (evaluation.adviseDynamicDns) text += '; Please use DynDNS'
  return text
}
