/**
 * Whether a rejection may be a deferral, on ranges: `$DEFER_STRING` and `$TWO_WITNESSES`, for bounds.ts.
 *
 * A list that has not answered may bring a word of `$DEFER_STRING`, or be the only witness: what the rate is at least is
 * then more by its listing.
 *
 * Pure, total.
 * Sources: docs/behaviour/scoring.md#the-verdict, docs/behaviour/scoring.md#one_witness.
 */
import type { Config, ConfiguredList } from '../config/parameters/parameters.ts'
import { hasNoName } from '../policy/request.ts'
import { isOfSender } from './one-witness.ts'
import type { PossibleListing } from './possible-lists.ts'
import type { PossibleNames } from './possible-names.ts'
import { ROUNDING } from './range.ts'
import type { Scoring } from './scoring.ts'
import { operatorOf } from './witnesses.ts'

/** What a rejection rests on. */
export interface BoundRejection {
  /** The rate is at least this, or `$REJECTLEVEL`. */
  readonly least: number
  /** Whether a listing that is not in `least` adds to it. */
  readonly isSum: boolean
  /** Whether lists are asked for the sender domain, for sure. */
  readonly areDomainsAsked: boolean
  readonly names: PossibleNames
  readonly listings: readonly PossibleListing[]
  /** What a listing of a sender domain scores at most beyond its hit. */
  readonly mostBeyondHit: number
}

export function mayBeDeferred(scoring: Scoring, rejection: BoundRejection): boolean {
  return mayHaveOneWitness(scoring, rejection) || mayHaveWord(scoring, rejection)
}

/** See one-witness.ts. */
function mayHaveOneWitness(
  { config, request }: Scoring,
  { least, isSum, areDomainsAsked, names, listings, mostBeyondHit }: BoundRejection,
): boolean {
  if (!config.TWO_WITNESSES) return false
  const isOfDomain = ({ entry }: PossibleListing): boolean => config.rhsbl_score.includes(entry)
  const mostOf = (each: PossibleListing): number => each.entry.hit + (isOfDomain(each) ? mostBeyondHit : 0)
  const speaking = listings.filter(each => !config.dnswl_score.includes(each.entry) && mostOf(each) > 0)
  const sure = speaking.filter(each => !each.mayNot && (isOfDomain(each) ? areDomainsAsked : each.entry.hit > 0))
  if (sure.some(({ isStrong }) => isStrong)) return false
  const operators = new Set((sure.length > 0 ? sure : speaking).map(({ entry }) => operatorOf(entry.host)))
  if (sure.length > 0 && operators.size > 1) return false
  if (!(names.senderIsMx || names.fromIp || names.isTied || isOfSender(request))) return false
  return [...operators].some(operator => {
    const own = speaking.filter(({ entry }) => operatorOf(entry.host) === operator)
    const others = own.reduce((sum, each) => sum + (isSum ? gainOf(each, config) : 0) - mostOf(each), least)
    return others < config.REJECTLEVEL + ROUNDING
  })
}

/** Whether the reasons may have a word of `$DEFER_STRING`, at a rate below `$DEFER_LEVEL`. */
function mayHaveWord({ config, request, tally }: Scoring, { least, isSum, names, listings }: BoundRejection): boolean {
  const { DEFER_LEVEL, DEFER_STRING, REJECTLEVEL } = config
  const level = DEFER_LEVEL + ROUNDING
  if (DEFER_STRING.length === 0 || Math.max(least, REJECTLEVEL) >= level) return false
  // They are shown among the reasons, and anything may be in them.
  if (request.helo.includes(' ') || request.domain.includes(' ') || hasOddLabels(config)) return true
  return DEFER_STRING.some(word => {
    // Of other words nobody knows here.
    if (word.startsWith('SPF_')) return tally.reasons.includes(` ${word}`)
    if (word.startsWith('BOGUS_MX=')) return names.bogusMx.includes(true)
    if (word.startsWith('CLIENT_HAS_NO_NAME=')) return hasNoName(request)
    if (!word.startsWith('IN_')) return true
    return listings.some(each => mayShow(each.entry, word) && least + (isSum ? gainOf(each, config) : 0) < level)
  })
}

/** Whether a label may look like another word, with that of another rule in it. */
function hasOddLabels({ dnsbl_score, dnswl_score, rhsbl_score }: Config): boolean {
  return [...dnsbl_score, ...dnswl_score, ...rhsbl_score].some(({ label }) =>
    /^(?:IN_|SPF_|BOGUS_|CLIENT_)| /.test(label),
  )
}

/** Whether a listing of an entry may show a word of `$DEFER_STRING`. */
function mayShow({ label }: ConfiguredList, word: string): boolean {
  const shown = `IN_${label}=`
  return shown.startsWith(word) || word.startsWith(shown)
}

/** What a client list that has not answered adds to the least rate, if it lists the client. */
function gainOf({ entry, mayNot }: PossibleListing, { dnsbl_score }: Config): number {
  return mayNot && dnsbl_score.includes(entry) ? entry.hit - Math.min(entry.hit, entry.miss) : 0
}
