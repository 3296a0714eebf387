/**
 * The first lookups of a request, named before anything is scored.
 *
 *   evaluate.ts: request → plan → fan-out, and while the answers are on their way scoring is loaded
 *
 * A guess, and a good one: every list, the client's PTR, MX, A and AAAA of the full sender domain and of the full HELO
 * name, the sender's SPF record. It is what scoring would ask for first (a test holds the two against each other); a question too many costs a
 * query, one too few a round trip, and neither changes a verdict.
 *
 * Pure, total.
 * Source: docs/behaviour/scoring.md#what-is-looked-up-of-a-name.
 */
import type { Config, ConfiguredList } from '../config/parameters/parameters.ts'
import { pointerName, withoutTrailingDots, withPlainDots } from '../dns/names.ts'
import type { Question } from '../dns/outcome.ts'
import { firstSpfQuestion } from '../spf/identity.ts'
import { ListQuestions } from './list-questions.ts'

/** What the plan is made from. */
export interface Planned {
  readonly client: string
  readonly domain: string
  readonly helo: string
  readonly name: string
  readonly sender: string
}

/** The first wave. `listsSuffice`: the client's lists alone may settle it (a HAM entry that is not hard, a pattern). */
export function planFirstWave(
  request: Planned,
  config: Config,
  skippedLists: ReadonlySet<string>,
  listsSuffice: boolean,
  lists: ListQuestions = new ListQuestions(request, config),
): Question[] {
  const { client, domain, helo, sender } = request
  const isAsked = (entry: { readonly host: string }): boolean => !skippedLists.has(entry.host)
  const { dnsbl_score, dnswl_score, rhsbl_score } = config
  const ofClient = (entry: ConfiguredList): Question | [] => lists.ofClient(entry) ?? []
  const questions: Question[] = dnsbl_score.filter(isAsked).flatMap(ofClient)
  if (listsSuffice || config.dnsbl_checks_only) return questions
  questions.push(...dnswl_score.filter(isAsked).flatMap(ofClient))
  questions.push({ type: 'PTR', name: pointerName(client) }, ...nameQuestions(domain), ...nameQuestions(helo))
  const spfQuestion = config.CHECK_SPF ? firstSpfQuestion({ client, sender, helo }) : undefined
  if (spfQuestion) questions.push(spfQuestion)
  for (const entry of rhsbl_score.filter(isAsked))
    questions.push(...lists.ofDomains(entry).map(({ question }) => question))
  return questions
}

function nameQuestions(fullName: string): Question[] {
  const name = withoutTrailingDots(withPlainDots(fullName))
  if (!name.includes('.') || /[[\]]/.test(name)) return []
  return (['MX', 'A', 'AAAA'] as const).map(type => ({ type, name }))
}
