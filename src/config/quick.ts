/**
 * Reads the configuration files that nearly everybody has, quickly.
 *
 *   load.ts: text → plain assignments of plain values → Config, or undefined: read.ts reads it
 *
 * A process that spawn(8) starts reads its configuration before its first answer, and there the full reader's price
 * is that of compiling it. This one knows comments and assignments of numbers, texts without
 * escapes, and lists of those, checks values more strictly than it would have to, and gives up on anything else:
 * errors, warnings, rare syntax. It never judges; read.ts alone does.
 *
 * Character by character: what costs here is the first use of a thing, and a regular expression's first uses take
 * longer than reading a file this way.
 *
 * Invariant: a text that is read here gives the very configuration read.ts would give, which has nothing to say
 * about it (the tests hold the two against each other).
 * Failure: undefined.
 * Source: specification, chapter "Configuration".
 */
import { isIPv4 } from '../policy/client-address.ts'
import { parseListHost } from './list-entry.ts'
import type { ListEntry, Parameter } from './parameter.ts'
import { builtinConfig, type Config, PARAMETERS } from './parameters.ts'

type Scalar = number | string

const PLAIN_MESSAGE = /^(?:[45]\d\d|REJECT|DEFER_IF_PERMIT|DEFER_IF_REJECT) .*[a-z]/i
const GREATEST = 1e6
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `"$REJECTLEVEL = 3;\n"` → the configuration, complete; undefined if there is anything here that is not plain. */
export function readQuickly(text: string): Config | undefined {
  if (text.includes('\r')) return undefined
  const values: Record<string, unknown> = {}
  const source: Source = { text, at: 0 }
  for (skipBlanks(source); source.at < text.length; skipBlanks(source)) {
    const sigil = text[source.at]
    if (sigil === '1') source.at++
    else if (sigil === '$' || sigil === '@') {
      source.at++
      const name = readName(source)
      const parameter = PARAMETERS.find(each => each.name === name)
      if (!parameter || !skipSign(source, '=')) return undefined
      const value = sigil === '$' ? checkScalar(parameter, readScalar(source)) : checkList(parameter, readList(source))
      if (value === undefined) return undefined
      values[parameter.name] = value
    } else return undefined
    if (!skipSign(source, ';')) return undefined
  }
  return builtinConfig(values as Partial<Config>)
}

interface Source {
  readonly text: string
  at: number
}

/** Passes blanks and comments. */
function skipBlanks(source: Source): void {
  const { text } = source
  for (; source.at < text.length; source.at++) {
    const character = text[source.at]
    if (character === '#') {
      const end = text.indexOf('\n', source.at)
      source.at = end < 0 ? text.length : end
    } else if (character !== ' ' && character !== '\n' && character !== '\t') return
  }
}

/** Passes blanks and comments, then this character; false if it is not there. */
function skipSign(source: Source, sign: string): boolean {
  skipBlanks(source)
  if (source.text[source.at] !== sign) return false
  source.at++
  return true
}

function readName(source: Source): string {
  const { text, at: start } = source
  while (isWordCode(text.charCodeAt(source.at))) source.at++
  return text.slice(start, source.at)
}

function isWordCode(code: number): boolean {
  return isDigitCode(code) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || (code >= 0x61 && code <= 0x7a)
}

function isDigitCode(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** A number, or a text in quotes of printable ASCII that means itself. */
function readScalar(source: Source): Scalar | undefined {
  skipBlanks(source)
  const quote = source.text[source.at]
  return quote === "'" || quote === '"' ? readText(source, quote) : readNumber(source)
}

function readText(source: Source, quote: string): string | undefined {
  const start = source.at + 1
  const end = source.text.indexOf(quote, start)
  if (end < 0) return undefined
  const text = source.text.slice(start, end)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e || code === 0x5c) return undefined
    if (quote === '"' && (code === 0x24 || code === 0x40)) return undefined
  }
  source.at = end + 1
  return text
}

/** `-1.5`, `0`; no other notation. */
function readNumber(source: Source): number | undefined {
  const { text, at: start } = source
  const sign = text[start] === '-' ? 1 : 0
  const first = start + sign
  source.at = first
  const digits = skipDigits(source)
  if (digits === 0 || (digits > 1 && text[first] === '0')) return undefined
  if (text[source.at] === '.') {
    source.at++
    if (skipDigits(source) === 0) return undefined
  }
  if (isWordCode(text.charCodeAt(source.at))) return undefined
  // Never -0.
  const value = Number(text.slice(start, source.at)) + 0
  return Math.abs(value) <= GREATEST ? value : undefined
}

