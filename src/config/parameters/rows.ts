/**
 * All rows of the table of parameters, one behind the other.
 *
 *   parameters/, by topic → rows → table.ts, known-parameters.ts, which the build evaluates
 *
 * Only they may import it: it holds the documentation, which no start needs.
 */
import type { Parameter } from './parameter.ts'
import { ANSWER_PARAMETERS } from './answers.ts'
import { CACHE_PARAMETERS } from './caching.ts'
import { LIST_PARAMETERS } from './lists.ts'
import { LOOKUP_PARAMETERS } from './lookups.ts'
import { DAEMON_PARAMETERS, LOG_PARAMETERS } from './operation.ts'
import { RULE_PARAMETERS } from './rule-scores.ts'

/** All rows. */
export const ROWS: readonly Parameter[] = [
  ...ANSWER_PARAMETERS,
  ...LIST_PARAMETERS,
  ...RULE_PARAMETERS,
  ...CACHE_PARAMETERS,
  ...LOOKUP_PARAMETERS,
  ...LOG_PARAMETERS,
  ...DAEMON_PARAMETERS,
]
