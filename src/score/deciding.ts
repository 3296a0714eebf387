/**
 * What a verdict hangs on: for each clue, what would have become of the mail without it.
 *
 *   request, answers, configuration, facts, judgement → findDeciding → Deciding → cli/why/replay.ts
 *
 * The mail is scored once more without each clue (clues.ts): without a list as if that had answered "not listed" to whatever it was asked,
 * whichever entries read it; without a rule as if its word and its score were not there, all of that name; without the SPF record.
 * What the rules behind it then do follows from scoring, so a clue may be worth more than its score.
 *
 * Where answers are missing, since nobody waited for them, bounds.ts says what the mail could have come to: one thing, or it is
 * open. A rule is left out of the bounds by raising what the rate is compared with by what the rule had added.
 *
 * Scoring is taken from its program. Total. Never on the way of a request.
 * Source: docs/behaviour/scoring.md.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { type Answers, type Outcome, type Question, questionKey } from '../dns/outcome.ts'
import { formatNumber } from '../text/number.ts'
import { type Candidate, cluesOf, type Omission, omissionOf, type ScoringProgram } from './clues.ts'
import { type Fate, fateOf } from './fate.ts'
import type { ListQuestions } from './list-questions.ts'
import type { Judged } from './preventable.ts'
import type { Facts } from './scoring.ts'
import type { Judgement } from './verdict.ts'

/** A clue, and what would have become of the mail without it. */
export interface Clue extends Omit<Candidate, 'omission'> {
  readonly without: Without
}

/** What would have become of the mail. `rate`: of a verdict that comes with one. */
export type Without =
  | { readonly kind: 'same' | 'changed'; readonly fate: Fate; readonly rate?: number }
  /** It cannot be told: any of these. `missing`: lookups whose answers would say. */
  | { readonly kind: 'open'; readonly fates: readonly Fate[]; readonly missing: readonly Question[] }

export interface Deciding {
  /** What it comes to with all of them. */
  readonly judgement: Judgement
  readonly fate: Fate
  /** Those that change the verdict first, then by weight. */
  readonly clues: readonly Clue[]
  /**
   * Of a mail that is kept out, where no clue alone lets it in: two that do together. Of one that is accepted, where none alone
   * keeps it out: two that do. Absent: there are no such two, or too many to try.
   */
  readonly pair?: readonly [Clue, Clue]
}

/** Pairs of so many clues are tried. */
const MOST_PAIRED = 24
/** Rules that are applied only below `$REJECTLEVEL`. */
const CONDITIONAL: ReadonlySet<string> = new Set(['FROM_MULTIPARTED', 'RANDOM_SENDER'])
const ALL_FATES: readonly Fate[] = ['accepted', 'deferred', 'rejected']
const NOT_LISTED: Outcome = { kind: 'nxdomain' }

/**
 * `judgement`: what scoring came to with these answers, before whatever else was done about it (a probe that was not answered, no
 * time). Its clues, and what the mail would have come to without each.
 */
export async function findDeciding(judged: Judged, judgement: Judgement, config: Config): Promise<Deciding> {
  const scoring: ScoringProgram = await import('./scoring-program.ts')
  const decided = withPreventable(scoring, judged, judgement, config)
  const fate = fateOf(decided, config)
  const mail = new Mail(scoring, judged, config, fate)
  const clues = cluesOf(scoring, judged, decided.steps, config).map(({ omission, ...clue }) => ({
    ...clue,
    without: mail.without(omission),
  }))
  clues.sort((one, other) => rankOf(other) - rankOf(one) || Math.abs(other.points) - Math.abs(one.points))
  const turns = ({ kind, ...rest }: Without): boolean =>
    kind === 'changed' && (fate === 'accepted' || ('fate' in rest && rest.fate === 'accepted'))
  if (clues.some(({ without }) => turns(without))) return { judgement: decided, fate, clues }
  const pair = findPair(mail, clues, turns)
  return { judgement: decided, fate, clues, ...(pair && { pair }) }
}

/** What lets a mail in, or keeps it out, stands before what only has it deferred. */
function rankOf({ without }: Clue): number {
  if (without.kind !== 'changed') return without.kind === 'open' ? 1 : 0
  return without.fate === 'accepted' ? 3 : 2
}

/** The same mail, with something left out. */
class Mail {
  readonly #scoring: ScoringProgram
  readonly #judged: Judged
  readonly #config: Config
  readonly #fate: Fate
  readonly #lists: ListQuestions

  constructor(scoring: ScoringProgram, judged: Judged, config: Config, fate: Fate) {
    this.#scoring = scoring
    this.#judged = judged
    this.#config = config
    this.#fate = fate
    this.#lists = judged.known.lists ?? new scoring.ListQuestions(judged.request, config)
  }

  without(omission: Omission): Without {
    const { request } = this.#judged
    const known = this.#factsWithout(omission)
    const answers = this.#answersWithout(omission.hosts ?? [])
    const scored = this.#scoring.score(request, answers, this.#config, known)
    if (scored.kind === 'verdict') {
      const facts = this.#factsWithout({ ...omission, rules: [] })
      const judgement = withPreventable(
        this.#scoring,
        { request, answers, known: facts },
        scored.judgement,
        this.#config,
        omission.rules,
      )
      const { weighted } = judgement
      return this.#told(fateOf(judgement, this.#config), weighted && Number(weighted.rate))
    }
    const fates = this.#boundsWithout(omission, answers)
    const [only, ...others] = [...fates]
    if (only !== undefined && others.length === 0) return this.#told(only)
    const missing = new Map([...scored.questions, ...scored.ofSpf].map(question => [questionKey(question), question]))
    return { kind: 'open', fates: [...fates], missing: [...missing.values()] }
  }

