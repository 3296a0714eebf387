/**
 * The miss: a request nothing is known of → its score.
 *
 *   consult.ts: PolicyRequest → evaluate: plan → fan-out ⇄ score → Judgement → consult.ts
 *
 * A request waits for its turn (admission.ts). The plan names the first lookups. Scoring says what it needs, the fan-out
 * asks for it, and when answers have come that make a difference, scoring runs again, until it has a verdict. A verdict
 * that is settled waits for nobody: lookups still under way are cancelled. While questions are held back, an answer that
 * lets one out makes a difference when answers stop coming for a moment.
 *
 * With `$EARLY_VERDICT` it is also looked, whenever answers stop coming for a moment, whether those that are missing can still
 * change what becomes of the mail (score/early.ts).
 *
 * A mail that would pass because lists are silent passes only if nothing that clients chose can have silenced them, or if
 * nobody answers the control question either: then it is an outage of our own, and every mail passes alike. Otherwise
 * the silent lists score as being in error, and scoring goes on. Of an outage that the host knows of nothing is asked
 * (turn/server-watch.ts): the mail gets what one gets that has waited for all answers in vain.
 *
 * Failure: a lookup without an answer is an outcome of that lookup. All lookups of a request share one deadline,
 * well before Postfix stops waiting, so an evaluation always ends; a mail that waited in vain is deferred, never
 * passed; so is one that would be rejected while a lookup of its names was cut short for the sake of others, and, with
 * `$DEFER_ON_DNSERR`, one whose rejection the answer to a failed lookup could have prevented. A caller who
 * is gone ends it: CallerGone.
 * Sources: docs/behaviour/scoring.md, docs/behaviour/dns-and-lists.md#when-nobody-answers;
 * postconf(5) smtpd_policy_service_timeout.
 */
import type { ListAccounts } from './list-accounts.ts'
import { Admission, type Admitted } from './turn/admission.ts'
import { CallerGone } from './turn/caller.ts'
import { type Current, CurrentResolver } from './turn/current-resolver.ts'
import type { Host } from './turn/server-trouble.ts'
import type { Config } from './config/parameters/parameters.ts'
import type { NamePlaces } from './dns/client-names.ts'
import type { ListTrouble } from './lists/classify.ts'
import { monotonicMs } from './system/clock.ts'
import { FanOut, type LookupRecord } from './dns/fan-out.ts'
import { CONTROL, isSilence, type Question, questionKey } from './dns/outcome.ts'
import { OwnQuestions } from './dns/own-questions.ts'
import { planFirstWave } from './score/first-wave.ts'
import { ListQuestions } from './score/list-questions.ts'
import type { OpenTransport } from './dns/transport.ts'
import type { FoundMatch } from './patterns/match.ts'
import type { Facts, ScorableRequest } from './score/scoring.ts'
import type { Judgement } from './score/verdict.ts'
import type { Evaluated, Resources } from './evaluated.ts'
import {
  judgeBusy,
  judgeWithoutAsking,
  LOOKUP_BUDGET_MS,
  WAITED_IN_VAIN,
  whateverTheTrouble,
  withListAnswers,
  withNotes,
} from './unscored.ts'

/** When no answer has followed for so long, it is looked whether the others matter (`$EARLY_VERDICT`, or some are held back). */
const LULL_MS = 5
/** Of questions about names that clients chose: there are none among probes. */
const NO_PLACES: NamePlaces = {
  count: 0,
  silent: 0,
  isOwnSilence: false,
  areScarce: false,
  want: () => 0,
  noteSilence: () => undefined,
}
const NO_LISTS: ReadonlySet<string> = new Set()
const NO_PATTERN: FoundMatch = { which: undefined, notes: [] }

export type { Evaluated, Resources } from './evaluated.ts'

/** Evaluates requests over one resolver; one per process. */
export class Evaluator {
  readonly #config: Config
  readonly #resolvers: CurrentResolver
  readonly #own: OwnQuestions<'answered' | ListTrouble>
  readonly #admission = new Admission(monotonicMs)
  readonly accounts: ListAccounts | undefined
  readonly #budgetMs: number

  /** `host`: what its processes share; without it, nothing is known of name servers. */
  constructor(
    config: Config,
    transport: OpenTransport,
    budgetMs = LOOKUP_BUDGET_MS,
    host?: Host,
    accounts?: ListAccounts,
  ) {
    this.#config = config
    this.accounts = accounts
    this.#budgetMs = budgetMs
    this.#resolvers = new CurrentResolver({ config, transport, host, sentToList: accounts?.sent })
    this.#own = new OwnQuestions(config.DNS_RETRY_IVAL * 1000, lookup => accounts?.lookedUp([lookup]))
  }

