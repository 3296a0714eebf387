/**
 * What the cache holds, as text: a table for people, JSON for programs.
 *
 *   show-cache.ts: a copy of the store → renderCacheTable or renderCacheJson → standard output
 *
 * Entries come most recently seen first. Those of another configuration, which do not count for this one, are marked. Keys
 * and texts hold what strangers wrote, so they are masked in both forms; the parts of a message's key, joined by a line feed
 * in the store, are told apart again. Hosts of lists are shown without a subscriber's key.
 *
 * The names in the JSON are stable: programs read them. Times in it are seconds since the epoch, scores are numbers.
 *
 * Pure, total.
 * Source: docs/behaviour/cache.md.
 */
import type { ProbeRecord } from '../../cache/entries.ts'
import type { Table } from '../../cache/entry-table.ts'
import type { Tables } from '../../cache/tables.ts'
import { shownHost } from '../../lists/shown-host.ts'
import type { ConfiguredZone } from '../../lists/zone.ts'
import { maskText } from '../../text/mask.ts'
import { formatNumber } from '../../text/number.ts'
import { wrap } from './wrap.ts'

interface Section {
  readonly title: string
  /** The last column is the longest, and the only one that is not padded. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** What a table has to fit in. */
export interface Frame {
  /** Characters of a line; what is longer is wrapped. Absent: nothing is. */
  readonly width?: number | undefined
  /** Lines of the screen; absent: everything is shown. */
  readonly lines?: number | undefined
}

/** The store for people; `zoneCodes`: `@zone_codes`. */
export function renderCacheTable(
  path: string,
  tables: Tables,
  nowSeconds: number,
  { width, lines }: Frame = {},
  zoneCodes: readonly ConfiguredZone[] = [],
): string {
  const sections = sectionsOf(tables, nowSeconds, zoneCodes)
  const counters = [...tables.counters.read()].filter(([, count]) => count > 0)
  const render = (maxRows: number): string[] => [
    ...wrap(maskText(path), width, 2),
    ...sections.flatMap(section => ['', ...renderSection(section, maxRows, width)]),
    '',
    'Counters (those above 0)',
    ...(lines === undefined
      ? counters.map(([name, count]) => `  ${inWords(name).padEnd(20)}${String(count).padStart(10)}`)
      : wrap(`  ${counters.map(([name, count]) => `${inWords(name)} ${count}`).join(', ')}`, width, 2)),
  ]
  if (lines === undefined) return asText(render(Number.POSITIVE_INFINITY))
  // The cursor stands in the last one.
  const most = Math.max(1, lines - 1)
  let maxRows = most
  while (maxRows > 0 && render(maxRows).length > most) maxRows--
  return asText(render(maxRows).slice(0, most))
}

function asText(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('')
}

/** The whole store as one line of JSON: `{ "file": …, "spam": [{ "key": …, "score": 7.5, … }], …, "counters": { … } }`. */
export function renderCacheJson(
  path: string,
  tables: Tables,
  nowSeconds: number,
  zoneCodes: readonly ConfiguredZone[] = [],
): string {
  const entries = <E extends { readonly seenSeconds: number }>(table: Iterable<readonly [string, E]>): object[] =>
    latestFirst(table).map(([key, entry]) => ({ key: maskText(key), ...entry }))
  const verdicts = <E extends { readonly seenSeconds: number }>(table: Table<E>): object[] => {
    const others = new Set(table.keysOfOthers())
    return latestFirst(table.entries()).map(([key, entry]) => ({
      key: maskText(key),
      ...entry,
      ...('reasons' in entry && typeof entry.reasons === 'string' && { reasons: maskText(entry.reasons) }),
      otherConfiguration: others.has(key),
    }))
  }
  const report = {
    file: maskText(path),
    atSeconds: nowSeconds,
    spam: verdicts(tables.spam),
    ham: verdicts(tables.ham),
    messages: latestFirst(tables.messages.entries()).map(([key, entry]) => {
      const [instance = '', client = '', from = ''] = key.split('\n').map(maskText)
      return {
        instance,
        client,
        from,
        ...entry,
        ...(entry.kind === 'rejected' ? { message: maskText(entry.message) } : {}),
      }
    }),
    lists: entries(shownLists(tables.lists, zoneCodes)),
    probes: entries(shownLists(tables.probes, zoneCodes)),
    counters: Object.fromEntries(tables.counters.read()),
  }
  return `${JSON.stringify(report)}\n`
}

/** A span of time in words: `200` → `'3 min'`, `0.4` → `'0 s'`. */
export function describeSpan(seconds: number): string {
  // Up to two of the next larger unit, so that "1 h" is not said of anything between one hour and two.
  const unit = UNITS.find(([, size]) => seconds >= 2 * size)
  return unit ? `${Math.floor(seconds / unit[1])} ${unit[0]}` : `${Math.max(0, Math.floor(seconds))} s`
}

/** The lists by what may be shown of their hosts. */
function shownLists<E>(table: Table<E>, zoneCodes: readonly ConfiguredZone[]): (readonly [shown: string, entry: E])[] {
  return [...table.entries()].map(([host, entry]) => [shownHost(host, zoneCodes), entry])
}

function sectionsOf(tables: Tables, nowSeconds: number, zoneCodes: readonly ConfiguredZone[]): Section[] {
  const { spam, ham, messages } = tables
  const ago = (seconds: number): string =>
    seconds > nowSeconds + 1 ? 'in the future' : `${describeSpan(nowSeconds - seconds)} ago`
  const quarantined = latestFirst(shownLists(tables.probes, zoneCodes)).filter(([, one]) => one.quarantinedSeconds > 0)
  const others = { spam: new Set(spam.keysOfOthers()), ham: new Set(ham.keysOfOthers()) }
  const marked = (key: string, others: ReadonlySet<string>): string =>
    others.has(key) ? `${key} (of another configuration)` : key
  return [
    {
      title: 'SPAM: rejected clients',
      columns: ['last seen', 'score', 'retries left', 'client, or client-sender'],
      rows: latestFirst(spam.entries()).map(([key, { score, retriesLeft, seenSeconds }]) => [
        ago(seenSeconds),
        formatNumber(score),
        String(retriesLeft),
        marked(key, others.spam),
      ]),
    },
    {
      title: 'HAM: accepted clients',
      columns: ['last seen', 'score', 'queries left', 'accepted', 'proven', 'client-domain'],
      rows: latestFirst(ham.entries()).map(([key, entry]) => [
        ago(entry.seenSeconds),
        formatNumber(entry.score),
        String(entry.queriesLeft),
        ago(entry.sinceSeconds),
        ago(entry.hardSinceSeconds),
        marked(key, others.ham),
      ]),
    },
    {
      title: 'Mails, for their other recipients',
      columns: ['answered', 'instance, client, sender, answer'],
      rows: latestFirst(messages.entries()).map(([key, entry]) => [
        ago(entry.seenSeconds),
        `${key.replaceAll('\n', ' ')} ${entry.kind === 'rejected' ? entry.message : 'accepted'}`,
      ]),
    },
    {
      title: 'Lists in trouble',
      columns: ['last seen', 'errors in a row', 'skips left', 'list'],
      rows: latestFirst(shownLists(tables.lists, zoneCodes)).map(([key, { errorsInRow, skipsLeft, seenSeconds }]) => [
        ago(seenSeconds),
        String(errorsInRow),
        String(skipsLeft),
        key,
      ]),
    },
    ...(quarantined.length > 0 ? [quarantineSection(quarantined, ago)] : []),
  ]
}

/** Shown only if there are any: lists that lie are rare, and a screen has so many lines. */
function quarantineSection(
  lists: readonly (readonly [shown: string, ProbeRecord])[],
  ago: (seconds: number) => string,
): Section {
  return {
    title: 'Lists in quarantine',
    columns: ['since', 'last probe', 'clean in a row', 'list, and why'],
    rows: lists.map(([host, { quarantinedSeconds, overMs, result, cleanInRow, why }]) => [
      ago(quarantinedSeconds),
      `${result}, ${ago(overMs / 1000)}`,
      String(cleanInRow),
      `${host}: ${why}`,
    ]),
  }
}

function latestFirst<E extends { readonly seenSeconds: number }>(
  entries: Iterable<readonly [key: string, entry: E]>,
): (readonly [key: string, entry: E])[] {
  return [...entries].sort(([, a], [, b]) => b.seenSeconds - a.seenSeconds)
}

function renderSection({ title, columns, rows }: Section, maxRows: number, width: number | undefined): string[] {
  const shown = rows.slice(0, maxRows)
  const heading = wrap(`${title} (${shown.length < rows.length ? `${shown.length} of ` : ''}${rows.length})`, width, 2)
  if (shown.length === 0) return heading
  const cells = [columns, ...shown].map(row => row.map(maskText))
  const last = columns.length - 1
  // Not `Math.max(...)`: a hundred thousand rows are too many arguments.
  const widths = columns.map((_, column) => cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0))
  const indent = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 2)
  const body = cells.flatMap(row => {
    const padded = row.map((cell, column) => (column === last ? cell : cell.padStart(widths[column] ?? 0)))
    return wrap(`  ${padded.join('  ')}`, width, indent)
  })
  return [...heading, ...body]
}

/** `'hardHamHits'` → `'hard ham hits'`. */
export function inWords(name: string): string {
  return name.replace(/[A-Z]/g, capital => ` ${capital.toLowerCase()}`)
}
