/**
 * What the chapters of scoring read: the request, the parameters, the answers that are there.
 *
 *   score.ts: begin → chapters: readAnswer, readListAnswer
 *
 * One Scoring lives for one call of `score` (score.ts). A chapter is a function that takes it, and the findings of the
 * chapters before it that it rests on, and returns its own finding; what rules it applies it adds to the tally.
 *
 * Answers are read, never awaited. One that is missing is noted in `needs`, and scoring goes on, a name's read as "no records",
 * a list's as neither listed nor not: so a single pass names every lookup that can be named at that point, and what it comes to
 * is a verdict only when nothing was missing, or nothing that matters (early.ts). Which lookups may be named early is the
 * chapters' business, above all both-names.ts.
 *
 * Failure: none; a failed lookup is an outcome.
 * Source: docs/behaviour/scoring.md#words-of-this-page.
 */
import type { Config, ConfiguredList } from '../config/parameters/parameters.ts'
import type { Answers, Outcome, Question, RecordType } from '../dns/outcome.ts'
import { classifyAnswer, type ListAnswer, type ListTrouble } from '../lists/classify.ts'
import type { ListQuestion } from '../lists/questions.ts'
import type { PolicyRequest } from '../policy/request.ts'
import type { SpfFinding } from '../spf/check-spf.ts'
import type { SpfRequest } from '../spf/identity.ts'
import type { SpfResult } from '../spf/walk.ts'
import { ListQuestions } from './list-questions.ts'
import { Tally } from './tally.ts'
import { noWitnesses, type Witnesses } from './witnesses.ts'

/** A request whose client has an address; the others are never scored. */
export type ScorableRequest = PolicyRequest & { readonly client: string }

/** What is known of a request beside the answers of DNS. */
export interface Facts {
  /** The score of a HAM entry that is not hard: it stands if no list hits. */
  readonly cachedHamScore?: number
  /** The number, from 1, of the pattern of `@dnsbl_checks_only_regexps` that matches the client's name. */
  readonly pattern?: number
  /** Hosts of lists that are skipped after too many errors in a row. */
  readonly skippedLists?: ReadonlySet<string>
  /**
   * What silence means. `suspect`: it may be the client's doing, and lets nothing pass. `outage`: no name server answers
   * anything, and every mail passes.
   */
  readonly dns?: 'suspect' | 'outage'
  /** What SPF comes to, for who knows it or tries it; absent: what the answers say. */
  readonly spf?: SpfResult
  /** What lists are asked about the request; absent: it is put together anew. */
  readonly lists?: ListQuestions
  /** What evaluates SPF records, with `$CHECK_SPF`: a program of its own, which is loaded only for that. */
  readonly checkSpf?: CheckSpf
  /** Keys of the questions that were asked for the sake of SPF: they bound it. */
  readonly askedForSpf?: Set<string>
  /** Whether the client is tied to the sender matters, whatever else is known: for an exception of the sender. */
  readonly wantsTie?: true
  /** Rules whose words and scores are left out, for who asks what they have decided (deciding.ts); absent: none. */
  readonly without?: ReadonlySet<string>
}

/** See spf/check-spf.ts. */
export type CheckSpf = (request: SpfRequest, answers: Answers, asked: Set<string>) => SpfFinding

export interface Scoring {
  readonly request: ScorableRequest
  readonly config: Config
  readonly answers: Answers
  readonly skippedLists: ReadonlySet<string>
  readonly lists: ListQuestions
  readonly dns: Facts['dns']
  readonly tally: Tally
  readonly witnesses: Witnesses
  /** HELO is the client's address as a literal: `[192.0.2.1]`. */
  readonly literal: boolean
  /** How each list answered that was asked a fair question, by host. */
  readonly listAnswers: Map<string, 'answered' | ListTrouble>
  /** Lookups whose answer was missing, in the order they came up. */
  readonly needs: Question[]
  /** Those that SPF alone needs: a verdict may do without. */
  readonly spfNeeds: Question[]
  readonly checkSpf: CheckSpf | undefined
  readonly askedForSpf: Set<string>
  /** Remarks for the log: bounds that cut something off. */
  readonly notes: string[]
}

const NO_LISTS: ReadonlySet<string> = new Set()

/** Nothing known, nothing summed up. */
export function beginScoring(request: ScorableRequest, answers: Answers, config: Config, known: Facts): Scoring {
  return {
    request,
    config,
    answers,
    skippedLists: known.skippedLists ?? NO_LISTS,
    lists: known.lists ?? new ListQuestions(request, config),
    dns: known.dns,
    tally: new Tally(known.without),
    witnesses: noWitnesses(),
    literal: request.helo === `[${request.client}]` && !request.client.includes(':'),
    listAnswers: new Map(),
    needs: [],
    spfNeeds: [],
    checkSpf: known.checkSpf,
    askedForSpf: known.askedForSpf ?? new Set(),
    notes: [],
  }
}

const NOT_THERE_YET: Outcome = { kind: 'nodata' }

/** The outcome of a lookup, or "no records" with the question noted as needed. */
export function readAnswer({ answers, needs, tally }: Scoring, type: RecordType, name: string): Outcome {
  const question: Question = { type, name }
  const outcome = answers.get(question)
  if (outcome) return outcome
  needs.push(question)
  tally.isGuess = true
  return NOT_THERE_YET
}

/** What scoring makes of a list's answer. `open`: it is not there yet, and needed. */
export type ScoredListAnswer = Exclude<ListAnswer, { kind: 'misasked' }> | { readonly kind: 'open' }

const CLEAN: ScoredListAnswer = { kind: 'clean' }
const OPEN: ScoredListAnswer = { kind: 'open' }

/**
 * Classifies the answer of a list, and notes whether the list itself is in order: one bad answer of several counts. What is
 * not asked is not listed. Only the answer to a question that counts says anything about the list: trouble with an unfair one
 * reads as "not listed", and so does a list's complaint that it was asked the wrong thing.
 */
export function readListAnswer(
  scoring: Scoring,
  entry: ConfiguredList,
  question: ListQuestion | undefined,
): ScoredListAnswer {
  if (!question) return CLEAN
  const { answers, config, listAnswers, needs } = scoring
  const outcome = answers.get(question)
  if (!outcome) {
    needs.push(question)
    return OPEN
  }
  const answer = classifyAnswer(entry, outcome, config.zone_codes)
  if (answer.kind === 'misasked') return CLEAN
  const isInOrder = answer.kind === 'listed' || answer.kind === 'clean'
  if (!question.isFair) return isInOrder ? answer : CLEAN
  if (!question.counts) return answer
  if (!isInOrder) listAnswers.set(entry.host, answer)
  else if (!listAnswers.has(entry.host)) listAnswers.set(entry.host, 'answered')
  return answer
}

/** The values of an outcome; none unless it is `found`. */
export function valuesOf(outcome: Outcome): readonly string[] {
  return outcome.kind === 'found' ? outcome.values : []
}
