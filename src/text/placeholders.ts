/**
 * Placeholders in the operator's texts: `%{client}` and the like, which a refusal fills in.
 *
 *   configured text, values → fillIn → the text that is answered; cli/advice/text-advice.ts asks what a text has
 *
 * Guarantees: what comes out is a line of printable ASCII of MAX_FILLED_CHARACTERS at most; what stands in front of the first
 * placeholder is as configured; a value is filled in once and never looked at again, so a HELO of `%{client}` stays one. Only the
 * text behind a code or a word that refuses has places: nobody who sends mail can write the word itself, an address that mail is sent
 * on to, or the name of a restriction.
 *
 * Pure, total. Source: docs/behaviour/scoring.md#placeholders.
 */
import { maskText, withBlanks } from './mask.ts'

export const PLACEHOLDERS = ['client', 'lists', 'delist', 'ref', 'helo', 'sender_domain'] as const
export type Placeholder = (typeof PLACEHOLDERS)[number]

/** What stands for each, as it came. */
export type PlaceholderValues = Readonly<Record<Placeholder, string>>

/** Leaves room for what is appended, and for the reference. */
export const MAX_FILLED_CHARACTERS = 400
/** Of values that strangers choose, the first bound that the text has room for; the others are short. */
const MOST_CHARACTERS = [120, 60, 30] as const
const BOUNDED: ReadonlySet<string> = new Set<Placeholder>(['lists', 'helo', 'sender_domain'])

const PLACES = /%\{([^{}]*)\}/g
/** Actions whose rest Postfix takes for a text. */
const HAS_TEXT = /^\s*(?:[45]\d\d|REJECT|DEFER|DEFER_IF_PERMIT|DEFER_IF_REJECT|DISCARD|HOLD|DUNNO|PREPEND|WARN|INFO)\s/i

/** `('550 No, %{client}', { client: '192.0.2.10', … })` → `'550 No, 192.0.2.10'`. What is no placeholder stays as it is. */
export function fillIn(template: string, values: PlaceholderValues): string {
  if (!template.includes('%{') || !canFillIn(template)) return template
  const text = maskText(withBlanks(template))
  let filled = ''
  let isFilled = false
  for (const most of MOST_CHARACTERS) {
    filled = text.replace(PLACES, (written, name: string) => {
      if (!isPlaceholder(name)) return written
      isFilled = true
      const value = maskText(values[name])
      return BOUNDED.has(name) && value.length > most ? `${value.slice(0, most - 3)}...` : value
    })
    if (filled.length <= MAX_FILLED_CHARACTERS) break
  }
  return isFilled ? filled.slice(0, MAX_FILLED_CHARACTERS) : template
}

/** Whether a text stands behind a word that may have one. */
export function canFillIn(template: string): boolean {
  return HAS_TEXT.test(template)
}

/** Whether a text says itself where its reference stands. */
export function hasReference(template: string): boolean {
  return template.includes('%{ref}')
}

/** What stands between `%{` and `}`: `'550 %{client} %{hello}'` → `['client', 'hello']`. */
export function namesIn(template: string): readonly string[] {
  return Array.from(template.matchAll(PLACES), match => match[1] as string)
}

export function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name)
}
