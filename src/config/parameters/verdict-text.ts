/**
 * The parameters that verdicts depend on as text, and the hash of such a text.
 *
 *   known-parameters.ts, when the executable is built: built-in values → text → hash
 *   verdict-hash.ts: Config → text → hash, unless it is the text of the built-in values
 *
 * The text is JSON: what makes the difference between two values, down to the filter of a list, is in it without being
 * named here. (So is the order in which the properties of a list's entry were given, which is the same wherever one is made;
 * another order would cost a look-up more.) It is made, compared and copied by what V8 has built in; the sum takes a turn for four bytes, of which there
 * are some 1,500.
 *
 * Pure, total.
 */
import { latin1Text, writeLatin1 } from '../../system/bytes.ts'
import { checksum } from '../../system/sum.ts'
import { isTemporary } from '../../text/message.ts'

/** The names of parameters that verdicts depend on. */
export interface VerdictParameters {
  /** By their values, such as JSON knows. */
  readonly values: readonly string[]
  /** By whether the message is temporary. */
  readonly messages: readonly string[]
}

/** `'[1,["IN_SPAMCOP=","BOGUS_MX="],…,[{"source":"^dyn",…}],false,false]'`: the values, in the order of the names. */
export function verdictText(
  config: Readonly<Record<string, unknown>>,
  { values, messages }: VerdictParameters,
): string {
  const parts = values.map(name => config[name])
  for (const name of messages) parts.push(isTemporary(config[name] as string))
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
