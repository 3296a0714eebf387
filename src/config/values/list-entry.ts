/**
 * The host of an entry of `@dnsbl_score` or `@rhsbl_score`, with its filter.
 *
 *   list-values.ts: 'zen.spamhaus.org=127.0.0.[2..9]' → host 'zen.spamhaus.org' and a filter → list-values.ts
 *
 * Invariant: a host has one or more labels of letters, digits, `-` and `_`, is no IPv4 address and leaves room in a
 * name for what is looked up in front of it.
 * Failure: a value that says where in the text the fault is and what belongs there.
 * Sources: RFC 1035 2.3.4; RFC 5782 2.1; docs/behaviour/dns-and-lists.md#filters.
 */
import { type AnswerFilter, parseFilter } from '../../lists/filter.ts'

/** An IPv6 address reversed takes 64 of the 253 characters of a name. */
const MAX_HOST_LENGTH = 253 - 64
/** Or the mark of a key (findings/key-marks.ts). */
const LABEL = /^(?:[a-z\d_-]{1,63}|[\ufdd0\ufdd1])$/
const NUMBER = /^\d+$/

/** The host of an entry, with its filter. */
export interface ListHost {
  readonly kind: 'list-host'
  readonly host: string
  readonly filter: AnswerFilter | undefined
}

/** A text that is none. `at`: offset of the fault in the text. */
export interface BadListHost {
  readonly kind: 'bad-list-entry' | 'bad-filter'
  readonly at: number
  readonly expected: string
}

/** Reads `'Bl.Example.'` → host `bl.example`, no filter; `'bl.example=127.0.0'` → `bad-filter` at 18. */
export function parseListHost(text: string): ListHost | BadListHost {
  const equalsAt = text.indexOf('=')
  const written = (equalsAt < 0 ? text : text.slice(0, equalsAt)).toLowerCase()
  const host = written.endsWith('.') ? written.slice(0, -1) : written
  if (!isPlausible(host)) return { kind: 'bad-list-entry', at: 0, expected: expectedHost(text) }
  if (equalsAt < 0) return { kind: 'list-host', host, filter: undefined }
  const filter = parseFilter(text.slice(equalsAt + 1))
  if (filter.kind === 'bad-filter') return { ...filter, at: equalsAt + 1 + filter.at }
  return { kind: 'list-host', host, filter }
}

/** A name such as `$DQS_KEY` is in a text only where nothing is put in its place. */
function expectedHost(text: string): string {
  const [name] = /\$\{?[A-Za-z_]\w*\}?/.exec(text) ?? []
  if (name === undefined) return 'the host name of a list, such as bl.example.org'
  return `"${name}..." in double quotes: '...', q() and qw() put nothing in the place of ${name}`
}

/** The host as a file has it, with its filter: `bl.example.org=127.0.0.[2;10..12]`. */
export function renderHost({ host, filter }: Pick<ListHost, 'host' | 'filter'>): string {
  return filter ? `${host}=${renderFilter(filter)}` : host
}

function renderFilter({ octets }: AnswerFilter): string {
  return octets
    .map(ranges => {
      const members = ranges.map(({ first, last }) => (first === last ? String(first) : `${first}..${last}`))
      const isNumber = ranges.length === 1 && ranges[0]?.first === ranges[0]?.last
      return isNumber ? members[0] : `[${members.join(';')}]`
    })
    .join('.')
}

function isPlausible(host: string): boolean {
  if (host.length > MAX_HOST_LENGTH) return false
  const labels = host.split('.')
  return labels.every(label => LABEL.test(label)) && !NUMBER.test(labels.at(-1) as string)
}
