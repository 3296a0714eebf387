/**
 * What a list is asked to find out whether it lists everybody, and what its answers say.
 *
 *   asked-probe.ts: host → probeOf → questions → (asked) → answerOf → cache/probes.ts
 *
 * A list that died, or whose domain was sold, often lists whatever it is asked for. Nothing may list a fresh random address of
 * 127/8, or a random name under `.invalid`: fresh, so that no resolver answers out of its cache. Beside it, one of
 * `@never_listed` is asked, for a list that has gone wrong in part. An allow list may well list these. A list whose test entry
 * was once seen, and is gone, is empty, whatever it was before.
 *
 * Refusals and silence are between the list and the host's resolver: a probe without an answer says nothing, neither for the
 * list nor against it. What listing means is up to the entries: only one that can count against a mail, and whose filter lets
 * the answer in, can be held against it; of an allow list, any.
 *
 * Total; random, but for that pure.
 * Sources: RFC 5782 2.3, 5; RFC 6890 (127/8); RFC 6761 6.4 (`.invalid`); docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import type { ProbeAnswer } from './cache/probes.ts'
import { countsAgainst, domainCountsAgainst } from './config/probed-lists.ts'
import type { Config, ConfiguredList } from './config/parameters/parameters.ts'
import { reverseName } from './dns/names.ts'
import type { Answers, Question } from './dns/outcome.ts'
import { expandIPv6, normalizeClientAddress } from './text/address.ts'
import { classifyAnswer } from './lists/classify.ts'
import { rulesOf } from './lists/rules.ts'
import { codesOf, mayList, says } from './lists/words.ts'

/** One question of a probe; `shown`: what it asks for, for people. */
interface Asked {
  readonly question: Question & { readonly ofList: true }
  readonly shown: string
  readonly isTest: boolean
  /** Whether it has to answer. */
  readonly isFair: boolean
}

/** What a list is asked, and by which entries its answers are judged. */
export interface ListProbe {
  readonly host: string
  readonly asked: readonly Asked[]
  readonly entries: readonly ConfiguredList[]
}

/** The probe of a list of a configuration. */
export function probeOf(host: string, config: Config): ListProbe {
  const { dnsbl_score, dnswl_score, rhsbl_score, never_listed, zone_codes } = config
  const ofHost = (lists: readonly ConfiguredList[]): ConfiguredList[] => lists.filter(entry => entry.host === host)
  const allowing = ofHost(dnswl_score)
  const ofClients = [...ofHost(dnsbl_score), ...allowing]
  const blocking = [
    ...ofHost(dnsbl_score).filter(entry => countsAgainst(entry, config)),
    ...ofHost(rhsbl_score).filter(entry => domainCountsAgainst(entry, config)),
  ]
  const rules = rulesOf(host, zone_codes)
  const asked: Asked[] = []
  const ask = (name: string, shown: string, { isTest = false, isFair = true } = {}): void => {
    asked.push({ question: { type: 'A', name: `${name}.${host}`, ofList: true, list: host }, shown, isTest, isFair })
  }
  const askFor = (address: string): void => ask(reversed(address), address)
  if (ofClients.length > 0) {
    if (mayList(rules, 'ipv4')) askFor(randomLoopback())
    // In its mapped form; a list that nothing is known of need not know IPv6, but may list all of it.
    if (mayList(rules, 'ipv6')) {
      const address = randomLoopback()
      const mapped = `::ffff:${address}`
      ask(reversed(expandIPv6(mapped) ?? address), mapped, { isFair: says(rules, 'ipv6') })
    }
  }
  const isOfDomains = ofHost(rhsbl_score).length > 0
  if (isOfDomains) {
    const label = randomLabel()
    ask(`${label}.invalid`, `${label}.invalid`)
  }
  if (blocking.length > 0) {
    const fitting = never_listed.filter(one => {
      const address = normalizeClientAddress(one)
      if (address === undefined) return isOfDomains
      return ofClients.length > 0 && (address.includes(':') ? says(rules, 'ipv6') : mayList(rules, 'ipv4'))
    })
    const one = fitting[Math.floor(Math.random() * fitting.length)]
    if (one !== undefined) {
      const address = normalizeClientAddress(one)
      if (address === undefined) ask(one, one)
      else askFor(address)
    }
  }
  const [test] = codesOf(rules, 'test')
  if (test !== undefined)
    ask(normalizeClientAddress(test) === undefined ? test : reversed(test), test, { isTest: true })
  return { host, asked, entries: [...blocking, ...allowing] }
}

/** What its answers say; a question without one yet counts as unanswered. `wasTestListed`: its test entry was seen before. */
export function answerOf(
  { asked, entries }: ListProbe,
  answers: Answers,
  { zone_codes }: Config,
  wasTestListed: boolean,
): ProbeAnswer {
  let isAnswered = true
  let isTestListed = false
  let why: string | undefined
  for (const { question, shown, isTest, isFair } of asked) {
    const outcome = answers.get(question)
    const kinds = entries.map(entry => (outcome ? classifyAnswer(entry, outcome, zone_codes) : undefined))
    const isListed = kinds.some(answer => answer?.kind === 'listed')
    if (isTest) {
      isTestListed = isListed || outcome?.kind === 'found'
      if (wasTestListed && outcome?.kind === 'nxdomain') why ??= `${shown} is not listed any more`
      continue
    }
    if (isListed) why ??= `${shown} is listed`
    else if (kinds.some(answer => answer?.kind === 'broken' && answer.why === 'outside-127'))
      why ??= `${shown} is answered with ${outcome?.kind === 'found' ? outcome.values[0] : ''}`
    else if (isFair && !kinds.every(answer => answer?.kind === 'clean')) isAnswered = false
  }
  const result = why !== undefined ? 'guilty' : isAnswered ? 'clean' : 'unanswered'
  return { result, why: why ?? '', isTestListed }
}

/** One of 16 million: 127.1.0.1 to 127.254.255.254. Lists keep what they mean by an answer in 127.0.0.0/16. */
function randomLoopback(): string {
  const upTo = (count: number): number => Math.floor(Math.random() * count)
  return `127.${1 + upTo(254)}.${upTo(256)}.${1 + upTo(254)}`
}

/** Twelve letters and digits that nobody has asked for before. */
export function randomLabel(): string {
  return `x${Math.random().toString(36).slice(2).padEnd(11, '0').slice(0, 11)}`
}

function reversed(address: string): string {
  return reverseName(address, '').slice(0, -1)
}
