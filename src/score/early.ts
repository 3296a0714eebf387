/**
 * The early verdict, `$EARLY_VERDICT`: what no answer that is missing can change need not be waited for.
 *
 *   nothing has come for a moment → scoring-program.ts → settleEarly: the judgement so far, bounds.ts → that judgement, or none yet
 *
 * The answer is that of the answers so far, whose reasons have an open end (score.ts). Bounds say what may become of the mail,
 * whatever the others turn out to be, failures too: all of it has to be what the answers so far come to. Of a list that was not
 * waited for nobody knows yet whether it is silent: openLists says which they are, for own-questions.ts.
 *
 * Guarantees: accepted, refused or deferred, as the mail would be with all answers. Nothing is remembered of the client, since its
 * rate is not settled; for the other recipients of the mail it is.
 * Pure, total.
 * Source: docs/behaviour/scoring.md#early-verdicts.
 */
import type { Config, ConfiguredList } from '../config/parameters/parameters.ts'
import { type Outcome, type Question, questionKey } from '../dns/outcome.ts'
import type { ListQuestion } from '../lists/questions.ts'
import type { ListTrouble } from '../lists/classify.ts'
import { boundsOf } from './bounds.ts'
import { ListQuestions } from './list-questions.ts'
import { type Judged, withoutFailed } from './preventable.ts'
import { type Scored, score } from './score.ts'
import { beginScoring, type Facts, readListAnswer, type ScorableRequest } from './scoring.ts'
import { fateOf } from './fate.ts'
import type { Judgement } from './verdict.ts'

/** The judgement, if it is settled. `soFar`: what the answers that are there come to. */
export function settleEarly(soFar: Judgement, judged: Judged, config: Config): Judgement | undefined {
  // Whether silence lets a mail pass hangs on whose doing it is.
  if (soFar.isPass) return undefined
  const { request, known } = judged
  const fate = fateOf(soFar, config)
  // What is so most often is found out with the least work.
  const isFar = fate !== 'accepted' || !(Number(soFar.weighted?.rate) + openHits(judged, config) >= config.REJECTLEVEL)
  if (!isFar) return undefined
  const mayBePrevented = fate === 'rejected' && config.DEFER_ON_DNSERR && config.CLIENTDNSERRMSG !== ''
  const answers = mayBePrevented ? withoutFailed(judged.answers) : judged.answers
  // Silence lets a mail pass or, being suspect, does not: whatever would be accepted without is accepted.
  const facts: Facts = fate === 'accepted' ? { ...known, dns: 'suspect' } : known
  const { fates } = boundsOf(
    request,
    answers,
    config,
    { ...facts, askedForSpf: new Set(known.askedForSpf) },
    true,
    fate,
  )
  if (fates.size > 1 || !fates.has(fate)) return undefined
  const { message } = soFar.remember
  return { ...soFar, isEarly: true, remember: message ? { message } : {} }
}

/** What lists would add that have not answered, if all of them named the mail. */
function openHits({ request, answers, known }: Judged, config: Config): number {
  const { lists = new ListQuestions(request, config), skippedLists } = known
  let sum = 0
  const note = ({ host, hit }: ConfiguredList, question: ListQuestion | undefined): void => {
    if (question && hit > 0 && !skippedLists?.has(host) && !answers.get(question)) sum += hit
  }
  for (const entry of config.dnsbl_score) note(entry, lists.ofClient(entry))
  for (const entry of config.rhsbl_score) for (const { question } of lists.ofDomains(entry)) note(entry, question)
  return sum
}

type Needs = Pick<Extract<Scored, { kind: 'needs' }>, 'questions' | 'ofSpf'>

/** With what a mail needs that a HAM entry would spare: when all of it is there, lists that are silent may make no difference. */
export function needsInFull({ questions, ofSpf }: Needs, { request, answers, known }: Judged, config: Config): Needs {
  const { cachedHamScore: _, ...others } = known
  const inFull = score(request, answers, config, others)
  return inFull.kind === 'needs'
    ? { questions: [...questions, ...inFull.questions], ofSpf: inFull.ofSpf }
    : { questions, ofSpf }
}

/** A list that has not answered, and what an answer to its question says about it. */
export interface OpenList {
  readonly host: string
  readonly question: Question
  /** undefined: nothing. */
  readonly read: (outcome: Outcome) => 'answered' | ListTrouble | undefined
}

/** Lists whose answers to fair questions are missing, each once; `needs`: the questions whose answers are. */
export function openLists(
  request: ScorableRequest,
  lists: ListQuestions,
  needs: readonly Question[],
  config: Config,
): readonly OpenList[] {
  const missing = new Set(needs.map(questionKey))
  const open = new Map<string, OpenList>()
  const note = (entry: ConfiguredList, question: ListQuestion | undefined): void => {
    if (!question?.counts || !missing.has(questionKey(question)) || open.has(entry.host)) return
    const read = (outcome: Outcome): 'answered' | ListTrouble | undefined => {
      const scoring = beginScoring(request, { get: () => outcome }, config, {})
      readListAnswer(scoring, entry, question)
      return scoring.listAnswers.get(entry.host)
    }
    open.set(entry.host, { host: entry.host, question, read })
  }
  for (const entry of [...config.dnsbl_score, ...config.dnswl_score]) note(entry, lists.ofClient(entry))
  for (const entry of config.rhsbl_score) for (const { question } of lists.ofDomains(entry)) note(entry, question)
  return [...open.values()]
}
