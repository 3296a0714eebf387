/**
 * What a parameter is set to, checked and in the form the program reads.
 *
 *   row of the table + evaluated values → value of its kind → read.ts → Config
 *
 * Texts that look like numbers are numbers where a number belongs and the other way round, as in Perl; `undef` is
 * the empty text, 0 or off. A switch is on when it equals 1, as the reference compares it: `'yes'` is off, with a warning.
 * A scalar has the last of several values, a pair the first two, 0 for one that is missing. Everything else has to fit.
 *
 * Invariant: a value that comes out is of the parameter's kind and in its range, or undefined, which stands for its
 * default; numbers are finite and never -0.
 * Failure: one fault for a parameter, at the value that is wrong. What can be used but is odd is a warning.
 * Source: docs/behaviour/configuration.md#how-values-are-read.
 */
import type { AssignedValues, Value, Warn } from './assigned.ts'
import { isNameServer } from '../../dns/name-server.ts'
import { normalizeClientAddress } from '../../text/address.ts'
import { type Fault, isFault, valueFault } from '../language/fault.ts'
import { holdsKey } from '../findings/key-marks.ts'
import type { ParameterRow } from '../parameters/known-parameters.ts'
import { readLists } from './list-values.ts'
import { deferralOddity, messageFault, messageOddity } from './answer-value.ts'
import { isBadPattern, type Pattern, readPattern, whyUnmatched } from '../../patterns/pattern.ts'
import { numberOf, type Scalar, toText } from '../language/scalar.ts'
import { readZones } from './zone-values.ts'

const GREATEST_NUMBER = 1e9
const TEN_YEARS_SECONDS = 315_360_000
const SECONDS_OF_UNIT = new Map([
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])

/** Checks and converts: row of REJECTLEVEL and `'2.5'` → `{ value: 2.5 }`. */
export function readValue(parameter: ParameterRow, assigned: AssignedValues, warn: Warn): Value | Fault {
  const { scalars } = assigned
  const keyed = parameter.kind === 'lists' ? undefined : scalars.find(({ value }) => holdsKey(value))
  if (keyed) return valueFault('bad-value', keyed, 'no key, which would be shown: hosts of lists alone begin with one')
  switch (parameter.kind) {
    case 'lists':
      return readLists(assigned, warn)
    case 'zones':
      return readZones(assigned)
    case 'patterns':
      return readPatterns(scalars, warn)
    case 'labels':
      return readTexts(scalars, isLabel, 'the label of an entry of a list')
    case 'names':
      return readTexts(scalars, isAddressOrDomain, 'an address or a domain')
    case 'score-pair':
      return readPair(assigned, warn)
    default: {
      const scalar = scalars.at(-1)
      if (!scalar) return valueFault('bad-value', assigned, 'a value')
      if (scalars.length > 1) warn(assigned, 'has several values, of which Perl takes the last')
      return readScalar(parameter, scalar, warn)
    }
  }
}

function readScalar(parameter: ParameterRow, scalar: Scalar, warn: Warn): Value | Fault {
  const { value } = scalar
  if (typeof value === 'object')
    return valueFault('bad-value', scalar, 'a number or a text; qr// belongs into lists of patterns')
  switch (parameter.kind) {
    case 'switch':
      return { value: readSwitch(parameter, scalar, warn) }
    case 'count':
      return readNumber(scalar, parameter.range ?? [0, GREATEST_NUMBER], true)
    case 'score':
      return readNumber(scalar, parameter.range ?? [-GREATEST_NUMBER, GREATEST_NUMBER], false)
    case 'seconds':
      return readNumber(scalar, parameter.range ?? [0, TEN_YEARS_SECONDS], false)
    case 'duration':
      return readDuration(scalar)
    default:
      return readText(parameter, scalar, toText(value ?? ''), warn)
  }
}

function readNumber(
  scalar: Scalar,
  [least, greatest]: readonly [number, number],
  whole: boolean,
): { readonly value: number } | Fault {
  const expected = `a ${whole ? 'whole ' : ''}number from ${least} to ${greatest}`
  const value = numberOf(scalar)
  if (value === undefined || (whole && !Number.isInteger(value))) return valueFault('bad-value', scalar, expected)
  if (value < least || value > greatest) return valueFault('out-of-range', scalar, expected)
  return { value }
}

function readSwitch(parameter: ParameterRow, scalar: Scalar, warn: Warn): boolean {
  const text = toText(scalar.value)
  const number = Number(/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/i.exec(text)?.[0] ?? 0)
  const isOn = parameter.isOnUnlessEmpty ? text !== '' && text !== '0' : number === 1
  if (!/^(?:[01]|)$/.test(text)) warn(scalar, `means ${isOn ? 'on' : 'off'}; write 1 (on) or 0 (off)`)
  return isOn
}

