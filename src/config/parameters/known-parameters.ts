/**
 * The table of parameters as the full reader asks it, and as whoever asks which of them verdicts depend on; a start that
 * needs no cache, with a plain configuration, does without.
 *
 *   rows.ts → by name, without default and documentation → read.ts, value.ts
 *          → the other column of defaults → profile.ts
 *          → those that verdicts depend on → verdict-hash.ts
 *
 * The build evaluates this module and puts the values in its place.
 *
 * Invariant: values only, such as JSON knows.
 */
import type { Parameter } from './parameter.ts'
import { ROWS } from './rows.ts'

/** A row without its name, default, documentation and part in verdicts. */
export type ParameterRow = DistributiveOmit<Parameter, 'name' | 'default' | 'modern' | 'doc' | 'unit' | 'verdict'>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** All parameters, by name. */
export const PARAMETERS: Readonly<Record<string, ParameterRow>> = Object.fromEntries(
  ROWS.map(({ name, default: _default, modern: _modern, doc: _doc, unit: _unit, verdict: _verdict, ...row }) => [
    name,
    row,
  ]),
)

/** The defaults of the profile `modern` that are others than those of `classic`, by name. */
export const MODERN_VALUES: Readonly<Record<string, unknown>> = Object.fromEntries(
  ROWS.flatMap(({ name, modern }) => (modern === undefined ? [] : [[name, modern]])),
)

const namesOf = (isMeant: (parameter: Parameter) => boolean): readonly string[] =>
  ROWS.filter(isMeant).map(({ name }) => name)

/** The names of parameters that verdicts depend on: by their values, such as JSON knows, and by whether the message is temporary. */
export const VERDICT_PARAMETERS = {
  values: namesOf(({ verdict }) => verdict === true),
  messages: namesOf(({ verdict }) => verdict === 'temporary'),
}
