/**
 * What a command line changes of an exception: what it does not name stays as it was, or is the default of a new one.
 *
 *   exempt.ts: what was given → readChange → applyChange, over the line there is → Exception; describeChange → what to print
 *
 * An end that is over is never kept in silence: the line would count for nobody.
 *
 * Pure, total: a text says what is wrong. Source: docs/exceptions.md#changing-one.
 */
import { endMs, type Exception, type ExceptionAction, type Who } from '../../exceptions/exception.ts'
import { isDay, readAction } from '../../exceptions/exception-line.ts'

/** What is named of an exception; undefined: it is not. */
export interface ExceptionChange {
  readonly action: ExceptionAction | undefined
  /** A day, or `never`: no end. */
  readonly until: string | undefined
  /** Empty: no note. */
  readonly note: string | undefined
}

/** The same as it was typed. */
export interface GivenChange {
  readonly action?: string | undefined
  readonly until?: string | undefined
  readonly note?: string | undefined
}

const NEVER = 'never'
const DAY_MS = 86_400_000
const MOST_DAYS = 36_500
const MOST_NOTE_CHARACTERS = 200

export function readChange({ action: word, until: given, note }: GivenChange, nowMs: number): ExceptionChange | string {
  const action = word === undefined ? undefined : readAction(word)
  if (word !== undefined && !action) return `"${word}" is no action: ACCEPT, SKIP or DRY`
  const until = given === undefined ? undefined : dayOf(given, nowMs)
  if (given !== undefined && until === undefined)
    return `--until "${given}": a day like 2027-01-31, a span like 30d or 4w, or never`
  if (until !== undefined && isOver(until, nowMs)) return `--until ${until} is over`
  if (note !== undefined && (/[\x00-\x1f\x7f]/.test(note) || note.length > MOST_NOTE_CHARACTERS))
    return `--note is one line of at most ${MOST_NOTE_CHARACTERS} characters`
  return { action, until, note: note?.trim() }
}

/** `before`: what the file says of the same WHO. */
export function applyChange(
  who: Who,
  { action, until, note }: ExceptionChange,
  before: Exception | undefined,
  nowMs: number,
): Exception | string {
  const kept = until ?? before?.until ?? NEVER
  if (isOver(kept, nowMs))
    return `${who.text} was exempt until ${kept}, which is over; --until 30d has it count again, --until never for good`
  return {
    who,
    action: action ?? before?.action ?? 'ACCEPT',
    until: kept === NEVER ? undefined : kept,
    note: note ?? before?.note ?? '',
  }
}

/** `['action from DRY to ACCEPT', 'until from never to 2027-01-31', 'note from none to "ticket 4711"']`. */
export function describeChange(before: Exception, after: Exception): readonly string[] {
  const note = (text: string): string => (text === '' ? 'none' : `"${text}"`)
  const parts: readonly (readonly [what: string, was: string, is: string])[] = [
    ['action', before.action, after.action],
    ['until', before.until ?? NEVER, after.until ?? NEVER],
    ['note', note(before.note), note(after.note)],
  ]
  return parts.filter(([, was, is]) => was !== is).map(([what, was, is]) => `${what} from ${was} to ${is}`)
}

function isOver(until: string, nowMs: number): boolean {
  return until !== NEVER && nowMs >= endMs({ until })
}

/** `'30d'` → the day in thirty days, UTC: `'2026-12-29'`. */
function dayOf(given: string, nowMs: number): string | undefined {
  if (given === NEVER) return NEVER
  const [, count, unit] = /^(\d{1,5})([dw])$/.exec(given) ?? []
  if (count === undefined) return isDay(given) ? given : undefined
  const days = Number(count) * (unit === 'w' ? 7 : 1)
  return days > MOST_DAYS ? undefined : new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10)
}