  /** Rejects with CallerGone, or on a broken invariant of ours. */
  async evaluate(request: ScorableRequest, known: Facts, resources: Resources): Promise<Evaluated> {
    const current = this.#resolvers.take()
    try {
      const isOutage = this.#isOutage(current, resources)
      if (isOutage && (await isOutage)) {
        const judgement = await judgeWithoutAsking(request, this.#config, known, current.servers)
        return { judgement, lookups: [], queries: 0, cut: false }
      }
      return await this.#lookUp(request, known, resources, current)
    } finally {
      this.#resolvers.leave(current)
    }
  }

  async #lookUp(
    request: ScorableRequest,
    known: Facts,
    { places, caller }: Resources,
    current: Current,
  ): Promise<Evaluated> {
    const deadlineMs = monotonicMs() + this.#budgetMs
    const entering = this.#admission.enter(places.client, deadlineMs, caller)
    if (entering instanceof Promise) places.giveUp()
    const admitted = await entering
    if (!admitted) {
      if (caller?.hasGone) throw new CallerGone()
      return { judgement: judgeBusy(WAITED_IN_VAIN), lookups: [], queries: 0, cut: false }
    }
    const fanOut = this.#open(current, deadlineMs, places, Math.max(1, this.#config.MAXDNSERR))
    if (caller) caller.onGone = () => fanOut.end()
    try {
      const evaluated = await this.#evaluate(request, known, fanOut, admitted, { places, caller }, current)
      return withListAnswers(evaluated, this.#own.learned())
    } finally {
      fanOut.end()
      this.accounts?.lookedUp(fanOut.lookups)
      if (caller) caller.onGone = undefined
      // Where nobody has answered anything, the silence is not the client's doing.
      this.#admission.leave(admitted, fanOut.hasMetSilence && !fanOut.isAllSilent)
    }
  }

  /**
   * Asks lists for something that no client has asked about. Nobody need wait for the answers; whoever does so waits until
   * `deadlineMs` (monotonicMs) at most, and says when it is over. `answered` is told of each answer.
   */
  probe(questions: readonly Question[], deadlineMs: number, answered?: () => void): FanOut {
    const fanOut = this.#open(this.#resolvers.current, deadlineMs, NO_PLACES, 1, answered)
    fanOut.start(questions)
    return fanOut
  }

  #open({ resolver }: Current, deadlineMs: number, places: NamePlaces, most: number, answered?: () => void): FanOut {
    const { DNS_RETRIES, DNS_RETRY_IVAL } = this.#config
    const tries = DNS_RETRIES + 1
    const options = { deadlineMs, places, mostFailures: most, tries, tryMs: DNS_RETRY_IVAL * 1000, answered }
    return new FanOut(resolver, options)
  }

  /** Queries under way. */
  get pending(): number {
    return this.#resolvers.current.resolver.pending
  }

  /** Whether the reply of a name server that was silent is waited for. */
  get isProbing(): boolean {
    return this.#resolvers.current.watch?.isProbing === true
  }

  /** Waits for such replies: until there is something to read from the descriptor `input`, if it is given, or for some seconds. */
  async rest(input?: number): Promise<void> {
    const { watch, resolver } = this.#resolvers.current
    await watch?.rest(resolver, input)
  }

  /** Reads replies until it is over or there is something to read from the descriptor `input`; those that lie ready, in any case. */
  hear(isOver: () => boolean, input: number | undefined): Promise<void> {
    return this.#resolvers.current.resolver.rest(isOver, input === undefined ? undefined : { input })
  }

  /** Closes the sockets. Lookups still on their way end as timeouts. */
  close(): void {
    this.#resolvers.close()
  }

