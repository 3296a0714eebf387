/**
 * Scoring on a table of answers, for tests that need neither sockets nor a server.
 *
 *   const scored = scoreWith({ 'MX example.org': ['mail.example.org'], … }, { helo_name: 'x' })
 *
 * A question the table does not have is `undefined` there: not answered yet.
 */
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { type Outcome, questionKey } from '../../src/dns/outcome.ts'
import { parseRequest } from '../../src/policy/request.ts'
import { type Scored, score } from '../../src/score/score.ts'
import type { Facts, ScorableRequest } from '../../src/score/scoring.ts'
import { attributesOf } from '../../testkit/executable.ts'
import { requestText } from '../../testkit/policy-process.ts'

/** Answers by `TYPE name`: values, or a word for an answer without any. */
export type AnswerTable = Record<
  string,
  readonly string[] | 'nxdomain' | 'nodata' | 'timeout' | 'servfail' | 'malformed'
>

/** A request of a client 192.0.2.10, with the attributes given instead of the usual ones. */
export function requestOf(attributes: Record<string, string> = {}): ScorableRequest {
  const request = parseRequest(requestText(attributesOf(attributes)), text => {
    throw new Error(text)
  })
  if (request.client === undefined) throw new Error('a client that is no address cannot be scored')
  return request as ScorableRequest
}

/** Two client lists and one for sender domains, labelled ONE, TWO and SENDER. */
export const LISTS = {
  dnsbl_score: [
    { host: 'one.example', filter: undefined, hit: 3, miss: -1, label: 'ONE' },
    { host: 'two.example', filter: undefined, hit: 4, miss: 0, label: 'TWO' },
  ],
  rhsbl_score: [{ host: 'sender.example', filter: undefined, hit: 4, miss: 0, label: 'SENDER' }],
} satisfies Partial<Config>

/** Answers about `requestOf()` that are in order: -3.1, and -1 for ONE of LISTS, which does not list it. */
export const GOOD_MAIL_ANSWERS: AnswerTable = {
  'A 10.2.0.192.one.example': 'nxdomain',
  'A 10.2.0.192.two.example': 'nxdomain',
  'A example.org.sender.example': 'nxdomain',
  'PTR 10.2.0.192.in-addr.arpa': ['mail.example.org'],
  'MX example.org': ['mail.example.org'],
  'A mail.example.org': ['192.0.2.10'],
  'AAAA mail.example.org': 'nodata',
}

export function outcomeOf(entry: AnswerTable[string]): Outcome {
  if (typeof entry !== 'string') return { kind: 'found', values: entry }
  return entry === 'nxdomain' || entry === 'nodata' ? { kind: entry } : { kind: 'failed', reason: entry }
}

/** Scores a request on a table of answers. `rest`: what every question that is not in the table is answered. */
export function scoreWith(
  table: AnswerTable,
  request: ScorableRequest,
  config: Partial<Config> = {},
  { known, rest }: { known?: Facts; rest?: AnswerTable[string] } = {},
): Scored {
  const answers = {
    get(question: { type: 'A' | 'AAAA' | 'MX' | 'PTR'; name: string }): Outcome | undefined {
      const entry = table[questionKey(question)] ?? rest
      return entry === undefined ? undefined : outcomeOf(entry)
    },
  }
  return score(request, answers, builtinConfig({ ...LISTS, ...config }), known)
}

/** The questions a scoring still needs, sorted, each once; empty when there is a verdict. */
export function needsOf(scored: Scored): string[] {
  return scored.kind === 'verdict' ? [] : [...new Set(scored.questions.map(questionKey))].sort()
}
