/**
 * The values of `@zone_codes`: zone and what is known of it, two by two.
 *
 *   evaluated values → rows → value.ts → rules.ts, doctor
 *
 *   'bl.example.org', 'ipv4 refused=127.0.0.1 refused=127.0.0.[250..255]'
 *
 * Words, since their order means nothing and each says itself what it is; codes in the notation that the lists themselves
 * have, so that there is nothing more to learn.
 *
 * Failure: one fault for the list, at the first word that is none.
 * Source: lists/zone.ts for what the words mean.
 */
import { normalizeClientAddress } from '../../text/address.ts'
import { parseFilter } from '../../lists/filter.ts'
import type { ConfiguredZone } from '../../lists/zone.ts'
import { type Fault, isFault, valueFault } from '../language/fault.ts'
import { parseListHost } from './list-entry.ts'
import type { Scalar } from '../language/scalar.ts'
import type { AssignedValues, Value } from './assigned.ts'

const PLAIN_WORDS: readonly string[] = ['ipv4', 'ipv6', 'domain', 'secret', 'untested']
const WORDS = 'ipv4, ipv6, domain, refused=CODE, misasked=CODE, strong=CODE, test=ENTRY, secret or untested'

/** `('bl.example', 'ipv4 refused=127.0.0.1')` → one row. */
export function readZones({ scalars, at, end }: AssignedValues): Value | Fault {
  const rows: ConfiguredZone[] = []
  for (let index = 0; index < scalars.length; index += 2) {
    const zone = readZone(scalars[index] as Scalar)
    if (isFault(zone)) return zone
    if (rows.some(row => row.zone === zone.zone))
      return valueFault('bad-value', scalars[index] as Scalar, 'a zone that does not stand above already')
    const words = scalars[index + 1]
    if (!words) return valueFault('list-length', scalars[index] ?? { at, end }, `words behind this zone: ${WORDS}`)
    const row = readWords(zone.zone, words)
    if (isFault(row)) return row
    rows.push(row)
  }
  return { value: rows }
}

function readZone(scalar: Scalar): { readonly zone: string } | Fault {
  const host = typeof scalar.value === 'string' ? parseListHost(scalar.value) : undefined
  if (host?.kind !== 'list-host' || host.filter)
    return valueFault('bad-list-entry', scalar, `a zone, such as bl.example.org, and words on it: ${WORDS}`)
  return { zone: host.host }
}

function readWords(zone: string, scalar: Scalar): ConfiguredZone | Fault {
  const { value: text, textAt } = scalar
  if (typeof text !== 'string') return valueFault('bad-value', scalar, `words on the zone: ${WORDS}`)
  const words: string[] = []
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    const wrong = wordFault(word)
    if (wrong) {
      const where =
        textAt === undefined ? scalar : { at: textAt + index + wrong.from, end: textAt + index + word.length }
      return valueFault(wrong.code, where, wrong.expected)
    }
    words.push(word)
  }
  return { zone, words: words.join(' ') }
}

interface WrongWord {
  readonly code: Fault['code']
  /** Offset in the word. */
  readonly from: number
  readonly expected: string
}

function wordFault(word: string): WrongWord | undefined {
  if (word.startsWith('test='))
    return isTestEntry(word.slice(5)) ? undefined : { code: 'bad-value', from: 5, expected: 'an address or a name' }
  const [, key, code] = /^(refused=|misasked=|strong=)(.*)$/.exec(word) ?? []
  if (key === undefined || code === undefined)
    return PLAIN_WORDS.includes(word) ? undefined : { code: 'bad-value', from: 0, expected: WORDS }
  const filter = parseFilter(code)
  if (filter.kind === 'bad-filter')
    return { code: 'bad-filter', from: key.length + filter.at, expected: `${filter.expected} in the code of ${key}` }
  return code.startsWith('127.')
    ? undefined
    : { code: 'bad-filter', from: key.length, expected: 'a code that begins with 127.' }
}

function isTestEntry(text: string): boolean {
  return normalizeClientAddress(text) !== undefined || /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(text)
}
