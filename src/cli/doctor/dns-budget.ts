/**
 * How long a request may take, so that Postfix's and spawn(8)'s time limits can be held against it.
 *
 *   $DNS_RETRIES, $DNS_RETRY_IVAL → worst case of one lookup × round trips, at most the lookup budget → seconds
 *
 * One lookup waits $DNS_RETRY_IVAL for each of 1 + $DNS_RETRIES tries, whichever servers these go to (dns/resolver.ts);
 * a reply cut short is asked for again over TCP within the same try. Lookups of one round trip run side by side. There
 * are five round trips at most (the test walks through them):
 *
 *   1  the lists alone, for a client that is known: if none names it, that is all        (score/first-wave.ts, listsSuffice)
 *   2  the PTR, MX, A and AAAA of the sender domain and the HELO name, lists of domains  (otherwise all of 1 and 2 at once)
 *   3  the exchanges of their MX records                                                 (score/both-names.ts)
 *   4  MX, A and AAAA of the parents of both names
 *   5  the exchanges of those
 *
 * With `$dnsbl_checks_only` there is one. All of it ends at the lookup budget, 80 s (evaluate.ts). With the built-in
 * values: 3 × 2 s × 5 = 30 s. A server that answers late, not one that is silent, makes it last that long: silence
 * ends an evaluation after $MAXDNSERR lookups.
 *
 * Pure, total.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { LOOKUP_BUDGET_MS } from '../../unscored.ts'

const MAX_ROUND_TRIPS = 5

/** Seconds a request may wait for DNS, and how they come about. */
export interface DnsBudget {
  readonly seconds: number
  /** `3 tries × 2 s × 5 round trips`. */
  readonly formula: string
}

export function dnsBudgetOf({ DNS_RETRIES, DNS_RETRY_IVAL, dnsbl_checks_only }: Config): DnsBudget {
  const tries = DNS_RETRIES + 1
  const roundTrips = dnsbl_checks_only ? 1 : MAX_ROUND_TRIPS
  const limit = LOOKUP_BUDGET_MS / 1000
  const seconds = tries * DNS_RETRY_IVAL * roundTrips
  const plural = (count: number, singular: string, many: string): string => `${count} ${count === 1 ? singular : many}`
  const formula = `${plural(tries, 'try', 'tries')} x ${DNS_RETRY_IVAL} s x ${plural(roundTrips, 'round trip', 'round trips')}`
  return seconds > limit ? { seconds: limit, formula: `${formula}, cut at ${limit} s` } : { seconds, formula }
}