  #told(fate: Fate, rate?: number): Without {
    const kind = fate === this.#fate ? 'same' : 'changed'
    return rate === undefined ? { kind, fate } : { kind, fate, rate }
  }

  #factsWithout({ rules = [], memory, spf }: Omission): Facts {
    const { cachedHamScore, ...others } = freshFacts(this.#judged.known)
    const isKnown = cachedHamScore !== undefined && !memory
    const facts: Facts = { ...others, ...(isKnown && { cachedHamScore }), ...(spf && { spf }) }
    return rules.length === 0 ? facts : { ...facts, without: new Set(rules.map(({ name }) => name)) }
  }

  /** With these lists naming nobody. */
  #answersWithout(hosts: readonly string[]): Answers {
    const { answers } = this.#judged
    if (hosts.length === 0) return answers
    const ofDomains = hosts.flatMap(host => this.#lists.ofDomains({ host }).map(({ question }) => question))
    const questions = [...hosts.map(host => this.#lists.ofClient({ host })), ...ofDomains]
    const cleared = new Set(questions.map(question => question && questionKey(question)))
    return { get: question => (cleared.has(questionKey(question)) ? NOT_LISTED : answers.get(question)) }
  }

  /** What it may come to while answers are missing. */
  #boundsWithout(omission: Omission, answers: Answers): ReadonlySet<Fate> {
    const { request } = this.#judged
    const { rules = [] } = omission
    const facts = this.#factsWithout({ ...omission, rules: [] })
    const isWeightOpen = !this.#config.COUNT_LISTS_ONCE && this.#isListOpen(answers)
    // What lists that have not answered may add, such rules weigh with.
    if (rules.length > 0 && isWeightOpen) return new Set(ALL_FATES)
    const configs = [this.#config, withRaisedLevels(this.#config, rules)]
    // A rule that hangs on the rate before it may apply or not, once lists have answered.
    const isUnsure = rules.length > 0 && (this.#isListOpen(answers) || rules.some(({ name }) => CONDITIONAL.has(name)))
    const relevant = isUnsure ? configs : configs.slice(1)
    const fates = new Set(
      relevant.flatMap(config => [...this.#scoring.boundsOf(request, answers, config, facts, true).fates]),
    )
    const isPrevented = this.#config.DEFER_ON_DNSERR && this.#config.CLIENTDNSERRMSG !== ''
    if (isPrevented && fates.has('rejected')) fates.add('deferred')
    return fates
  }

  #isListOpen(answers: Answers): boolean {
    const { dnsbl_score, dnswl_score } = this.#config
    const { skippedLists } = this.#judged.known
    return [...dnsbl_score, ...dnswl_score].some(entry => {
      const question = skippedLists?.has(entry.host) ? undefined : this.#lists.ofClient(entry)
      return question !== undefined && !answers.get(question)
    })
  }
}

/** Facts with which the same mail can be scored again: what is asked for SPF is counted anew. */
function freshFacts(known: Facts): Facts {
  return known.askedForSpf ? { ...known, askedForSpf: new Set() } : known
}

/** A rate without some rules is below a level where the rate with them is below the level and what they had added. */
function withRaisedLevels(config: Config, rules: readonly Pick<Clue, 'name' | 'points'>[]): Config {
  if (rules.length === 0) return config
  const points = rules.reduce((sum, rule) => sum + rule.points, 0)
  // As it is written: 1 - 1.2 is a trifle above -0.2.
  const raised = (level: number): number => Number(formatNumber(level + points))
  return {
    ...config,
    REJECTLEVEL: raised(config.REJECTLEVEL),
    DEFER_LEVEL: raised(config.DEFER_LEVEL),
    DEFER_STRING: config.DEFER_STRING.filter(word => !rules.some(({ name }) => `${name}=`.startsWith(word))),
  }
}

/** With what `$DEFER_ON_DNSERR` makes of a rejection, which comes without these rules. */
function withPreventable(
  { deferIfPreventable }: ScoringProgram,
  judged: Judged,
  judgement: Judgement,
  config: Config,
  without: NonNullable<Omission['rules']> = [],
): Judgement {
  const { DEFER_ON_DNSERR, CLIENTDNSERRMSG } = config
  if (!DEFER_ON_DNSERR || CLIENTDNSERRMSG === '' || judgement.remember.message?.kind !== 'rejected') return judgement
  const raised = withRaisedLevels(config, without)
  return deferIfPreventable(judgement, { ...judged, known: freshFacts(judged.known) }, [], raised)
}

/** The two lightest that turn a verdict together. */
function findPair(
  mail: Mail,
  clues: readonly Clue[],
  turns: (without: Without) => boolean,
): readonly [Clue, Clue] | undefined {
  if (clues.length > MOST_PAIRED) return undefined
  const pairs = clues
    .flatMap((one, index) => clues.slice(index + 1).map((other): readonly [Clue, Clue] => [one, other]))
    .toSorted((one, other) => weightOfPair(one) - weightOfPair(other))
  return pairs.find(pair => turns(mail.without(omissionOf(pair))))
}

function weightOfPair([one, other]: readonly [Clue, Clue]): number {
  return Math.abs(one.points) + Math.abs(other.points)
}
