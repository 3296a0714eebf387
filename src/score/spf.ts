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
import { nameToAsk, withoutTrailingDots } from '../dns/names.ts'
import type { Outcome } from '../dns/outcome.ts'
import { firstSpfQuestion } from '../spf/identity.ts'
import type { SpfResult } from '../spf/walk.ts'
import { organisationOf } from '../text/organisation.ts'
import { namesToWalk } from './name-walk.ts'
import type { ScorableRequest, Scoring } from './scoring.ts'

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
  const { possible, lacksRecord } = given === undefined ? resultsOf(scoring) : { possible: [given], lacksRecord: false }
  if (possible.length > 1) return { ties: false, open: possible, lacksRecord }
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
function resultsOf(scoring: Scoring): { possible: readonly SpfResult[]; lacksRecord: boolean } {
  const { request, answers, spfNeeds, askedForSpf, checkSpf } = scoring
  if (!checkSpf) throw new Error('$CHECK_SPF is on, and nothing is there that checks')
  const question = firstSpfQuestion(request)
  const record = question && answers.get(question)
  const lacksRecord = question !== undefined && record === undefined
  const own = checkSpf(request, answers, askedForSpf)
  if (own.kind === 'needs') {
    spfNeeds.push(...own.questions)
    return { possible: own.possible, lacksRecord }
  }
  const domain = own.decided.result === 'none' ? parentOf(request) : undefined
  const isEmpty = domain !== undefined && hasNoRecords(scoring, record)
  if (isEmpty === undefined) return { possible: ['none', 'pass'], lacksRecord }
  if (!isEmpty) return { possible: [own.decided.result], lacksRecord }
  const parent = checkSpf({ ...request, sender: `${localPart(request.sender)}@${domain}` }, answers, askedForSpf)
  if (parent.kind === 'settled') return { possible: [parent.decided.result === 'pass' ? 'pass' : 'none'], lacksRecord }
  spfNeeds.push(...parent.questions)
  return { possible: parent.possible.includes('pass') ? ['none', 'pass'] : ['none'], lacksRecord }
}

/**
 * Whether the sender domain has no records at all: some name servers never say that a name does not exist (RFC 9824). undefined:
 * not known yet; what is missing is what the walk over its names asks for.
 */
function hasNoRecords({ request, answers }: Scoring, record: Outcome | undefined): boolean | undefined {
  const [first] = namesToWalk(request.domain)
  if (!record || first === undefined) return false
  const name = withoutTrailingDots(first)
  let kind: Outcome['kind'] | undefined = record.kind
  for (const type of ['MX', 'A', 'AAAA'] as const) if (kind === 'nodata') kind = answers.get({ type, name })?.kind
  return kind && (kind === 'nodata' || kind === 'nxdomain')
}

/** The organisational domain of a sender domain that is below it. */
function parentOf({ sender, domain }: ScorableRequest): string | undefined {
  if (sender === '') return undefined
  const name = nameToAsk(domain)
  const organisation = name === undefined ? '' : organisationOf(name)
  return organisation === '' || organisation === name ? undefined : organisation
}

function localPart(sender: string): string {
  return sender.slice(0, Math.max(0, sender.lastIndexOf('@')))
}
