/**
 * Keeps subscribers' keys out of what is said about a configuration's text.
 *
 *   text of a file, or a value → the places of keys in it → quoted without them → read.ts, load.ts
 *
 * A list's host may begin with a key (lists/shown-host.ts). A file that is faulty is quoted where it is faulty, cut to some
 * characters, perhaps in the middle of such a host, or word by word where the quotes were forgotten: so the places are found
 * in the whole text first. Found is what stands in front of a secret zone, with or without quotes and dots of concatenation
 * between, and what is assigned to a variable that stands there; secret zones are the built-in ones and whatever the text
 * itself calls `secret` in `@zone_codes`, faulty or not.
 *
 * Loaded only with the full reader. Linear in the length of the text for each secret zone; total.
 * Source: lists/zone.ts.
 */
import { SECRET_ZONES } from '../../lists/secret-zones.ts'
import { MAX_PUBLIC_LABEL_LENGTH } from '../../lists/shown-host.ts'

/** From `at` to before `end` there is a key, and the dot behind it. */
interface Span {
  readonly at: number
  readonly end: number
}

/** Bounds on what is found: no configuration has as many lists. */
const MAX_SPANS = 2_000
const MAX_NAMES = 50
/** Quotes, blanks and the dot of a concatenation, and a label. */
const MAX_SEPARATOR_LENGTH = 40
const MAX_LABEL_LENGTH = 200
/** Names have 253 characters at most. */
const MAX_NAME_LENGTH = 400

/** A text with keys in it, which gives them away to nobody. */
export class SecretText {
  readonly #text: string
  readonly #spans: readonly Span[]

  /** `zones`: secret zones beside the built-in ones. */
  constructor(text: string, zones: readonly string[] = []) {
    this.#text = text
    this.#spans = findKeys(text, [...SECRET_ZONES, ...zones])
  }

  /** The text from `at` to before `end`, without keys: of `'KEY.zen.dq.spamhaus.net'` it is `'zen.dq.spamhaus.net'`. */
  slice(at: number, end: number): string {
    let shown = ''
    let from = at
    for (const span of this.#spans) {
      if (span.end <= from) continue
      if (span.at >= end) break
      shown += this.#text.slice(from, Math.max(from, span.at))
      from = span.end
    }
    shown += this.#text.slice(from, Math.max(from, end))
    // A quotation of the key alone.
    return shown === '' && end > at ? '...' : shown
  }

  /** A message about the text, which may name something that is a key: `'"=" behind @KEY'` → `'"=" behind @...'`. */
  hide(message: string): string {
    let hidden = message
    for (const { at, end } of this.#spans) {
      const key = this.#text.slice(at, end).replace(/\.$/, '')
      // What is shorter is a word like any other.
      if (key.length > MAX_PUBLIC_LABEL_LENGTH) hidden = hidden.replaceAll(key, '...')
    }
    return hidden
  }
}

/** A whole text without keys. `zones`: as above. */
export function withoutKeys(text: string, zones: readonly string[] = []): string {
  return new SecretText(text, zones).slice(0, text.length)
}

/** The secret zones that a text names in `@zone_codes`: `'dq.example.net', 'secret'`. */
export function namedSecretZones(text: string): string[] {
  const row = /["']\s*([\w-]+(?:\.[\w-]+)*)\.?\s*["']\s*(?:,|=>)\s*["'][^"'\n]*\bsecret\b/g
  return Array.from(text.matchAll(row), ([, zone = '']) => zone.toLowerCase()).slice(0, MAX_NAMES)
}

function findKeys(text: string, zones: readonly string[]): Span[] {
  const spans: Span[] = []
  const variables = new Set<string>()
  const lower = text.toLowerCase()
  for (const zone of zones) {
    for (let at = lower.indexOf(zone); at >= 0 && spans.length < MAX_SPANS; at = lower.indexOf(zone, at + 1))
      readBackwards(text, at, spans, variables)
  }
  for (const name of [...variables].slice(0, MAX_NAMES)) {
    for (const { index, 0: assignment } of text.matchAll(new RegExp(`[$]${name}\\s*=[^;\\n]*`, 'g'))) {
      const valueAt = index + assignment.indexOf('=') + 1
      if (spans.length < MAX_SPANS) spans.push({ at: valueAt, end: index + assignment.length })
    }
  }
  return spans.sort((a, b) => a.at - b.at || b.end - a.end)
}

/** What stands in front of a zone that begins at `zoneAt`, label by label, through quotes, blanks and dots between them. */
function readBackwards(text: string, zoneAt: number, spans: Span[], variables: Set<string>): void {
  let key: Span | undefined
  let end = zoneAt
  while (zoneAt - end < MAX_NAME_LENGTH) {
    let at = end
    while (at > 0 && /[\s.'"{}]/.test(text.charAt(at - 1)) && end - at < MAX_SEPARATOR_LENGTH) at--
    if (!text.slice(at, end).includes('.')) break
    const labelEnd = at
    while (at > 0 && /[\w-]/.test(text.charAt(at - 1)) && labelEnd - at < MAX_LABEL_LENGTH) at--
    if (at === labelEnd) break
    const isVariable = /[$]\{?$/.test(text.slice(Math.max(0, at - 2), at))
    if (isVariable) variables.add(text.slice(at, labelEnd))
    if (key && key.end - key.at > MAX_PUBLIC_LABEL_LENGTH + 1) spans.push(key)
    key = isVariable ? undefined : { at, end: text.charAt(labelEnd) === '.' ? labelEnd + 1 : labelEnd }
    if (isVariable) break
    end = at
  }
  if (key) spans.push(key)
}
