/**
 * A request that no short cut answers: what is known of it, and if that is not enough, what DNS says.
 *
 *   decide.ts: PolicyRequest → consult → cache/recall.ts → (answer | evaluate.ts → what is remembered) → decide.ts
 *
 * Loaded for the first such request. The cache is locked before evaluation and after, and meanwhile for the moment in which
 * places are counted (places.ts), never across it; the modules of DNS and scoring are loaded only when something has to be
 * evaluated.
 *
 * Probes that are due are asked beside a mail (background-probes.ts), which waits for none of them.
 *
 * Failure: a cache that does not answer in time means that nothing is known. Errors of evaluation are the caller's.
 * Sources: docs/behaviour/scoring.md#answers-without-scoring, docs/behaviour/cache.md#which-verdict-is-remembered.
 */
import type { BackgroundProbes } from './background-probes.ts'
import type { Cache } from './cache/cache.ts'
import type { Counter } from './cache/format.ts'
import { type FillIn, type Recalled, recall } from './cache/recall.ts'
import { rememberMessage } from './cache/mails.ts'
import type { KnownSpam } from './cache/spam.ts'
import type { Caller } from './turn/caller.ts'
import type { Config } from './config/parameters/parameters.ts'
import type { Evaluated, Evaluator, Resources } from './evaluate.ts'
import { noteUse } from './cache/exception-uses.ts'
import type { FoundException } from './exceptions/exception-table.ts'
import { isOfSenders, type Match } from './exceptions/find-exception.ts'
import type { Probes } from './vouch.ts'
import type { AnsweredBy } from './journal/decision-record.ts'
import { type LogEvent, warning, weightedCheck } from './log/event.ts'
import { newReference } from './policy/reference.ts'
import { rememberJudgement } from './remember.ts'
import { RequestPlaces } from './turn/places.ts'
import { withBlanks } from './text/mask.ts'
import { acceptWord, extendMessage } from './text/message.ts'
import type { Judgement } from './score/verdict.ts'
import { formatNumber } from './text/number.ts'
import type { Facts, ScorableRequest } from './score/scoring.ts'

/** What a request is answered with, before the answer is masked and bounded. */
export interface Answer {
  readonly action: string
  readonly events?: readonly (LogEvent | undefined)[]
  /** How it came about; absent if nothing was evaluated. */
  readonly evaluated?: Evaluated
  /** As what it is still to be counted, behind the answer. */
  readonly uncounted?: Counter
  /** The exception that was applied; what would have been answered, and whether that is to be said, for a mail that passes. */
  readonly exempt?: FoundException | undefined
  readonly would?: string | undefined
  readonly isDry?: boolean
  /** What answered it; absent: it was scored. */
  readonly by?: AnsweredBy
  /** The reference of the decision, or of the one that is repeated; absent: it has none. */
  readonly reference?: string | undefined
}

/** What is used of an evaluator. */
type ConsultedEvaluator = Pick<Evaluator, 'evaluate' | 'probe' | 'hear'>

/** What a consultant works with. The evaluator is made when it is first needed. */
export interface ConsultantOptions {
  readonly config: Config
  /** The path of the file it was read from; absent: there is none. */
  readonly configuration?: string | undefined
  readonly cache: Cache
  readonly evaluator: () => Promise<ConsultedEvaluator>
  readonly nowMs: () => number
  /** Whether requests are answered one at a time: then nothing but they is done before there is an answer. */
  readonly isAlone?: boolean
  /** See Evaluator.rest; undefined: nothing is waited for. */
  readonly rest?: (input?: number) => Promise<void> | undefined
  /** Writes down what was asked; undefined: nothing was evaluated. */
  readonly account?: () => Promise<void> | undefined
  /** Takes what probes have shown beside a request that is not answered. */
  readonly warn?: (text: string) => void
  readonly close?: () => Promise<void>
}

/** What is known of a request that has to be evaluated. */
type Open = Extract<Recalled, { kind: 'open' }> & Pick<Facts, 'wantsTie'>

const NONE_DUE = { hosts: [], askedMs: 0 }
const NO_USES: ReadonlyMap<string, number> = new Map()
const NOTHING_KNOWN: Recalled = { kind: 'open', skippedLists: new Set() }

