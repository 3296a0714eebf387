/**
 * The attributes of a request: the few that count are picked out of its text.
 *
 *   request-reader.ts: RequestText → pickAttributes → their values → request.ts
 *
 * Postfix puts the same thirty attributes into each request, in the same order, and most have the value that they had
 * before. So a request is first held against the shape of the one before (`Shape`): to cut each into lines and names takes
 * several times as long. What is picked is the same either way, and nothing of an earlier request ever gets into a later
 * one: a shape tells only where its values would begin.
 *
 * Bounds: a line 8 KB, a request 64 KB, 256 lines. Attributes are picked by a fixed list of names; a name from outside
 * never becomes the name of a property.
 *
 * Failure: a line without a `=` is a warning and is skipped; what breaks a bound is a `ProtocolError`.
 * Sources: SMTPD_POLICY_README "Protocol description"; docs/behaviour/scoring.md#what-a-request-says.
 */
import { ProtocolError } from './protocol-error.ts'

/** Bytes a line may have, its end not counted. */
const MAX_LINE_BYTES = 8 * 1024
/** Bytes all lines of a request may have together, their ends included. */
const MAX_REQUEST_BYTES = 64 * 1024
/** Lines a request may have. */
const MAX_LINES = 256
/** Characters of a bad line that a warning repeats. */
export const MAX_QUOTED_CHARACTERS = 100

/**
 * The lines of one request, each with its end, lower-cased: `'request=smtpd_access_policy\nsender=a@example.org\n'`. Not
 * empty, and without empty lines.
 */
export type RequestText = string

/** The PICKED attributes, in the order of what `pickAttributes` returns; then others that hardly two requests have alike. */
const VARYING = [
  'request',
  'client_address',
  'client_name',
  'helo_name',
  'sender',
  'recipient',
  'instance',
  'client_port',
  'reverse_client_name',
  'queue_id',
  'size',
]
const PICKED = 7

/**
 * What a request consists of, but for the values of VARYING attributes: the text before each of them, which attribute it
 * is, the text behind the last one, and the lines that are no attributes.
 */
interface Shape {
  readonly fixed: readonly string[]
  readonly attributes: readonly number[]
  readonly rest: string
  readonly odd: readonly string[]
}

let lastShape: Shape = { fixed: [], attributes: [], rest: '', odd: [] }

/** Throws ProtocolError if the lines of a request are too long or too many; the last one may have no end yet. */
export function checkBounds(text: string): void {
  const lines = text.split('\n')
  if (lines.some(line => line.length > MAX_LINE_BYTES))
    throw new ProtocolError('line-too-long', `a line of more than ${MAX_LINE_BYTES} bytes`)
  if (text.length > MAX_REQUEST_BYTES)
    throw new ProtocolError('request-too-long', `a request of more than ${MAX_REQUEST_BYTES} bytes`)
  if (lines.length > MAX_LINES + 1) throw tooManyLines()
}

function tooManyLines(): ProtocolError {
  return new ProtocolError('too-many-attributes', `a request of more than ${MAX_LINES} attributes`)
}

/**
 * The values of the attributes that are picked, in the order of VARYING; of one that comes twice the last, of one that is
 * absent an empty text. `warn` is told about lines without a `=`. Throws ProtocolError if a bound is broken.
 */
export function pickAttributes(text: RequestText, warn: (text: string) => void): string[] {
  if (text.length > MAX_LINE_BYTES) checkBounds(text)
  let picked = pickBy(lastShape, text)
  if (!picked) {
    lastShape = shapeOf(text)
    picked = pickBy(lastShape, text) as string[]
  }
  if (lastShape.odd.length > 0) for (const line of lastShape.odd) warn(`ignored a line without "=": ${line}`)
  return picked
}

/** What `pickAttributes` returns, if the text has this shape: then its names and lines are those of the shape. */
function pickBy({ fixed, attributes, rest }: Shape, text: RequestText): string[] | undefined {
  const picked = ['', '', '', '', '', '', '']
  let at = 0
  for (let i = 0; i < fixed.length; i++) {
    const part = fixed[i] as string
    if (!text.startsWith(part, at)) return undefined
    const from = at + part.length
    at = text.indexOf('\n', from)
    const attribute = attributes[i] as number
    if (attribute < PICKED) picked[attribute] = text.slice(from, at)
  }
  return text.length === at + rest.length && text.startsWith(rest, at) ? picked : undefined
}

/** Throws ProtocolError if there are too many lines. */
function shapeOf(text: RequestText): Shape {
  const fixed: string[] = []
  const attributes: number[] = []
  const odd: string[] = []
  let fixedFrom = 0
  let lines = 0
  for (let start = 0; start < text.length; ) {
    if (++lines > MAX_LINES) throw tooManyLines()
    const end = text.indexOf('\n', start)
    const equals = text.indexOf('=', start)
    if (equals >= 0 && equals < end) {
      const attribute = VARYING.indexOf(text.slice(start, equals))
      if (attribute >= 0) {
        fixed.push(text.slice(fixedFrom, equals + 1))
        attributes.push(attribute)
        fixedFrom = end
      }
    } else odd.push(text.slice(start, Math.min(end, start + MAX_QUOTED_CHARACTERS)))
    start = end + 1
  }
  return { fixed, attributes, rest: text.slice(fixedFrom), odd }
}
