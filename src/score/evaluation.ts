/**
 * What the chapters of scoring share: the request, the answers read so far, the running sums.
 *
 * One Evaluation lives for one call of `score` (score.ts). Each chapter file is a function over it, in the order
 * of the rules, and adds rules through `addRule` alone, so that the text, the rate and the steps of the
 * debug report can never disagree.
 *
 * Answers are read, never awaited. One that is missing is noted in `needs`, read as "no records", and evaluation
 * goes on: so a single pass names every lookup that can be named at that point, and its result counts only when
 * nothing was missing (`score` throws it away otherwise). Which lookups may be named early is the chapters'
 * business, above all names.ts.
 *
 * Source: docs/behaviour/scoring.md#words-of-this-page.
 */
import type { Config, ListEntry } from '../config/parameters.ts'
import type { Outcome, Question, RecordType } from '../dns/outcome.ts'
import { classifyAnswer, type ListAnswer, type ListTrouble } from '../lists/classify.ts'
import type { ListQuestion } from '../lists/questions.ts'
import type { PolicyRequest } from '../policy/request.ts'
import { formatNumber } from './number.ts'

/** Where scoring reads the outcome of a lookup; undefined: not there yet. */
export interface Answers {
  get(question: Question): Outcome | undefined
}

/** A request whose client has an address; the others are never scored. */
export type ScorableRequest = PolicyRequest & { readonly client: string }

/** A rule that was applied: its word in the reasons, its score, and the rate after it. */
export interface Step {
  readonly rule: string
  readonly score: number
  readonly rate: number
}

/** 0: nothing known of the HELO name, 1: it belongs to the client, 2: it does not. */
export type HeloState = 0 | 1 | 2

export interface Evaluation {
  readonly request: ScorableRequest
  readonly config: Config
  readonly answers: Answers
  /** Lists that are skipped after too many errors in a row, by host. */
  readonly skippedLists: ReadonlySet<string>
  /** How each list answered that was asked a fair question, by host. */
  readonly listAnswers: Map<string, 'answered' | ListTrouble>
  /** Lookups whose answer was missing, in the order they came up. */
  readonly needs: Question[]
  /** Remarks for the log: bounds that cut something off. */
  readonly notes: string[]
  readonly steps: Step[]

  /** The text of rules, each word starting with a blank. */
  reasons: string
  /** The running total. */
  rate: number
  /** The running sum of hit scores of client lists; later rules weigh with it. */
  dnsbl: number
  /** Client lists with a positive hit score that list the client. */
  hits: number
  /** What lists were asked without any reply, as names: entries of one list with different filters are one question. */
  readonly silentLists: Set<string>
  /** What silence means, see `Known`. */
  readonly dns: 'suspect' | 'outage' | undefined
  /** Failed MX, A and AAAA lookups of names the client chose (D2). */
  nameErrors: number
  /** The first of these lookups, for people: `MX example.org`. */
  readonly failedNames: string[]

  /** HELO is the client's address as a literal: `[192.0.2.1]`. */
  readonly literal: boolean
  dialup: boolean
  heloOk: HeloState
  /** A name of the sender domain or the HELO name led to the client. */
  found: boolean
  /** An exchange of one of them is the client. */
  mxOk: boolean
  /** An exchange of the sender domain is the client. */
  senderIsMx: boolean
  /** An address of the sender domain itself is the client. */
  fromIp: boolean
  /** Only a wider network matched; the client's host name decides later whether that was enough. */
  unverified: boolean
  badMx: boolean
  badMxScored: boolean
  bogusMx: boolean
  penalty: number
  gotRecords: boolean
  reverseCheck: boolean
  checkClientFrom: boolean
  rhsblPenalty: number
  dnsError: boolean
  /** The score of a numeric HELO; 0 for any other. */
  numeric: number
  /** Addresses of names of the sender domain. */
  readonly fromAddresses: string[]
  /** One of them has a digit; one of them is private or loopback. */
  fromHasNumber: boolean
  fromHasPrivate: boolean
  /** All addresses that came up, the HELO string first. */
  readonly addresses: string[]
  /** For each address of an exchange of the sender domain, but twice at most in a row: `.EXCHANGE `. */
  exchangeNames: string
  /** Hosts of the lists that list the sender domain, as they may be shown. */
  readonly senderListings: string[]
  /** A rejection is to advise: relay via the provider. */
  adviseRelay: boolean
  /** A rejection is to advise: use a dynamic DNS service. */
  adviseDynamicDns: boolean
}

