/**
 * Do the name servers answer, and do the lists work when asked through them?
 *
 *   answers (ask-dns.ts) → diagnoses
 *
 * A list has to list its test entry and must not list the one beside it: 127.0.0.2 and 127.0.0.1 where addresses are
 * listed, `test` and `invalid` where domains are, unless the table of lists knows other ones, or none. A list that lists
 * nobody tells nothing, one that lists everybody gives each mail its score, one that refuses this resolver does neither, and
 * says so only here. All lists empty at once are not dead: somebody between them and us takes their answers away.
 *
 * A subscriber's key is left out of what is said. Pure, total.
 * Sources: RFC 5782 5 (test entries); lists/zones.ts; unbound.conf(5) private-address, dnsmasq(8) rebind-localhost-ok.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { isWithoutKey } from '../../config/values/keyed-lists.ts'
import type { Outcome, Question } from '../../dns/outcome.ts'
import { describeServer, type NameServer } from '../../dns/name-server.ts'
import { classifyAnswer, type ListAnswer, type ListTrouble } from '../../lists/classify.ts'
import { clientListQuestion, senderListQuestion } from '../../lists/questions.ts'
import { type Explanation, explainTrouble } from '../../lists/refusals.ts'
import { shownHost } from '../../lists/shown-host.ts'
import type { Zone } from '../../lists/zone.ts'
import { findZone } from '../../lists/zones.ts'
import type { KnownServers } from '../cache/silent-servers.ts'
import { OWN_RESOLVER, type Standing } from './check-resolver.ts'
import { type Diagnosis, failure, note, ok, warning } from './diagnosis.ts'

/** Test entries of RFC 5782: the one that is listed, the one that never is. IPv6 in full form. */
const ADDRESSES = ['127.0.0.2', '127.0.0.1'] as const
const IPV6_ADDRESSES = ['0000:0000:0000:0000:0000:ffff:7f00:0002', '0000:0000:0000:0000:0000:ffff:7f00:0001'] as const
const DOMAINS = ['test', 'invalid'] as const

/** A name that every resolver that reaches the root can answer; its operators keep it for good. */
export const RESOLVER_QUESTION: Question = { type: 'A', name: 'a.root-servers.net' }

/** What a server made of the question above. */
export interface ServerAnswer {
  readonly server: NameServer
  readonly outcome: Outcome
}

/** A list to try, and what it is asked: a name it has to list, and one it must not; undefined: there is no such name. */
export interface ListTrial {
  readonly host: string
  readonly parameter: 'dnsbl_score' | 'dnswl_score' | 'rhsbl_score'
  /** The score of an entry that is listed, the highest if the host stands there several times. */
  readonly hit: number
  readonly listed: Question | undefined
  readonly unlisted: Question | undefined
}

export interface ListOutcome {
  readonly trial: ListTrial
  readonly listed: Outcome | undefined
  readonly unlisted: Outcome | undefined
}

/** What to ask: each host once for each of the three parameters. A list that is never asked there is not tried. */
export function listTrials(config: Config): ListTrial[] {
  const trials = new Map<string, ListTrial>()
  for (const parameter of ['dnsbl_score', 'dnswl_score', 'rhsbl_score'] as const)
    for (const entry of config[parameter]) {
      if (isWithoutKey(entry.host)) continue
      const key = `${parameter} ${entry.host}`
      const hit = Math.max(entry.hit, trials.get(key)?.hit ?? Number.NEGATIVE_INFINITY)
      const [listed, unlisted] = testEntries(findZone(entry.host, config.zone_codes), parameter).map(name =>
        name === undefined ? undefined : questionOf(name, entry, parameter, config),
      )
      if (listed || unlisted) trials.set(key, { host: entry.host, parameter, hit, listed, unlisted })
    }
  return [...trials.values()]
}

/** Addresses or domains: the one that is listed, the one that is not. */
function testEntries(
  zone: Zone | undefined,
  parameter: ListTrial['parameter'],
): readonly [listed: string | undefined, unlisted: string | undefined] {
  const [listed, unlisted] =
    parameter === 'rhsbl_score' ? DOMAINS : zone?.lists?.includes('ipv4') === false ? IPV6_ADDRESSES : ADDRESSES
  const isMisplaced = parameter === 'rhsbl_score' && zone?.lists?.includes('domain') === false
  if (zone?.tests === 'none' || isMisplaced) return [undefined, unlisted]
  const own = zone?.tests
  return [own?.listed ?? listed, own?.unlisted === null ? undefined : (own?.unlisted ?? unlisted)]
}

