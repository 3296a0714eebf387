/**
 * All targets, in the order in which they are fuzzed.
 *
 * `exported` is the name under which a target's file exports it; the file is named after the target.
 */
import type { Target } from './target.ts'
import { CACHE } from './targets/cache.ts'
import { CONFIGURATION } from './targets/configuration.ts'
import { DNS } from './targets/dns.ts'
import { REQUESTS } from './targets/requests.ts'

export interface NamedTarget {
  readonly target: Target
  readonly exported: string
}

export const TARGETS: readonly NamedTarget[] = [
  { target: REQUESTS, exported: 'REQUESTS' },
  { target: CONFIGURATION, exported: 'CONFIGURATION' },
  { target: DNS, exported: 'DNS' },
  { target: CACHE, exported: 'CACHE' },
]
