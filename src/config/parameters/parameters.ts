/**
 * The configuration: every parameter once, the type that follows from the table, and the built-in values.
 *
 * Rows (parameters/, by topic; all in rows.ts) → `Config`, which everything below the entry reads: `config.REJECTLEVEL`
 * is a number,
 * `config.ADD_X_HEADER` a boolean, `config.helo_score.bad` a number, `config.dnsbl_score[0].host` a string. Names are
 * the reference's own. load.ts overrides these values with those of a file.
 *
 * Invariant: a configuration is complete; a parameter that follows another (`$CACHEREJECTMSG`) follows the value that
 * one really has.
 * Failure: none; a broken row of ours is an exception at the start of every test.
 * Source: docs/parameters.md.
 */
import type { ValueOfKind } from './parameter.ts'
import { builtinValues, DERIVED } from './table.ts'
import type { Declared } from './topics.ts'

export type { ConfiguredList, ScorePair } from './parameter.ts'

/**
 * The values that serve. `faulty`: there is a file, it was refused as a whole, and these are the built-in values instead.
 * `configError`: what accepted mail says of a file some of which cannot be used: `default for $NTTL due to config-error`.
 */
export type Config = {
  readonly [P in Declared as P['name']]: ValueOfKind[P['kind']]
} & { readonly faulty: boolean; readonly configError: string }

/**
 * The built-in configuration, with these values instead of its own: `builtinConfig({ REJECTLEVEL: 3 })`.
 * Parameters that follow one of them do so.
 */
export function builtinConfig(overrides: Partial<Config> = {}): Config {
  const given: Readonly<Record<string, unknown>> = overrides
  const values: Record<string, unknown> = Object.assign(builtinValues(), given)
  for (const { name, from, append } of DERIVED) {
    if (given[name] === undefined && given[from] !== undefined) values[name] = `${values[from]}${append}`
  }
  return values as Config
}
