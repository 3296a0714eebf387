/**
 * Do the name servers answer, and do the lists work when asked through them?
 *
 *   answers (ask-dns.ts) → diagnoses
 *
 * A list has to list its test entry and must not list the one beside it: 127.0.0.2 and 127.0.0.1 where addresses are
 * listed, `test` and `invalid` where domains are. A list that lists nobody tells nothing, one that lists everybody gives each
 * mail its score, one that refuses this resolver does neither, and says so only here.
 *
 * Pure, total. Sources: RFC 5782 5 (test entries); lists/classify.ts.
 */
import type { Config } from '../../config/parameters.ts'
import type { Outcome, Question } from '../../dns/outcome.ts'
import type { NameServer } from '../../dns/resolv-conf.ts'
import { classifyAnswer, type ListAnswer } from '../../lists/classify.ts'
import { clientListQuestion, domainQuestion } from '../../lists/questions.ts'
import { type Diagnosis, failure, note, ok, warning } from './diagnosis.ts'

/** A name that every resolver that reaches the root can answer; its operators keep it for good. */
export const RESOLVER_QUESTION: Question = { type: 'A', name: 'a.root-servers.net' }

/** What a server made of the question above. */
export interface ServerAnswer {
  readonly server: NameServer
  readonly outcome: Outcome
}

/** A list to try, and what it is asked: a name it has to list, and one it must not. */
export interface ListTrial {
  readonly host: string
  readonly parameter: 'dnsbl_score' | 'rhsbl_score'
  /** The score of an entry that is listed, the highest if the host stands there several times. */
  readonly hit: number
  readonly listed: Question
  readonly unlisted: Question
}

export interface ListOutcome {
  readonly trial: ListTrial
  readonly listed: Outcome
  readonly unlisted: Outcome
}

/** What to ask: each host once for each of the two parameters. */
export function listTrials(config: Config): ListTrial[] {
  const trials = new Map<string, ListTrial>()
  for (const parameter of ['dnsbl_score', 'rhsbl_score'] as const)
    for (const entry of config[parameter]) {
      const key = `${parameter} ${entry.host}`
      const hit = Math.max(entry.hit, trials.get(key)?.hit ?? Number.NEGATIVE_INFINITY)
      const [listed, unlisted] =
        parameter === 'dnsbl_score'
          ? [clientListQuestion('127.0.0.2', entry), clientListQuestion('127.0.0.1', entry)]
          : [domainQuestion('test', entry), domainQuestion('invalid', entry)]
      trials.set(key, { host: entry.host, parameter, hit, listed, unlisted })
    }
  return [...trials.values()]
}

export function checkNameServers(answers: readonly ServerAnswer[], config: Config): Diagnosis[] {
  const from = config.NS.length > 0 ? '$NS' : '/etc/resolv.conf'
  const isOnly = answers.length === 1
  const found = answers.map(({ server, outcome }): Diagnosis => {
    const about = `name server ${server.address}${server.port === 53 ? '' : `:${server.port}`}`
    if (outcome.kind === 'found') return ok(about, 'answers')
    const remedy = isOnly
      ? `start it, or name one that answers in ${from}`
      : `take it out of ${from}, or start it: each lookup that goes there waits $DNS_RETRY_IVAL (${config.DNS_RETRY_IVAL} s)`
    if (outcome.kind === 'failed') {
      const isSilent = outcome.reason === 'timeout' || outcome.reason === 'unreachable'
      return isSilent
        ? warning('name-server-silent', about, `gives no answer (${outcome.reason})`, remedy)
        : warning('name-server-fails', about, `cannot resolve ${RESOLVER_QUESTION.name} (${outcome.reason})`, remedy)
    }
    return warning(
      'name-server-fails',
      about,
      `says that ${RESOLVER_QUESTION.name} has no address, so it does not resolve names of the Internet`,
      remedy,
    )
  })
  if (answers.some(({ outcome }) => outcome.kind === 'found')) return found
  return [
    ...found,
    failure(
      'no-name-server',
      'DNS',
      'no name server resolves names: list lookups fail, and mail is accepted unscored or deferred',
      `name servers that answer, in ${from}; best a resolver of your own: apt-get install unbound, and $NS = '127.0.0.1';`,
    ),
  ]
}

export function checkList({ trial, listed, unlisted }: ListOutcome): Diagnosis {
  const { host, parameter, hit } = trial
  const without = `take it out of @${parameter}`
  const ask = (outcome: Outcome): ListAnswer => classifyAnswer({ host, filter: undefined }, outcome)
  const answer = ask(listed)
  const counter = ask(unlisted)
  if (counter.kind === 'listed' && answer.kind === 'listed')
    return hit > 0
      ? failure(
          'lists-everybody',
          host,
          `lists everybody, also ${trial.unlisted.name}: every mail gets its score of ${hit}`,
          without,
        )
      : warning('lists-everybody', host, `lists everybody, also ${trial.unlisted.name}`, without)
  switch (answer.kind) {
    case 'listed':
      return ok(host, 'lists what it has to and not what it must not')
    case 'blocked':
      return warning(
        'list-blocks',
        host,
        `refuses this resolver (${answer.code}): it scores nobody`,
        `ask through a resolver of your own: apt-get install unbound, and $NS = '127.0.0.1'; - or ${without}`,
      )
    case 'broken':
      return warning('list-fails', host, `gives an answer that says nothing (${answer.why}): it scores nobody`, without)
    case 'timeout':
      return warning('list-silent', host, 'gives no answer: each mail waits for it', without)
    case 'clean':
      return warning(
        'list-empty',
        host,
        `does not list its test entry ${trial.listed.name}: it may be dead`,
        `look at its web page; if it is, ${without}`,
      )
  }
}

/** There is nobody to ask through. */
export function listsNotAsked(trials: readonly ListTrial[]): Diagnosis[] {
  return trials.length === 0
    ? []
    : [note('not-looked-at', 'lists', `${trials.length} not asked: no name server resolves names`)]
}
