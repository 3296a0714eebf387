/**
 * An SPF record: text → directives and the name of `redirect=`, or the term that is none.
 *
 *   TXT records → selectRecords → parseRecord → check-host.ts
 *
 * The grammar as it stands: a wrong term anywhere makes the whole record an error, before anything is evaluated. `exp=` is
 * held to its syntax and left out, since nobody is sent an explanation.
 *
 * Failure: the term that breaks the syntax; nothing throws. One pass, in proportion to the record's length.
 * Sources: RFC 7208 4.5, 4.6, 5, 6, 12; docs/behaviour/spf.md#records.
 */
import { expandIPv6, isIPv4 } from '../text/address.ts'
import { isDigit, isLetter, type MacroString, parseMacroString } from './macro.ts'

/** What a match of a directive makes the result. */
export type Qualified = 'pass' | 'fail' | 'softfail' | 'neutral'

/** What a directive is matched by. Bits are the length of a prefix; without `target` the domain itself is meant. */
export type Mechanism =
  | { readonly kind: 'all' }
  | { readonly kind: 'ip4' | 'ip6'; readonly address: string; readonly bits: number }
  | {
      readonly kind: 'a' | 'mx'
      readonly target: MacroString | undefined
      readonly bits4: number
      readonly bits6: number
    }
  | { readonly kind: 'ptr'; readonly target: MacroString | undefined }
  | { readonly kind: 'include' | 'exists'; readonly target: MacroString }

export interface Directive {
  readonly result: Qualified
  readonly mechanism: Mechanism
  /** As it was written. */
  readonly text: string
}

export interface SpfRecord {
  readonly directives: readonly Directive[]
  readonly redirect: { readonly target: MacroString; readonly text: string } | undefined
}

const VERSION = 'v=spf1'

/** Those of a name's TXT records that are SPF records. */
export function selectRecords(texts: readonly string[]): string[] {
  return texts.filter(
    text =>
      text.slice(0, VERSION.length).toLowerCase() === VERSION &&
      (text.length === VERSION.length || text[VERSION.length] === ' '),
  )
}

/** A record that was selected → its terms; a text: the term that breaks the syntax. */
export function parseRecord(record: string): SpfRecord | string {
  const directives: Directive[] = []
  let redirect: SpfRecord['redirect']
  let hasExp = false
  for (const text of record.slice(VERSION.length).split(' ')) {
    if (text === '') continue
    const equals = modifierEnd(text)
    if (equals === undefined) {
      const directive = parseDirective(text)
      if (!directive) return text
      directives.push(directive)
      continue
    }
    const name = text.slice(0, equals).toLowerCase()
    const target = parseMacroString(text.slice(equals + 1), name === 'redirect' || name === 'exp')
    const isSecond = (name === 'redirect' && redirect) || (name === 'exp' && hasExp)
    if (!target || isSecond) return text
    if (name === 'redirect') redirect = { target, text }
    hasExp ||= name === 'exp'
  }
  return { directives, redirect }
}

/** Where the `=` of a modifier stands; undefined if a term is none. */
function modifierEnd(text: string): number | undefined {
  if (!isLetter(text.charCodeAt(0))) return undefined
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3d) return at
    // Letters, digits, `-`, `_` and `.`.
    if (!isLetter(code) && !isDigit(code) && code !== 0x2d && code !== 0x5f && code !== 0x2e) return undefined
  }
  return undefined
}

function qualifierOf(character: string | undefined): Qualified | undefined {
  switch (character) {
    case '+':
      return 'pass'
    case '-':
      return 'fail'
    case '~':
      return 'softfail'
    case '?':
      return 'neutral'
    default:
      return undefined
  }
}

function parseDirective(text: string): Directive | undefined {
  const result = qualifierOf(text[0])
  const start = result ? 1 : 0
  let end = start
  while (end < text.length && text[end] !== ':' && text[end] !== '/') end++
  const mechanism = parseMechanism(text.slice(start, end).toLowerCase(), text.slice(end))
  return mechanism && { result: result ?? 'pass', mechanism, text }
}

/** `rest`: all behind the name, with the `:` or `/` that ends it. */
function parseMechanism(kind: string, rest: string): Mechanism | undefined {
  switch (kind) {
    case 'all':
      return rest === '' ? { kind } : undefined
    case 'ip4':
    case 'ip6':
      return parseNetwork(kind, rest)
    case 'a':
    case 'mx': {
      const { before, bits4, bits6 } = cutPrefixes(rest)
      const target = parseTarget(before)
      return target === false ? undefined : { kind, target, bits4, bits6 }
    }
    case 'ptr': {
      const target = parseTarget(rest)
      return target === false ? undefined : { kind, target }
    }
    case 'include':
    case 'exists': {
      const target = parseTarget(rest)
      return target ? { kind, target } : undefined
    }
    default:
      return undefined
  }
}

/** `:example.org` → tokens, nothing → undefined, anything else → false. */
function parseTarget(rest: string): MacroString | undefined | false {
  if (rest === '') return undefined
  return (rest[0] === ':' && parseMacroString(rest.slice(1), true)) || false
}

function parseNetwork(kind: 'ip4' | 'ip6', rest: string): Mechanism | undefined {
  if (rest[0] !== ':') return undefined
  const most = kind === 'ip4' ? 32 : 128
  const slash = rest.indexOf('/')
  const bits = slash < 0 ? most : prefixLength(rest.slice(slash + 1), most)
  const written = rest.slice(1, slash < 0 ? undefined : slash)
  const address = kind === 'ip6' ? expandIPv6(written) : isIPv4(written) ? written : undefined
  return address === undefined || bits === undefined ? undefined : { kind, address, bits }
}

/** The prefixes at the end, `/24`, `//64` or `/24//64`, and what stands before them. */
function cutPrefixes(rest: string): { before: string; bits4: number; bits6: number } {
  const found = { before: rest, bits4: 32, bits6: 128 }
  const six = found.before.lastIndexOf('//')
  const bits6 = six < 0 ? undefined : prefixLength(rest.slice(six + 2), 128)
  if (bits6 !== undefined) {
    found.bits6 = bits6
    found.before = rest.slice(0, six)
  }
  const four = found.before.lastIndexOf('/')
  const bits4 = four < 0 ? undefined : prefixLength(found.before.slice(four + 1), 32)
  if (bits4 !== undefined) {
    found.bits4 = bits4
    found.before = found.before.slice(0, four)
  }
  return found
}

/** `'24'` → 24; no leading zeros, nothing above `most`. */
function prefixLength(text: string, most: number): number | undefined {
  if (text === '' || text.length > 3 || (text[0] === '0' && text !== '0')) return undefined
  for (let at = 0; at < text.length; at++) if (!isDigit(text.charCodeAt(at))) return undefined
  const bits = Number(text)
  return bits <= most ? bits : undefined
}
