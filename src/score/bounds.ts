/**
 * What a request can come to while some of its lookups are unknown: the least and the greatest rate, and what is done with
 * the mail.
 *
 *   answers that are there, parameters → boundsOf → { rate, fates }
 *
 * The chapters once more, rule by rule, on ranges: a list that has not answered may list the client or not; the names may be
 * any of possibleNames; a rule that rests on either is applied and left out. Whatever the unknown answers turn out to be, what
 * score.ts then comes to is within the bounds; they may be wider than need be, since each lookup is taken for
 * itself. With every answer there they are what score.ts says, but for rounding.
 *
 * Pure, total. Nothing of a request's own way calls it but where a parameter asks for it.
 * Source: docs/behaviour/scoring.md.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { hasNoName } from '../policy/request.ts'
import { weightOf } from './client-lists.ts'
import {
  boundAllowLists,
  boundClientLists,
  boundSenderLists,
  possibleSenderLists,
  type SenderEntry,
} from './list-bounds.ts'
import { isHeloOpen, mayBeLine, NO_RECORDS_SCORE } from './client-pointers.ts'
import { type BoundRejection, mayBeDeferred } from './deferral-bounds.ts'
import { areTooManyFailures } from './failed-names.ts'
import { type BoundComparison, boundComparison, boundLedTo, boundNameless } from './name-bounds.ts'
import { isMultiparted, isNumericHelo, looksRandom } from './patterns.ts'
import { type Lists, PossibleLists } from './possible-lists.ts'
import { type PossibleNames, possibleNames, possiblePointers } from './possible-names.ts'
import { atMost, either, exactly, over, perhaps, type Range, ROUNDING, rounded, sum } from './range.ts'
import { score } from './score.ts'
import { beginScoring, type Facts, type ScorableRequest, type Scoring } from './scoring.ts'
import type { Answers } from '../dns/outcome.ts'
import { heloLooksDialup, isAnonymous, randomPenalty, randomScore } from './sender.ts'
import { scoreSpf } from './spf.ts'
import { compareNames, numericScore } from './sender-against-helo.ts'
import { type Fate, fateOf } from './fate.ts'

export interface Bounds {
  /** Of verdicts that come with a rate; undefined: there can be none. */
  readonly rate: Range | undefined
  readonly fates: ReadonlySet<Fate>
}

/**
 * `mayFail`: whether an unknown lookup may turn out to be a failed one. `known` as for score.ts. `only`: the bounds are worked out no
 * further once something else than this may become of the mail.
 */
export function boundsOf(
  request: ScorableRequest,
  answers: Answers,
  config: Config,
  known: Facts,
  mayFail: boolean,
  only?: Fate,
): Bounds {
  const open = known.spf === undefined ? scoreSpf(beginScoring(request, answers, config, known), undefined).open : []
  if (open.length > 0)
    return unionOf(open.map(spf => boundsOf(request, answers, config, { ...known, spf }, mayFail, only)))
  const scored = score(request, answers, config, known)
  if (scored.kind === 'verdict') {
    const { weighted } = scored.judgement
    return { rate: weighted && exactly(Number(weighted.rate)), fates: new Set([fateOf(scored.judgement, config)]) }
  }
  const bounding = new Bounding(beginScoring(request, answers, config, known), mayFail, only)
  bounding.lists(known)
  return bounding
}

function unionOf(all: readonly Bounds[]): Bounds {
  const rates = all.flatMap(({ rate }) => rate ?? [])
  return {
    rate: rates.length > 0 ? rates.reduce(either) : undefined,
    fates: new Set(all.flatMap(({ fates }) => [...fates])),
  }
}

/** Where scoring stands behind the comparison of sender and HELO. */
interface Compared extends BoundComparison {
  readonly names: PossibleNames
  readonly bogusMx: boolean
}

type OfDomains = Pick<BoundRejection, 'areDomainsAsked' | 'mostBeyondHit'>

class Bounding implements Bounds {
  rate: Range | undefined
  readonly fates: Set<Fate> = new Set()
  readonly #scoring: Scoring
  readonly #mayFail: boolean
  readonly #only: Fate | undefined
  readonly #possible: PossibleLists
  /** Asked once, however many ways lead there; not at all if none does. */
  #senderEntries: readonly SenderEntry[] | undefined
  readonly #compared: ReturnType<typeof compareNames>
  /** No rate was raised to `$REJECTLEVEL`. */
  #isSum = true

  constructor(scoring: Scoring, mayFail: boolean, only: Fate | undefined) {
    this.#scoring = scoring
    this.#mayFail = mayFail
    this.#only = only
    this.#possible = new PossibleLists(scoring, mayFail)
    this.#compared = compareNames(scoring.request, scoring.config)
  }

