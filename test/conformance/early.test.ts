/**
 * Recorded cases whose answers come in any order, some lists failing: whatever an early verdict says, the late one does; and
 * where no verdict is early, every order comes to the same to the byte. `npm run test:early` takes a thousand orders.
 */
import t from 'tap'
import type { Config } from '../../src/config/parameters/parameters.ts'
import { type Answers, type Outcome, type Question, questionKey } from '../../src/dns/outcome.ts'
import { weightedCheck } from '../../src/log/event.ts'
import { lineOf } from '../../src/log/line.ts'
import { findMatch } from '../../src/patterns/match.ts'
import { finishAction } from '../../src/policy/reply.ts'
import { settleEarly } from '../../src/score/early.ts'
import { deferIfPreventable } from '../../src/score/preventable.ts'
import { score } from '../../src/score/score.ts'
import type { Facts, ScorableRequest } from '../../src/score/scoring.ts'
import { fateOf } from '../../src/score/fate.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import { checkSpf } from '../../src/spf/check-spf.ts'
import { randomFrom } from '../support/random.ts'
import { hasShortCut, readRecordedCases } from './recorded-case.ts'
import { answersFromZone, readerOfConfigurations, requestOfCase } from './recorded-mail.ts'

const ORDERS = Number(process.env.EARLY_ORDERS ?? 2)
/** Of so many answers of lists one does not come. */
const FAILING = 12
const FAILURES: readonly Outcome[] = [
  { kind: 'failed', reason: 'timeout' },
  { kind: 'failed', reason: 'servfail' },
]

type Random = ReturnType<typeof randomFrom>

const readConfig = readerOfConfigurations()

/** The same, lists failing at times; the same each time that it is asked. */
function withFailures(answers: Answers, random: Random): Answers {
  const failures = new Map<string, Outcome | undefined>()
  return {
    get(question) {
      if (!question.ofList) return answers.get(question)
      const key = questionKey(question)
      if (!failures.has(key)) failures.set(key, random(FAILING) === 0 ? FAILURES[random(2)] : undefined)
      return failures.get(key) ?? answers.get(question)
    },
  }
}

interface Came {
  readonly early: readonly Judgement[]
  readonly late: Judgement
}

/** Lets the answers come in an order of its own. */
function inOrder(request: ScorableRequest, all: Answers, config: Config, given: Facts, random: Random): Came {
  const known = { ...given, askedForSpf: new Set<string>() }
  const outcomes = new Map<string, Outcome>()
  const answers: Answers = { get: question => outcomes.get(questionKey(question)) }
  const early: Judgement[] = []
  for (;;) {
    const scored = score(request, answers, config, known)
    if (scored.kind === 'verdict') return { early, late: scored.judgement }
    const settled = config.EARLY_VERDICT ? settleEarly(scored.soFar, { request, answers, known }, config) : undefined
    if (settled) early.push(settled)
    const needs = [...scored.questions, ...scored.ofSpf].filter(question => !answers.get(question))
    const most = 1 + random(needs.length)
    for (let i = 0; i < most; i++) {
      const question = needs[random(needs.length)] as Question
      outcomes.set(questionKey(question), all.get(question) as Outcome)
    }
  }
}

function judge(request: ScorableRequest, answers: Answers, config: Config, known: Facts): Judgement {
  const scored = score(request, answers, config, known)
  if (scored.kind === 'needs') throw new Error('all is answered')
  const { judgement } = scored
  const isRejected = config.DEFER_ON_DNSERR && config.CLIENTDNSERRMSG !== '' && fateOf(judgement, config) === 'rejected'
  return isRejected ? deferIfPreventable(judgement, { request, answers, known }, ['A a.example'], config) : judgement
}

/** To the byte, all that leaves the process; and what is kept. */
function shownOf(request: ScorableRequest, judgement: Judgement, config: Config): unknown {
  const event = weightedCheck(request, judgement)
  const { remember, listAnswers, notes } = judgement
  const log = event && lineOf(event, false).text
  const action = finishAction(judgement.action, config.DEFAULT_RESPONSE)
  return { action, log, remember, notes, lists: [...listAnswers] }
}

const cases = readRecordedCases().filter(recorded => !hasShortCut(recorded))
const wrong: string[] = []
let orders = 0
let settled = 0
let saved = 0

for (const [index, recorded] of cases.entries()) {
  const request = requestOfCase(recorded)
  const recordedAnswers = answersFromZone(recorded.zone)
  for (const profile of ['classic', 'modern']) {
    const config = readConfig({ PROFILE: profile, ...recorded.config })
    const { which } = findMatch(config.dnsbl_checks_only_regexps, request.name)
    const known: Facts = which === undefined ? { checkSpf } : { checkSpf, pattern: which }
    for (let order = 1; order <= ORDERS; order++) {
      const random = randomFrom((index + 1) * 7919 + order)
      const all = withFailures(recordedAnswers, random)
      const { early, late } = inOrder(request, all, config, known, random)
      orders++
      if (early.length > 0) saved++
      const label = `${recorded.id}, ${profile}, order ${order}`
      const scored = score(request, all, config, { ...known, askedForSpf: new Set() })
      const want = scored.kind === 'verdict' && shownOf(request, scored.judgement, config)
      if (!config.EARLY_VERDICT && JSON.stringify(shownOf(request, late, config)) !== JSON.stringify(want))
        wrong.push(`${label}: other words`)
      for (const dns of [undefined, 'suspect'] as const) {
        const fate = fateOf(judge(request, all, config, { ...known, ...(dns && { dns }) }), config)
        const others = early.filter(judgement => fateOf(judgement, config) !== fate)
        if (others.length > 0) wrong.push(`${label}: ${dns ?? 'in order'} ${fate}, before ${others[0]?.action}`)
      }
      for (const { action, weighted, remember, why } of early) {
        settled++
        if (remember.spam || remember.ham) wrong.push(`${label}: remembered`)
        if (why !== 'known' && !`${weighted?.reasons ?? action}`.includes(' ...'))
          wrong.push(`${label}: no open end: ${action}`)
      }
    }
  }
}

t.same(wrong.slice(0, 20), [], 'early and late verdicts agree')
t.ok(saved > orders / 10, `of ${orders} orders ${saved} had an early verdict, ${settled} in all`)
