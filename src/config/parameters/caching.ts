/**
 * Parameters: what is remembered, where and for how long.
 *
 * Part of the table in parameters.ts. Source: docs/behaviour/cache.md.
 */
import type { Parameter } from './parameter.ts'

export const CACHE_PARAMETERS = [
  {
    name: 'LOCKPATH',
    verdict: false,
    kind: 'text',
    default: '/var/run/policyd-weight/',
    emptyIsDefault: true,
    doc: 'The directory of the cache file.',
  },
  {
    name: 'CACHESIZE',
    verdict: false,
    kind: 'count',
    default: 2000,
    unit: 'entries',
    doc: 'Rejected clients kept when their cache is purged. 0 switches it off.',
  },
  {
    name: 'CACHEMAXSIZE',
    verdict: false,
    kind: 'count',
    default: 4000,
    unit: 'entries',
    doc: 'Rejected clients at which their cache is purged, down to $CACHESIZE.',
  },
  {
    name: 'CACHEREJECTMSG',
    verdict: false,
    kind: 'message',
    default: { from: 'REJECTMSG', append: ' [cached]' },
    extended: 'blank',
    doc: 'The answer to a client that was rejected before and comes again; a note on its retries is appended.',
  },
  {
    name: 'NTTL',
    verdict: true,
    kind: 'count',
    default: 1,
    unit: 'retries',
    doc: 'Retries a rejected client has before it is scored afresh.',
  },
  {
    name: 'NTIME',
    verdict: true,
    kind: 'seconds',
    default: 30,
    doc: 'A rejected client must stay away longer than this for its retry to count.',
  },
  {
    name: 'POSCACHESIZE',
    verdict: false,
    kind: 'count',
    default: 1000,
    unit: 'entries',
    doc: 'Accepted pairs of client and sender domain kept when their cache is purged. 0 switches it off.',
  },
  {
    name: 'POSCACHEMAXSIZE',
    verdict: false,
    kind: 'count',
    default: 2000,
    unit: 'entries',
    doc: 'Accepted pairs at which their cache is purged, down to $POSCACHESIZE.',
  },
  {
    name: 'POSCACHEMSG',
    verdict: false,
    kind: 'text',
    default: 'using cached result',
    doc: 'The note on mail that is accepted because of an earlier one.',
  },
  {
    name: 'PTTL',
    verdict: true,
    kind: 'count',
    default: 60,
    unit: 'queries',
    doc: 'Mails a proven pair may send without any lookup before the lists are asked again.',
  },
  {
    name: 'PTIME',
    verdict: true,
    kind: 'duration',
    default: 10_800,
    doc: 'For so long a proven pair may send without any lookup before the lists are asked again.',
  },
  {
    name: 'TEMP_PTIME',
    verdict: true,
    kind: 'duration',
    default: 86_400,
    doc: 'An accepted pair is proven when it has been known for longer than this; until then the lists are asked for each mail.',
  },
  {
    name: 'SPATH',
    verdict: false,
    kind: 'text',
    default: { from: 'LOCKPATH', append: '/polw.sock' },
    emptyIsDefault: true,
    doc: 'Accepted and not used: the cache is a file, there is no cache daemon.',
  },
  {
    name: 'MAXIDLECACHE',
    verdict: false,
    kind: 'seconds',
    default: 60,
    doc: 'Daemon: looks for a changed configuration file after so many idle seconds. 0: never.',
  },
  {
    name: 'MAINTENANCE_LEVEL',
    verdict: false,
    kind: 'count',
    default: 5,
    unit: 'requests',
    doc: 'Daemon: looks for a changed configuration file after so many requests, but not more than once a second. 0: never.',
  },
] as const satisfies readonly Parameter[]