/** A fresh evaluation: nothing known, nothing summed up. */
export function beginEvaluation(
  request: ScorableRequest,
  answers: Answers,
  config: Config,
  skippedLists: ReadonlySet<string>,
  dns: Evaluation['dns'],
): Evaluation {
  const literal = request.helo === `[${request.client}]` && !request.client.includes(':')
  return {
    request,
    config,
    answers,
    skippedLists,
    listAnswers: new Map(),
    needs: [],
    notes: [],
    steps: [],
    reasons: '',
    rate: 0,
    dnsbl: 0,
    hits: 0,
    silentLists: new Set(),
    dns,
    nameErrors: 0,
    failedNames: [],
    literal,
    dialup: false,
    heloOk: literal ? 1 : 0,
    found: false,
    mxOk: false,
    senderIsMx: false,
    fromIp: false,
    unverified: false,
    badMx: false,
    badMxScored: false,
    bogusMx: false,
    penalty: 0,
    gotRecords: false,
    reverseCheck: false,
    checkClientFrom: false,
    rhsblPenalty: 0,
    dnsError: false,
    numeric: 0,
    fromAddresses: [],
    fromHasNumber: false,
    fromHasPrivate: false,
    addresses: [request.helo],
    exchangeNames: '',
    senderListings: [],
    adviseRelay: false,
    adviseDynamicDns: false,
  }
}

/** Applies a rule: `'HELO_NUMERIC'`, 2.5 → ` HELO_NUMERIC=2.5` behind the reasons and 2.5 on the rate. */
export function addRule(evaluation: Evaluation, rule: string, score: number): void {
  addWord(evaluation, `${rule}=${formatNumber(score)}`, rule, score)
}

/** Applies a rule whose word is not `RULE=SCORE`: a list in trouble is `LABEL=ERR(MISS)`. */
export function addWord(evaluation: Evaluation, word: string, rule: string, score: number): void {
  evaluation.reasons += ` ${word}`
  addSilently(evaluation, rule, score)
}

/** Applies a rule that the reasons do not mention, `$LOG_BAD_RBL_ONLY`. */
export function addSilently(evaluation: Evaluation, rule: string, score: number): void {
  evaluation.rate += score
  evaluation.steps.push({ rule, score, rate: evaluation.rate })
}

const NOT_THERE_YET: Outcome = { kind: 'nodata' }

/** The outcome of a lookup, or "no records" with the question noted as needed. */
export function readAnswer(evaluation: Evaluation, type: RecordType, name: string): Outcome {
  return answerTo(evaluation, { type, name })
}

function answerTo(evaluation: Evaluation, question: Question): Outcome {
  const outcome = evaluation.answers.get(question)
  if (outcome) return outcome
  evaluation.needs.push(question)
  return NOT_THERE_YET
}

/** What scoring makes of a list's answer. */
export type ScoredListAnswer = Exclude<ListAnswer, { kind: 'misasked' }>

const CLEAN: ScoredListAnswer = { kind: 'clean' }

/**
 * Classifies the answer of a list, and notes whether the list itself is in order: one bad answer of several counts. What is
 * not asked is not listed. Only the answer to a question that counts says anything about the list: trouble with an unfair one
 * reads as "not listed", and so does a list's complaint that it was asked the wrong thing.
 */
export function readListAnswer(
  evaluation: Evaluation,
  entry: ListEntry,
  question: ListQuestion | undefined,
): ScoredListAnswer {
  if (!question) return CLEAN
  const answer = classifyAnswer(entry, answerTo(evaluation, question), evaluation.config.zone_codes)
  if (answer.kind === 'misasked') return CLEAN
  const isInOrder = answer.kind === 'listed' || answer.kind === 'clean'
  if (!question.isFair) return isInOrder ? answer : CLEAN
  if (!question.counts) return answer
  if (!isInOrder) evaluation.listAnswers.set(entry.host, answer)
  else if (!evaluation.listAnswers.has(entry.host)) evaluation.listAnswers.set(entry.host, 'answered')
  return answer
}

/** The values of an outcome; none unless it is `found`. */
export function valuesOf(outcome: Outcome): readonly string[] {
  return outcome.kind === 'found' ? outcome.values : []
}
