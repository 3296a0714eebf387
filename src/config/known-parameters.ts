/**
 * The table of parameters as the full reader asks it; a start with a plain configuration does without.
 *
 *   rows.ts → by name, without default and documentation → read.ts, value.ts
 *
 * The build evaluates this module and puts the values in its place.
 *
 * Invariant: values only, such as JSON knows.
 */
import type { Parameter } from './parameter.ts'
import { ROWS } from './rows.ts'

/** A row without its name, default and documentation. */
export type ParameterRow = DistributiveOmit<Parameter, 'name' | 'default' | 'doc' | 'since' | 'unit'>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** All parameters, by name. */
export const PARAMETERS: Readonly<Record<string, ParameterRow>> = Object.fromEntries(
  ROWS.map(({ name, default: _default, doc: _doc, since: _since, unit: _unit, ...row }) => [name, row]),
)
