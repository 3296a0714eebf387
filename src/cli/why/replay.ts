/**
 * A past decision, scored once more: the judgement behind it, and what it hung on.
 *
 *   DecisionRecord, configuration → replay → judgement and Deciding (score/deciding.ts), or why there is none
 *
 * Answers are found by type and name, in which keys of lists are masked. Only a record that comes to the very rules and rate it
 * says is believed: with another configuration, or one more rule in this version, what a clue is worth would be made up.
 *
 * Scoring stays in its own program, of which the command line has no copy. Total. Source: journal/decision-record.ts.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import type { Answers, Outcome } from '../../dns/outcome.ts'
import type { DecisionRecord, LookupOfRecord } from '../../journal/decision-record.ts'
import { shownHost, shownQuestion } from '../../lists/shown-host.ts'
import { ProtocolError } from '../../policy/protocol-error.ts'
import { behindNat64, type PolicyRequest } from '../../policy/request.ts'
import { type Deciding, findDeciding } from '../../score/deciding.ts'
import type { Facts, ScorableRequest } from '../../score/scoring.ts'
import type { Judgement } from '../../score/verdict.ts'
import { readAttributes } from './read-attributes.ts'

export type Replay =
  | { readonly kind: 'scored'; readonly judgement: Judgement; readonly deciding: Deciding }
  /** `why`: half a sentence: `it was answered from memory`. */
  | { readonly kind: 'not'; readonly why: string }

/** A local part that is hidden, `$JOURNAL_PRIVACY`. */
const HIDDEN = /^~(?:[0-9a-f]{12})?@/
/** Two sums of doubles that were added up in the same order are equal but for what JSON and rounding do to them. */
const TOLERANCE = 1e-6

export async function replay(record: DecisionRecord, config: Config): Promise<Replay> {
  if (record.by !== undefined) return not('nothing was scored')
  if (record.config === '') return not('only its log lines are known, not what was asked and answered')
  if (record.cut) return not('some of its answers were left out of the journal, where a record has a bound')
  if (record.why === 'busy') return not('it was not scored to its end')
  if (record.why === 'outage') return not('no name server answered anything')
  const request = requestOf(record, config)
  if (!request) return not('its request is none')
  if (!isScorable(request)) return not('its client has no address')
  const { score, settleEarly } = await import('../../score/scoring-program.ts')
  const answers = answersOf(record.lookups ?? [], config)
  const known = await factsOf(record, config)
  const judged = { request, answers, known: { ...known, askedForSpf: new Set<string>() } }
  const scored = score(request, answers, config, { ...known, askedForSpf: new Set() })
  const early = scored.kind === 'needs' && record.early ? settleEarly(scored.soFar, judged, config) : undefined
  const judgement = scored.kind === 'verdict' ? scored.judgement : early
  if (!judgement) return not('answers are missing that it rested on')
  const difference = differenceOf(record, judgement)
  if (difference !== undefined) return not(difference)
  const deciding = await findDeciding(judged, judgement, config)
  return { kind: 'scored', judgement: deciding.judgement, deciding }
}

function not(why: string): Replay {
  return { kind: 'not', why }
}

/** The request of a record; undefined: it breaks a bound of those that Postfix sends. */
function requestOf({ request }: Pick<DecisionRecord, 'request'>, config: Config): PolicyRequest | undefined {
  try {
    // A hidden local part is no text that rules could look at.
    return behindNat64(readAttributes({ ...request, sender: request.sender?.replace(HIDDEN, 'a@') }), config)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function isScorable(request: PolicyRequest): request is ScorableRequest {
  return request.client !== undefined
}

async function factsOf({ known = {} }: DecisionRecord, config: Config): Promise<Facts> {
  const { ham, pattern, skipped = [], dns } = known
  const { dnsbl_score, dnswl_score, rhsbl_score, zone_codes } = config
  const hosts = [...dnsbl_score, ...dnswl_score, ...rhsbl_score].map(({ host }) => host)
  return {
    skippedLists: new Set(
      hosts.filter(host => skipped.includes(host) || skipped.includes(shownHost(host, zone_codes))),
    ),
    ...(ham !== undefined && { cachedHamScore: ham }),
    ...(pattern !== undefined && { pattern }),
    ...(dns !== undefined && { dns }),
    ...(config.CHECK_SPF && { checkSpf: (await import('../../spf/check-spf.ts')).checkSpf }),
  }
}

function answersOf(lookups: readonly LookupOfRecord[], config: Config): Answers {
  const outcomes = new Map<string, Outcome>()
  for (const lookup of lookups) {
    if (lookup.answer) outcomes.set(`${lookup.type} ${lookup.name}`, lookup.answer)
  }
  return { get: question => outcomes.get(`${question.type} ${shownQuestion(question, config.zone_codes)}`) }
}

/** How a record and what it comes to now differ; undefined: not at all. */
function differenceOf(
  { rules = [], rate, request }: DecisionRecord,
  { steps, weighted }: Judgement,
): string | undefined {
  const odd = rules.findIndex(({ rule, score }, index) => {
    const step = steps[index]
    return step?.rule !== rule || Math.abs(step.score - score) > TOLERANCE
  })
  if (odd >= 0 || steps.length !== rules.length)
    return HIDDEN.test(request.sender)
      ? 'a rule has looked at the local part of the sender, which is hidden ($JOURNAL_PRIVACY)'
      : 'it comes to other rules now'
  if (rate === undefined || !weighted) return undefined
  return Math.abs(Number(weighted.rate) - rate) > TOLERANCE ? `its rate would be ${weighted.rate} now` : undefined
}
