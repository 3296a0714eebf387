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
 * It is worked out when a configuration is kept, and where none is when a process opens its cache: from JSON, since what makes
 * the difference between two values, down to the filter of a list, is in that without being named here. (So is the order in
 * which the properties of a list's entry were given, which is the same wherever one is made; another order would cost a look-up
 * more.)
 *
 * Pure, total.
 * Source: docs/behaviour/cache.md#other-configurations.
 */
import { latin1Text, writeLatin1 } from '../system/bytes.ts'
import { checksum } from '../system/sum.ts'
import { isTemporary } from '../text/message.ts'
import { notedVerdictHash } from './noted-hash.ts'
import { VERDICT_PARAMETERS } from './parameters/known-parameters.ts'
import type { Config } from './parameters/parameters.ts'

/** 32 bits, never 0. */
export function verdictHash(config: Config): number {
  return notedVerdictHash(config) ?? hashText(verdictText(config))
}

/** The same as it is written down: 8 hexadecimal digits. */
export function verdictHashText(config: Config): string {
  return (verdictHash(config) >>> 0).toString(16).padStart(8, '0')
}

/** `'[1,["IN_SPAMCOP=","BOGUS_MX="],…,[{"source":"^dyn",…}],false,false]'`: the values, in the order of the table. */
function verdictText(config: Config): string {
  const { values, messages } = VERDICT_PARAMETERS
  const parts = values.map(name => config[name as keyof Config])
  for (const name of messages) parts.push(isTemporary(config[name as keyof Config] as string))
  return JSON.stringify(parts)
}

/** 32 bits, never 0. The text is JSON's, so it has no half of a pair of surrogates. */
export function hashText(text: string): number {
  const { length } = text
  const words = new Int32Array((length + 3) >> 2)
  const bytes = new Uint8Array(words.buffer)
  writeLatin1(bytes, text, 0)
  // Hardly any configuration has characters beyond 8 bits, of which only those would count.
  if (latin1Text(bytes, 0, length) !== text) return hashText(encodeURIComponent(text))
  return checksum(words, 0, words.length, length)
}
