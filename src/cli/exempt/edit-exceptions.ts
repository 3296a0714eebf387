/**
 * One line of the text of `$EXCEPTIONS`, set or taken away; every other stays as it is, to the byte.
 *
 *   exempt.ts: text, Exception or Who → setLine, removeLines → text
 *
 * Pure, total.
 */
import { type Exception, identityOfWho, type Who } from '../../exceptions/exception.ts'
import { readLine } from '../../exceptions/exception-line.ts'

export interface Edited {
  readonly text: string
  /** Lines for the same WHO that there were, which are gone. */
  readonly replaced: readonly string[]
}

/** Puts a line in the place of the last one for the same WHO, which is the one that counts, or behind all others. */
export function setLine(text: string, exception: Exception): Edited {
  const { lines, found } = linesOf(text, exception.who)
  const line = renderLine(exception)
  const replaced = found.map(index => lines[index] as string)
  const last = found.at(-1)
  if (last === undefined) {
    const end = text === '' || text.endsWith('\n') ? '' : '\n'
    return { text: `${text}${end}${line}\n`, replaced }
  }
  const kept = lines.flatMap((each, index) => (index === last ? [line] : found.includes(index) ? [] : [each]))
  return { text: kept.join('\n'), replaced }
}

/** Takes all lines for a WHO away. */
export function removeLines(text: string, who: Who): Edited {
  const { lines, found } = linesOf(text, who)
  const kept = lines.filter((_, index) => !found.includes(index))
  return { text: kept.join('\n'), replaced: found.map(index => lines[index] as string) }
}

/** `192.0.2.7 ACCEPT until=2027-01-31 # ticket 4711`. */
export function renderLine({ who, action, until, note }: Exception): string {
  return `${who.text} ${action}${until === undefined ? '' : ` until=${until}`}${note === '' ? '' : ` # ${note}`}`
}

/** All lines, and which of them are for a WHO. */
function linesOf(text: string, who: Who): { readonly lines: readonly string[]; readonly found: readonly number[] } {
  const lines = text.split('\n')
  const identity = identityOfWho(who)
  const found = lines.flatMap((line, index) => {
    const read = readLine(line.replace(/^\ufeff/, ''))
    return read.kind === 'exception' && identityOfWho(read.exception.who) === identity ? [index] : []
  })
  return { lines, found }
}
