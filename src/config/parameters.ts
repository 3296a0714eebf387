/**
 * The configuration: every parameter once, the type that follows from the table, and the built-in values.
 *
 * Rows (parameters/, by topic) → `Config`, which everything below the entry reads: `config.REJECTLEVEL` is a number,
 * `config.ADD_X_HEADER` a boolean, `config.helo_score[0]` a number, `config.dnsbl_score[0].host` a string. Names are
 * the reference's own. load.ts overrides these values with those of a file.
 *
 * Invariant: a configuration is complete; a parameter that follows another (`$CACHEREJECTMSG`) follows the value that
 * one really has.
 * Failure: none; a broken row of ours is an exception at the start of every test.
 * Source: specification, chapter "Configuration".
 */
import type { DerivedDefault, Parameter, ValueOfKind } from './parameter.ts'
import { ANSWER_PARAMETERS } from './parameters/answers.ts'
import { CACHE_PARAMETERS } from './parameters/cache.ts'
import { LIST_PARAMETERS } from './parameters/lists.ts'
import { LOOKUP_PARAMETERS } from './parameters/lookups.ts'
import { DAEMON_PARAMETERS, LOG_PARAMETERS } from './parameters/operation.ts'
import { RULE_PARAMETERS } from './parameters/rules.ts'

export type { ListEntry, ScorePair } from './parameter.ts'

const TOPICS = [
  { title: 'Answers', parameters: ANSWER_PARAMETERS },
  { title: 'Lists', parameters: LIST_PARAMETERS },
  { title: 'Rules about client, HELO and sender', parameters: RULE_PARAMETERS },
  { title: 'Cache', parameters: CACHE_PARAMETERS },
  { title: 'Lookups', parameters: LOOKUP_PARAMETERS },
  { title: 'Log', parameters: LOG_PARAMETERS },
  { title: 'Daemon', parameters: DAEMON_PARAMETERS },
] as const

type Declared = (typeof TOPICS)[number]['parameters'][number]

/** The values that serve. `faulty`: there is a file, it was refused, and these are the built-in values instead. */
export type Config = {
  readonly [P in Declared as P['name']]: ValueOfKind[P['kind']]
} & { readonly faulty: boolean }

/** All parameters in groups, for what is read by people. */
export const PARAMETER_TOPICS: readonly { readonly title: string; readonly parameters: readonly Parameter[] }[] = TOPICS

/** All parameters. */
export const PARAMETERS: readonly Parameter[] = PARAMETER_TOPICS.flatMap(topic => topic.parameters)

/**
 * The built-in configuration, with these values instead of its own: `builtinConfig({ REJECTLEVEL: 3 })`.
 * Parameters that follow one of them do so.
 */
export function builtinConfig(overrides: Partial<Config> = {}): Config {
  const given: Readonly<Record<string, unknown>> = overrides
  const values: Record<string, unknown> = {}
  for (const parameter of PARAMETERS) values[parameter.name] = given[parameter.name] ?? parameter.default
  for (const parameter of PARAMETERS) {
    const derived = derivedDefault(parameter)
    if (derived) values[parameter.name] = given[parameter.name] ?? `${values[derived.from]}${derived.append}`
  }
  values.faulty = overrides.faulty ?? false
  return values as Config
}

/** What a parameter follows unless it is set; undefined for most. */
export function derivedDefault(parameter: Parameter): DerivedDefault | undefined {
  const isText = parameter.kind === 'text' || parameter.kind === 'message'
  return isText && typeof parameter.default === 'object' ? parameter.default : undefined
}
