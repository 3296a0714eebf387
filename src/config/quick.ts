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
 * Invariant: a text that is read here gives the very configuration read.ts would give, which has nothing to say
 * about it (the tests hold the two against each other).
 * Failure: undefined.
 * Source: specification, chapter "Configuration".
 */
import { parseListHost } from './list-entry.ts'
import type { ListEntry, Parameter } from './parameter.ts'
import { builtinConfig, type Config, PARAMETERS } from './parameters.ts'

const BLANKS = /(?:\s+|#.*)*/y
/** `$NAME = 1.5;`, `$NAME = 'text';`, `@NAME = (…);` with neither parentheses nor comments inside, `1;`. */
const STATEMENT =
  /(?:([$@])(\w+)\s*=\s*(?:(-?(?:0|[1-9]\d*)(?:\.\d+)?)|'([^'\\]*)'|"([^"\\$@]*)"|\(([^()#"\\]*)\))|1)\s*;/y
const LIST_VALUE = /\s*(?:(-?(?:0|[1-9]\d*)(?:\.\d+)?)|'([^']*)')\s*(?:,|$)/y

const PLAIN_TEXT = /^[\x20-\x7e]*$/
const PLAIN_MESSAGE = /^(?:[45]\d\d|REJECT|DEFER_IF_PERMIT|DEFER_IF_REJECT) [\x20-\x7e]*[a-z][\x20-\x7e]*$/i
const PLAIN_SERVER = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,4})?$/
const GREATEST = 1e6

/** `"$REJECTLEVEL = 3;\n"` → the configuration, complete; undefined if there is anything here that is not plain. */
export function readQuickly(text: string): Config | undefined {
  if (text.includes('\r') || text.includes('\ufeff')) return undefined
  const values = new Map<string, unknown>()
  for (let at = match(BLANKS, text, 0); at < text.length; at = match(BLANKS, text, at)) {
    STATEMENT.lastIndex = at
    const statement = STATEMENT.exec(text)
    if (!statement) return undefined
    at = STATEMENT.lastIndex
    const [, sigil, name, number, single, double, list] = statement
    if (sigil === undefined) continue
    const parameter = PARAMETERS.find(each => each.name === name)
    const scalar = number === undefined ? (single ?? double) : Number(number) + 0
    const value = parameter && (sigil === '$' ? readScalar(parameter, scalar) : readList(parameter, list))
    if (value === undefined) return undefined
    values.set(parameter?.name as string, value)
  }
  return builtinConfig(Object.fromEntries(values) as Partial<Config>)
}

function match(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at
  sticky.exec(text)
  return sticky.lastIndex
}

function readScalar(parameter: Parameter, value: string | number | undefined): unknown {
  if (typeof value === 'number') return readNumber(parameter, value)
  if (value === undefined || !PLAIN_TEXT.test(value)) return undefined
  switch (parameter.kind) {
    case 'text':
      return parameter.choices || parameter.defers ? undefined : value
    case 'duration': {
      const [, count, unit] = /^(\d{1,6})([smhd]?)$/.exec(value) ?? []
      const seconds = Number(count) * (unit === 'd' ? 86_400 : unit === 'h' ? 3600 : unit === 'm' ? 60 : 1)
      return seconds <= GREATEST ? seconds : undefined
    }
    case 'message':
      return PLAIN_MESSAGE.test(value) ? value : undefined
    case 'words': {
      const words = value.split(' ').filter(word => word !== '')
      return parameter.name !== 'NS' || words.every(word => PLAIN_SERVER.test(word)) ? words : undefined
    }
    default:
      return undefined
  }
}

function readNumber(parameter: Parameter, value: number): unknown {
  if (Math.abs(value) > GREATEST) return undefined
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

function readList(parameter: Parameter, list: string | undefined): unknown {
  if (list === undefined) return undefined
  const values: (string | number)[] = []
  for (let at = 0; at < list.trimEnd().length; at = LIST_VALUE.lastIndex) {
    LIST_VALUE.lastIndex = at
    const value = LIST_VALUE.exec(list)
    if (!value) return undefined
    const number = Number(value[1]) + 0
    if (value[1] !== undefined && Math.abs(number) > GREATEST) return undefined
    values.push(value[1] === undefined ? (value[2] as string) : number)
  }
  if (parameter.kind === 'lists') return readLists(values)
  const isPair = parameter.kind === 'score-pair' && values.length === 2
  return isPair && values.every(value => typeof value === 'number') ? values : undefined
}

function readLists(values: readonly (string | number)[]): ListEntry[] | undefined {
  const entries: ListEntry[] = []
  for (let i = 0; i < values.length; i += 4) {
    const [host, hit, miss, label] = values.slice(i, i + 4)
    if (typeof host !== 'string' || typeof hit !== 'number' || typeof miss !== 'number') return undefined
    if (typeof label !== 'string' || !/^[\w.-]+$/.test(label)) return undefined
    const parsed = parseListHost(host)
    if (parsed.kind !== 'list-host' || !parsed.host.includes('.')) return undefined
    entries.push({ host: parsed.host, filter: parsed.filter, hit, miss, label })
  }
  return entries
}
