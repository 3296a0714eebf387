/**
 * One line of `$EXCEPTIONS`: `WHO ACTION [until=YYYY-MM-DD] [# note]`.
 *
 *   read-exceptions.ts, cli/exempt/: a line's text → readLine → Exception, nothing, or the first thing that is wrong and where
 *
 * Total. Source: docs/exceptions.md#the-file.
 */
import { show } from '../config/findings/position.ts'
import { EXCEPTION_ACTIONS, type Exception, type ExceptionAction } from './exception.ts'
import { readWho } from './who.ts'

export type ReadLine =
  | { readonly kind: 'exception'; readonly exception: Exception }
  /** Empty, or a note alone. */
  | { readonly kind: 'none' }
  /** `column` counts from 1. */
  | { readonly kind: 'fault'; readonly column: number; readonly message: string }

/** Reads a line without its end. */
export function readLine(line: string): ReadLine {
  const { words, note } = split(line)
  const [first, second, ...more] = words
  if (!first) return { kind: 'none' }
  const who = readWho(first.text)
  if (typeof who === 'string') return fault(first, who)
  if (!second)
    return {
      kind: 'fault',
      column: first.column + first.text.length,
      message: `behind ${show(first.text)} stands ${ACTIONS}`,
    }
  const action = readAction(second.text)
  if (!action) return fault(second, `${show(second.text)} is no action: ${ACTIONS}`)
  const [third, fourth] = more
  const until = third && readUntil(third.text)
  if (until === 'fault')
    return fault(
      third as Word,
      `${show((third as Word).text)}: behind the action stands until=YYYY-MM-DD, or # and a note`,
    )
  if (fourth) return fault(fourth, `${show(fourth.text)} is one word too many: a note has a # in front`)
  return { kind: 'exception', exception: { who, action, until, note } }
}

/** `'accept'` → `'ACCEPT'`. */
export function readAction(text: string): ExceptionAction | undefined {
  return EXCEPTION_ACTIONS.find(action => action === text.toUpperCase())
}

/** Whether a text is a day there is: `'2028-02-29'`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

const ACTIONS = 'one of ACCEPT, SKIP and DRY'

interface Word {
  readonly text: string
  readonly column: number
}

/** The words in front of the note, which begins with a word that begins with `#`. */
function split(line: string): { readonly words: readonly Word[]; readonly note: string } {
  const words: Word[] = []
  for (const { 0: text, index } of line.matchAll(/[^ \t\r]+/g)) {
    if (text.startsWith('#')) return { words, note: line.slice(index + 1).trim() }
    words.push({ text, column: index + 1 })
  }
  return { words, note: '' }
}

function readUntil(text: string): string | 'fault' {
  const day = /^until=(.*)$/i.exec(text)?.[1]
  return day !== undefined && isDay(day) ? day : 'fault'
}

function fault({ column }: Word, message: string): ReadLine {
  return { kind: 'fault', column, message }
}
