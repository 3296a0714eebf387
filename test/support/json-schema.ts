/**
 * Whether a value is as a JSON schema says: the few words of it that our schemas use; another word is an exception.
 *
 *   schema, value → schemaFaults → a line for each fault, with its path
 */
type Schema = Readonly<Record<string, unknown>>

const WORDS = new Set([
  ...['$schema', '$defs', '$ref', 'title', 'description', 'type', 'enum', 'anyOf'],
  ...['required', 'additionalProperties', 'properties', 'items'],
])

export function schemaFaults(root: Schema, value: unknown): string[] {
  return faultsOf(root, root, value, '')
}

function faultsOf(root: Schema, schema: Schema, value: unknown, path: string): string[] {
  const unknown = Object.keys(schema).filter(word => !WORDS.has(word))
  if (unknown.length > 0) throw new Error(`words of a schema that are not known here: ${unknown}`)
  const { $ref, type, enum: values, anyOf, required = [], properties = {}, items, additionalProperties } = schema
  const faults: string[] = []
  if (typeof $ref === 'string') {
    const target = (root.$defs as Record<string, Schema>)[$ref.replace('#/$defs/', '')]
    if (!target) throw new Error(`${$ref} is not there`)
    faults.push(...faultsOf(root, target, value, path))
  }
  if (type !== undefined && ![type].flat().includes(typeOf(value))) faults.push(`${path}: ${typeOf(value)}`)
  if (Array.isArray(values) && !values.includes(value)) faults.push(`${path}: ${JSON.stringify(value)}`)
  if (Array.isArray(anyOf) && !anyOf.some(one => faultsOf(root, one, value, path).length === 0))
    faults.push(`${path}: none of anyOf: ${anyOf.flatMap(one => faultsOf(root, one, value, path)).join(', ')}`)
  if (Array.isArray(value) && items)
    faults.push(...value.flatMap((each, index) => faultsOf(root, items as Schema, each, `${path}[${index}]`)))
  if (typeOf(value) !== 'object') return faults
  const object = value as Record<string, unknown>
  for (const name of required as string[]) if (!Object.hasOwn(object, name)) faults.push(`${path}.${name} is missing`)
  for (const [name, inner] of Object.entries(object)) {
    const of = (properties as Record<string, Schema>)[name]
    if (of) faults.push(...faultsOf(root, of, inner, `${path}.${name}`))
    else if (additionalProperties === false) faults.push(`${path}.${name} is not described`)
  }
  return faults
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}
