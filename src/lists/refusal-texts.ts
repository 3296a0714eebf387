/**
 * What refusals mean and what helps, ready-made.
 *
 *   zones.ts → lists that refuse alike, and how → refusals.ts
 *
 * The build evaluates this module and puts the value in its place.
 *
 * Invariant: values only, such as JSON knows.
 */
import type { Refusal, Zone } from './zone.ts'
import { ZONES } from './zones.ts'

/** Each row of facts that has refusals is among the zones of one of these. */
export const REFUSAL_TEXTS: readonly { readonly zones: readonly string[]; readonly refusals: readonly Refusal[] }[] = [
  ...new Set(ZONES.map(({ refusals }) => refusals)),
].flatMap(refusals =>
  refusals ? [{ zones: ZONES.filter((row: Zone) => row.refusals === refusals).map(({ zone }) => zone), refusals }] : [],
)
