/**
 * The reply filter of a list entry, in the notation of postscreen(8): `zen.spamhaus.org=127.0.0.[2..9]`.
 *
 * Configuration text → a filter (plain data, so that it can be kept, compared and printed) → asked once per
 * address of an answer. Four octets separated by dots; each is a number or a set in brackets, whose members are
 * numbers or ranges separated by semicolons: `127.0.0.[2;4;6..8]`. No blanks, no names, no alternatives of whole
 * addresses.
 *
 * Invariant: a filter has four sets, each with at least one range, each range with 0 <= first <= last <= 255.
 * Failure: a text that is no filter is a value that says where and what was expected; the configuration reports it.
 *
 * Sources: postscreen(8) and postconf(5), postscreen_dnsbl_sites; docs/behaviour/dns-and-lists.md#filters.
 */

/** One range of an octet, both ends included: `6..8` is `{ first: 6, last: 8 }`, `2` is `{ first: 2, last: 2 }`. */
export interface OctetRange {
  readonly first: number
  readonly last: number
}

/** A filter: for each of the four octets the ranges it may be in. */
export interface AnswerFilter {
  readonly kind: 'filter'
  readonly octets: readonly (readonly OctetRange[])[]
}

/** A text that is no filter. `at` is the offset in characters of what is wrong, `expected` what belongs there. */
export interface BadFilter {
  readonly kind: 'bad-filter'
  readonly at: number
  readonly expected: string
}

interface Cursor {
  readonly text: string
  at: number
}

/**
 * Reads a filter: `'127.0.0.[2;4..6]'` → octets `[[127], [0], [0], [2, 4..6]]`; `'127.0.0'` → `bad-filter` at 7,
 * expected `"."`. Leading zeros are read as decimal.
 */
export function parseFilter(text: string): AnswerFilter | BadFilter {
  const cursor: Cursor = { text, at: 0 }
  const octets: OctetRange[][] = []
  for (let index = 0; index < 4; index++) {
    if (index > 0 && !skip(cursor, '.')) return bad(cursor, '"."')
    const ranges = skip(cursor, '[') ? readSet(cursor) : readNumber(cursor)
    if (typeof ranges === 'number') octets.push([{ first: ranges, last: ranges }])
    else if (Array.isArray(ranges)) octets.push(ranges)
    else return ranges
  }
  return cursor.at === text.length ? { kind: 'filter', octets } : bad(cursor, 'the end')
}

/** Whether an address passes: `127.0.0.[2..9]` passes `'127.0.0.4'`. What is no dotted quad never passes. */
export function matchesFilter(filter: AnswerFilter, address: string): boolean {
  const octets = address.split('.')
  return (
    octets.length === 4 &&
    filter.octets.every((ranges, index) => {
      const text = octets[index]
      const octet = text === '' ? Number.NaN : Number(text)
      return ranges.some(range => range.first <= octet && octet <= range.last)
    })
  )
}

/** The members of a set, from behind its `[` to behind its `]`. */
function readSet(cursor: Cursor): OctetRange[] | BadFilter {
  const ranges: OctetRange[] = []
  do {
    const first = readNumber(cursor)
    if (typeof first !== 'number') return first
    let last = first
    if (skip(cursor, '..')) {
      const start = cursor.at
      const end = readNumber(cursor)
      if (typeof end !== 'number') return end
      if (end < first) return { kind: 'bad-filter', at: start, expected: `a number from ${first} to 255` }
      last = end
    }
    ranges.push({ first, last })
  } while (skip(cursor, ';'))
  return skip(cursor, ']') ? ranges : bad(cursor, '"..", ";" or "]"')
}

function readNumber(cursor: Cursor): number | BadFilter {
  const start = cursor.at
  let value = 0
  for (let digit = digitAt(cursor); digit !== undefined && value <= 255; digit = digitAt(cursor)) {
    value = value * 10 + digit
    cursor.at++
  }
  if (cursor.at > start && value <= 255) return value
  return { kind: 'bad-filter', at: start, expected: 'a number from 0 to 255' }
}

function digitAt(cursor: Cursor): number | undefined {
  const digit = cursor.text.charCodeAt(cursor.at) - 48
  return digit >= 0 && digit <= 9 ? digit : undefined
}

function skip(cursor: Cursor, word: string): boolean {
  if (!cursor.text.startsWith(word, cursor.at)) return false
  cursor.at += word.length
  return true
}

function bad(cursor: Cursor, expected: string): BadFilter {
  return { kind: 'bad-filter', at: cursor.at, expected }
}
