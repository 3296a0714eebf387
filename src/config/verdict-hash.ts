/**
 * What of a configuration verdicts depend on, as one number.
 *
 *   cache.ts: Config → verdictHash → kept with each entry of SPAM and HAM: whoever has another one does not believe it
 *
 * Two instances may share one cache file and not have the same rules, lists or thresholds, and a configuration is changed
 * while its cache goes on. A verdict that was reached by other rules is none of ours.
 *
 * Which parameters count is a column of their table (parameter.ts). The number follows from the values that serve, in the
 * order of that table; so it is the same in every process, and however the same configuration is written or read. A
 * version that has more of them, or other built-in values, has other numbers: each client is looked up once more.
 *
 * It is worked out when a configuration is kept, and where none is when a process opens its cache; most configurations, which
 * change none of these values, do not get further than one comparison then.
 *
 * Pure, total.
 * Source: docs/behaviour/cache.md#other-configurations.
 */
import { notedVerdictHash } from './noted-hash.ts'
import { BUILTIN_VERDICT, VERDICT_PARAMETERS } from './parameters/known-parameters.ts'
import type { Config } from './parameters/parameters.ts'
import { hashText, verdictText } from './parameters/verdict-text.ts'

/** 32 bits, never 0. */
export function verdictHash(config: Config): number {
  const noted = notedVerdictHash(config)
  if (noted !== undefined) return noted
  const text = verdictText(config, VERDICT_PARAMETERS)
  return text === BUILTIN_VERDICT.text ? BUILTIN_VERDICT.hash : hashText(text)
}

/** The same as it is written down: 8 hexadecimal digits. */
export function verdictHashText(config: Config): string {
  return (verdictHash(config) >>> 0).toString(16).padStart(8, '0')
}
