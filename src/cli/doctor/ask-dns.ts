/**
 * Asks the name servers, each on its own, and then the lists, through those that answered.
 *
 *   configuration → answers → check-lists.ts
 *
 * With the tries and times of the configuration, so that what is slow here is slow for mail, but no longer than ten seconds
 * for each of the two rounds.
 *
 * Failure: an outcome.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { monotonicMs } from '../../system/clock.ts'
import type { Outcome, Question } from '../../dns/outcome.ts'
import type { NameServer } from '../../dns/resolv-conf.ts'
import { type ListOutcome, type ListTrial, RESOLVER_QUESTION, type ServerAnswer } from './check-lists.ts'

const ROUND_MS = 10_000

export function askNameServers(servers: readonly NameServer[], config: Config): Promise<ServerAnswer[]> {
  return Promise.all(
    servers.map(async server => ({ server, outcome: await askOnce([server], config, RESOLVER_QUESTION) })),
  )
}

export function askLists(
  servers: readonly NameServer[],
  config: Config,
  trials: readonly ListTrial[],
): Promise<ListOutcome[]> {
  return Promise.all(
    trials.map(async trial => {
      const [listed, unlisted] = await Promise.all(
        [trial.listed, trial.unlisted].map(question => question && askOnce(servers, config, question)),
      )
      return { trial, listed, unlisted }
    }),
  )
}

/** What comes of one question. */
export async function askOnce(servers: readonly NameServer[], config: Config, question: Question): Promise<Outcome> {
  const { openTransport } = await import('../../dns/event-transport.ts')
  const { Resolver } = await import('../../open-evaluator.ts')
  const resolver = new Resolver({
    servers,
    tries: config.DNS_RETRIES + 1,
    tryMs: config.DNS_RETRY_IVAL * 1000,
    transport: openTransport,
  })
  const outcome = await new Promise<Outcome>(resolve =>
    resolver.ask([question], monotonicMs() + ROUND_MS, { settled: (_, answer) => resolve(answer) }),
  )
  resolver.close()
  return outcome
}
