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
 * It finds its way with what V8 has built in, such as indexOf: code of ours is interpreted at its first use, and a loop
 * over characters, or a regular expression for whole statements, takes longer than all the rest.
 *
 * Invariant: a text that is read here gives the very configuration read.ts would give, which has nothing to say
 * about it (the tests hold the two against each other).
 * Failure: undefined.
 * Source: specification, chapter "Configuration".
 */
import { isIPv4 } from '../policy/client-address.ts'
import { parseListHost } from './list-entry.ts'
import type { ListEntry } from './parameter.ts'
import { builtinConfig, type Config } from './parameters.ts'
import { QUICK_KINDS } from './table.ts'

type Scalar = number | string

/** Characters that only a comment may have. */
const NOT_PLAIN = /[^\t\n -~]/
const COMMENT_LINES = /^[\t ]*#.*/gm
/** What a text between these quotes must not have to mean itself. */
const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  "'": ['\\', "'", '\n', '\t'],
  '"': ['\\', '"', '\n', '\t', '$', '@'],
}
const PLAIN_MESSAGE = /^(?:[45]\d\d|REJECT|DEFER_IF_PERMIT|DEFER_IF_REJECT) .*[a-z]/i
const LABEL = /^[\w.-]+$/
const GREATEST = 1e6
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `"$REJECTLEVEL = 3;\n"` → the configuration, complete; undefined if there is anything here that is not plain. */
export function readQuickly(text: string): Config | undefined {
  if (!NOT_PLAIN.test(text)) return readPlain(text)
  const uncommented = text.replace(COMMENT_LINES, '')
  return NOT_PLAIN.test(uncommented) ? undefined : readPlain(uncommented)
}

function readPlain(text: string): Config | undefined {
  const values: Record<string, unknown> = {}
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const sigil = text[at]
    if (sigil === '1') at = skipSign(text, at + 1, ';')
    else if (sigil === '$' || sigil === '@') {
      const nameEnd = text.indexOf('=', at)
      const name = text.slice(at + 1, nameEnd).trimEnd()
      const kind = kindOf(name)
      if (nameEnd < 0 || kind === undefined) return undefined
      const read = sigil === '$' ? readScalar : readList
      const found = read(kind, text, skipBlanks(text, nameEnd + 1))
      if (found?.value === undefined) return undefined
      values[name] = found.value
      at = skipSign(text, found.end, ';')
    } else return undefined
    if (at < 0) return undefined
  }
  return builtinConfig(values as Partial<Config>)
}

/** `'DNS_RETRIES'` → `'count 0 100'`. */
function kindOf(name: string): string | undefined {
  const row = `\n${name} `
  const at = QUICK_KINDS.indexOf(row)
  if (at < 0 || name.includes('\n') || name.includes(' ')) return undefined
  const start = at + row.length
  const end = QUICK_KINDS.indexOf('\n', start)
  return end < 0 ? QUICK_KINDS.slice(start) : QUICK_KINDS.slice(start, end)
}

/** Where blanks and comments end. */
function skipBlanks(text: string, start: number): number {
  let at = start
  for (; at < text.length; at++) {
    const character = text[at]
    if (character === '#') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (character !== '\n' && character !== ' ' && character !== '\t') break
  }
  return at
}

/** The place behind blanks and this sign; negative if it is not there. */
function skipSign(text: string, start: number, sign: string): number {
  const at = skipBlanks(text, start)
  return text[at] === sign ? at + 1 : -1
}

/** A value; undefined if it is none for its parameter, or none that is checked here. */
interface Found {
  readonly value: unknown
  /** The place behind it. */
  readonly end: number
}

/** The number or text that begins here and is all there is of the statement. */
function readScalar(kind: string, text: string, start: number): Found | undefined {
  const quote = text.charAt(start)
  const isText = quote === "'" || quote === '"'
  const end = text.indexOf(isText ? quote : ';', start + 1) + (isText ? 1 : 0)
  const value = end > start ? toScalar(text.slice(start, end).trimEnd()) : undefined
  return value === undefined ? undefined : { value: checkScalar(kind, value), end }
}

