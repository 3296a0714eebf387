/**
 * `policyd-weight defaults`: a complete configuration with its defaults, and what each parameter means.
 *
 * The table of parameters, a profile → text that is a valid configuration file, with the values of the table. What follows
 * another parameter is written so that it still does. The manual takes the values and sentences from here as well.
 *
 * Pure, no errors.
 * Source: docs/parameters.md.
 */
import { derivedDefault, type Parameter } from '../config/parameters/parameter.ts'
import type { Profile } from '../config/profile.ts'
import { PARAMETER_TOPICS } from '../config/parameters/topics.ts'
import { quote, renderAssignment, renderValue } from './render-value.ts'

const LINE_LENGTH = 100

export interface DefaultsOptions {
  readonly profile: Profile
  /** Written out; else commented out, all but the profile. */
  readonly isFull: boolean
}

/** The whole file. */
export function renderDefaults({ profile, isFull }: DefaultsOptions): string {
  const parts = [
    comment(
      `policyd-weight: every parameter with its default in the profile '${profile}'. ${
        isFull
          ? 'Copy what is to be changed to /etc/policyd-weight.conf; what is not set there has its default.'
          : 'What is to have another value loses its #.'
      } The file is read as data: assignments of numbers, quoted texts, references and lists; code in it is not run. "policyd-weight check" tells whether it is in order.`,
    ),
  ]
  for (const { title, parameters } of PARAMETER_TOPICS) {
    parts.push(`# ${'='.repeat(LINE_LENGTH - 2)}\n# ${title}\n# ${'='.repeat(LINE_LENGTH - 2)}\n`)
    for (const parameter of parameters) {
      const isProfile = parameter.name === 'PROFILE'
      const value = isProfile ? quote(profile) : renderDefault(parameter, profile)
      const assignment = renderAssignment(parameter, value)
      const isSet = isFull || isProfile
      parts.push(`${comment(explainParameter(parameter))}${isSet ? assignment : assignment.replace(/^/gm, '#')}\n`)
    }
  }
  return `${parts.join('\n')}\n1;\n`
}

/** The default as a file has it: `1`, `'3h'`, `$REJECTMSG . ' [cached]'`; lists take several lines. */
export function renderDefault(parameter: Parameter, profile: Profile): string {
  const derived = derivedDefault(parameter)
  if (derived) return derived.append === '' ? `$${derived.from}` : `$${derived.from} . ${quote(derived.append)}`
  return renderValue(parameter, defaultOf(parameter, profile))
}

/** The value that a row has in a profile. */
export function defaultOf(parameter: Parameter, profile: Profile): unknown {
  return (profile === 'modern' ? parameter.modern : undefined) ?? parameter.default
}

/** The doc, and what it cannot know: in what the value is counted, and whose parameter it is. */
export function explainParameter(parameter: Parameter): string {
  const sentences = [parameter.doc]
  if (parameter.unit !== undefined) sentences.push(`Value: a number of ${parameter.unit}.`)
  if (parameter.kind === 'seconds') sentences.push('Value: seconds.')
  if (parameter.kind === 'duration') sentences.push("Value: seconds, or with a unit, as '90s', '15m', '3h', '1d'.")
  if (parameter.since !== undefined) sentences.push(`New in ${parameter.since}; the reference does not have it.`)
  return sentences.join(' ')
}

/** A text as comment lines of at most 100 characters. */
function comment(text: string): string {
  const lines: string[] = []
  let line = '#'
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > LINE_LENGTH) {
      lines.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  lines.push(line)
  return lines.map(text => `${text}\n`).join('')
}
