/**
 * docs/lists.md: what is known of lists.
 *
 *   the table of lists → Markdown: those that work, with their codes and refusals; those that have died
 *
 * Pure, no errors.
 */
import type { Refusal, Zone } from '../../src/lists/zone.ts'
import { renderMarkdown } from '../../testkit/markdown.ts'
import { delistingPage } from '../../src/lists/delisting.ts'
import { ZONES } from '../../src/lists/zones.ts'

const LISTED = { ipv4: 'IPv4', ipv6: 'IPv6', domain: 'domains' } as const

/** The whole page. */
export function renderListTable(): string {
  const byName = [...ZONES].sort((one, other) => (one.zone < other.zone ? -1 : 1))
  const alive = byName.filter(({ state }) => state === 'alive')
  const dead = byName.filter(({ state }) => state !== 'alive')
  return `# Lists

What this program knows of lists. This page is made from its own table. A list that is not here works as well: it is asked,
each of its answers inside 127/8 is a listing but for those of 127.255.255.0/24, and \`@zone_codes\` can say more of it
([parameters.md](parameters.md)). A row holds for the zone and for all names under it. Nothing here filters: which codes
count is said by the entry, as in \`zen.spamhaus.org=127.0.0.[2..9]\`.

* *refusals* are no listings: the list scores its miss, \`LABEL=ERR(…)\`. After more of them in a row than \`$BL_ERROR_SKIP\`
  it is left alone for a while, and the log says why and what helps.
* *asked wrongly* says nothing of the list and is not held against it. Lists of domains are never asked for addresses, or
  for names that end in a number.
* A list that has IPv4 addresses alone is asked for an IPv6 client, too, and a listing counts; an answer that fails reads as
  "not listed" and is not held against it. A list without a row here may be one of these: its failures over IPv6 show as
  \`ERR\`, but are not held against it either, unless a row of \`@zone_codes\` says \`ipv6\`.
* *secret*: names begin with a subscriber's key. It is asked with, and kept in the cache file, but in no answer, header, log
  line or report: \`KEY.zen.dq.spamhaus.net\` is shown as \`zen.dq.spamhaus.net\`.
* *shared*: it has at times the senders that many people share, such as those of big providers; give it little weight.

## Lists that work

${table(
  ['zone', 'has', 'codes', 'refusals; asked wrongly', 'tried with', 'notes; where to be taken off', 'verified, source'],
  alive.map(row => [
    code(row.zone),
    [row.lists ? row.lists.map(each => LISTED[each]).join(', ') : 'not known', ...meaningOf(row)].join('; '),
    (row.codes ?? []).map(([text, name]) => `${code(text)} ${name}`).join('<br>'),
    [...(row.refusals ?? []).map(refusalText), ...(row.misasked ?? []).map(text => `${code(text)} asked wrongly`)].join(
      '<br>',
    ),
    testsOf(row),
    [row.note, row.limits === undefined ? undefined : `free: ${row.limits}`, pageOf(row)]
      .filter(text => text !== undefined)
      .join('; '),
    `${row.verified}, ${row.source}`,
  ]),
)}
## Lists that have died

${table(
  ['zone', 'was', 'since', 'now', 'verified, source'],
  dead.map(row => [
    code(row.zone),
    row.operator,
    row.since ?? 'not known',
    [
      row.state === 'dead' ? 'lists nobody' : '**lists everybody**',
      ...(row.note === undefined ? [] : [row.note]),
      ...(row.successor === undefined ? [] : [`ask ${code(row.successor)} in its place`]),
    ].join('; '),
    `${row.verified}, ${row.source}`,
  ]),
)}`
}

function meaningOf({ meaning, secret, strong, isShared }: Zone): string[] {
  return [
    ...(meaning === 'allow' ? ['being listed is good'] : meaning === 'mixed' ? ['its codes say what is good'] : []),
    ...(secret ? ['secret'] : []),
    ...(isShared ? ['shared'] : []),
    ...(strong ? [`strong: ${strong.join(', ')}`] : []),
  ]
}

function pageOf({ zone }: Zone): string | undefined {
  const page = delistingPage(zone)
  return page === undefined ? undefined : `to be taken off: <${page}>`
}

function refusalText({ code: text, meaning, remedy }: Refusal): string {
  return `${code(text)} ${meaning}: ${remedy}`
}

function testsOf({ tests, lists }: Zone): string {
  if (tests === 'none') return 'none known'
  const usual = lists?.every(each => each === 'domain') ? 'test' : '127.0.0.2'
  const answer = tests?.answer === undefined ? '' : `, answered ${code(tests.answer)}`
  return `${code(tests?.listed ?? usual)}${answer}`
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return renderMarkdown([heads, ...rows])
}

function code(text: string): string {
  return `\`${text}\``
}