/** Answers requests out of the cache and DNS. */
export class Consultant {
  readonly #options: ConsultantOptions
  #fillIn: FillIn | undefined
  #background: BackgroundProbes | undefined

  constructor(options: ConsultantOptions) {
    this.#options = options
  }

  /** Gives the cache and the sockets back; nothing may be consulted any more. */
  async close(): Promise<void> {
    this.#background?.end()
    await this.#options.close?.()
  }

  /** For whoever has nothing to do: hears what lists and silent name servers reply, until there is something to read from `input`. */
  rest(input?: number): Promise<void> | undefined {
    const { rest } = this.#options
    if (!this.#background?.isPending) return rest?.(input)
    return this.#background.rest(input).then(() => rest?.(input))
  }

  /** Writes down what was asked; behind the answer. */
  account(): Promise<void> | undefined {
    return this.#options.account?.()
  }

  /** Counts what was answered, or not, without asking; `uses`: of exceptions, by whom they are for. */
  count(counters: readonly Counter[], uses: ReadonlyMap<string, number> = NO_USES): void {
    const { cache } = this.#options
    for (const counter of counters) cache.count(counter)
    cache.transact(({ exceptions }) => {
      for (const [who, times] of uses) noteUse(exceptions, who, this.#nowSeconds(), times)
    })
  }

  /**
   * The answer to a request, at once if it is known; `match`: the exception for it. Throws or rejects on a broken invariant of ours,
   * or CallerGone.
   */
  consult(request: ScorableRequest, caller?: Caller, match?: Match): Answer | Promise<Answer> {
    const { config, cache, nowMs } = this.#options
    let places: RequestPlaces | undefined
    const known = cache.transact(tables => {
      const found = recall(tables, request, config, nowMs(), this.#fillIn, match)
      if (found.kind === 'open') {
        places = new RequestPlaces(cache, request.client, nowMs)
        places.begin(tables)
      }
      return found
    })
    const recalled = known ?? NOTHING_KNOWN
    const exempt = match && !isOfSenders(match) ? match : undefined
    switch (recalled.kind) {
      case 'message':
        return {
          action:
            recalled.memo.kind === 'accepted'
              ? 'DUNNO multirecipient-mail - already accepted by previous query'
              : extendMessage(recalled.memo.message, ' (multirecipient mail)'),
          by: 'message',
          reference: recalled.memo.reference,
          exempt,
        }
      case 'spam':
        return recalled.hasPlaces ? this.#fillInAgain(request, recalled) : refuseAgain(request, recalled)
      case 'ham':
        return {
          action: `${acceptWord(config)} ${withBlanks(config.POSCACHEMSG)}; rate:hard: ${formatNumber(recalled.score)}`,
          by: 'ham',
          reference: recalled.reference,
          exempt,
        }
      case 'open':
        return this.#evaluate(
          request,
          match?.by === 'sender' ? { ...recalled, wantsTie: true } : recalled,
          {
            places: places ?? new RequestPlaces(cache, request.client, nowMs),
            caller,
            hasSilentServers: recalled.hasSilentServers === true,
          },
          match,
        )
    }
  }

  /** A refusal from memory, the first whose message has places: it is the mail's other recipients' once they are filled in. */
  async #fillInAgain(request: ScorableRequest, known: KnownSpam): Promise<Answer> {
    const { config, cache } = this.#options
    this.#fillIn = (await import('./refusal-text.ts')).textAgain
    const message = this.#fillIn(known, request, config)
    const memo = { kind: 'rejected', message, reference: known.reference } as const
    cache.transact(tables => rememberMessage(tables.messages, request, memo, this.#nowSeconds()))
    return refuseAgain(request, { ...known, message })
  }

  async #evaluate(
    request: ScorableRequest,
    { kind: _kind, hasSilentServers: _silent, ...known }: Open,
    resources: Resources & { readonly places: RequestPlaces },
    match: Match | undefined,
  ): Promise<Answer> {
    const { config, cache } = this.#options
    const { places } = resources
    const remarks: string[] = []
    const reference = isReferredTo(config) ? newReference() : undefined
    let evaluated: Evaluated
    let answered: Judgement
    try {
      // One that is to be shown first may turn out to be none.
      const isExempt = match?.action === 'ACCEPT' && match.by !== 'sender'
      evaluated = await this.#judge(request, known, resources, remarks, isExempt)
      answered = evaluated.judgement
      if (config.EXPAND_TEXTS && answered.appended !== undefined)
        answered = (await import('./refusal-text.ts')).withTexts(answered, request, config, reference)
    } catch (error) {
      cache.transact(tables => places.end(tables))
      for (const remark of remarks) this.#options.warn?.(remark)
      throw error
    }
    const { judgement, cut, queries } = evaluated
    remarks.unshift(...judgement.notes)
    const applied = match && (await import('./exemption.ts')).applyException(answered, request, match, config)
    const isApplied = applied?.kind === 'applied'
    if (isApplied) answered = applied.judgement
    const ofSender = isApplied && match && isOfSenders(match) ? match.who : undefined
    const judged = { request, judgement: answered, places, reference, ofSender }
    const changes = rememberJudgement(cache, config, this.#nowSeconds(), judged)
    if (applied?.kind === 'not-applied' && applied.note !== undefined) remarks.push(applied.note)
    if (changes.length > 0) {
      const { describeListChange } = await import('./cache/list-remarks.ts')
      remarks.push(...changes.map(change => describeListChange(change, config)))
    }
    if (cut) remarks.push(`sent no more than ${queries} DNS queries for this mail`)
    return {
      action: answered.action,
      events: [...remarks.map(warning), weightedCheck(request, answered)],
      evaluated,
      reference,
      ...(isApplied && { exempt: match, would: applied.would, isDry: applied.isDry }),
    }
  }

  /** Evaluates, with the probes that are due beside it, and until no refusal rests on a list that lists everybody. */
  async #judge(
    request: ScorableRequest,
    known: Omit<Open, 'kind'>,
    resources: Resources & { readonly places: RequestPlaces },
    remarks: string[],
    isExempt: boolean,
  ): Promise<Evaluated> {
    const { config, cache } = this.#options
    const { dueProbes, ...facts } = known
    const evaluator = await this.#options.evaluator()
    const { hosts, askedMs } = dueProbes ?? NONE_DUE
    if (hosts.length > 0) await this.#beginProbes(hosts, askedMs, evaluator)
    let evaluated = await evaluator.evaluate(request, facts, resources)
    const skippedLists = new Set(facts.skippedLists)
    while (config.BL_PROBE_INTERVAL > 0 && !isExempt && evaluated.judgement.listedBy.size > 0) {
      // A mail that waits for a list's word keeps no places from others.
      cache.transact(tables => resources.places.end(tables))
      const vouched = await (await this.#probes(evaluator, remarks)).vouchFor(evaluated)
      if ('judgement' in vouched) return { ...evaluated, judgement: vouched.judgement }
      for (const host of vouched.guilty) skippedLists.add(host)
      evaluated = await evaluator.evaluate(request, { ...facts, skippedLists }, resources)
    }
    return evaluated
  }

  async #beginProbes(hosts: readonly string[], askedMs: number, evaluator: ConsultedEvaluator): Promise<void> {
    const { config, configuration, cache, warn: tell = () => {}, isAlone = false } = this.#options
    const { BackgroundProbes } = await import('./background-probes.ts')
    const probing = { config, configuration, cache, evaluator, tell, notesAtOnce: !isAlone }
    this.#background ??= new BackgroundProbes(probing)
    this.#background.begin(hosts, askedMs)
  }

  async #probes(evaluator: ConsultedEvaluator, remarks: string[]): Promise<Probes> {
    const { config, configuration, cache, nowMs } = this.#options
    const { Probes } = await import('./vouch.ts')
    const tell = (text: string): unknown => remarks.push(text)
    return new Probes({ config, configuration, cache, evaluator, nowMs, background: this.#background, tell })
  }

  #nowSeconds(): number {
    return Math.floor(this.#options.nowMs() / 1000)
  }
}

/** Whether decisions have references: for who is refused, or for the journal. */
function isReferredTo({ ADD_REFERENCE, JOURNAL }: Config): boolean {
  return ADD_REFERENCE || JOURNAL !== ''
}

function refuseAgain(request: ScorableRequest, known: KnownSpam): Answer {
  const { message, reasons = 'as before', score, reference } = known
  return {
    action: extendMessage(message, ''),
    events: [{ kind: 'rejected-again', request, reasons, rate: formatNumber(score) }],
    by: 'spam',
    reference,
  }
}