function questionOf(
  name: string,
  entry: { readonly host: string },
  parameter: ListTrial['parameter'],
  { zone_codes }: Config,
): Question | undefined {
  return parameter === 'rhsbl_score'
    ? senderListQuestion(name, entry, zone_codes)
    : clientListQuestion(name, entry, zone_codes)
}

export function checkNameServers(answers: readonly ServerAnswer[], config: Config, known?: KnownServers): Diagnosis[] {
  const from = config.NS.length > 0 ? '$NS' : '/etc/resolv.conf'
  const isOnly = answers.length === 1
  const found = answers.map(({ server, outcome }): Diagnosis => {
    const about = `name server ${server.address}${server.port === 53 ? '' : `:${server.port}`}`
    const silent = known?.silent.find(each => each.server === describeServer(server))
    const since = silent && `mail asks it last, for it has not answered mail for ${silent.seconds} s`
    if (outcome.kind === 'found') return ok(about, since ? `answers; ${since}` : 'answers')
    const remedy = isOnly
      ? `start it, or name one that answers in ${from}`
      : `take it out of ${from}, or start it: each lookup that goes there waits $DNS_RETRY_IVAL (${config.DNS_RETRY_IVAL} s)`
    if (outcome.kind === 'failed') {
      const isSilent = outcome.reason === 'timeout' || outcome.reason === 'unreachable'
      return isSilent
        ? warning(
            'name-server-silent',
            about,
            `gives no answer (${outcome.reason})${since ? `; ${since}` : ''}`,
            remedy,
          )
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

/** What the lists make of their entries. A resolver that keeps their answers from us is told once, not once for each list. */
export function checkLists(outcomes: readonly ListOutcome[], config: Config, standing: Standing = 'own'): Diagnosis[] {
  const filtered = outcomes.filter(outcome => looksFiltered(outcome, config))
  const isLoopbackSeen = outcomes.some(({ listed, unlisted }) => hasLoopback(listed) || hasLoopback(unlisted))
  if (filtered.length < 2 || isLoopbackSeen) return outcomes.map(outcome => checkList(outcome, config, standing))
  return [
    warning(
      'answers-filtered',
      'lists',
      `your resolver filters 127/8 (rebind protection): of ${filtered.length} lists none has its test entry, so they score nobody`,
      'unbound: no private-address with 127.0.0.0/8, or a private-domain for each list; dnsmasq: rebind-localhost-ok',
    ),
    ...outcomes.filter(outcome => !filtered.includes(outcome)).map(outcome => checkList(outcome, config, standing)),
  ]
}

/** The entry that is answered with an address is not there, while the other one is answered as it should be. */
function looksFiltered({ trial, listed, unlisted }: ListOutcome, { zone_codes }: Config): boolean {
  if (!listed || listed.kind === 'found') return false
  if (listed.kind === 'failed' && listed.reason !== 'refused' && listed.reason !== 'servfail') return false
  const zone = findZone(trial.host, zone_codes)
  return (
    (zone?.state ?? 'alive') === 'alive' && (!unlisted || unlisted.kind === 'nxdomain' || unlisted.kind === 'nodata')
  )
}

function hasLoopback(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'found' && outcome.values.some(value => value.startsWith('127.'))
}

export function checkList(
  { trial, listed, unlisted }: ListOutcome,
  { zone_codes, BL_PROBE_INTERVAL, EARLY_VERDICT }: Config,
  standing: Standing = 'own',
): Diagnosis {
  const { host, parameter, hit } = trial
  const shown = shownHost(host, zone_codes)
  const zone = findZone(host, zone_codes)
  const without = `take it out of @${parameter}`
  const ask = (outcome: Outcome): ListAnswer => classifyAnswer({ host, filter: undefined }, outcome, zone_codes)
  const nameOf = (question: Question | undefined): string =>
    question ? `${question.name.slice(0, -host.length)}${shown}` : ''
  const answer = listed && (isOwnAnswer(zone, listed) ? LISTED : ask(listed))
  const counter = unlisted && ask(unlisted)
  if (counter?.kind === 'listed' && answer?.kind === 'listed') {
    const what = `lists everybody, also ${nameOf(trial.unlisted)}`
    const cost =
      BL_PROBE_INTERVAL > 0 ? 'it is left alone once a probe finds it out' : `every mail gets its score of ${hit}`
    return hit > 0
      ? failure('lists-everybody', shown, `${what}: ${cost}`, without)
      : warning('lists-everybody', shown, what, without)
  }
  const decisive = answer ?? counter ?? LISTED
  switch (decisive.kind) {
    case 'listed':
      return answer
        ? ok(shown, 'lists what it has to and not what it must not')
        : ok(shown, 'answers; no entry is known that it has to list')
    case 'clean':
      return answer
        ? emptyList(shown, nameOf(trial.listed), zone, without)
        : ok(shown, 'answers; no entry is known that it has to list')
    case 'misasked':
      return warning('list-fails', shown, `says that it is asked the wrong thing (${decisive.code})`, without)
    default:
      return troubledList(shown, decisive, explainTrouble(host, decisive, zone_codes), zone, {
        without,
        standing,
        waiting: EARLY_VERDICT ? 'mail that it could decide' : 'each mail',
      })
  }
}

const LISTED: ListAnswer = { kind: 'listed', addresses: [] }

/** What a list says of its test entry, and would be a refusal otherwise. */
function isOwnAnswer(zone: Zone | undefined, outcome: Outcome): boolean {
  const tests = zone?.tests === 'none' ? undefined : zone?.tests
  return tests?.answer !== undefined && outcome.kind === 'found' && outcome.values.includes(tests.answer)
}

function emptyList(shown: string, entry: string, zone: Zone | undefined, without: string): Diagnosis {
  if (zone && zone.state !== 'alive') {
    const since = zone.since === undefined ? '' : ` since ${zone.since}`
    const remedy = zone.successor === undefined ? without : `${without}, and ask ${zone.successor} in its place`
    return warning('list-empty', shown, `is dead${since}: it scores nobody`, remedy)
  }
  return warning(
    'list-empty',
    shown,
    `does not list its test entry ${entry}: it may be dead`,
    `look at its web page; if it is, ${without}`,
  )
}

function troubledList(
  shown: string,
  trouble: ListTrouble,
  { what, meaning, remedy }: Explanation,
  zone: Zone | undefined,
  { without, standing, waiting }: { readonly without: string; readonly standing: Standing; readonly waiting: string },
): Diagnosis {
  const why = meaning === undefined ? what : `${what}: ${meaning}`
  switch (trouble.kind) {
    case 'timeout':
      return warning('list-silent', shown, `gives no answer: ${waiting} waits for it`, without)
    case 'broken':
      return warning(
        'list-fails',
        shown,
        `gives an answer that says nothing (${why}): it scores nobody`,
        remedy === undefined ? without : `${remedy}; or ${without}`,
      )
    case 'blocked': {
      const allowed = zone?.limits === undefined ? '' : ` (its operator allows ${zone.limits})`
      const helps = what === PUBLIC_RESOLVER && zone?.beyond ? instead(standing, zone.beyond) : remedy
      return warning(
        'list-blocks',
        shown,
        `refuses this resolver (${why}): it scores nobody`,
        `${helps}${allowed}; or ${without}`,
      )
    }
  }
}

/** The code by which lists refuse resolvers that many share. */
const PUBLIC_RESOLVER = '127.255.255.254'

/** What helps where the resolver is the trouble; `beyond`: what the operator offers. */
function instead(standing: Standing, beyond: string): string {
  switch (standing) {
    case 'cloud':
      return `on a cloud no resolver helps: ${beyond}`
    case 'public-resolver':
      return `use ${OWN_RESOLVER} or ${beyond}`
    case 'own':
      return `use a resolver of your own that asks by itself and forwards nothing, or ${beyond}`
  }
}

/** There is nobody to ask through. */
export function listsNotAsked(trials: readonly ListTrial[]): Diagnosis[] {
  return trials.length === 0
    ? []
    : [note('not-looked-at', 'lists', `${trials.length} not asked: no name server resolves names`)]
}
