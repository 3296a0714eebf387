/**
 * The reference in a text that somebody has copied: a bounce, a line of the log, or no more than its end.
 *
 *   cli/why/wanted.ts, cli/cache/forgive.ts: what was typed → quotedReference → `7QK2M0XN4B`
 *
 * Pure, total: of several the last counts, for a refusal ends in it.
 * Source: docs/behaviour/scoring.md#references.
 */
import { readReference } from './reference.ts'

/** `'550 5.7.1 … records; ref 7QK2M0XN4B'` → `'7QK2M0XN4B'`; undefined: there is none. */
export function quotedReference(text: string): string | undefined {
  // What Postfix logs behind a refusal is the client's own words.
  const [refusal = ''] = text.split('; from=<', 1)
  const found = [...refusal.matchAll(/(?:^|[^0-9a-z])ref[\s:]+([0-9a-z]{10})(?![0-9a-z])/gi)].at(-1)
  return found?.[1] === undefined ? undefined : readReference(found[1])
}
