/**
 * What is known of a list: the shape of a row of facts, and the few words that a verdict needs.
 *
 *   zones/ (facts) → zones.ts → zone-rules.ts → rules.ts → questions.ts, classify.ts
 *                             ├→ secret-zones.ts → shown-host.ts
 *                             └→ doctor, check, the manual, the sentences of the log
 *
 * A row holds for its zone and for all names under it, unless one of those has a row of its own: KEY.zen.dq.spamhaus.net
 * has that of zen.dq.spamhaus.net. Rows of the configuration (`@zone_codes`) have the words alone.
 *
 * Sources: the lists' own pages, named in each row; docs/behaviour/dns-and-lists.md#what-is-known-of-lists.
 */

/** What a list has entries for. */
export type Listed = 'ipv4' | 'ipv6' | 'domain'

/**
 * A row of `@zone_codes`, and what a verdict needs of any other. Words, separated by one blank, are
 *
 * - `ipv4`, `ipv6`, `domain`: what is listed; none of them: not known.
 * - `refused=127.0.0.1`: an answer that means "I refuse you". Codes are in the notation of filter.ts, `127.0.10.[0..255]`;
 *   those of 127.255.255.0/24, which every list may use to refuse, stand in classify.ts.
 * - `misasked=127.0.1.255`: an answer that means "that is no question for me", as of a list of domains about an address.
 * - `strong=127.0.0.[2..9]`: an answer that is about this very client or domain, and not about others that share an address.
 * - `secret`: the first label of a name under the zone is the subscriber's key.
 * - `test=127.0.0.2`: an entry that is there for tests; once it was seen listed, a list without it is empty.
 * - `untested`: there are no entries to try it with.
 */
export interface ConfiguredZone {
  /** Lower case, without trailing dot. */
  readonly zone: string
  readonly words: string
}

/** An answer by which a list refuses: which, what it means, what helps. `code`: an address or a set of them, or a failure. */
export interface Refusal {
  readonly code: string
  readonly meaning: string
  readonly remedy: string
}

/** What a list is tried with, in place of the entries of RFC 5782: addresses, or names in front of the zone. */
export interface TestEntries {
  /** Has to be listed. */
  readonly listed?: string
  /** What it is answered, if that is no listing by the row's own rules. */
  readonly answer?: string
  /** Must not be listed. Null: there is none. */
  readonly unlisted?: string | null
}

/** One row of facts. */
export interface Zone {
  /** Lower case, without trailing dot. */
  readonly zone: string
  readonly operator: string
  /** Absent: not known. */
  readonly lists?: readonly Listed[]
  /** `allow`: being listed is good. `mixed`: its codes say which. */
  readonly meaning: 'block' | 'allow' | 'mixed'
  /** Names of return codes: an address or set of addresses as in filter.ts, or `&8` for bit 8 of the last octet. They never filter. */
  readonly codes?: readonly (readonly [code: string, name: string])[]
  readonly refusals?: readonly Refusal[]
  readonly misasked?: readonly string[]
  readonly secret?: true
  /** Absent: those of RFC 5782. `none`: none is known. */
  readonly tests?: TestEntries | 'none'
  /** Codes of listings that are about this very client or domain. */
  readonly strong?: readonly string[]
  /** It lists, at times, the addresses that a provider's customers share. */
  readonly isShared?: true
  /** What may be asked for free, as the operator publishes it. */
  readonly limits?: string
  /** The same as a number: queries a day, all lists of the operator that have it together. */
  readonly queriesPerDay?: number
  /** What helps who needs more. */
  readonly beyond?: string
  /** `dead`: lists nobody any more. `lists-everybody`: answers every question as if it were listed. */
  readonly state: 'alive' | 'dead' | 'lists-everybody'
  /** Year, month or day of its death, as far as known. */
  readonly since?: string
  /** The list to ask in its place. */
  readonly successor?: string
  /** When the row was last held against the source: a day, month or year, or two years for "in one of them" (ISO 8601). */
  readonly verified: string
  /** The operator's page or document, by name. */
  readonly source: string
  readonly note?: string
}
