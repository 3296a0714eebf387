/**
 * The whole table of parameters, and what of it a start needs ready-made.
 *
 *   parameters/, by topic → one table, in the forms in which it is asked → parameters.ts, quick.ts, read.ts
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

/** A row without its name, default and documentation. */
export type ParameterRow = DistributiveOmit<Parameter, 'name' | 'default' | 'doc' | 'since' | 'unit'>
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
  ROWS.map(({ name, default: _default, doc: _doc, since: _since, unit: _unit, ...row }) => [name, row]),
)

/**
 * How quick.ts may read a parameter: `'\nNAME kind least greatest'` for each, without bounds if its kind's own hold. It
 * searches this text, which takes less time than parsing it. What takes more to say whether a value is one is left out.
 */
export const QUICK_KINDS: string = ROWS.map(({ name, kind, range = [], choices, defers, mode, servers }) =>
  choices || defers || mode ? '' : `\n${[name, servers ? 'servers' : kind, ...range].join(' ')}`,
).join('')

/** What follows another parameter unless it is set, in an order in which each comes behind what it follows. */
export const DERIVED: readonly (DerivedDefault & { readonly name: string })[] = ROWS.flatMap(parameter => {
  const derived = derivedDefault(parameter)
  return derived ? [{ name: parameter.name, ...derived }] : []
})

/** The built-in configuration as JSON: parsing it takes less time than copying an object of so many properties. */
export const BUILTIN_JSON: string = JSON.stringify(builtinValues())

function builtinValues(): Record<string, unknown> {
  const values = Object.fromEntries(ROWS.map(parameter => [parameter.name, parameter.default as unknown]))
  for (const { name, from, append } of DERIVED) values[name] = `${values[from]}${append}`
  return { ...values, faulty: false }
}
