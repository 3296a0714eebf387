/**
 * One line of the text of `$EXCEPTIONS`, set or taken away; every other stays as it is, to the byte.
 *
 *   exempt.ts: text, Exception or Who → exceptionsFor; setLine, removeLines → text
 *
 * Pure, total.
 */
import { type Exception, identityOfWho, type Who } from '../../exceptions/exception.ts'
import { readLine } from '../../exceptions/exception-line.ts'

export interface Removed {
  readonly text: string
  /** The lines that are gone. */
  readonly removed: readonly string[]
}

/** What the lines for a WHO say, in their order; the last one counts. */
export function exceptionsFor(text: string, who: Who): readonly Exception[] {
  return linesOf(text, who).found.map(({ exception }) => exception)
}

/** Puts a line in the place of the last one for the same WHO, which is the one that counts, or behind all others. */
export function setLine(text: string, exception: Exception): string {
  const { lines, found } = linesOf(text, exception.who)
  const line = renderLine(exception)
  const indexes = found.map(({ index }) => index)
  const last = indexes.at(-1)
  if (last === undefined) {
    const end = text === '' || text.endsWith('\n') ? '' : '\n'
    return `${text}${end}${line}\n`
  }
  return lines.flatMap((each, index) => (index === last ? [line] : indexes.includes(index) ? [] : [each])).join('\n')
}

/** Takes all lines for a WHO away. */
export function removeLines(text: string, who: Who): Removed {
  const { lines, found } = linesOf(text, who)
  const indexes = found.map(({ index }) => index)
  const kept = lines.filter((_, index) => !indexes.includes(index))
  return { text: kept.join('\n'), removed: indexes.map(index => lines[index] as string) }
}

/** `192.0.2.7 ACCEPT until=2027-01-31 # ticket 4711`. */
export function renderLine({ who, action, until, note }: Exception): string {
  return `${who.text} ${action}${until === undefined ? '' : ` until=${until}`}${note === '' ? '' : ` # ${note}`}`
}

interface FoundLine {
  readonly index: number
  readonly exception: Exception
}

/** All lines, and which of them are for a WHO. */
function linesOf(text: string, who: Who): { readonly lines: readonly string[]; readonly found: readonly FoundLine[] } {
  const lines = text.split('\n')
  const identity = identityOfWho(who)
  const found = lines.flatMap((line, index) => {
    const read = readLine(line.replace(/^\ufeff/, ''))
    return read.kind === 'exception' && identityOfWho(read.exception.who) === identity
      ? [{ index, exception: read.exception }]
      : []
  })
  return { lines, found }
}