/** The numbers and texts between the parentheses that begin here. */
function readList(kind: string, text: string, start: number): Found | undefined {
  const close = text.indexOf(')', start)
  if (text[start] !== '(' || close < 0) return undefined
  const inside = text.slice(start + 1, close)
  const comment = inside.lastIndexOf('#')
  // That parenthesis is part of a comment.
  if (comment > inside.lastIndexOf('\n')) return undefined
  const words = (comment < 0 ? inside : inside.replace(/#.*/g, '')).split(',')
  // A comma may stand behind the last one.
  if (words.at(-1)?.trim() === '') words.pop()
  const values: Scalar[] = []
  for (const word of words) {
    const value = toScalar(word.trim())
    if (value === undefined) return undefined
    values.push(value)
  }
  return { value: checkList(kind, values), end: close + 1 }
}

/** `'a'` → a, `-1.5` → -1.5; undefined for what does not mean itself, and for numbers not written the plain way. */
function toScalar(written: string): Scalar | undefined {
  const quote = written.charAt(0)
  const special = SPECIAL[quote]
  if (special) {
    if (written.length < 2 || !written.endsWith(quote)) return undefined
    const value = written.slice(1, -1)
    return special.some(character => value.includes(character)) ? undefined : value
  }
  const value = Number(written)
  return String(value) === written && Math.abs(value) <= GREATEST ? value : undefined
}

function checkScalar(kind: string, value: Scalar): unknown {
  if (typeof value === 'number') return checkNumber(kind, value)
  switch (kind) {
    case 'text':
      return value
    case 'duration':
      return readDuration(value)
    case 'message':
      return PLAIN_MESSAGE.test(value) ? value : undefined
    case 'words':
      return splitWords(value)
    case 'servers': {
      const servers = splitWords(value)
      return servers.every(isPlainServer) ? servers : undefined
    }
    default:
      return undefined
  }
}

function splitWords(text: string): string[] {
  return text.split(' ').filter(word => word !== '')
}

function checkNumber(kindAndRange: string, value: number): unknown {
  const [kind, least = kind === 'score' ? -GREATEST : 0, greatest = GREATEST] = kindAndRange.split(' ')
  switch (kind) {
    case 'switch':
      return value === 0 || value === 1 ? value === 1 : undefined
    case 'duration':
    case 'count':
    case 'seconds':
    case 'score':
      if (kind !== 'score' && kind !== 'seconds' && !Number.isInteger(value)) return undefined
      return value >= Number(least) && value <= Number(greatest) ? value : undefined
    default:
      return undefined
  }
}

/** `'90'`, `'15m'` → seconds. */
function readDuration(text: string): number | undefined {
  const unit = UNITS[text.slice(-1)]
  const digits = unit === undefined ? text : text.slice(0, -1)
  const count = Number(digits)
  const seconds = count * (unit ?? 1)
  return String(count) === digits && Number.isInteger(count) && count >= 0 && seconds <= GREATEST ? seconds : undefined
}

/** `'192.0.2.53'`, `'127.0.0.1:5353'`. */
function isPlainServer(text: string): boolean {
  const colon = text.indexOf(':')
  if (colon < 0) return isIPv4(text)
  const port = Number(text.slice(colon + 1))
  return port > 0 && port < 65_536 && String(port) === text.slice(colon + 1) && isIPv4(text.slice(0, colon))
}

function checkList(kind: string, values: readonly Scalar[]): unknown {
  if (kind === 'lists') return checkLists(values)
  const isPair = kind === 'score-pair' && values.length === 2
  return isPair && values.every(value => typeof value === 'number') ? values : undefined
}

function checkLists(values: readonly Scalar[]): ListEntry[] | undefined {
  const entries: ListEntry[] = []
  for (let i = 0; i < values.length; i += 4) {
    const [host, hit, miss, label] = values.slice(i, i + 4)
    if (typeof host !== 'string' || typeof hit !== 'number' || typeof miss !== 'number') return undefined
    if (typeof label !== 'string' || !LABEL.test(label)) return undefined
    const parsed = parseListHost(host)
    if (parsed.kind !== 'list-host' || !parsed.host.includes('.')) return undefined
    entries.push({ host: parsed.host, filter: parsed.filter, hit, miss, label })
  }
  return entries
}
