/**
 * What a start needs of the table of parameters, ready-made.
 *
 *   rows.ts → the forms in which it is asked → parameters.ts, read.ts
 *
 * The build evaluates this module and puts the values in its place: what is the same at every start is not worked out
 * at every start, and what only people read is not there.
 *
 * Invariant: values only, such as JSON knows, and functions without parameters that return one.
 */
import { type DerivedDefault, derivedDefault } from './parameter.ts'
import { ROWS } from './rows.ts'

/** What follows another parameter unless it is set, in an order in which each comes behind what it follows. */
export const DERIVED: readonly (DerivedDefault & { readonly name: string })[] = ROWS.flatMap(parameter => {
  const derived = derivedDefault(parameter)
  return derived ? [{ name: parameter.name, ...derived }] : []
})

/**
 * The built-in configuration, a new one each time. Without a prototype: V8 makes such an object of so many properties in
 * a third of the time it takes for another, or for parsing them.
 */
export function builtinValues(): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null)
  for (const parameter of ROWS) values[parameter.name] = parameter.default
  for (const { name, from, append } of DERIVED) values[name] = `${values[from]}${append}`
  values.faulty = false
  values.configError = ''
  return values
}
