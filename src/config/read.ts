/**
 * A configuration file's text → the configuration, and what is wrong with it.
 *
 *   full.ts: text → perl.ts → scalar.ts → value.ts → Config → load.ts
 *
 * Assignments count from top to bottom, the last one of a parameter wins, and a reference stands for what has been set
 * above it, else for the built-in value. Names nobody knows can be set and referred to, with a warning.
 *
 * Invariants: linear in the length of the text; at most about a hundred findings. One slip costs one statement.
 * Failure: a statement or value that cannot be used is an error; all others count. Its parameter has its default then, but
 * for those beyond which mail is rejected: they reject nothing. What is only added (`push`, `.=`), or code that may not
 * have been run, leaves the parameter as it was. What accepted mail says of it is `Config.configError`.
 * Source: docs/behaviour/configuration.md#what-one-slip-costs.
 */
import type { KeySource } from './key-ring.ts'
import { parsePerl } from './language/perl.ts'
import { type Profile, profileOf } from './profile.ts'
import { type ReadConfiguration, Reader } from './reader.ts'

/** For who reads texts alone: no file is opened. */
const NO_KEYS: KeySource = { open: () => ({ kind: 'no-key', expected: 'no file with a key, for none is opened here' }) }

/** Reads the text of `file`, whose name only appears in findings: `('$REJECTLEVEL = 3;', 'a.conf')`. */
export function readConfiguration(text: string, file: string, keys = NO_KEYS): ReadConfiguration {
  const source = normalizeText(text)
  const parsed = parsePerl(source)
  // A reference may stand before the line that names the profile, so that is guessed; the guess is hardly ever wrong.
  const guess: Profile = /\$PROFILE\s*=\s*["']modern/.test(source) ? 'modern' : 'classic'
  const read = readIn(guess, source, file, parsed, keys)
  const profile = profileOf(read.config)
  return profile === guess ? read : readIn(profile, source, file, parsed, keys)
}

/** Reads it with the defaults of a profile. */
function readIn(
  profile: Profile,
  source: string,
  file: string,
  { statements, cutAt, leftAt }: ReturnType<typeof parsePerl>,
  keys: KeySource,
): ReadConfiguration {
  const reader = new Reader(source, file, profile, keys)
  for (const statement of statements) {
    if (statement.kind === 'faulty') reader.skip(statement)
    else reader.assign(statement)
  }
  if (cutAt !== undefined) reader.cut(cutAt)
  if (leftAt !== undefined) reader.leave(leftAt)
  return reader.finish()
}

/** Without a byte order mark, every line ended by `\n` alone; lines and columns stay what an editor shows. */
function normalizeText(text: string): string {
  const start = text.startsWith('\ufeff') ? 1 : 0
  return text.slice(start).replaceAll('\r\n', '\n')
}