  /** Whether no more is to be found out. */
  get #isOver(): boolean {
    return this.#only !== undefined && this.fates.size > (this.fates.has(this.#only) ? 1 : 0)
  }

  /** Whether so many lists are silent that the mail passes; that it may is noted. */
  #isSilenceEnough(): boolean {
    if (this.#possible.maySilenceBeEnough) this.ends('accepted')
    return this.#possible.isSilenceEnough
  }

  /** A way scoring may end. `rate`: for a verdict that comes with one. */
  ends(fate: Fate, rate?: Range): void {
    this.fates.add(fate)
    if (!rate) return
    const wide = { least: rate.least - ROUNDING, greatest: rate.greatest + ROUNDING }
    this.rate = this.rate ? either(this.rate, wide) : wide
  }

  /** Chapter 3, allow lists and SPF. */
  lists({ cachedHamScore, pattern, spf }: Facts): void {
    const scoring = this.#scoring
    const { config } = scoring
    const found = boundClientLists(
      scoring,
      this.#possible,
      rate => this.ends('rejected', rate),
      () => this.#isSilenceEnough(),
    )
    if (!found) return
    if (config.dnsbl_checks_only || pattern !== undefined) {
      this.ends('accepted')
      return
    }
    if (cachedHamScore !== undefined && found.hits.least === 0) this.ends('accepted')
    if (cachedHamScore !== undefined && found.hits.greatest === 0) return
    const allowed = boundAllowLists(scoring, this.#possible, found)
    const { ties } = scoreSpf(scoring, spf)
    const rate = sum(sum(found.rate, allowed), exactly(scoring.tally.rate))
    const weight = config.COUNT_LISTS_ONCE ? exactly(0) : found.dnsbl
    for (const names of possibleNames(scoring, ties, this.#mayFail))
      for (const isDialup of found.dialup)
        this.#names({ rate, dnsbl: weight, hits: found.hits, isDialup, allowed }, names)
  }

  /** Chapters 4, 5 and 6. */
  #names(lists: Lists, names: PossibleNames): void {
    const { config, request } = this.#scoring
    const { dnsbl } = lists
    const { bad } = config.bogus_mx_score
    // The walk's own end, the reference's way.
    if (config.CLIENTDNSERRMSG === '' && areTooManyFailures(names.failures.greatest, config)) this.ends('accepted')
    let rate = sum(lists.rate, boundLedTo(this.#scoring, names, dnsbl))
    for (const isBad of names.badMx.slice(-1)) {
      const score = over(dnsbl, sum => bad * sum)
      if (isBad) rate = names.badMx.length > 1 ? perhaps(rate, score) : sum(rate, score)
    }
    const isNumeric = isNumericHelo(request.helo) && names.ledTo !== 'name'
    const numeric = isNumeric ? over(dnsbl, sum => numericScore(config, sum)) : exactly(0)
    rate = sum(rate, numeric)
    for (const bogusMx of names.bogusMx) {
      const penalty = bogusMx ? over(dnsbl, sum => bad + sum) : exactly(0)
      const by = { compared: this.#compared, dnsbl, penalty, numeric }
      for (const compared of boundComparison(this.#scoring, names, by)) {
        if (this.#isOver) return
        const at = sum(sum(rate, penalty), compared.score)
        this.#pointers({ ...lists, rate: at }, { ...compared, names, bogusMx }, numeric)
      }
    }
  }

  /** Chapter 7. */
  #pointers(lists: Lists, helo: Compared, numeric: Range): void {
    const { config, request, literal } = this.#scoring
    const mayBeDialup = !lists.isDialup && mayBeLine(helo.names)
    const heloIsOpen = isHeloOpen(helo)
    const { bad, good } = config.client_ip_eq_helo_score
    const nameless = boundNameless(this.#scoring, this.#mayFail)
    for (const { isNone, isDialup, isMatch } of possiblePointers(this.#scoring, mayBeDialup, heloIsOpen)) {
      if (this.#isOver) return
      let { dnsbl } = lists
      let rate = sum(lists.rate, nameless)
      if (isDialup) {
        rate = sum(rate, exactly(config.client_seems_dialup_score.bad))
        dnsbl = sum(dnsbl, exactly(weightOf(config, config.client_seems_dialup_score.bad)))
      }
      const dnsError = heloIsOpen && isNone && helo.names.ledTo === 'nothing'
      if (dnsError) rate = sum(rate, exactly(NO_RECORDS_SCORE))
      const isConfirmed = isMatch || literal
      if (heloIsOpen && isMatch) rate = sum(rate, exactly(good))
      if (heloIsOpen && !isConfirmed) rate = sum(rate, exactly(bad))
      const unverified = heloIsOpen && isConfirmed ? hasNoName(request) : helo.unverified
      const next = { ...lists, rate, dnsbl, isDialup: lists.isDialup || isDialup }
      this.#sender(next, { ...helo, unverified }, numeric, dnsError)
    }
  }

  /** Chapters 8 and 9. */
  #sender(lists: Lists, helo: Compared, numeric: Range, dnsError: boolean): void {
    const { config, request, literal } = this.#scoring
    const { dnsbl, hits, isDialup } = lists
    const { names } = helo
    let { rate } = lists
    const enforced = names.isTied ? 0 : config.enforce_dyndns_score.bad
    if (!((enforced === 0 && isDialup) || names.mxOk || names.fromIp) && heloLooksDialup(request, config)) {
      const { bad } = helo.heloOk === 1 ? config.helo_seems_dialup : config.failed_helo_seems_dialup
      rate = sum(rate, exactly(bad + enforced))
    }
    if (isAnonymous(request)) rate = sum(rate, sum(sum(exactly(config.from_anon.bad), dnsbl), numeric))
    const isForeign =
      !names.mxOk && helo.checkClientFrom && hits.greatest > 0 && !literal && helo.fromHasClient.includes(false)
    if (isForeign) {
      const score = over(dnsbl, sum => config.helo_from_mx_eq_ip_score.bad + sum)
      const isNear = names.fromHasNetwork
      const both = sum(score, score)
      const scores = isNear.length > 1 ? either(score, both) : isNear[0] ? score : both
      const isSure = hits.least > 0 && !helo.fromHasClient.includes(true)
      rate = isSure ? sum(rate, scores) : perhaps(rate, scores)
    }
    if (helo.heloOk === 0 && !names.mxOk && !names.isTied && isMultiparted(request.from))
      rate = this.#unlessRejected(rate, at =>
        sum(
          at,
          over(dnsbl, hit => config.from_multiparted.bad + hit),
        ),
      )
    let rhsblPenalty = exactly(0)
    if (looksRandom(request.from)) {
      const score = over(dnsbl, sum => randomScore(config, sum))
      const penalty = exactly(randomPenalty(config))
      rhsblPenalty = rate.greatest < config.REJECTLEVEL ? penalty : perhaps(rhsblPenalty, penalty)
      rate = this.#unlessRejected(rate, at => sum(at, score))
    }
    this.#senderLists({ ...lists, rate }, helo, rhsblPenalty, dnsError)
  }

  /** Chapter 10. */
  #senderLists(lists: Lists, helo: Compared, rhsblPenalty: Range, dnsError: boolean): void {
    const { config } = this.#scoring
    const isSuspect = helo.checkClientFrom || helo.unverified || helo.bogusMx
    const penalty = isSuspect ? sum(rhsblPenalty, exactly(config.rhsbl_penalty_score.bad)) : rhsblPenalty
    const ask = (rate: Range): Range | undefined => {
      this.#senderEntries ??= possibleSenderLists(this.#scoring, this.#possible, () => this.#isSilenceEnough())
      return boundSenderLists(rate, this.#senderEntries, lists, penalty)
    }
    const rate = this.#scoring.lists.domains.length === 0 ? lists.rate : this.#unlessRejected(lists.rate, ask)
    const areDomainsAsked = lists.rate.greatest < config.REJECTLEVEL - ROUNDING
    const mostBeyondHit = Math.max(0, penalty.greatest + Math.max(0, lists.dnsbl.greatest) / 2)
    if (rate) this.#verdict(rounded(rate), lists, helo.names, dnsError, { areDomainsAsked, mostBeyondHit })
  }

  /** Chapter 12. */
  #verdict(rate: Range, { hits }: Lists, names: PossibleNames, dnsError: boolean, of: OfDomains): void {
    const { config } = this.#scoring
    const { REJECTLEVEL } = config
    const { failures } = names
    if (dnsError && hits.least < 2) this.ends('deferred', rate)
    const isUnknown = dnsError && hits.greatest < 2
    if (isUnknown && failures.greatest === 0) return
    if (rate.least < REJECTLEVEL + ROUNDING) this.ends('accepted', atMost(rate, REJECTLEVEL))
    if (isUnknown) return
    if (rate.greatest < REJECTLEVEL - ROUNDING) return
    const rejected = { ...rate, least: Math.max(rate.least, REJECTLEVEL) }
    const isDefer = (count: number): boolean => config.CLIENTDNSERRMSG !== '' && areTooManyFailures(count, config)
    if (isDefer(failures.greatest)) this.ends('deferred', rejected)
    if (isDefer(failures.least)) return
    const rejection = { ...of, least: rate.least, isSum: this.#isSum, names, listings: this.#possible.listings }
    if (!this.fates.has('deferred') && mayBeDeferred(this.#scoring, rejection)) this.ends('deferred', rejected)
    this.ends('rejected', rejected)
  }

  /** A rule that applies below `$REJECTLEVEL` alone; undefined: scoring ends with it. */
  #unlessRejected<Rate extends Range | undefined>(rate: Range, apply: (rate: Range) => Rate): Rate | Range {
    const { REJECTLEVEL } = this.#scoring.config
    if (rate.least >= REJECTLEVEL + ROUNDING) return rate
    const applied = apply(atMost(rate, REJECTLEVEL))
    if (rate.greatest < REJECTLEVEL - ROUNDING) return applied
    this.#isSum = false
    const rejected = { least: Math.max(rate.least, REJECTLEVEL), greatest: Math.max(rate.greatest, REJECTLEVEL) }
    return applied ? either(applied, rejected) : rejected
  }
}
