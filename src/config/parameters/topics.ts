/**
 * The parameters in groups, for what is read by people, and for the type that follows from them.
 *
 *   parameters/ → topics → `defaults`, the manual; its type → parameters.ts
 *
 * Only the command line holds more of it than its type.
 */
import type { Parameter } from './parameter.ts'
import { ANSWER_PARAMETERS } from './answers.ts'
import { CACHE_PARAMETERS } from './caching.ts'
import { LIST_PARAMETERS } from './lists.ts'
import { LOOKUP_PARAMETERS } from './lookups.ts'
import { DAEMON_PARAMETERS, LOG_PARAMETERS } from './operation.ts'
import { RULE_PARAMETERS } from './rule-scores.ts'

const TOPICS = [
  { title: 'Answers', parameters: ANSWER_PARAMETERS },
  { title: 'Lists', parameters: LIST_PARAMETERS },
  { title: 'Rules about client, HELO and sender', parameters: RULE_PARAMETERS },
  { title: 'Cache', parameters: CACHE_PARAMETERS },
  { title: 'Lookups', parameters: LOOKUP_PARAMETERS },
  { title: 'Log', parameters: LOG_PARAMETERS },
  { title: 'Daemon', parameters: DAEMON_PARAMETERS },
] as const

/** A row of the table, with its name and kind as literals. */
export type Declared = (typeof TOPICS)[number]['parameters'][number]

/** All parameters in groups. */
export const PARAMETER_TOPICS: readonly { readonly title: string; readonly parameters: readonly Parameter[] }[] = TOPICS