function skipDigits(source: Source): number {
  const start = source.at
  while (isDigitCode(source.text.charCodeAt(source.at))) source.at++
  return source.at - start
}

/** The values between parentheses. */
function readList(source: Source): Scalar[] | undefined {
  if (!skipSign(source, '(')) return undefined
  const values: Scalar[] = []
  while (!skipSign(source, ')')) {
    const value = readScalar(source)
    if (value === undefined) return undefined
    values.push(value)
    if (!skipSign(source, ',') && source.text[source.at] !== ')') return undefined
  }
  return values
}

function checkScalar(parameter: Parameter, value: Scalar | undefined): unknown {
  if (typeof value === 'number') return checkNumber(parameter, value)
  if (value === undefined) return undefined
  switch (parameter.kind) {
    case 'text':
      return parameter.choices || parameter.defers ? undefined : value
    case 'duration':
      return readDuration(value)
    case 'message':
      return PLAIN_MESSAGE.test(value) ? value : undefined
    case 'words': {
      const words = value.split(' ').filter(word => word !== '')
      return parameter.name !== 'NS' || words.every(isPlainServer) ? words : undefined
    }
    default:
      return undefined
  }
}

function checkNumber(parameter: Parameter, value: number): unknown {
  switch (parameter.kind) {
    case 'switch':
      return value === 0 || value === 1 ? value === 1 : undefined
    case 'duration':
      return Number.isInteger(value) && value >= 0 ? value : undefined
    case 'count':
    case 'seconds':
    case 'score': {
      const [least, greatest] = parameter.range ?? [parameter.kind === 'score' ? -GREATEST : 0, GREATEST]
      if (parameter.kind === 'count' && !Number.isInteger(value)) return undefined
      return value >= least && value <= greatest ? value : undefined
    }
    default:
      return undefined
  }
}

/** `'90'`, `'15m'` → seconds. */
function readDuration(text: string): number | undefined {
  const source: Source = { text, at: 0 }
  const digits = skipDigits(source)
  if (digits === 0 || digits > 6 || text.length > digits + 1) return undefined
  const unit = text.length === digits ? 1 : UNITS[text.charAt(digits)]
  const seconds = unit === undefined ? GREATEST + 1 : Number(text.slice(0, digits)) * unit
  return seconds <= GREATEST ? seconds : undefined
}

/** `'192.0.2.53'`, `'127.0.0.1:5353'`. */
function isPlainServer(text: string): boolean {
  const colon = text.indexOf(':')
  if (colon < 0) return isIPv4(text)
  const source: Source = { text, at: colon + 1 }
  const port = readNumber(source)
  const isPort = source.at === text.length && port !== undefined && Number.isInteger(port) && port > 0 && port < 65_536
  return isPort && isIPv4(text.slice(0, colon))
}

function checkList(parameter: Parameter, values: Scalar[] | undefined): unknown {
  if (values === undefined) return undefined
  if (parameter.kind === 'lists') return checkLists(values)
  const isPair = parameter.kind === 'score-pair' && values.length === 2
  return isPair && values.every(value => typeof value === 'number') ? values : undefined
}

function checkLists(values: readonly Scalar[]): ListEntry[] | undefined {
  const entries: ListEntry[] = []
  for (let i = 0; i < values.length; i += 4) {
    const [host, hit, miss, label] = values.slice(i, i + 4)
    if (typeof host !== 'string' || typeof hit !== 'number' || typeof miss !== 'number') return undefined
    if (typeof label !== 'string' || label === '') return undefined
    for (let at = 0; at < label.length; at++) {
      const code = label.charCodeAt(at)
      if (!isWordCode(code) && code !== 0x2d && code !== 0x2e) return undefined
    }
    const parsed = parseListHost(host)
    if (parsed.kind !== 'list-host' || !parsed.host.includes('.')) return undefined
    entries.push({ host: parsed.host, filter: parsed.filter, hit, miss, label })
  }
  return entries
}
