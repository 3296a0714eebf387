/**
 * Which lists of a configuration are probed: each whose listing can be what a mail is refused for, and each allow list.
 *
 *   configuration → probedHosts → cache/probes.ts; entry → countsAgainst → score/client-lists.ts, list-probe.ts
 *
 * What a listing can be worth is looked at, not what it is worth by itself: of a list of domains penalties come on top, a list of
 * clients may score a client less that it does not list, and a label with `dyn` widens for whom a refusal is remembered. A list of
 * which nothing of the kind is true could be as wrong as it likes.
 *
 * Pure, total.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import type { ConfiguredList } from './parameters/parameter.ts'
import type { Config } from './parameters/parameters.ts'
import { isWithoutKey } from './values/keyed-lists.ts'

/** Whether the label of a list says that what it lists are dial-up lines. */
export function namesDialup(label: string): boolean {
  return label.toLowerCase().includes('dyn')
}

/** Whether a listing by an entry of `@dnsbl_score` can count against a mail. */
export function countsAgainst({ hit, miss, label }: ConfiguredList, { CACHE_PER_DOMAIN }: Config): boolean {
  return hit > 0 || hit > miss || (!CACHE_PER_DOMAIN && namesDialup(label))
}

/** The same of an entry of `@rhsbl_score`. */
export function domainCountsAgainst({ hit }: ConfiguredList, config: Config): boolean {
  const { rhsbl_penalty_score, random_sender_score, client_seems_dialup_score, dnsbl_score, COUNT_LISTS_ONCE } = config
  const penalty = rhsbl_penalty_score.bad
  const ofClient = COUNT_LISTS_ONCE ? [] : [client_seems_dialup_score.bad, ...dnsbl_score.map(entry => entry.hit)]
  const more = [penalty, penalty * random_sender_score.bad, ...ofClient.map(score => score / 2)]
  return more.reduce((sum, score) => sum + Math.max(0, score), hit) > 0
}

/** The hosts of the lists that are probed, each once. One without its key is never asked anything. */
export function probedHosts(config: Config): readonly string[] {
  const { dnsbl_score, dnswl_score, rhsbl_score } = config
  const entries = [
    ...dnsbl_score.filter(entry => countsAgainst(entry, config)),
    ...dnswl_score,
    ...rhsbl_score.filter(entry => domainCountsAgainst(entry, config)),
  ]
  const hosts = new Set<string>()
  for (const { host } of entries) if (!isWithoutKey(host)) hosts.add(host)
  return [...hosts]
}