function readDuration(scalar: Scalar): Value | Fault {
  const notation = /^\s*(\d+)([A-Za-z]*)\s*$/.exec(toText((scalar.value as string | number | undefined) ?? 0))
  const expected = "a whole number of seconds, or one with a unit: '90s', '15m', '3h' or '1d'"
  if (!notation) return valueFault('bad-value', scalar, expected)
  const seconds = SECONDS_OF_UNIT.get(notation[2] ?? '')
  if (seconds === undefined) return valueFault('unknown-unit', scalar, expected)
  const value = Number(notation[1]) * seconds
  if (value > TEN_YEARS_SECONDS)
    return valueFault('out-of-range', scalar, `a time of up to ${TEN_YEARS_SECONDS} seconds`)
  return { value }
}

function readText(parameter: ParameterRow, scalar: Scalar, text: string, warn: Warn): Value | Fault {
  if (parameter.kind === 'message') {
    if (text === '' && parameter.emptyAllowed) return { value: text }
    const expected = messageFault(text, parameter.extended)
    if (expected !== undefined) return valueFault('bad-message', scalar, expected)
    const oddity = messageOddity(text)
    if (oddity !== undefined) warn(scalar, oddity)
    return { value: text }
  }
  // A path, a name or a word with such a character is a slip, and a NUL ends it for the system.
  if (/[\x00-\x08\x0e-\x1f\x7f]/.test(text)) return valueFault('bad-value', scalar, 'a text without control characters')
  if (text === '' && parameter.emptyIsDefault) return { value: undefined }
  if (parameter.kind === 'words') return readWords(parameter, scalar, text)
  if (parameter.defers) {
    if (text.trim() === '') return valueFault('bad-message', scalar, 'a code 4xx, DEFER_IF_PERMIT or DEFER_IF_REJECT')
    const oddity = deferralOddity(text)
    if (oddity !== undefined) warn(scalar, oddity)
  }
  if (parameter.mode && !/^0?[0-7]{3}$/.test(text))
    return valueFault('bad-value', scalar, "permissions in octal digits, such as '0660'")
  if (parameter.address && !/^(?:all|localhost)$/i.test(text) && normalizeClientAddress(text) === undefined)
    return valueFault('bad-value', scalar, 'an IPv4 or IPv6 address, or "all"')
  if (parameter.oneOf && !parameter.oneOf.includes(text))
    return valueFault('bad-value', scalar, parameter.oneOf.map(each => `'${each}'`).join(' or '))
  if (parameter.choices && !parameter.choices.includes(text.toLowerCase()))
    warn(scalar, `is none of ${parameter.choices.join(', ')}`)
  return { value: text }
}

function readWords(parameter: ParameterRow, scalar: Scalar, text: string): Value | Fault {
  const words = text.split(parameter.servers ? /[\s,]+/ : /\s+/).filter(word => word !== '')
  if (parameter.servers && !words.every(isNameServer))
    return valueFault('bad-value', scalar, 'addresses of name servers: IP, IP:PORT or [IPv6]:PORT')
  return { value: words }
}

function readPair(assigned: AssignedValues, warn: Warn): Value | Fault {
  const pair: number[] = []
  for (const scalar of assigned.scalars.slice(0, 2)) {
    const score = readNumber(scalar, [-GREATEST_NUMBER, GREATEST_NUMBER], false)
    if (isFault(score)) return score
    pair.push(score.value)
  }
  const { length } = assigned.scalars
  if (length !== 2)
    warn(assigned, `should have two numbers: the score for the bad case and that for the good case, not ${length}`)
  const [bad = 0, good = 0] = pair
  return { value: { bad, good } }
}

function readTexts(scalars: readonly Scalar[], isOne: (text: string) => boolean, expected: string): Value | Fault {
  const bad = scalars.find(({ value }) => typeof value === 'object' || !isOne(toText(value)))
  return bad ? valueFault('bad-value', bad, expected) : { value: scalars.map(({ value }) => `${value}`) }
}

function isLabel(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

function isAddressOrDomain(text: string): boolean {
  return normalizeClientAddress(text) !== undefined || /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*$/.test(text)
}

/** An empty entry: nobody's name matches, and those behind it keep their numbers. `qr//` is another thing. */
const MATCHES_NOBODY: Pattern = { source: '', flags: '', engine: 'none' }

function readPatterns(scalars: readonly Scalar[], warn: Warn): Value | Fault {
  const patterns: Pattern[] = []
  for (const scalar of scalars) {
    const { value, textAt } = scalar
    if (value === '' || value === undefined) {
      patterns.push(MATCHES_NOBODY)
      continue
    }
    if (typeof value !== 'string' && typeof value !== 'object')
      return valueFault('bad-value', scalar, 'a regular expression such as qr/^mail\\d+\\./')
    const pattern = typeof value === 'string' ? readPattern(value, '') : value
    if (isBadPattern(pattern)) {
      const where = textAt === undefined ? scalar : { at: textAt + pattern.at, end: textAt + pattern.end }
      return valueFault('bad-pattern', where, pattern.expected)
    }
    if (pattern.engine === 'none') warn(scalar, `matches nobody: ${whyUnmatched(pattern)}`, 'bad-pattern')
    patterns.push(pattern)
  }
  return { value: patterns }
}