  async #evaluate(
    request: ScorableRequest,
    given: Facts,
    fanOut: FanOut,
    admitted: Admitted,
    { places, caller }: Resources,
    current: Current,
  ): Promise<Evaluated> {
    let isDoubted = false
    const { cachedHamScore, skippedLists = NO_LISTS } = given
    admitted.holder = fanOut
    const { dnsbl_checks_only, dnsbl_checks_only_regexps: patterns } = this.#config
    const isMatched = patterns.length > 0 && !dnsbl_checks_only
    const found = isMatched ? (await import('./patterns/match.ts')).findMatch(patterns, request.name) : NO_PATTERN
    if (caller?.hasGone) throw new CallerGone()
    const { CHECK_SPF, SPF_BUDGET } = this.#config
    let known: Facts = found.which === undefined ? given : { ...given, pattern: found.which }
    let spfUntilMs: number | undefined
    const listsSuffice = cachedHamScore !== undefined || found.which !== undefined
    const lists = new ListQuestions(request, this.#config)
    fanOut.start(planFirstWave(request, this.#config, skippedLists, listsSuffice, lists))
    // Compiled while the first answers are on their way; some may lie ready by then.
    const { score, deferIfPreventable, settleEarly, openLists, needsInFull } = await import(
      './score/scoring-program.ts'
    )
    known = { ...known, lists }
    if (CHECK_SPF) known = { ...known, checkSpf: (await import('./spf/check-spf.ts')).checkSpf, askedForSpf: new Set() }
    const finish = (judgement: Judgement, known: Facts): Evaluated => {
      const { answers, lookups } = fanOut
      const decide = (judgement: Judgement, known: Facts): Judgement => {
        const failed = this.#failedLookups(judgement, lookups)
        if (failed.length === 0) return judgement
        return deferIfPreventable(judgement, { request, answers, known }, failed, this.#config)
      }
      const without = (hosts: Iterable<string>): Judgement | undefined => {
        const given = { ...known, skippedLists: new Set([...skippedLists, ...hosts]) }
        const scored = score(request, answers, this.#config, given)
        return scored.kind === 'verdict' ? decide(scored.judgement, given) : undefined
      }
      const decided = withNotes(decide(judgement, known), found.notes)
      const { servers } = current
      const judged = whateverTheTrouble(decided, known, fanOut, places, servers)
      return { judgement: judged, lookups, queries: fanOut.queries, cut: fanOut.cut, without, known, servers }
    }
    await fanOut.polled()
    let isLull = false
    let isHamInDoubt = false
    for (;;) {
      if (caller?.hasGone) throw new CallerGone()
      const scored = score(request, fanOut.answers, this.#config, known)
      if (scored.kind === 'needs') {
        const judged = { request, answers: fanOut.answers, known }
        if (isLull && this.#config.EARLY_VERDICT && !isDoubted && !fanOut.isAllSilent) {
          const early = known.wantsTie ? undefined : settleEarly(scored.soFar, judged, this.#config)
          const isOpen = early || cachedHamScore !== undefined
          const open = isOpen ? openLists(request, lists, scored.questions, this.#config) : []
          isHamInDoubt ||= open.length > 0 && this.#own.areSilent(open)
          this.#own.keep(current.resolver, open)
          if (early) return finish(early, known)
        }
        const { questions, ofSpf } = isHamInDoubt ? needsInFull(scored, judged, this.#config) : scored
        if (ofSpf.length > 0) spfUntilMs ??= monotonicMs() + SPF_BUDGET * 1000
        fanOut.start(questions, ofSpf, spfUntilMs)
        // There may be no place because nobody has been answered for a while.
        if (fanOut.isHolding && fanOut.isAllSilent) {
          const control = fanOut.answers.get(CONTROL)
          if (control && isSilence(control)) {
            known = { ...known, dns: 'outage' }
            continue
          }
          fanOut.start([...questions, CONTROL], ofSpf, spfUntilMs)
        }
      } else {
        // Once in doubt, the control question alone decides: its own reply ends the silence.
        isDoubted ||= this.#isDoubtful(scored.judgement, fanOut, places)
        if (!isDoubted || known.dns !== undefined) return finish(scored.judgement, known)
        const control = fanOut.answers.get(CONTROL)
        if (control) {
          const isSuspect = fanOut.hasUnansweredNames || places.isSuspect()
          if (!isSilence(control) && !isSuspect) return finish(scored.judgement, known)
          known = { ...known, dns: isSilence(control) ? 'outage' : 'suspect' }
          continue
        }
        fanOut.start([CONTROL])
      }
      const { isHolding } = fanOut
      if (isHolding) this.#admission.watch()
      // What has arrived while others are held back may be enough.
      isLull = await fanOut.arrived(isHolding || this.#config.EARLY_VERDICT ? LULL_MS : undefined)
    }
  }

  /** Whether nobody has to be asked, for the host knows that nobody answers. */
  #isOutage({ watch, resolver }: Current, { hasSilentServers }: Resources): Promise<boolean> | false {
    if (hasSilentServers) return watch?.isOutage(resolver) ?? false
    watch?.clear()
    return false
  }

  /** Whether a verdict rests on silence that may be nobody's fault but the client's, or our own. */
  #isDoubtful({ isPass }: Judgement, { isAllSilent }: FanOut, places: Resources['places']): boolean {
    return isAllSilent || (isPass && places.isSuspect())
  }

  /** The failed lookups that may keep a rejection from standing (score/preventable.ts), for people. */
  #failedLookups({ remember }: Judgement, lookups: readonly LookupRecord[]): string[] {
    const { DEFER_ON_DNSERR, CLIENTDNSERRMSG } = this.#config
    if (!DEFER_ON_DNSERR || CLIENTDNSERRMSG === '' || remember.message?.kind !== 'rejected') return []
    return lookups.filter(({ outcome }) => outcome?.kind === 'failed').map(({ question }) => questionKey(question))
  }
}
