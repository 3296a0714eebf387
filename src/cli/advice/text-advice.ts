/**
 * What is odd about placeholders in configured texts.
 *
 *   Config → what to say of which parameter → advice.ts, which knows where it was set
 *
 * Pure, no errors. Source: docs/behaviour/scoring.md#placeholders.
 */
import { nearestName } from '../../config/language/nearest-name.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { canFillIn, hasReference, isPlaceholder, namesIn, PLACEHOLDERS } from '../../text/placeholders.ts'

/** Texts that have places, and such as have none. */
const FILLED_IN = ['REJECTMSG', 'MAXDNSBLMSG', 'DNSERRMSG', 'CACHEREJECTMSG'] as const
const AS_THEY_STAND = ['CLIENTDNSERRMSG', 'MAXDNSERRMSG', 'POSCACHEMSG', 'DEFAULT_RESPONSE'] as const

export interface TextAdvice {
  /** Of the parameter, without its sigil. */
  readonly name: (typeof FILLED_IN | typeof AS_THEY_STAND)[number] | 'LOOKUP_URL'
  readonly message: string
}

export function adviseOnTexts(config: Config): TextAdvice[] {
  const found: TextAdvice[] = []
  const add = (name: TextAdvice['name'], message: string): void => {
    found.push({ name, message: `$${name}: ${message}` })
  }
  for (const name of FILLED_IN) {
    const names = namesIn(config[name])
    const known = show(names.filter(isPlaceholder))
    if (!config.EXPAND_TEXTS) {
      if (known !== '') add(name, `${known} is answered as it stands, for $EXPAND_TEXTS is 0`)
      continue
    }
    for (const other of names.filter(each => !isPlaceholder(each)))
      add(name, `%{${other}} is no placeholder and is answered as it stands${didYouMean(other)}`)
    if (hasReference(config[name]) && !config.ADD_REFERENCE && config.JOURNAL === '')
      add(name, '%{ref} is empty, for refusals have no references: $ADD_REFERENCE is 0, and there is no $JOURNAL')
    if (known !== '' && !canFillIn(config[name]))
      add(name, `${known} is answered as it stands, for it is in no text behind a code 4xx or 5xx, REJECT or DEFER`)
  }
  for (const name of AS_THEY_STAND) {
    const known = show(namesIn(config[name]).filter(isPlaceholder))
    if (known !== '')
      add(
        name,
        `${known} is answered as it stands; placeholders are those of ${FILLED_IN.map(each => `$${each}`).join(', ')}`,
      )
  }
  for (const other of namesIn(config.LOOKUP_URL))
    if (other !== 'client') add('LOOKUP_URL', `%{${other}} stays as it is, here %{client} alone is a placeholder`)
  return found
}

function show(names: readonly string[]): string {
  return [...new Set(names)].map(name => `%{${name}}`).join(', ')
}

function didYouMean(name: string): string {
  const nearest = nearestName(name, PLACEHOLDERS)
  return nearest === undefined
    ? `; there are ${PLACEHOLDERS.map(each => `%{${each}}`).join(', ')}`
    : `; did you mean %{${nearest}}?`
}
