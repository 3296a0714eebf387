/**
 * What a request is evaluated with, and what comes of it: the words between evaluate.ts and whoever reads them.
 *
 *   Resources → evaluate.ts, unscored.ts → Evaluated → consult.ts, explain.ts
 */
import type { NamePlaces } from './dns/client-names.ts'
import type { LookupRecord } from './dns/fan-out.ts'
import type { NameServer } from './dns/name-server.ts'
import type { Facts } from './score/scoring.ts'
import type { Judgement } from './score/verdict.ts'
import type { Caller } from './turn/caller.ts'

/** A judgement and the lookups it rests on. */
export interface Evaluated {
  readonly judgement: Judgement
  readonly lookups: readonly LookupRecord[]
  /** Questions that were sent to a name server. */
  readonly queries: number
  /** Whether more would have been sent, but for the bound on them. */
  readonly cut: boolean
  /** The judgement had these lists not been asked; undefined: something else would have to be looked up. */
  readonly without?: (hosts: Iterable<string>) => Judgement | undefined
  /** What was known beside the answers, and who was asked; absent: nothing was looked up. */
  readonly known?: Facts
  readonly servers?: readonly NameServer[]
}

/** What a request is looked up with. */
export interface Resources {
  readonly places: NamePlaces & { readonly client: string; isSuspect(): boolean; giveUp(): void }
  readonly caller?: Caller | undefined
  /** Whether the host knows of name servers that do not answer. */
  readonly hasSilentServers?: boolean
}
