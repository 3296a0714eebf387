/**
 * Zones under which the first label of a name is a subscriber's key, ready-made.
 *
 *   zones.ts → secret-zones → shown-host.ts, config/findings/secrets.ts
 *
 * The build evaluates this module and puts the value in its place.
 *
 * Invariant: values only, such as JSON knows; a zone stands in front of those it is under.
 */
import { ZONES } from './zones.ts'

export const SECRET_ZONES: readonly string[] = ZONES.flatMap(({ zone, secret }) => (secret ? [zone] : [])).toSorted(
  (one, other) => other.length - one.length,
)
