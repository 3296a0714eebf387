/**
 * What the sender domain's SPF record says of the client, `$CHECK_SPF`.
 *
 *   behind the lists: request, answers → scoreSpf → SpfFound: rules about sender and client ask whether it ties them
 *
 * The record is asked for in the first wave; what it includes, while other answers are on their way. Only where all else is
 * there does a verdict wait for it, and only if it can make a difference (score.ts). A sender domain that has no record of
 * any kind is spoken for by its organisational domain, for a pass alone: a sender of that domain would pass as well.
 *
 * Failure: a lookup that fails, a record that is broken or costs too much are as none.
 * Source: docs/behaviour/scoring.md#spf; docs/behaviour/spf.md.
 */
import { nameToAsk } from '../dns/names.ts'
import { firstSpfQuestion, type SpfRequest } from '../spf/identity.ts'
import type { SpfResult } from '../spf/walk.ts'
import { organisationOf } from '../text/organisation.ts'
import type { Scoring } from './scoring.ts'

export interface SpfFound {
  /** It says that the client may send for the domain. */
  readonly ties: boolean
  /** What it may still turn out to be, if that is open. */
  readonly open: readonly SpfResult[]
  /** The record itself is not there yet. */
  readonly lacksRecord: boolean
}

/** Nothing is asked, or nothing is open. */
export const NO_SPF: SpfFound = { ties: false, open: [], lacksRecord: false }

/** Scores the record. `given`: its result, for who knows it, or tries what would come of it. */
export function scoreSpf(scoring: Scoring, given: SpfResult | undefined): SpfFound {
  const { config } = scoring
  if (!config.CHECK_SPF) return NO_SPF
  const possible = given === undefined ? resultsOf(scoring) : [given]
  if (possible.length > 1) return { ties: false, open: possible, lacksRecord: isRecordMissing(scoring) }
  const [result] = possible
  if (result === 'pass') scoring.tally.addWord('SPF_PASS', 'SPF_PASS', 0)
  else if (result === 'fail') add(scoring, 'SPF_FAIL', config.spf_fail_score.bad)
  else if (result === 'softfail') add(scoring, 'SPF_SOFTFAIL', config.spf_softfail_score.bad)
  return result === 'pass' ? { ...NO_SPF, ties: true } : NO_SPF
}

function add({ tally }: Scoring, rule: string, score: number): void {
  if (score !== 0) tally.add(rule, score)
}

/** One result, or those that are possible while answers are missing, which are noted as needed. */
function resultsOf(scoring: Scoring): readonly SpfResult[] {
  const { request, answers, spfNeeds, askedForSpf, checkSpf } = scoring
  if (!checkSpf) throw new Error('$CHECK_SPF is on, and nothing is there that checks')
  const spfRequest: SpfRequest = { client: request.client, sender: request.sender, helo: request.helo }
  const own = checkSpf(spfRequest, answers, askedForSpf)
  if (own.kind === 'needs') {
    spfNeeds.push(...own.questions)
    return withPass(own.possible, request.sender !== '' && isRecordMissing(scoring))
  }
  const { result } = own.decided
  const question = firstSpfQuestion(spfRequest)
  if (result !== 'none' || !question || answers.get(question)?.kind !== 'nxdomain') return [result]
  const domain = parentOf(scoring)
  if (domain === undefined) return [result]
  const parent = checkSpf({ ...spfRequest, sender: `${localPart(request.sender)}@${domain}` }, answers, askedForSpf)
  if (parent.kind === 'settled') return [parent.decided.result === 'pass' ? 'pass' : 'none']
  spfNeeds.push(...parent.questions)
  return parent.possible.includes('pass') ? ['none', 'pass'] : ['none']
}

function withPass(possible: readonly SpfResult[], may: boolean): readonly SpfResult[] {
  return may && !possible.includes('pass') ? [...possible, 'pass'] : possible
}

function isRecordMissing({ request, answers }: Scoring): boolean {
  const question = firstSpfQuestion(request)
  return question !== undefined && answers.get(question) === undefined
}

/** The organisational domain of a sender domain that is below it. */
function parentOf({ request: { sender, domain } }: Scoring): string | undefined {
  if (sender === '') return undefined
  const name = nameToAsk(domain)
  const organisation = name === undefined ? '' : organisationOf(name)
  return organisation === '' || organisation === name ? undefined : organisation
}

function localPart(sender: string): string {
  return sender.slice(0, Math.max(0, sender.lastIndexOf('@')))
}
