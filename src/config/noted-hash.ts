/**
 * The number of a configuration that was kept (verdict-hash.ts): worked out once, for all who read what is kept.
 *
 *   kept.ts: noteVerdictHash → verdict-hash.ts: notedVerdictHash
 *
 * To work it out takes a hundredth of all that a process for one mail does. It stands at the object, but is no value of the
 * configuration, and not enumerable: a copy with other values does not have it.
 *
 * Total.
 */
import type { Config } from './parameters/parameters.ts'

interface Noted {
  readonly verdictHash?: number
}

export function noteVerdictHash(config: Config, verdictHash: number): void {
  Object.defineProperty(config, 'verdictHash', { value: verdictHash })
}

/** Undefined: it has to be worked out. */
export function notedVerdictHash(config: Config): number | undefined {
  return (config as Noted).verdictHash
}
