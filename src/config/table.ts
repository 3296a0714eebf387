/**
 * The whole table of parameters, and what of it a start needs ready-made.
 *
 *   parameters/, by topic → one table → parameters.ts, quick.ts, read.ts
 *
 * The build evaluates this module and puts the values in its place: what is the same at every start is not worked out
 * at every start, and what only people read is not there.
 *
 * Invariant: values only, such as JSON knows.
 */
import { type DerivedDefault, derivedDefault, type Parameter } from './parameter.ts'
import { ANSWER_PARAMETERS } from './parameters/answers.ts'
import { CACHE_PARAMETERS } from './parameters/cache.ts'
import { LIST_PARAMETERS } from './parameters/lists.ts'
import { LOOKUP_PARAMETERS } from './parameters/lookups.ts'
import { DAEMON_PARAMETERS, LOG_PARAMETERS } from './parameters/operation.ts'
import { RULE_PARAMETERS } from './parameters/rules.ts'

/** A row without its default, which is in `BUILTIN_VALUES`, and its documentation. */
export type ParameterRow = DistributiveOmit<Parameter, 'default' | 'doc' | 'since' | 'unit'>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

const ROWS: readonly Parameter[] = [
  ...ANSWER_PARAMETERS,
  ...LIST_PARAMETERS,
  ...RULE_PARAMETERS,
  ...CACHE_PARAMETERS,
  ...LOOKUP_PARAMETERS,
  ...LOG_PARAMETERS,
  ...DAEMON_PARAMETERS,
]

/** All parameters, by name; what is looked up in it comes from files, so ask Object.hasOwn first. */
export const PARAMETERS: Readonly<Record<string, ParameterRow>> = Object.fromEntries(
  ROWS.map(({ default: _default, doc: _doc, since: _since, unit: _unit, ...row }) => [row.name, row]),
)

/** What follows another parameter unless it is set, in an order in which each comes behind what it follows. */
export const DERIVED: readonly (DerivedDefault & { readonly name: string })[] = ROWS.flatMap(parameter => {
  const derived = derivedDefault(parameter)
  return derived ? [{ name: parameter.name, ...derived }] : []
})

/** The built-in values, derived ones included. */
export const BUILTIN_VALUES: Readonly<Record<string, unknown>> = withDerived(
  Object.fromEntries(ROWS.map(parameter => [parameter.name, parameter.default])),
)

function withDerived(values: Record<string, unknown>): Record<string, unknown> {
  for (const { name, from, append } of DERIVED) values[name] = `${values[from]}${append}`
  return values
}
